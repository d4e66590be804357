"""The `search:` of a `workload.yaml` in; which parameters vary within which bounds, and which trial is better, out."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Integer(_Described):
    """A whole number between two bounds, both included; with `log` small ones are tried as often as large ones."""

    int: tuple[int, int]
    log: bool = False

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _check_bounds(self.int, self.log)
        return self

    def holds(self, value: object) -> bool:
        """Whether `value` lies in it."""
        low, high = self.int
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


class Float(_Described):
    """A number between two bounds; with `log` small ones are tried as often as large ones."""

    float: tuple[float, float]
    log: bool = False

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _check_bounds(self.float, self.log)
        return self

    def holds(self, value: object) -> bool:
        """Whether `value` lies in it."""
        low, high = self.float
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


class Choice(_Described):
    """One of several values: anything that JSON can say."""

    choice: tuple[Any, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _different_values(self) -> Self:
        if any(value in self.choice[:place] for place, value in enumerate(self.choice)):
            raise ValueError(f"a choice is between different values, not {list(self.choice)}")
        return self

    def holds(self, value: object) -> bool:
        """Whether `value` is one of them."""
        return value in self.choice


def _kind(given: object) -> str | None:
    """What a dimension is told by: the one of its keys that names a kind."""
    keys = given if isinstance(given, Mapping) else type(given).model_fields if isinstance(given, _Described) else ()
    return next((kind for kind in ("int", "float", "choice") if kind in keys), None)


Dimension = Annotated[
    Annotated[Integer, Tag("int")] | Annotated[Float, Tag("float")] | Annotated[Choice, Tag("choice")],
    Discriminator(_kind, "unknown", "a dimension is {int: [1, 9]}, {float: [0.1, 0.9]} or {choice: [a, b]}"),
]
Space = Mapping[str, Dimension]


class Search(_Described):
    """How parameters are searched for: the best trial becomes the candidate `name`.

    Trials start from the parameters of `candidate` and vary those in `space`; `workers` tasks share them. With
    `every_dataset` each new dataset version is searched, else `headrace tune` asks for it.

    A trial never sees the test split. It is worth what its training logs as the curve `metric`, on data that the
    training itself holds out: the `best` point of it where the model of that point is kept, else the `last`.
    """

    candidate: str
    name: str = "tuned"
    metric: str = Field("validation_loss", min_length=1)
    better: Literal["lower", "higher"] = "lower"
    point: Literal["best", "last"] = "best"
    space: Space = Field(min_length=1)
    trials: int = Field(20, ge=1)
    workers: int = Field(2, ge=1, le=100)
    sampler: Literal["tpe", "random"] = "tpe"
    pruner: Literal["median", "hyperband", "none"] = "median"
    every_dataset: bool = False


def _check_bounds(bounds: tuple[float, float], log: bool) -> None:
    low, high = bounds
    if not low < high:
        raise ValueError(f"the bounds are [{low}, {high}]; the first must be below the second")
    if log and low <= 0:
        raise ValueError(f"log needs bounds above 0, not [{low}, {high}]; raise the first or leave log out")

"""Every `workload.yaml` in; typed descriptions, looked up by name, out."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from headrace import loading
from headrace.errors import Rejected
from headrace.options import document, faults
from headrace.options.drift import Drift
from headrace.options.quantised import Quantised
from headrace.options.search import Search
from headrace.options.serving import ServingLimits
from headrace.policy.promotion import Promotion

_NO_PARAMETERS = ("resources", "quantise")


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Resources(_Described):
    """What each node of a training gets: cores, MiB of memory, minutes at most, and GPUs where they help.

    Several `nodes` train one model together. A Spot machine may be taken away `spot_attempts` times, then the job
    goes on on machines that stay.
    """

    cpus: float = 2
    memory_mib: int = 4096
    max_minutes: int = 60
    nodes: int = Field(1, ge=1, le=64)
    gpu: str | None = None
    gpus: int = Field(1, ge=1, le=8)
    spot: bool = True
    spot_attempts: int = Field(3, ge=1, le=10)


class Data(_Described):
    """What may be uploaded: the endings of file names and the size of one dataset."""

    endings: tuple[str, ...]
    max_gib: float = 4


class Pull(_Described):
    """A query whose result is data for the workload, and the name that its uploads get.

    `sql` is any SQLAlchemy URL, without a password.
    """

    sql: str
    query: str
    name: str = "pull"


class Card(_Described):
    """What a model card says that cannot be measured."""

    purpose: str
    data: str
    limits: str
    licence: str


class Description(_Described):
    """One workload, as its `workload.yaml` says it."""

    name: str
    title: str
    task: Literal["classification", "regression", "image"]
    data: Data
    resources: Resources = Resources()
    candidates: Mapping[str, Mapping[str, Any]] = Field(min_length=1)
    own_resources: Mapping[str, Resources] = Field(default_factory=dict)
    quantised: Mapping[str, Quantised] = Field(default_factory=dict)
    search: Search | None = None
    pull: Pull | None = None
    promotion: Promotion
    card: Card
    serving: ServingLimits = ServingLimits()
    drift: Drift = Drift()
    example: Mapping[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _with_what_is_no_parameter(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A candidate may say `resources:` of its own, which change the workload's, and how it is `quantise:`d."""
        candidates, own, quantised = {}, {}, {}
        for name, params in (given.get("candidates") or {}).items():
            candidates[name] = {key: value for key, value in (params or {}).items() if key not in _NO_PARAMETERS}
            if params and "resources" in params:
                own[name] = {**(given.get("resources") or {}), **params["resources"]}
            if params and "quantise" in params:
                quantised[name] = params["quantise"]
        return {**given, "candidates": candidates, "own_resources": own, "quantised": quantised}

    @model_validator(mode="after")
    def _search_starts_from_a_candidate(self) -> Self:
        if self.search is None:
            return self
        if self.search.candidate not in self.candidates or self.search.name in self.candidates:
            raise ValueError(
                f"search.candidate {self.search.candidate!r} must be one of {', '.join(self.candidates)}, "
                f"and search.name {self.search.name!r} must not"
            )
        if self.resources_of(self.search.name).nodes > 1:
            raise ValueError(f"a trial is trained on one node; {self.search.candidate} asks for several")
        return self

    def check(self, candidates: Sequence[str]) -> None:
        """Raises Rejected for a name that is no candidate of this workload, nor its search."""
        known = (*self.candidates, *([self.search.name] if self.search else []))
        for name in candidates:
            if name not in known:
                raise Rejected(f"{self.name} has no candidate {name!r}; there are {', '.join(known)}")

    def resources_of(self, candidate: str) -> Resources:
        """What a training of `candidate` gets; each trial of a search gets what the candidate it starts from does."""
        return self.own_resources.get(self._base_of(candidate), self.resources)

    def quantised_of(self, candidate: str) -> Quantised | None:
        """How the export of `candidate` is reduced, if at all."""
        return self.quantised.get(self._base_of(candidate))

    def _base_of(self, candidate: str) -> str:
        return self.search.candidate if self.search and candidate == self.search.name else candidate

    @property
    def trained_on_arrival(self) -> tuple[str, ...]:
        """The candidates that each new dataset version gets."""
        searched = (self.search.name,) if self.search and self.search.every_dataset else ()
        return (*self.candidates, *searched)


@cache
def describe(name: str) -> Description:
    """The description of the workload `name`. Raises Rejected, naming those there are, when there is none."""
    loading.check(name)
    return parse(name, (resources.files("workloads") / name / "workload.yaml").read_text("utf-8"))


def parse(name: str, text: str) -> Description:
    """What a `workload.yaml` says of the workload `name`. Raises Rejected with every place that is wrong."""
    file = f"workloads/{name}/workload.yaml"
    try:
        return Description.model_validate({"name": name, **document.read(file, text)})
    except ValidationError as error:
        raise Rejected(f"{file} is not valid: {faults.told(Description, error)}") from error

"""The `promotion:` of a workload.yaml in; what a challenger must show to become champion out."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Better = Literal["higher", "lower"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SliceGuard(_Section):
    """What each group of a slice must show, on `metric` or on the policy's own.

    A group has lost when it is worse than the champion by more than `max_loss`, and the interval of the difference
    leaves no doubt that it is worse. A group of fewer than `min_rows` is shown and not judged.
    """

    metric: str | None = None
    better: Better | None = None
    floor: float | None = None
    ceiling: float | None = None
    max_loss: float | None = Field(None, ge=0)
    min_rows: int = Field(30, ge=1)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.floor is None and self.ceiling is None and self.max_loss is None:
            raise ValueError("it asks for nothing; give it a floor, a ceiling or a max_loss")
        if self.metric and self.max_loss is not None and self.better is None:
            raise ValueError(f"a max_loss of {self.metric} needs to know what is better; say better: higher or lower")
        return self


class Fairness(_Section):
    """How far apart the groups of a slice may be.

    `demographic_parity` bounds the difference between the shares of groups that get a yes, `equal_opportunity` the
    same among those who deserve one. A yes is a probability of `threshold` or more. The whole interval of a difference
    must be within its bound: it is the model that has to show that it is fair.
    """

    demographic_parity: float | None = Field(None, gt=0, le=1)
    equal_opportunity: float | None = Field(None, gt=0, le=1)
    threshold: float = Field(0.5, gt=0, lt=1)
    min_rows: int = Field(30, ge=1)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.demographic_parity is None and self.equal_opportunity is None:
            raise ValueError("it asks for nothing; give it demographic_parity or equal_opportunity")
        return self


class Budgets(_Section):
    """What the exported model may take: milliseconds for one row and for a full batch on one core, MiB of files."""

    row_ms: float | None = Field(None, gt=0)
    batch_ms: float | None = Field(None, gt=0)
    size_mib: float | None = Field(None, gt=0)


class Promotion(_Section):
    """What a challenger must show to become champion. `slices` and `fairness` go by the slices of the frozen test set.

    Every score has `brier` and `ece` beside the workload's own where its outcomes have probabilities. Data is older
    than `max_age_days` by the day its version was made. A version that passed waits for a person where `approval` is
    manual. For `watch_hours` after its promotion a champion is rolled back that cannot be loaded or surely fails on
    more than a share `watch_errors` of its requests, by no fault of theirs; with `watch_decay` also one whose `metric`
    decays on requests whose truth has become known.
    """

    metric: str
    better: Better = "higher"
    floors: Mapping[str, float] = Field(default_factory=dict)
    ceilings: Mapping[str, float] = Field(default_factory=dict)
    min_gain: float = Field(0.0, ge=0)
    confidence: float = Field(0.9, gt=0.5, lt=1)
    resamples: int = Field(400, ge=100)
    max_parity: float = Field(1e-3, gt=0)
    slices: Mapping[str, SliceGuard] = Field(default_factory=dict)
    fairness: Mapping[str, Fairness] = Field(default_factory=dict)
    budgets: Budgets = Budgets()
    max_age_days: float | None = Field(None, gt=0)
    approval: Literal["automatic", "manual"] = "automatic"
    watch_hours: float = Field(24, ge=0)
    watch_errors: float | None = Field(0.05, gt=0, lt=1)
    watch_decay: bool = False

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Self:
        for metric in self.floors.keys() & self.ceilings.keys():
            if self.floors[metric] > self.ceilings[metric]:
                raise ValueError(
                    f"nothing is between the floor {self.floors[metric]:g} and the ceiling "
                    f"{self.ceilings[metric]:g} of {metric}"
                )
        return self

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every score that the policy goes by."""
        guarded = (guard.metric for guard in self.slices.values() if guard.metric)
        return tuple(dict.fromkeys((self.metric, *self.floors, *self.ceilings, *guarded)))

    @property
    def hash(self) -> str:
        """The same for the same policy, however it is written down."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return sha256(said.encode()).hexdigest()[:12]

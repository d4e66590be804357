"""The `drift:` of a workload: when a window of predictions counts as drifted, and what may follow."""

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """How often drift may cause a retraining at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    retrainings: int = Field(3, ge=0)
    """In any seven days; with 0 people are told and nothing trains by itself."""


class Drift(BaseModel):
    """When a window of predictions counts as drifted, and what may follow.

    Of windows without drift a share `false_alarms` raises an alarm, in whatever column. What moves less than the share
    `least_change` of the rows raises none. So many drifted windows `in_a_row` cause a retraining.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_rows: int = Field(1000, ge=200)
    false_alarms: float = Field(0.01, ge=0.003, le=0.1)
    least_change: float = Field(0.005, ge=0, lt=1)
    in_a_row: int = Field(2, ge=1)
    cooldown_minutes: float = Field(1440, ge=0)
    budget: Budget = Budget()
    reference_rows: int = Field(50_000, ge=200)
    """So many rows of the training data are described for the profile, drawn at random where there are more."""
    ignore: tuple[str, ...] = ()

"""The `drift:` of a workload: when a window of predictions counts as drifted, and what may follow."""

from pydantic import BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """How often drift may cause a retraining at most, and what that may cost, in any seven days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    retrainings: int = Field(3, ge=0)
    """With 0 people are told and nothing trains by itself."""
    usd: float = Field(10, ge=0)
    """By estimate: as long as each candidate took when it was trained last, at list prices."""


class Drift(BaseModel):
    """When a window of predictions counts as drifted, and what may follow.

    Of windows without drift a share `false_alarms` raises an alarm, in whatever column. What moves less than the share
    `least_change` of the rows raises none. So many drifted windows `in_a_row` cause a retraining. The true label of an
    answer counts if it comes within `label_days`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_rows: int = Field(1000, ge=200)
    false_alarms: float = Field(0.01, ge=0.003, le=0.1)
    least_change: float = Field(0.005, ge=0, lt=1)
    label_days: float = Field(7, gt=0, le=60)
    in_a_row: int = Field(2, ge=1)
    cooldown_minutes: float = Field(1440, ge=0)
    budget: Budget = Budget()
    reference_rows: int = Field(50_000, ge=200)
    """So many rows of the training data are described for the profile, drawn at random where there are more."""
    ignore: tuple[str, ...] = ()

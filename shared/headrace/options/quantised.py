"""`quantise:` of a candidate in a workload.yaml: served in eight bits, if that costs no more than it may."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PRECISION = "headrace.precision"
"""The tag of a version that says what its graph computes in."""

USUAL = "float32"


class Quantised(BaseModel):
    """A candidate's wish to be served in eight bits, and what that may cost.

    `max_parity` bounds the largest difference of an output from the trained model's, `min_same` the share of answers
    that keep their label. Scores and promotion are always those of what is served.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Literal["int8"] = "int8"
    max_parity: float = Field(gt=0)
    min_same: float = Field(0.98, gt=0, le=1)

"""The `serving.challenger:` of a workload in; how a version that was judged fit is tried on real traffic out."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Challenger(BaseModel):
    """How a version that passed the offline judgement is tried before it becomes champion.

    `canary`: the challenger answers a `share` of the requests. `shadow`: it is asked a `share` of them too, and nobody
    gets its answers; the champion is asked the same once more, so that their times compare. Each instance of the
    service counts by itself, and the first that has seen `requests` of the challenger's, or a bound passed, says so;
    after `hours` the trial is over without success. The bounds: the challenger's rate of errors above the champion's,
    its typical seconds over the champion's, and the share of answers that differ. Labels differ or do not; numbers
    differ that are further apart than `tolerance` times the champion's; of images it is the mean difference of their
    pixels, as a share of the range. Without `max_disagreement` a canary compares no answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["off", "shadow", "canary"] = "off"
    share: float = Field(0.1, gt=0, le=1)
    requests: int = Field(1000, ge=20)
    hours: float = Field(24, gt=0)
    max_error_gain: float = Field(0.01, ge=0, lt=1)
    max_latency_ratio: float = Field(2.0, gt=0)
    max_disagreement: float | None = Field(None, ge=0, lt=1)
    tolerance: float = Field(0.05, ge=0)

    @field_validator("mode", mode="before")
    @classmethod
    def _off_is_a_word(cls, given: Any) -> Any:
        """YAML reads a bare `off` as false."""
        return "off" if given is False else given

    @model_validator(mode="after")
    def _the_champion_answers_too(self) -> Self:
        if self.mode == "canary" and self.share == 1:
            raise ValueError("a canary of all traffic leaves nothing to compare with; set share below 1, such as 0.1")
        return self

"""Two models' outcomes on the same frozen rows in; a verdict with its reasons out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from headrace.workload import Arrays

Metrics = Callable[["Arrays"], Mapping[str, float]]


class Promotion(BaseModel):
    """The `promotion:` of a workload: what a challenger must show to become champion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    better: Literal["higher", "lower"] = "higher"
    floors: Mapping[str, float] = Field(default_factory=dict)
    ceilings: Mapping[str, float] = Field(default_factory=dict)
    min_gain: float = Field(0.0, ge=0)
    confidence: float = Field(0.9, gt=0.5, lt=1)
    resamples: int = Field(400, ge=100)
    max_parity: float = Field(1e-3, gt=0)


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference and the bounds that hold it with the policy's confidence."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the challenger becomes champion, why, and on which numbers."""

    promoted: bool
    reasons: tuple[str, ...]
    scores: Mapping[str, float]
    champion_scores: Mapping[str, float] | None = None
    gain: Interval | None = None


def judge(policy: Promotion, metrics: Metrics, challenger: "Arrays", champion: "Arrays | None") -> Verdict:
    """Hold `challenger` to its bounds, then against `champion` on the same rows; a tie keeps the champion."""
    scores = metrics(challenger)
    failed = _out_of_bounds(policy, scores)
    if failed:
        return Verdict(False, failed, scores)
    if champion is None:
        return Verdict(
            True, (f"no champion to beat: {policy.metric} {scores[policy.metric]:.4f} is within every bound",), scores
        )
    gain = paired_gain(policy, metrics, challenger, champion)
    enough = gain.estimate >= policy.min_gain and gain.low > 0
    return Verdict(enough, (_against_champion(policy, gain, enough),), scores, metrics(champion), gain)


def paired_gain(policy: Promotion, metrics: Metrics, challenger: "Arrays", champion: "Arrays") -> Interval:
    """The challenger's gain on the policy's metric with a bootstrap interval: both scored on the same resamples."""
    import numpy as np

    sign = 1.0 if policy.better == "higher" else -1.0
    rows = len(next(iter(challenger.values())))
    draws = np.random.default_rng(0).integers(0, rows, (policy.resamples, rows))

    def gain(sample: "np.typing.NDArray[np.int64] | slice") -> float:
        scores = [
            metrics({k: v[sample] for k, v in outcomes.items()})[policy.metric] for outcomes in (challenger, champion)
        ]
        return sign * (scores[0] - scores[1])

    resampled = np.array([gain(draw) for draw in draws])
    tail = (1 - policy.confidence) / 2
    low, high = np.nanquantile(resampled, [tail, 1 - tail])
    return Interval(gain(slice(None)), float(low), float(high))


def _out_of_bounds(policy: Promotion, scores: Mapping[str, float]) -> tuple[str, ...]:
    """A score that is not a number is out of every bound."""
    low = [
        f"{metric} {scores[metric]:.4f} is below the floor of {floor:g}"
        for metric, floor in policy.floors.items()
        if not scores[metric] >= floor
    ]
    high = [
        f"{metric} {scores[metric]:.4f} is above the ceiling of {ceiling:g}"
        for metric, ceiling in policy.ceilings.items()
        if not scores[metric] <= ceiling
    ]
    return (*low, *high)


def _against_champion(policy: Promotion, gain: Interval, enough: bool) -> str:
    change = f"{policy.metric} {gain.estimate:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}] against the champion"
    if enough:
        return f"{change}: a gain at {policy.confidence:.0%} confidence"
    return f"{change}: not a gain of {policy.min_gain:g} or more at {policy.confidence:.0%} confidence"

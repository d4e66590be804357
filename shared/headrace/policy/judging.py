"""Two models' outcomes on the same frozen rows in; a verdict with its reasons out."""

from headrace.errors import Rejected
from headrace.policy import fairness, limits, slicing
from headrace.policy.calibration import Metrics, with_calibration
from headrace.policy.promotion import Promotion
from headrace.policy.resampling import Resampled, rows_of
from headrace.policy.slicing import Slicing
from headrace.policy.verdict import Interval, Measured, Verdict
from headrace.workload import Arrays


def judge(
    policy: Promotion,
    metrics: Metrics,
    challenger: Arrays,
    champion: Arrays | None,
    slices: Arrays | None = None,
    measured: Measured | None = None,
) -> Verdict:
    """Hold `challenger` to its bounds, and against `champion` on the same rows; a tie keeps the champion.

    Raises Rejected where the two were not scored on the same rows, or the policy goes by what there is not.
    """
    slices, measured, scored = slices or {}, measured or Measured(), with_calibration(metrics)
    limits.check(policy, scored(challenger), slices)
    if champion is not None and rows_of(champion) != rows_of(challenger):
        raise Rejected(f"{rows_of(challenger)} rows of the challenger cannot be held against {rows_of(champion)}")
    ours = Resampled(policy, scored, challenger)
    theirs = None if champion is None else Resampled(policy, scored, champion)
    groups = Slicing(policy, scored, challenger, champion).groups(slices)
    gaps = fairness.gaps(policy, challenger, slices)
    missed = (
        *limits.out_of_bounds(policy, ours.scores),
        *slicing.failed(policy, groups),
        *fairness.failed(policy, gaps),
        *limits.over_budget(policy, measured),
    )
    gain = None if theirs is None else ours.gain(theirs)
    enough = gain is None or (gain.estimate >= policy.min_gain and gain.low > 0)
    return Verdict(
        promoted=enough and not missed,
        reasons=missed if missed and enough else (*missed, _compared(policy, ours.scores[policy.metric], gain, enough)),
        scores=ours.scores,
        champion_scores=None if theirs is None else theirs.scores,
        gain=gain,
        intervals=ours.intervals,
        groups=groups,
        gaps=gaps,
        measured=measured,
    )


def _compared(policy: Promotion, score: float, gain: Interval | None, enough: bool) -> str:
    if gain is None:
        return f"no champion to beat: {policy.metric} {score:.4f} is within every bound"
    change = f"{policy.metric} {gain:+.4f} against the champion"
    if enough:
        return f"{change}: a gain at {policy.confidence:.0%} confidence"
    return f"{change}: not a gain of {policy.min_gain:g} or more at {policy.confidence:.0%} confidence"

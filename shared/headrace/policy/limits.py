"""What was measured of a challenger in; a sentence for every bound of the policy that it does not keep out."""

from collections.abc import Iterator, Mapping

from headrace.errors import Rejected
from headrace.policy.promotion import Promotion
from headrace.policy.verdict import Measured
from headrace.workload import Arrays


def check(policy: Promotion, scores: Mapping[str, float], slices: Arrays) -> None:
    """Raises Rejected where the policy goes by scores or slices that the workload does not have."""
    for metric in policy.metrics:
        if metric not in scores:
            raise Rejected(f"the policy goes by {metric!r}, which is no score; there are {', '.join(sorted(scores))}")
    for name in (*policy.slices, *policy.fairness):
        if name not in slices:
            there = f"there are {', '.join(sorted(slices))}" if slices else "the workload has none"
            raise Rejected(f"the policy goes by {name!r}, which is no slice of the test set; {there}")


def out_of_bounds(policy: Promotion, scores: Mapping[str, float]) -> tuple[str, ...]:
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


def over_budget(policy: Promotion, measured: Measured) -> tuple[str, ...]:
    """What takes too long, is too large or too old, or is not the model that was trained."""
    return tuple(_over_budget(policy, measured))


def _over_budget(policy: Promotion, found: Measured) -> Iterator[str]:
    budgets = policy.budgets
    if _above(found.row_ms, budgets.row_ms):
        yield f"a row takes {found.row_ms:.3g} ms, more than the {budgets.row_ms:g} ms of budgets.row_ms"
    if _above(found.batch_ms, budgets.batch_ms):
        yield (
            f"a batch of {found.batch_rows} rows takes {found.batch_ms:.3g} ms, more than the "
            f"{budgets.batch_ms:g} ms of budgets.batch_ms"
        )
    if _above(found.size_mib, budgets.size_mib):
        yield f"the export has {found.size_mib:.3g} MiB, more than the {budgets.size_mib:g} MiB of budgets.size_mib"
    if _above(found.age_days, policy.max_age_days):
        yield f"the data is {found.age_days:.1f} days old, more than the {policy.max_age_days:g} days of max_age_days"
    if _above(found.parity, policy.max_parity):
        yield f"the export is {found.parity:.3g} from the trained model, more than max_parity {policy.max_parity:g}"


def _above(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and not value <= limit

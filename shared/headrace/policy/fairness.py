"""Yes or no answers and the groups they went to in; how far apart the groups are, and whether that is allowed, out."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from headrace.errors import Rejected
from headrace.policy.calibration import Truth, probabilities
from headrace.policy.promotion import Fairness, Promotion
from headrace.policy.verdict import Gap, Interval
from headrace.workload import Arrays

Column = npt.NDArray[np.generic]

DEMOGRAPHIC_PARITY, EQUAL_OPPORTUNITY = "demographic parity", "equal opportunity"
ASKED = {
    DEMOGRAPHIC_PARITY: "the share that gets a yes",
    EQUAL_OPPORTUNITY: "the share of those who deserve a yes that gets one",
}


def gaps(policy: Promotion, outcomes: Arrays, slices: Arrays) -> tuple[Gap, ...]:
    """The widest differences between groups that the policy bounds. Raises Rejected without answers of yes or no."""
    if not policy.fairness:
        return ()
    found = probabilities(outcomes, (("p", "y"),))
    if found is None:
        raise Rejected(
            "promotion.fairness needs outcomes p, the probability of a yes, and y, whether it was one, as bool; "
            f"the workload's outcomes are {', '.join(sorted(outcomes))}"
        )
    p, deserved = found
    return tuple(
        gap
        for name, rule in policy.fairness.items()
        for gap in _gaps(policy, name, rule, p >= rule.threshold, deserved, slices[name])
    )


def failed(policy: Promotion, found: Sequence[Gap]) -> tuple[str, ...]:
    """A sentence for every difference that was not shown to be within its bound."""
    return tuple(_objection(policy, gap) for gap in found if not gap.difference.high <= gap.limit)


def _objection(policy: Promotion, gap: Gap) -> str:
    if len(gap.rates) < 2:
        rows = policy.fairness[gap.slice].min_rows
        return f"{gap.measure} by {gap.slice} cannot be shown: fewer than two groups have {rows} rows to judge by"
    lowest, highest = min(gap.rates, key=gap.rates.__getitem__), max(gap.rates, key=gap.rates.__getitem__)
    return (
        f"{gap.measure} by {gap.slice} differs by {gap.difference:.3f}, which is not within {gap.limit:g}: "
        f"{ASKED[gap.measure]} is {gap.rates[highest]:.3f} for {highest} and {gap.rates[lowest]:.3f} for {lowest}"
    )


def _gaps(policy: Promotion, name: str, rule: Fairness, yes: Truth, deserved: Truth, column: Column) -> Iterator[Gap]:
    everybody = np.ones(len(yes), np.bool_)
    for measure, limit, among in (
        (DEMOGRAPHIC_PARITY, rule.demographic_parity, everybody),
        (EQUAL_OPPORTUNITY, rule.equal_opportunity, deserved),
    ):
        if limit is not None:
            counts = _counts(column[among].astype(str), yes[among], rule.min_rows)
            rates = {group: share / rows for group, (share, rows) in counts.items()}
            yield Gap(name, measure, rates, _widest(policy, counts), limit)


def _counts(groups: npt.NDArray[np.str_], yes: Truth, least: int) -> dict[str, tuple[int, int]]:
    """How many of each group got a yes, and how many there are, where those are enough to judge by."""
    names, places = np.unique(groups, return_inverse=True)
    rows, given = np.bincount(places, minlength=len(names)), np.bincount(places[yes], minlength=len(names))
    return {str(name): (int(given[at]), int(rows[at])) for at, name in enumerate(names) if rows[at] >= least}


def _widest(policy: Promotion, counts: dict[str, tuple[int, int]]) -> Interval:
    """The difference between the highest rate and the lowest, with bounds that hold for any two groups.

    To resample the rows of a group is to draw the number of its yeses from a binomial distribution; half a row more on
    either side, or none of thirty would be taken for never.
    """
    if len(counts) < 2:
        return Interval(float("nan"), float("nan"), float("nan"))
    given, rows = np.array(list(counts.values())).T
    rates, tail = given / rows, (1 - policy.confidence) / 2
    drawn = np.random.default_rng(0).binomial(rows, (given + 0.5) / (rows + 1), (policy.resamples, len(rows))) / rows
    low, high = np.quantile(drawn[:, :, None] - drawn[:, None, :], [tail, 1 - tail], axis=0)
    return Interval(float(rates.max() - rates.min()), float(max(low.max(), 0.0)), float(high.max()))

"""What a dataset turned out to hold, in; sentences that its owner should read, out."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .portfolio import Portfolio
from .schema import FEATURES, Field

_SHOWN = 6


def about(portfolio: Portfolio, fields: Sequence[Field], rule: str) -> list[str]:
    """The size, the split, what was missing, dropped or set aside."""
    everything, unsettled, unreadable = (
        portfolio.census.group(lambda *_: True),
        portfolio.cleaner.unsettled,
        portfolio.cleaner.unreadable,
    )
    found = [
        f"{everything.loans:,} settled loans, {everything.charged_off / everything.loans:.1%} charged off",
        rule,
    ]
    if absent := [field.name for field in FEATURES if field not in fields]:
        found.append(f"the models do without {', '.join(absent)}: no loan trained on has a value of them")
    for reason, names in _dropped(portfolio).items():
        found.append(f"{len(names)} {'columns' if len(names) > 1 else 'column'} dropped as {reason}: {_few(names)}")
    if unsettled:
        found.append(f"{unsettled.total():,} loans not settled yet set aside: {_counted(unsettled)}")
    if portfolio.bad:
        found.append(f"{portfolio.bad.total():,} lines set aside: {_counted(portfolio.bad)}")
    if unreadable:
        found.append(f"{unreadable.total():,} values unreadable, taken as missing: {_counted(unreadable)}")
    return found


def _dropped(portfolio: Portfolio) -> dict[str, list[str]]:
    reasons: dict[str, dict[str, None]] = {}
    for header in portfolio.headers:
        for reason, names in header.dropped().items():
            reasons.setdefault(reason, {}).update(dict.fromkeys(names))
    return {reason: sorted(names) for reason, names in reasons.items()}


def _few(names: list[str]) -> str:
    return ", ".join(name[:40] for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _counted(counts: Counter[str]) -> str:
    most: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in list(most)[:_SHOWN])

"""What a dataset turned out to hold, in; sentences that its owner should read, out."""

from collections import Counter
from collections.abc import Iterable

from .dataset import Loans, missing
from .table import Table

_SHOWN = 6


def about(loans: Loans, table: Table, rule: str) -> list[str]:
    """The size, the split, what was missing, dropped or set aside."""
    found = [f"{len(table):,} settled loans, {table.labels.mean():.1%} charged off", rule]
    if absent := missing(table):
        found.append(f"the models do without {', '.join(absent)}: the data has no value of them")
    for reason, names in _dropped(loans).items():
        found.append(f"{len(names)} {'columns' if len(names) > 1 else 'column'} dropped as {reason}: {_few(names)}")
    if loans.unsettled:
        found.append(f"{loans.unsettled.total():,} loans not settled yet set aside: {_counted(loans.unsettled)}")
    if loans.bad:
        found.append(f"{loans.bad.total():,} lines set aside: {_counted(loans.bad)}")
    if loans.unreadable:
        found.append(f"{loans.unreadable.total():,} values unreadable, taken as missing: {_counted(loans.unreadable)}")
    return found


def _dropped(loans: Loans) -> dict[str, list[str]]:
    reasons: dict[str, dict[str, None]] = {}
    for header in loans.headers:
        for reason, names in header.dropped().items():
            reasons.setdefault(reason, {}).update(dict.fromkeys(names))
    return {reason: sorted(names) for reason, names in reasons.items()}


def _few(names: list[str]) -> str:
    return ", ".join(name[:40] for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _counted(counts: Counter[str]) -> str:
    most: Iterable[tuple[str, int]] = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in list(most)[:_SHOWN])

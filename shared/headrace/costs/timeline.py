"""Cron lines and calls in; when of a month an instance is awake out, in minutes since its first, a Monday, began."""

from collections.abc import Iterable

from headrace.errors import Rejected

HOURS = 730
"""A month, as Google's price pages count it."""
MINUTES = HOURS * 60
DAY = 24 * 60

Span = tuple[float, float]
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def runs(cron: str) -> list[int]:
    """The minutes at which a line of five fields comes due. Raises Rejected for a line that cannot be read."""
    fields = cron.split()
    if len(fields) != len(_RANGES):
        raise Rejected(f"schedule {cron!r} is not 'minute hour day month weekday'")
    minutes, hours, days, _, weekdays = (
        _values(field, low, high, cron) for field, (low, high) in zip(fields, _RANGES, strict=True)
    )
    weekdays = {day % 7 for day in weekdays}
    return [
        (day - 1) * DAY + hour * 60 + minute
        for day in range(1, 32)
        if _is_due(day, days, weekdays, fields)
        for hour in sorted(hours)
        for minute in sorted(minutes)
        if (day - 1) * DAY + hour * 60 + minute < MINUTES
    ]


def awake(calls: Iterable[Span], linger: float) -> list[Span]:
    """When an instance lives that answers these calls, each from start to end, and stays `linger` minutes after."""
    spans: list[Span] = []
    for start, end in sorted(calls):
        until = min(end + linger, MINUTES)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], until))
        else:
            spans.append((start, until))
    return spans


def hours(spans: Iterable[Span]) -> float:
    """How long it is awake."""
    return sum(end - start for start, end in spans) / 60


def _is_due(day: int, days: set[int], weekdays: set[int], fields: list[str]) -> bool:
    """Cron's rule: where both are limited, either will do."""
    on_day, on_weekday = day in days, day % 7 in weekdays
    return (on_day or on_weekday) if "*" not in (fields[2], fields[4]) else (on_day and on_weekday)


def _values(field: str, low: int, high: int, cron: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        try:
            start = low if first == "*" else int(first)
            end = high if first == "*" or (step and not last) else int(last or first)
            found.update(range(start, end + 1, int(step or 1)))
        except ValueError:
            raise Rejected(f"schedule {cron!r}: {part!r} is no number, range or step") from None
    if not found or min(found) < low or max(found) > high:
        raise Rejected(f"schedule {cron!r}: {field!r} is not between {low} and {high}")
    return found

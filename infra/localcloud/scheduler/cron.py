"""A cron expression and a time zone in; the next time they name out."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from localcloud.restserver import RestError

_FIELD = re.compile(r"(\*|[0-9]+|[a-z]{3})([-,/](\*|[0-9]+|[a-z]{3}))*", re.IGNORECASE)
_UTC = ("", "UTC", "Etc/UTC", "GMT", "Etc/GMT")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Five unix-cron fields, or six with the seconds first."""

    expression: str
    zone: tzinfo

    def after(self, moment: datetime) -> datetime:
        """The first time on the schedule that is later than `moment`, in UTC."""
        ticks = croniter(self.expression, moment.astimezone(self.zone), second_at_beginning=True)
        found: datetime = ticks.get_next(datetime)
        return found.astimezone(UTC)


def parse(expression: str, zone: str) -> Schedule:
    """The schedule, or INVALID_ARGUMENT with what is wrong."""
    parts = expression.split()
    if len(parts) not in (5, 6) or not all(_FIELD.fullmatch(part) for part in parts):
        raise _invalid(expression)
    schedule = Schedule(expression, _zone(zone))
    try:
        schedule.after(datetime.now(UTC))
    except CroniterError:
        raise _invalid(expression) from None
    return schedule


def _zone(name: str) -> tzinfo:
    if name in _UTC:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RestError("INVALID_ARGUMENT", f"timeZone {name!r} is not in the tz database; try Europe/Rome") from None


def _invalid(expression: str) -> RestError:
    words = "'minute hour day month weekday', or six fields with the second first"
    return RestError("INVALID_ARGUMENT", f"schedule {expression!r} is not {words}")

"""The system's clock, in UTC."""

from datetime import UTC, datetime


class SystemClock:
    """The time as the machine has it."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)

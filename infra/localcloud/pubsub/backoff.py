"""The number of failed attempts in; how long to wait before the next out."""

from dataclasses import dataclass
from typing import Any

from google.pubsub_v1.types import RetryPolicy

from localcloud.pubsub.refusals import invalid

_LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `minimum` to `maximum` seconds."""

    minimum: float
    maximum: float

    def delay(self, attempt: int) -> float:
        """Seconds to wait after failed attempt number `attempt`, counted from 1."""
        return min(self.minimum * 2.0 ** min(attempt - 1, 30), self.maximum)


WITHOUT_POLICY = Backoff(0.1, 60.0)
"""How pushes are retried on a subscription without a retry policy."""


def backoff_of(policy: RetryPolicy) -> Backoff:
    """The back-off that a retry policy asks for: 10 s to 600 s unless it says otherwise."""
    minimum = _seconds(policy, "minimum_backoff", 10.0)
    return Backoff(minimum, _seconds(policy, "maximum_backoff", max(minimum, _LONGEST), minimum))


def _seconds(policy: Any, field: str, default: float, least: float = 0.0) -> float:
    if field not in policy:
        return default
    seconds = float(getattr(policy, field).total_seconds())
    if not least <= seconds <= _LONGEST:
        raise invalid(f"retry_policy.{field} is {seconds:g} s; choose from {least:g} to {_LONGEST:g} s.")
    return seconds

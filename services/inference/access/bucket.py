"""A caller's requests in; how long the next one has to wait out."""


class Bucket:
    """Tokens that come back at `rate` a second, `burst` of them at most; a request takes one.

    It is this process's own: with n instances running, a caller gets up to n times as much.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, float(burst)
        self._tokens, self._at = self._burst, now

    def take(self, now: float) -> float:
        """0.0 with a token taken, or the seconds until there is one; `now` is in monotonic seconds."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate

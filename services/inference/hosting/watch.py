"""Requests that a version answered or failed on in; that it fails on too many, once that is sure, out."""

from services.inference.trying.evidence import LEAST_REQUESTS, SURE, wilson

ROUND = 1000
"""Requests after which counting begins anew, so that what fails late is not outweighed by all that went well before."""


class Watch:
    """One version's requests, counted on the event loop; what others see of them is the `fault`, once there is one.

    A request that is wrong, comes to too full a queue, is too late or given up is not the version's fault, nor counted.
    """

    __slots__ = ("_bound", "_errors", "_requests", "_version", "fault")

    def __init__(self, version: int | None = None, bound: float | None = None) -> None:
        self._version, self._bound = version, bound
        self._requests = self._errors = 0
        self.fault = ""

    def answered(self, version: int) -> None:
        """A version answered a request, perhaps another one than this."""
        if version == self._version:
            self._requests += 1
            if self._requests >= ROUND:
                self._requests = self._errors = 0

    def failed(self, version: int) -> None:
        """A version failed on a request."""
        if version == self._version:
            self._errors += 1
            seen = self._requests + 1
            if self._is_too_much(seen):
                self.fault = f"{self._errors} of its last {seen} requests failed; {self._bound:.2%} are allowed"
            self.answered(version)

    def _is_too_much(self, seen: int) -> bool:
        """Whether more fail than may, beyond doubt."""
        if self._bound is None or seen < LEAST_REQUESTS:
            return False
        return wilson(self._errors / seen, seen, SURE)[0] > self._bound

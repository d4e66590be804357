"""Requests to a service that may hang or be gone in; answers within a few seconds, or a failure, out."""

from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urlsplit

from requests import ConnectionError, PreparedRequest, Response, Timeout
from requests.adapters import HTTPAdapter

REST_SECONDS = 8.0
CHANGING = 5
"""So many times longer is waited where something is to be changed: it may have been, and nobody would know."""


class Hasty(HTTPAdapter):
    """Waits for `patience` seconds at most, for those who have somebody waiting.

    A server that let them pass is not asked again for a while, by nobody in this process: a page asks for many things.
    """

    _resting: ClassVar[dict[str, float]] = {}

    def __init__(self, patience: float, **options: Any) -> None:
        super().__init__(**options)
        self._patience = patience

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]  # as it is called
        """The answer. Raises ConnectionError."""
        server = urlsplit(request.url or "").netloc
        if monotonic() < self._resting.get(str(server), 0.0):
            raise ConnectionError("it did not answer a moment ago", request=request)
        seconds = self._patience * (1 if request.method in ("GET", "HEAD") else CHANGING)
        try:
            answer = super().send(request, **{**options, "timeout": seconds})
        except (ConnectionError, Timeout) as error:
            self._resting[str(server)] = monotonic() + REST_SECONDS
            said = f"no answer within {seconds:g} s" if isinstance(error, Timeout) else "it takes no connection"
            raise ConnectionError(said, request=request) from error
        self._resting.pop(str(server), None)
        return answer

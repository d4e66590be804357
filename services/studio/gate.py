"""Requests and websockets from outside in; those of people who are signed in, with who they are, out."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from services.studio.signing_in import PERSON, is_loopback
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from headrace.errors import Unauthorized, Unavailable

log = logging.getLogger("headrace.studio.gate")

ASSERTION = "x-goog-iap-jwt-assertion"
HEALTH = "/_stcore/health"
_SIGN = "people sign in through Identity-Aware Proxy, which sends an assertion of who they are"


class Gate:
    """In front of everything but the health check. Without `email`, nobody signs in.

    A page of another site gets nothing either, whoever looks at it.
    """

    def __init__(self, app: ASGIApp, email: Callable[[str], str] | None = None) -> None:
        self._app, self._email = app, email
        self._thread = ThreadPoolExecutor(1, "sign-in")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse with a sentence."""
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _foreign(headers)
        if refusal is None and self._email is not None:
            name, refusal = await self._asked(headers)
            scope = _told(scope, name)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).send_denial_response(refusal)

    async def _asked(self, headers: Headers) -> tuple[str, Response | None]:
        assert self._email is not None
        given = headers.getlist(ASSERTION)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._email, given[0] if len(given) == 1 else ""), None
        except Unauthorized as error:
            return "", _refusal(401, f"{_SIGN}: {error}")
        except Unavailable as error:
            log.warning("an assertion could not be checked: %s", error)
            refusal = _refusal(503, "who you are cannot be checked at the moment; load the page again in a few seconds")
            refusal.headers["retry-after"] = "5"
            return "", refusal


def _foreign(headers: Headers) -> Response | None:
    """A refusal for what a page of another site asks; Streamlit would ask the internet for its own address first."""
    origin = headers.get("origin")
    if origin is None or urlsplit(origin).netloc == headers.get("host") or is_loopback(origin):
        return None
    return _refusal(403, f"a page of {origin[:120]} may not ask the studio")


def _told(scope: Scope, name: str) -> Scope:
    """The scope with the one true header that says who looks."""
    changed = dict(scope) | {"headers": list(scope["headers"])}
    headers = MutableHeaders(scope=changed)
    del headers[PERSON]
    headers[PERSON] = name
    return changed


def _refusal(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status, {"cache-control": "no-store"})

"""Requests and websockets from outside in; those of people who are signed in, with who they are, out."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from headrace.errors import Unauthorized, Unavailable
from services.studio.signing_in import PERSON, is_loopback

log = logging.getLogger("headrace.studio.gate")

ASSERTION = "x-goog-iap-jwt-assertion"
HEALTH = "/_stcore/health"
_SIGN = "people sign in through Identity-Aware Proxy, which sends an assertion of who they are"


class Gate:
    """In front of everything but the health check. Without `email`, nobody signs in.

    A page of another site gets nothing, whoever looks at it, and may not frame ours. With `only_here` the studio
    answers to a name of this machine alone: another's name may lead here, too.
    """

    def __init__(self, app: ASGIApp, email: Callable[[str], str] | None = None, only_here: bool = False) -> None:
        self._app, self._email, self._only_here = app, email, only_here
        self._thread = ThreadPoolExecutor(1, "sign-in")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse with a sentence."""
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _foreign(headers, self._only_here)
        if refusal is None and self._email:
            name, refusal = await self._asked(self._email, headers.getlist(ASSERTION))
            scope = _told(scope, name)
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "http":
            await refusal(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).send_denial_response(refusal)

    async def _asked(self, email: Callable[[str], str], given: list[str]) -> tuple[str, Response | None]:
        """Who looks, or a refusal."""
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, email, given[0] if len(given) == 1 else ""), None
        except Unauthorized as error:
            return "", _refusal(401, f"{_SIGN}: {error}")
        except Unavailable as error:
            log.warning("an assertion could not be checked: %s", error)
            refusal = _refusal(503, "who you are cannot be checked at the moment; load the page again in a few seconds")
            refusal.headers["retry-after"] = "5"
            return "", refusal


def _foreign(headers: Headers, only_here: bool) -> Response | None:
    """A refusal for what a page of another site asks; Streamlit would ask the internet for its own address first."""
    origin, host = headers.get("origin"), headers.get("host", "")
    if only_here and not is_loopback(host):
        return _refusal(403, f"a local stack's studio answers to localhost, not to {host[:120]}")
    if origin is None or origin.partition("//")[2] == host or is_loopback(origin):
        return None
    return _refusal(403, f"a page of {origin[:120]} may not ask the studio")


def _told(scope: Scope, name: str) -> Scope:
    """The scope with the one true header that says who looks."""
    changed = dict(scope) | {"headers": list(scope["headers"])}
    headers = MutableHeaders(scope=changed)
    del headers[PERSON]
    headers[PERSON] = name
    return changed


def _unframed(send: Send) -> Send:
    """Answers with a header that keeps them out of other sites' frames."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["content-security-policy"] = "frame-ancestors 'self'"
        await send(message)

    return sending


def _refusal(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status, {"cache-control": "no-store"})

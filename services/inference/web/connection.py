"""Bytes of one client's connection in; its requests answered, one after the other, out.

In the place of uvicorn's own HTTP protocol, which asks an ASGI application: here a request is handed over whole and its
answer is written in one piece, which costs a third less. Sockets, signals and a graceful end stay uvicorn's.
"""

import asyncio
from collections import deque
from typing import Any, NamedTuple, cast

import httptools
import uvicorn
from uvicorn.server import ServerState

from services.inference.web.answers import Answer, Refused
from services.inference.web.app import Application
from services.inference.web.bodies import Body
from services.inference.web.request import Request
from services.inference.web.routing import Route
from services.inference.web.wire import written

MOST_HEADER_BYTES = 64 << 10
MOST_UNWANTED_BYTES = 64 << 10
"""How much of a body is read that belongs to a refused request, so that its connection can be used on."""

REQUEST_SECONDS = 60.0
LINGER_SECONDS = 2.0
"""How long a client may send one request, or not read its answer; how long a refused one may go on sending."""

LOOK_SECONDS = 5.0

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Whole(NamedTuple):
    """A request that was received to its end."""

    request: Request
    body: Body
    route: Route | Refused
    keep: bool
    """Whether the client means to use the connection again."""


class Connection(asyncio.Protocol):
    """One request is in hand at most; what a client sends ahead of its answer waits, and then is not read.

    Nor is a client answered again that does not read its answers.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 - uvicorn names it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._app = cast(Application, config.app)
        self._server: Any = server_state
        self._patience = config.timeout_keep_alive
        self._parser = httptools.HttpRequestParser(self)
        self._ahead: deque[_Whole] = deque()
        self._in_hand: Request | None = None
        self._request: Request | None = None
        self._body: Body | None = None
        self._unread: asyncio.Future[None] | None = None
        self._incoming = self._deaf = self._closing = False
        self._since = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast(asyncio.Transport, transport)
        self._next: asyncio.Future[_Whole] = self._loop.create_future()
        self._answering = self._loop.create_task(self._answer_all())
        self._server.connections.add(self)
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """The client has gone; what is computed for it may stop."""
        self._server.connections.discard(self)
        self._timer.cancel()
        self._closing = True
        if self._body:
            self._body.drop()
        for whole in self._ahead:
            whole.body.drop()
        self._ahead.clear()
        self.resume_writing()
        if self._in_hand:
            self._in_hand.leave()
        else:
            self._answering.cancel()

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(Refused(400, f"this is no request in HTTP/1.1: {error}"))

    def pause_writing(self) -> None:
        """The client leaves unread what it was sent."""
        self._unread, self._since = self._loop.create_future(), self._loop.time()

    def resume_writing(self) -> None:
        """The client has read it, or is gone."""
        if self._unread:
            self._unread.set_result(None)
            self._unread = None

    def shutdown(self) -> None:
        """Answer what was sent, or is being sent, then close; asked by uvicorn."""
        self._closing = True
        if not self._in_hand and not self._incoming:
            self._transport.close()

    # What the parser finds.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._incoming, self._since = True, self._loop.time()
        self._url, self._headers = b"", dict[bytes, bytes]()
        self._request, self._body, self._header_bytes = None, None, 0

    def on_url(self, url: bytes) -> None:
        """A part of the path."""
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; of several with one name the last counts. What comes behind the body is none."""
        if not self._request:
            self._headers[name.lower()] = value
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Which request it is is known, and with it how large its body may be."""
        if self._deaf or self._parser.should_upgrade():
            return
        self._request = Request(self._parser.get_method().decode("latin-1"), self._url, self._headers)
        self._route = self._app.route(self._request)
        limit = self._route.limit if isinstance(self._route, Route) else MOST_UNWANTED_BYTES
        self._body = Body(self._app.bodies, limit)
        try:
            self._body.expect(int(self._headers.get(b"content-length", 0)))
        except Refused as error:
            self._refuse_body(error)
        else:
            if self._headers.get(b"expect", b"").lower() == b"100-continue":
                self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._deaf or not self._body:
            return
        try:
            self._body.add(body)
        except Refused as error:
            self._refuse_body(error)

    def on_message_complete(self) -> None:
        """The request is there to its end."""
        if self._deaf or not self._request or not self._body:
            return
        self._incoming, self._since = False, self._loop.time()
        self._request.content = self._body.whole()
        whole = _Whole(self._request, self._body, self._route, self._parser.should_keep_alive())
        self._request = self._body = None
        if self._in_hand:
            self._ahead.append(whole)
            self._transport.pause_reading()
        else:
            self._start(whole)

    def _stay(self, rest: bytes) -> None:
        """Read a request again that offers another protocol, such as HTTP/2: its body comes as if it did not."""
        method, left = self._parser.get_method(), (b"upgrade", b"connection", b"http2-settings")
        if method == b"CONNECT":
            self._refuse(Refused(400, "this is no proxy; ask for a path"))
            return
        kept = [b"%b: %b\r\n" % header for header in self._headers.items() if header[0] not in left]
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(b"%b %b HTTP/1.1\r\n%b\r\n" % (method, self._url, b"".join(kept)) + rest)

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MOST_HEADER_BYTES:
            self._refuse(Refused(431, f"the headers are larger than the {MOST_HEADER_BYTES} bytes allowed"))

    # What is said.

    def _start(self, whole: _Whole) -> None:
        self._in_hand = whole.request
        self._server.tasks.add(self._answering)
        self._next.set_result(whole)

    async def _answer_all(self) -> None:
        """Answer one request after the other: to wake a task costs half of what it costs to make one for each."""
        goes_on = True
        while goes_on:
            whole = await self._next
            self._next = self._loop.create_future()
            answer = await self._app.answer(whole.request, whole.route)
            if self._unread:
                await self._unread
            goes_on = self._say(whole, answer)
            del whole, answer

    def _say(self, whole: _Whole, answer: Answer) -> bool:
        """Write the answer; False when it was the connection's last."""
        self._in_hand = None
        whole.body.drop()
        self._server.tasks.discard(self._answering)
        if self._transport.is_closing():
            return False
        keep = whole.keep and (bool(self._ahead) or not self._closing)
        self._transport.write(written(answer, whole.request, keep, self._server.default_headers))
        if not keep:
            self._transport.close()
        elif self._ahead:
            self._start(self._ahead.popleft())
        else:
            self._transport.resume_reading()
        return keep

    def _refuse_body(self, error: Refused) -> None:
        """The rest of the body is of no interest."""
        self._refuse(self._route if isinstance(self._route, Refused) else error)

    def _refuse(self, error: Refused) -> None:
        """Answer before the request's end, hear no more, and close, but not at once: the answer might be lost."""
        if self._deaf:
            return
        self._deaf = self._closing = True
        if self._body:
            self._body.drop()
        if not self._in_hand:
            refused = self._request or Request("GET", b"/", {})
            self._transport.write(written(self._app.refuse(refused, error), refused, False, ()))
            self._loop.call_later(LINGER_SECONDS, self._transport.close)

    def _look(self) -> None:
        """Close when the client does nothing, or takes too long over a request."""
        quiet = self._loop.time() - self._since
        if self._unread and quiet > REQUEST_SECONDS:
            self._transport.abort()
        elif self._incoming and quiet > REQUEST_SECONDS:
            self._refuse(Refused(408, f"the request did not arrive within {REQUEST_SECONDS:.0f} s"))
        elif not self._incoming and not self._in_hand and quiet > self._patience:
            self._transport.close()
        else:
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

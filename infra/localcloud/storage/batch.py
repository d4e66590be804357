"""A batch of metadata requests in one body in; their responses in one body out."""

import asyncio
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from localcloud.storage.bodies import raw_body
from localcloud.storage.errors import invalid

_MAX_REQUESTS = 1000
_MAX_BYTES = 10 * 1024 * 1024
_PREFIX = "/storage/v1/"


class Batches:
    """`POST /batch/storage/v1`: each part is a request of its own and succeeds or fails alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def run(self, request: Request) -> Response:
        """Answer every part, in order."""
        content_type = request.headers.get("content-type", "")
        body = await raw_body(request, _MAX_BYTES)
        parsed = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        parts = parsed.get_payload()
        if not isinstance(parts, list) or not 1 <= len(parts) <= _MAX_REQUESTS:
            raise invalid(f"a batch is a multipart/mixed body of 1 to {_MAX_REQUESTS} requests")
        boundary = f"batch_{uuid4().hex}"
        answers = [
            f"--{boundary}\r\n".encode() + await self._answer(part) + b"\r\n"
            for part in parts
            if isinstance(part, Message)
        ]
        closing = f"--{boundary}--".encode()
        return Response(b"".join(answers) + closing, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})

    async def _answer(self, part: Message) -> bytes:
        status, headers, body = await self._call(part)
        content_id = part.get("Content-ID", "").strip("<>")
        lines = ["Content-Type: application/http", f"Content-ID: <response-{content_id}>", ""]
        lines += [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode() + body

    async def _call(self, part: Message) -> tuple[int, list[tuple[str, str]], bytes]:
        payload = part.get_payload(decode=True)
        head, _, rest = (payload if isinstance(payload, bytes) else b"").lstrip().partition(b"\n")
        words = head.decode("latin-1").split()
        if len(words) < 2:
            raise invalid(f"a part of the batch does not begin with a request line: {head!r}")
        inner = message_from_bytes(rest)
        content = inner.get_payload(decode=True)
        scope = _scope(words[0], words[1], inner)
        return await _exchange(self._app, scope, content if isinstance(content, bytes) else b"")


def _scope(method: str, target: str, headers: Message) -> dict[str, Any]:
    url = urlsplit(target)
    if not url.path.isascii() or not url.path.startswith(_PREFIX) or "alt=media" in url.query.split("&"):
        raise invalid(f"{method} {target} cannot be part of a batch; batches hold metadata requests under {_PREFIX}")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "root_path": "",
        "query_string": url.query.encode(),
        "headers": [(name.lower().encode(), str(value).encode()) for name, value in headers.items()],
    }


async def _exchange(app: ASGIApp, scope: dict[str, Any], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    sent: list[Any] = []
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        return next(received, None) or await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase

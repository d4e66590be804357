"""An answer and the request that it is for in; its bytes, as HTTP/1.1 has them, out."""

from collections.abc import Iterable
from http import HTTPStatus

from services.inference.web.answers import Answer
from services.inference.web.request import Request

_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_ANSWER = b"%b%bx-request-id: %b\r\ntraceparent: %b\r\nconnection: %b\r\n\r\n%b"
_NO_CONTENT = HTTPStatus.NO_CONTENT.value


def written(answer: Answer, request: Request, keep: bool, usual: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The whole answer as it goes over the wire."""
    headers = [b"%b: %b\r\n" % header for header in (*usual, *answer.headers)]
    if answer.body:
        headers.append(b"content-type: %b\r\n" % answer.content)
    if answer.status != _NO_CONTENT:
        headers.append(b"content-length: %d\r\n" % len(answer.body))
    return _ANSWER % (
        _STATUS[answer.status],
        b"".join(headers),
        request.id.encode(),
        request.trace.traceparent.encode(),
        b"keep-alive" if keep else b"close",
        b"" if request.method == "HEAD" else answer.body,
    )

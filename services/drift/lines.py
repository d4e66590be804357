"""An object of the prediction log in; the answers of one model version in it, some at a time, out."""

import logging
from collections.abc import Container, Iterator
from typing import Any, TypeVar

import msgspec

log = logging.getLogger("headrace.drift")

PIECE = 2 << 20
"""Bytes that are read at once; what they hold takes some ten times as much memory."""


class Head(msgspec.Struct, gc=False, kw_only=True):
    """Whose answer a line is; what is said in a `shadow` was none."""

    request_id: str
    workload: str
    version: int
    shadow: bool = False


class Line(Head, gc=False, kw_only=True):
    """An answered request, as far as a check looks at it."""

    time: str
    instances: list[dict[str, Any]]
    predictions: list[dict[str, Any]] = []


Read = TypeVar("Read", bound=Head)

_HEADS, _LINES = msgspec.json.Decoder(Head), msgspec.json.Decoder(Line)


def read(data: bytes, workload: str, version: int) -> Iterator[list[Line]]:
    """The lines of `version` of `workload`, a piece of the object at a time."""
    name = f'"{workload}"'.encode()  # what has it not is not decoded: most lines may be other workloads'
    for piece in _pieces(data):
        found = [line for text in piece.split(b"\n") if name in text and (line := _decoded(_LINES, text))]
        yield [line for line in found if _is_of(line, workload, version)]


def of_requests(data: bytes, workload: str, version: int, requests: Container[str]) -> Iterator[Line]:
    """Those that are about one of the requests; of the others little is decoded."""
    name = f'"{workload}"'.encode()
    for piece in _pieces(data):
        for text in piece.split(b"\n"):
            head = _decoded(_HEADS, text) if name in text else None
            if head and head.request_id in requests and _is_of(head, workload, version):
                line = _decoded(_LINES, text)
                if line:
                    yield line


def _is_of(line: Head, workload: str, version: int) -> bool:
    return line.workload == workload and line.version == version and not line.shadow


def _pieces(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PIECE)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end + 1


def _decoded(decoder: msgspec.json.Decoder[Read], text: bytes) -> Read | None:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("a line of the prediction log cannot be read and is left out: %s: %.200r", error, text)
        return None

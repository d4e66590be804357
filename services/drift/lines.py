"""An object of the prediction log in; the answers of one model version in it, some at a time, out."""

import logging
from collections.abc import Iterator
from typing import Any

import msgspec

log = logging.getLogger("headrace.drift")

PIECE = 2 << 20
"""Bytes that are read at once; what they hold takes some ten times as much memory."""


class Line(msgspec.Struct, gc=False):
    """An answered request, as far as a check looks at it; what is said in a `shadow` was no answer."""

    time: str
    request_id: str
    workload: str
    version: int
    instances: list[dict[str, Any]]
    predictions: list[dict[str, Any]] = []
    shadow: bool = False


_DECODER = msgspec.json.Decoder(Line)


def read(data: bytes, workload: str, version: int) -> Iterator[list[Line]]:
    """The lines of `version` of `workload`, a piece of the object at a time."""
    name = f'"{workload}"'.encode()  # what has it not is not decoded: most lines may be other workloads'
    for piece in _pieces(data):
        found = [line for text in piece.split(b"\n") if name in text and (line := _decoded(text))]
        yield [line for line in found if line.workload == workload and line.version == version and not line.shadow]


def _pieces(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PIECE)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end + 1


def _decoded(text: bytes) -> Line | None:
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("a line of the prediction log cannot be read and is left out: %s: %.200r", error, text)
        return None

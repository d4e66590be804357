"""An object of the prediction log in; the answers of one model version in it, some at a time, out."""

import logging
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from math import nan
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import astuple

from headrace.instances import Table
from headrace.workload import Instance

log = logging.getLogger("headrace.drift")

PIECE = 256 << 10
"""Bytes that are read at once; what they hold takes some ten times as much memory, and a core has a cache for that."""

Row = TypeVar("Row")


class Head(msgspec.Struct, gc=False, kw_only=True):
    """Whose answer a line is; what is said in a `shadow` was none."""

    request_id: str
    workload: str
    version: int
    shadow: bool = False


class Logged(Head, Generic[Row], gc=False, kw_only=True):
    """An answered request, as far as a check looks at it."""

    time: str
    instances: list[Row]
    predictions: list[dict[str, Any]] = []


Line = Logged[dict[str, Any]]
Read = TypeVar("Read", bound=Head)

_HEADS, _LINES = msgspec.json.Decoder(Head), msgspec.json.Decoder(Line)


def read(data: bytes, workload: str, version: int, numbers: tuple[str, ...] = ()) -> Iterator[list[Logged[Any]]]:
    """The lines of `version` of `workload`, a piece of the object at a time; `instances` says what is in them.

    Where `numbers` are all that is watched and rows hold nothing else, no mapping is made of each: half the work.
    """
    name = f'"{workload}"'.encode()  # what has it not is not decoded: most lines may be other workloads'
    for piece in _pieces(data):
        if name not in piece:
            continue
        found = _tables(piece, numbers) or [
            line for text in piece.split(b"\n") if name in text and (line := _decoded(_LINES, text))
        ]
        yield [line for line in found if _is_of(line, workload, version)]


def instances(lines: Sequence[Logged[Any]]) -> Sequence[Instance]:
    """What lines of one piece hold, together."""
    rows = [row for line in lines for row in line.instances]
    if rows and isinstance(rows[0], msgspec.Struct):
        return Table.of(rows[0].__struct_encode_fields__, map(astuple, rows), len(rows))
    return rows


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


def _tables(piece: bytes, numbers: tuple[str, ...]) -> list[Logged[Any]]:
    """Every line, its rows without their names; none where any row holds something else."""
    if not numbers:
        return []
    try:
        return _of_numbers(numbers).decode_lines(piece)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


@lru_cache(1)
def _of_numbers(names: tuple[str, ...]) -> msgspec.json.Decoder[Logged[Any]]:
    fields = {f"number{place}": name for place, name in enumerate(names)}
    kind = msgspec.defstruct(
        "Numbers", [(field, float, nan) for field in fields], rename=fields, forbid_unknown_fields=True, gc=False
    )
    return msgspec.json.Decoder(Logged[kind])  # type: ignore[valid-type]  # made at run time

"""An object of the prediction log in; the answers of one model version in it, some at a time, out."""

import logging
from collections.abc import Container, Iterator, Sequence
from math import nan
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import astuple

from headrace.drift import ANSWERS, INPUTS, Profile, answer_columns
from headrace.drift.answers import answer_fields, columns_of
from headrace.instances import Table
from headrace.workload import Arrays, Instance

log = logging.getLogger("headrace.drift")

PIECE = 64 << 10
"""Bytes that are read at once; what they hold takes some ten times as much memory, and a core has a cache for that."""

Row = TypeVar("Row")
Answer = TypeVar("Answer")


class Head(msgspec.Struct, gc=False, kw_only=True):
    """Whose answer a line is; what is said in a `shadow` was none."""

    request_id: str
    workload: str
    version: int
    shadow: bool = False


class Logged(Head, Generic[Row, Answer], gc=False, kw_only=True):
    """An answered request, as far as a check looks at it; without `instances`, there was no time to keep them."""

    time: str
    instances: list[Row]
    predictions: list[Answer] = []


Line = Logged[dict[str, Any], dict[str, Any]]
Lines = Sequence[Logged[Any, Any]]
Decoder = msgspec.json.Decoder[Logged[Any, Any]]
Read = TypeVar("Read", bound=Head)

_HEADS, _LINES = msgspec.json.Decoder(Head), msgspec.json.Decoder(Line)


def read(data: bytes, workload: str, version: int, decoder: Decoder | None = None) -> Iterator[Lines]:
    """The lines of `version` of `workload`, a piece of the object at a time; `asked` and `answered` say what they hold.

    Where a `decoder` of numbers can read a whole piece, no mappings are made of its rows and answers: half the work.
    """
    name = f'"{workload}"'.encode()  # what has it not is not decoded: most lines may be other workloads'
    for piece in _pieces(data):
        if name in piece:
            yield [
                line
                for line in _whole(piece, decoder) or _each(piece.split(b"\n"), name)
                if line.instances and _is_of(line, workload, version)
            ]


def of_numbers(profile: Profile) -> Decoder | None:
    """Reads lines whose rows hold nothing but the numbers that are watched; None where other things are watched."""
    numbers, answers = profile.numbers(INPUTS), answer_fields(profile.columns(ANSWERS))
    if not numbers:
        return None
    row = _struct(numbers, float, nan, strict=True)
    answer = _struct(answers, Any, None, strict=False) if answers else dict[str, Any]
    return msgspec.json.Decoder(Logged[row, answer])  # type: ignore[valid-type]  # made at run time


def asked(lines: Lines) -> Sequence[Instance]:
    """What lines of one piece were asked, together."""
    rows = [row for line in lines for row in line.instances]
    if rows and isinstance(rows[0], msgspec.Struct):
        return Table.of(rows[0].__struct_encode_fields__, map(astuple, rows), len(rows))
    return rows


def answered(lines: Lines) -> Arrays:
    """What was answered in lines of one piece, by column."""
    answers = [answer for line in lines for answer in line.predictions]
    if answers and isinstance(answers[0], msgspec.Struct):
        kind = type(answers[0])
        named = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        return columns_of({name: list(map(attrgetter(field), answers)) for field, name in named})
    return answer_columns(answers)


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


def _each(texts: Sequence[bytes], name: bytes) -> Lines:
    """The lines that have the name in them and can be read."""
    return [line for text in texts if name in text and (line := _decoded(_LINES, text))]


def _whole(piece: bytes, decoder: Decoder | None) -> Lines:
    """Every line of the piece; none where the decoder was not made for one of them."""
    try:
        return decoder.decode_lines(piece) if decoder else []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []


def _struct(names: Sequence[str], kind: Any, missing: Any, strict: bool) -> type[msgspec.Struct]:
    """Fields of these names, or of others, too, unless it is `strict`."""
    fields = {f"field{place}": name for place, name in enumerate(names)}
    described = [(field, kind, missing) for field in fields]
    return msgspec.defstruct("Known", described, rename=fields, forbid_unknown_fields=strict, gc=False)

"""A stream of text lines or CSV in; blocks of whole records, always the same ones, out, a few MiB in memory."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import BinaryIO, cast

from headrace.workload import BadData

BLOCK = 4 << 20
LONGEST = 32 << 20
"""Of a record, in bytes: a photo in base64 is a long one, and a quote that is never closed a longer one."""

csv.field_size_limit(1 << 30)  # the bound above holds

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records, the first of which begins on that line of the file, counted from 1."""

    number: int
    line: int
    data: bytes


def blocks(name: str, stream: BinaryIO, quoted: bool, size: int = BLOCK) -> Iterator[Block]:
    """Cut where a record ends: at any end of a line, or if `quoted` at those that no cell of a CSV holds.

    Raises BadData for what is not packed as its name says, and for a record that does not end.
    """
    packed = name.lower().endswith(".gz")
    source = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
    data, number, line = b"", 0, 1
    while True:
        more = _read(name, source, size)
        if not number and not data and more.startswith(_UTF_16):
            raise BadData(f"{name} is UTF-16; save it as UTF-8")
        data += more
        is_last = len(more) < size
        end = len(data) if is_last else _end(data, quoted)
        if end:
            yield Block(number, line, data[:end])
            number, line, data = number + 1, line + _lines(data[:end]), data[end:]
        if is_last:
            return
        if len(data) > LONGEST:
            raise BadData(f"{name}: what begins on line {line} is longer than {LONGEST >> 20} MiB; is a quote missing?")


def _read(name: str, source: BinaryIO, size: int) -> bytes:
    """Fewer bytes than `size` only at the end."""
    parts: list[bytes] = []
    while size:
        try:
            part = source.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BadData(f"{name} is not a whole gzip file: {error}") from None
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _lines(data: bytes) -> int:
    """How many ends of lines there are: \\n, \\r\\n or \\r."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _end(data: bytes, quoted: bool) -> int:
    """Where the last record ends that is surely complete, or 0."""
    if quoted and b'"' in data:
        return _end_of_quoted(data)
    # A \r at the very end may be half of a \r\n.
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1


def _end_of_quoted(data: bytes) -> int:
    """By the reader of CSV itself, so that it cannot be of another opinion; Latin-1 keeps a byte a letter."""
    seen = end = 0
    text = data.decode("latin-1")

    def lines() -> Iterator[str]:
        nonlocal seen
        for line in StringIO(text, newline=""):
            seen += len(line)
            yield line

    records = csv.reader(lines(), strict=True)
    while seen < len(text):
        end = seen
        try:
            next(records)
        except csv.Error:
            continue  # one bad record; the next begins on the next line
    return end

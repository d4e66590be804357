"""A Parquet file in; how large its pages become when they are unpacked, by what stands before each of them, out.

The file's footer says it too, but only the pages' own headers bind who unpacks them. They are structs in Thrift's
compact protocol, as https://parquet.apache.org/docs/file-format/data-pages/ describes them.
"""

from collections.abc import Iterator
from typing import Any

from services.inference.web.answers import Refused

MOST_PAGES = 20_000
"""Of one file: to look at each takes some microseconds."""

_UNPACKED, _PACKED, _PAGE, _PAGE_V2 = 2, 3, 5, 8
"""Fields of a page's header: sizes, and what only a page of values has."""

_ENCODING, _ENCODING_V2 = 2, 4
_SHARED_BEGINNINGS = 7
"""The encoding in which a text says how much of the one before it is repeated."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS, _SIZES = (4, 5, 6), {_BYTE: 1, _DOUBLE: 8}
_MANY = 15
_DEEPEST = 8


class Malformed(ValueError):
    """What stands before a page is no header."""


def unpacked(file: bytes, described: Any) -> int:
    """Bytes of all pages of the file once they are unpacked. Raises Malformed, or Refused.

    `described` is pyarrow's FileMetaData of it. Texts that repeat each other's beginnings are refused: a small page
    holds any number of long ones.
    """
    groups, columns = described.num_row_groups, described.num_columns
    if groups * columns > MOST_PAGES:
        raise _too_many()
    total = pages = 0
    for group in range(groups):
        for column in range(columns):
            for size in _sizes(file, described.row_group(group).column(column)):
                total, pages = total + size, pages + 1
                if pages > MOST_PAGES:
                    raise _too_many()
    return total


def _sizes(file: bytes, column: Any) -> Iterator[int]:
    """How large each page of a column's chunk becomes."""
    starts = [column.data_page_offset, *([column.dictionary_page_offset] if column.has_dictionary_page else [])]
    at = min(starts)
    end = at + column.total_compressed_size
    if not 0 <= at <= end <= len(file):
        raise Malformed(f"a column's pages are said to be at {at} to {end} of {len(file)} bytes")
    while at < end:
        header = _Header(file, at)
        page = header.read()
        if _SHARED_BEGINNINGS in (_number(page.get(_PAGE), _ENCODING), _number(page.get(_PAGE_V2), _ENCODING_V2)):
            raise Refused(400, "the file's texts are written as DELTA_BYTE_ARRAY; write them PLAIN or by dictionary")
        unpacked, packed = _number(page, _UNPACKED), _number(page, _PACKED)
        if unpacked < 0 or packed < 0:
            raise Malformed(f"the page at byte {at} has no size")
        yield unpacked
        at = header.at + packed


def _too_many() -> Refused:
    return Refused(413, f"the file is cut into more than {MOST_PAGES} pages; write it in fewer groups of rows")


def _number(fields: Any, place: int) -> int:
    """The integer there; -1 where there is none."""
    found = fields.get(place) if type(fields) is dict else None
    return found if type(found) is int else -1


class _Header:
    """A struct in Thrift's compact protocol, from byte `at` on; lists are read over, for nothing here is in one."""

    def __init__(self, file: bytes, at: int) -> None:
        self._file, self.at = file, at

    def read(self, depth: int = 0) -> dict[int, Any]:
        """The fields by number."""
        if depth > _DEEPEST:
            raise Malformed("a page's header is nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.read(depth + 1)
        if kind in (_LIST, _SET):
            return self._over(depth)
        if kind == _BINARY:
            size = self._count()
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            raise Malformed(f"a page's header has a value of the unknown kind {kind}")
        self.at += size
        return None

    def _over(self, depth: int) -> None:
        head = self._byte()
        count, kind = head >> 4, head & 15
        for _ in range(self._count() if count == _MANY else count):
            if kind in (_TRUE, _FALSE):
                self.at += 1
            else:
                self._value(kind, depth + 1)

    def _integer(self) -> int:
        """Zigzag: the sign is the lowest bit."""
        value = self._count()
        return (value >> 1) ^ -(value & 1)

    def _count(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Malformed("a page's header has a number without an end")

    def _byte(self) -> int:
        if self.at >= len(self._file):
            raise Malformed("a page's header goes on behind the file's end")
        self.at += 1
        return self._file[self.at - 1]

"""CSV in; its rows by the line on which each begins out."""

import csv
from collections.abc import Iterator, Sequence
from functools import partial
from io import StringIO
from typing import BinaryIO

from headrace.batches import cells
from headrace.workload import BadData, Field
from services.batch_inference.inputs.blocks import BLOCK, Block, blocks
from services.batch_inference.inputs.rows import Columns, Row, Stretch

_NOT_TEXT = "is not UTF-8; save the file as UTF-8"


class Delimited:
    """A CSV file, packed or not, with the names of columns above its rows."""

    key = "line"

    def __init__(self, name: str, stream: BinaryIO, fields: Sequence[Field], size: int = BLOCK) -> None:
        self._name, self._fields = name, fields
        self._blocks = blocks(name, stream, quoted=True, size=size)
        self.unused: Sequence[str] = ()

    def stretches(self) -> Iterator[Stretch]:
        """Raises BadData for a file without the columns that the model needs."""
        columns = None
        for block in self._blocks:
            skipped = 0
            if columns is None:
                names, skipped = self._header(block)
                if not any(names):
                    continue
                columns = Columns.of(self._name, names, self._fields)
                self.unused = columns.unused
            yield Stretch(block.number, _Rows(columns, block, skipped))
        if columns is None:
            raise BadData(f"{self._name} is empty; name the columns in its first line")

    def _header(self, block: Block) -> tuple[list[str], int]:
        """The names of the columns, and how many lines they and the empty ones above them take."""
        lines = csv.reader(StringIO(block.data.decode("utf-8-sig", "surrogateescape"), newline=""), strict=True)
        try:
            names = next((line for line in lines if line), [])
        except csv.Error as error:
            raise BadData(f"line {lines.line_num} of {self._name} is not CSV: {error}") from None
        return [name.strip() for name in names], lines.line_num


class _Rows:
    """Reads a block when it is called."""

    def __init__(self, columns: Columns, block: Block, skipped: int) -> None:
        self._columns, self._block, self._skipped = columns, block, skipped

    def __call__(self) -> Iterator[Row]:
        text = self._block.data.decode("utf-8", "surrogateescape")
        damaged = not text.isascii() and _is_damaged(text)
        source = StringIO(text, newline="")
        for _ in range(self._skipped):
            source.readline()
        lines, before = csv.reader(source, strict=True), self._block.line + self._skipped
        chosen = [(place, field.name, cells.reading(field)) for place, field in self._columns.fields]
        width = self._columns.width
        while True:
            key = before + lines.line_num
            try:
                line = next(lines)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(key, None, f"is not CSV: {error}")
                continue
            if len(line) == width and not (damaged and _is_damaged("".join(line))):
                yield Row(key, {name: read(line[place]) for place, name, read in chosen})
            elif line:
                fits = len(line) == width
                yield Row(key, None, _NOT_TEXT if fits else f"has {len(line)} cells, and the header {width} names")


def _is_damaged(text: str) -> bool:
    """Whether there are bytes in it that are no UTF-8."""
    return any("\udc80" <= letter <= "\udcff" for letter in text)


class Lines:
    """A text file, packed or not, of which every line is a row."""

    key = "line"
    unused: Sequence[str] = ()

    def __init__(self, name: str, stream: BinaryIO, field: str, size: int = BLOCK) -> None:
        self._field, self._blocks = field, blocks(name, stream, quoted=False, size=size)

    def stretches(self) -> Iterator[Stretch]:
        """An empty line is a row, for the model to say what is wrong with it."""
        for block in self._blocks:
            yield Stretch(block.number, partial(self._rows, block))

    def _rows(self, block: Block) -> Iterator[Row]:
        text = block.data.decode("utf-8-sig" if block.line == 1 else "utf-8", "surrogateescape")
        damaged = not text.isascii() and _is_damaged(text)
        for key, line in enumerate(StringIO(text, newline=""), block.line):
            if damaged and _is_damaged(line):
                yield Row(key, None, _NOT_TEXT)
            else:
                yield Row(key, {self._field: line.rstrip("\r\n")})

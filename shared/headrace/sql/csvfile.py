"""Batches of columns in; one CSV file, the same bytes for the same batches, out."""

import csv
from pathlib import Path
from typing import Self

from headrace.errors import Rejected
from headrace.sql.columns import Columns


class CsvFile:
    """Written as the batches come, with a header; NULL is an empty field."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._begun = False

    def write(self, columns: Columns) -> None:
        """One batch. Raises Rejected naming a column of bytes."""
        for name, values in columns.items():
            if bytes in map(type, values):
                raise Rejected(f"the column {name!r} holds bytes, which CSV does not; encode it as text in the query")
        if not self._begun:
            self._writer.writerow(columns)
            self._begun = True
        self._writer.writerows(zip(*columns.values(), strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

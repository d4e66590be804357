"""The first bytes of an uploaded table in; nothing out, or BadData when no model can come of it."""

import csv
from io import StringIO

from headrace.workload import BadData, Intake

from .header import features

_LIMIT = 1 << 20


class _Intake:
    """A CSV file is checked by its first line and the length of the next; Parquet names its columns at its end."""

    def peek(self, name: str, head: bytes) -> None:
        """Raises BadData when the file that starts with `head` (1 MiB, or all of it) cannot be used."""
        if not head.strip():
            raise BadData(f"{name} is empty; upload a table with a column of classes and columns of numbers")
        if name.endswith(".parquet"):
            _check_magic(name, head)
        else:
            _check_lines(name, head)


def _check_magic(name: str, head: bytes) -> None:
    if not head.startswith(b"PAR1"):
        raise BadData(f"{name} is not a Parquet file; write it again, or name it .csv if that is what it is")


def _check_lines(name: str, head: bytes) -> None:
    if head.startswith(b"PAR1"):
        raise BadData(f"{name} is a Parquet file; name it .parquet")
    whole = len(head) < _LIMIT
    if not whole and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    try:
        lines = csv.reader(StringIO(head.decode("utf-8-sig"), newline=""))
        names = next(lines)
        features(name, names)
        first = next(lines, None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{name} is not a CSV file in UTF-8 ({error}); write it again") from None
    if first is None and whole:
        raise BadData(f"{name} has column names and no rows below them; upload it with its rows")
    if first and len(first) != len(names):
        raise BadData(f"{name} has {len(first)} values in its first row, but {len(names)} columns")


intake: Intake = _Intake()

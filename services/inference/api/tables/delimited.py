"""CSV in; its rows as instances out."""

import csv
from collections.abc import Sequence
from io import StringIO

from headrace.batches import cells
from headrace.workload import Field, Instance
from services.inference.answering.rows import Rows
from services.inference.api import charsets
from services.inference.api.tables.rows import MOST_COLUMNS, bound, check_count, check_names
from services.inference.web.answers import Refused

csv.field_size_limit(1 << 30)  # a photo in base64 is a long cell; the body's own bound holds


def read(fields: Sequence[Field], most: int, body: bytes) -> Rows:
    """The rows below a header that names their columns. Cells are numbers where the field is, and null when empty.

    The column without a name that pandas writes for its index is left out. Raises Refused, or Empty.
    """
    lines = csv.reader(StringIO(charsets.text(body), newline=""), strict=True)
    try:
        names = next((line for line in lines if line), [])
        _check(names)
        most = bound(len(names), most)
        known = {field.name: field for field in fields}
        columns = [(place, name, cells.reading(known.get(name))) for place, name in enumerate(names) if name]
        rows: list[Instance] = []
        for line in lines:
            if not line:
                continue
            if len(line) > len(names):
                raise Refused(400, f"line {lines.line_num} has {len(line)} cells, and the header {len(names)} names")
            rows.append({name: read(line[place]) for place, name, read in columns if place < len(line)})
            if len(rows) > most:
                break
    except csv.Error as error:
        raise Refused(400, f"line {lines.line_num} is not CSV: {error}") from None
    check_count(len(rows), most)
    return Rows(rows)


def _check(names: Sequence[str]) -> None:
    if not any(names):
        raise Refused(400, "the CSV is empty; send a header with the names of fields, and a line for each row")
    if len(names) > MOST_COLUMNS:
        raise Refused(400, f"the header has {len(names)} names; send at most {MOST_COLUMNS} columns")
    check_names([name for name in names if name], "the header")

"""Rows of loans as CSV bytes, for tests."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from workloads.loan_default.generator import month

Rows = list[dict[str, Any]]


def loans(rows: int = 400, start: str = "2024-01", seed: int = 1) -> Rows:
    return list(month(rows, start, 0.0, seed))


def without(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def csv_bytes(rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    rows = list(rows)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

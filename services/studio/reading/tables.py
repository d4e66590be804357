"""An uploaded table in; its rows as instances, asked a few hundred at a time, and what each was answered, out."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

import pandas as pd

from headrace.adapters.inference import Answered, Refused
from headrace.batches import cells
from headrace.errors import Rejected
from headrace.workload import Field
from services.studio.reading.schema import Form

AT_ONCE = 500
MOST_ROWS = 100_000
"""Of a table that somebody waits for; `headrace score` takes any."""

_ROW = re.compile(r"row (\d{1,6}): (.*)", re.DOTALL)
"""How a refusal of several rows begins."""

Instances = Sequence[Mapping[str, Any]]
Ask = Callable[[Instances], Answered]


@dataclass(frozen=True, slots=True)
class Scored:
    """Each row's own columns and its answer, or the reason why it has none; `seconds` is the time spent waiting."""

    table: pd.DataFrame
    refused: int
    version: str
    requests: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class _Told:
    """What came of a stretch of rows: answers, reasons as texts, and which requests they came by."""

    answers: list[Mapping[str, Any] | str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    seconds: float = 0.0


def instances(name: str, data: bytes, form: Form) -> list[dict[str, Any]]:
    """The rows of a CSV or Parquet file, or the lines of a text file. Raises Rejected."""
    if name.lower().endswith(".parquet"):
        found = _parquet(data)
    elif name.lower().endswith(".txt") and form.text:
        found = [{form.text: line} for line in _text(name, data).splitlines() if line.strip()]
    else:
        found = _delimited(name, data, form)
    if not found:
        raise Rejected(f"{name} has no rows; the first line names the columns, and each row is a line of its own")
    if len(found) > MOST_ROWS:
        raise Rejected(f"{name} has {len(found):,} rows, more than {MOST_ROWS:,}; `headrace score` takes any number")
    return found


def score(rows: list[dict[str, Any]], form: Form, ask: Ask, most: int) -> Iterator[float | Scored]:
    """The share of the rows that is answered, again and again, and at last what all of them were.

    Only columns that are fields of the model are sent; where none is, Rejected is raised.
    """
    names = {each.name for each in form.fields}
    if not any(name in names for name in rows[0]):
        raise Rejected(f"the table has none of the model's fields; they are {', '.join(sorted(names))}")
    told, step = _Told(), min(AT_ONCE, most)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        _ask([{name: row[name] for name in row if name in names} for row in part], ask, told)
        yield min(1.0, (start + len(part)) / len(rows))
    yield _scored(rows, told)


def _ask(part: Instances, ask: Ask, told: _Told) -> None:
    """The row that a refusal names is left out and the others are asked again, until all of them are answered."""
    reasons: dict[int, str] = {}
    answers: list[Mapping[str, Any]] = []
    while places := [place for place in range(len(part)) if place not in reasons]:
        try:
            answer = ask([part[place] for place in places])
        except Refused as reason:
            row, why = _blamed(str(reason), len(places))
            reasons[places[row]] = why
            continue
        answers = list(answer.said["predictions"])
        told.versions.add(f"{answer.said['version']}, {answer.said['alias']}")
        told.requests.append(str(answer.said["request_id"]))
        told.seconds += answer.seconds
        break
    given = iter(answers)
    told.answers += [reasons[place] if place in reasons else next(given) for place in range(len(part))]


def _blamed(sentence: str, rows: int) -> tuple[int, str]:
    """The row that is at fault, and why. Raises Refused where the sentence is about all of them."""
    found = _ROW.match(sentence)
    if found and int(found[1]) < rows:
        return int(found[1]), found[2]
    if rows == 1:
        return 0, sentence
    raise Refused(sentence)


def _scored(rows: list[dict[str, Any]], told: _Told) -> Scored:
    reasons = [answer if isinstance(answer, str) else None for answer in told.answers]
    answers = pd.DataFrame([{} if isinstance(answer, str) else answer for answer in told.answers])
    given = pd.DataFrame(rows)
    answers.columns = [f"predicted {name}" if name in given.columns else name for name in answers.columns]
    refused = sum(reason is not None for reason in reasons)
    if refused:
        answers["refused"] = reasons
    whole = pd.concat([answers, given], axis=1)
    return Scored(whole, refused, " and ".join(sorted(told.versions)), tuple(told.requests), told.seconds)


def _delimited(name: str, data: bytes, form: Form) -> list[dict[str, Any]]:
    lines = csv.reader(StringIO(_text(name, data), newline=""), strict=True)
    kinds = {each.name: Field(each.name, each.kind) for each in form.fields}
    try:
        names = next((line for line in lines if line), [])
        readers = [(place, each, cells.reading(kinds.get(each))) for place, each in enumerate(names) if each]
        return [
            {each: read(line[place]) for place, each, read in readers if place < len(line)} for line in lines if line
        ]
    except csv.Error as error:
        raise Rejected(f"{name}, line {lines.line_num}, is not CSV: {error}") from None


def _parquet(data: bytes) -> list[dict[str, Any]]:
    try:
        table = pd.read_parquet(BytesIO(data))
    except (ValueError, OSError) as error:
        raise Rejected(f"the file is not Parquet: {str(error).splitlines()[0][:200]}") from None
    columns = {str(name): [cells.plain(_own(value)) for value in table[name]] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _own(value: Any) -> Any:
    """NumPy's scalar, or pandas' nothing, as Python has it."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    return value.item() if hasattr(value, "item") else value


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(f"{name} is not UTF-8 (byte {error.start}); save it as UTF-8") from None

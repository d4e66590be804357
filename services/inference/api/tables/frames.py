"""A JSON body as MLflow's scoring protocol has it in; the instances in it out."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from headrace.workload import Field, Instance
from services.inference.answering.rows import Rows
from services.inference.api import instances
from services.inference.api.instances import kind
from services.inference.api.tables.rows import bound, check_count, check_names
from services.inference.web.answers import Refused

_SPLIT = frozenset(("columns", "data", "index"))


def read(fields: Sequence[Field], most: int, body: bytes) -> Rows:
    """The instances in `body`, which holds exactly one of FORMS. Raises Refused, or Empty."""
    sent = _decode(body)
    if type(sent) is not dict:
        raise Refused(400, f"the body is {kind(sent)}; send an object with one of {', '.join(FORMS)}")
    given = [form for form in FORMS if form in sent]
    if len(given) != 1:
        found = f"both {given[0]} and {given[1]}" if given else "none of them"
        raise Refused(400, f"send exactly one of {', '.join(FORMS)}; the body has {found}")
    return Rows(FORMS[given[0]](sent[given[0]], fields, most, given[0]))


def _decode(body: bytes) -> Any:
    """The body as JSON, in which Python's clients write NaN for what is missing."""
    try:
        return instances.decode(body)
    except Refused as error:
        if error.status != 400 or b"NaN" not in body:
            raise
    try:
        sent = json.loads(body, parse_constant=_constant, parse_float=_number)
        if b"\\u" in body:
            json.dumps(sent, ensure_ascii=False).encode()  # half of a surrogate pair is no text, and could not be said
        return sent
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {error}") from None


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(f"{name} is no number")


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:40]} is too large for a number")
    return number


def _split(value: Any, fields: Sequence[Field], most: int, form: str) -> list[Instance]:
    """`{"columns": [...], "data": [[...], ...]}`; without columns the values come in the order of the fields."""
    if type(value) is not dict or not _SPLIT.issuperset(value) or type(value.get("data")) is not list:
        said = f"has {', '.join(name[:60] for name in value)}" if type(value) is dict else f"is {kind(value)}"
        raise Refused(400, f'{form} {said}; send {{"columns": [names], "data": [rows]}}')
    data, columns = value["data"], value.get("columns")
    if columns is None:
        columns = [field.name for field in fields]
    if type(columns) is not list:
        raise Refused(400, f"{form}.columns is {kind(columns)}; send a list of names")
    check_names(columns, f"{form}.columns")
    index = value.get("index")
    if type(index) is list and len(index) != len(data):
        raise Refused(400, f"{form}.index names {len(index)} rows, and data has {len(data)}")
    check_count(len(data), bound(len(columns), most))
    return _named(columns, data, f"{form}.data")


def _records(value: Any, _: Sequence[Field], most: int, form: str) -> list[Instance]:
    """A list of objects."""
    if type(value) is not list or not value:
        raise Refused(400, f"{form} is {'empty' if value == [] else kind(value)}; send a list of objects")
    check_count(len(value), most)
    for row, record in enumerate(value):
        if type(record) is not dict:
            raise Refused(400, f"{form}[{row}] is {kind(record)}; send an object")
    return value


def _tensors(value: Any, fields: Sequence[Field], most: int, form: str) -> list[Instance]:
    """Objects, values in the order of the fields, or an object with a list, or one value, for each field."""
    if type(value) is dict:
        return _columns(value, most, form)
    if type(value) is not list or not value:
        raise Refused(400, f"{form} is {'empty' if value == [] else kind(value)}; send a list, or lists by field")
    if type(value[0]) is dict:
        return _records(value, fields, most, form)
    check_count(len(value), bound(len(fields), most))
    if len(fields) == 1:
        value = [each if type(each) is list else [each] for each in value]
    return _named([field.name for field in fields], value, form)


def _columns(value: Mapping[str, Any], most: int, form: str) -> list[Instance]:
    counts = {name: len(column) for name, column in value.items() if type(column) is list}
    if not counts:
        return [value]
    rows = next(iter(counts.values()))
    for name in value:
        if counts.get(name) != rows:
            said = f"{counts[name]} values" if name in counts else kind(value[name])
            raise Refused(400, f"{form}.{name[:60]} is {said}, and {next(iter(counts))[:60]} has {rows}; send as many")
    check_count(rows, bound(len(value), most))
    return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]


def _named(names: Sequence[str], rows: Sequence[Any], where: str) -> list[Instance]:
    """Lists of values as objects."""
    width = len(names)
    for place, row in enumerate(rows):
        if type(row) is not list or len(row) != width:
            said = f"has {len(row)} values" if type(row) is list else f"is {kind(row)}"
            shown = ", ".join(names[:5]) + (", …" if width > 5 else "")
            raise Refused(400, f"{where}[{place}] {said}; send a list of {width}: {shown}")
    return [dict(zip(names, row, strict=True)) for row in rows]


FORMS: Mapping[str, Callable[[Any, Sequence[Field], int, str], list[Instance]]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _tensors,
    "inputs": _tensors,
}
"""What a body may hold, and how it is read."""

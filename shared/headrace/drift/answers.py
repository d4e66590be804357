"""What a model answered, or what is true, as JSON carries it, in; columns to count out."""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace.workload import Arrays

if TYPE_CHECKING:
    from headrace.workload import Array

LABEL, PREDICTION = "true label", "prediction"
_NUMBERS, _WORDS = {int, float}, {str, bool}


def answer_columns(answers: Sequence[Mapping[str, Any]], name: str = PREDICTION) -> dict[str, "Array"]:
    """Columns (n,) such as `prediction.label`; those of pictures and lists are left out."""
    return columns_of({field: _values(answers, field) for field in dict.fromkeys(chain.from_iterable(answers))}, name)


def columns_of(fields: Mapping[str, Sequence[Any]], name: str = PREDICTION) -> dict[str, "Array"]:
    """The same of the answers' values by field; what is missing is None."""
    columns: dict[str, Array] = {}
    for field, values in fields.items():
        kinds = set(map(type, values)) - {type(None)}
        if kinds <= _NUMBERS:
            columns[f"{name}.{field}"] = np.array(values, np.float64)
        elif kinds <= _WORDS:
            columns[f"{name}.{field}"] = np.array(values, object)
        elif kinds == {dict}:
            columns |= answer_columns([value or {} for value in values], f"{name}.{field}")
    return columns


def answer_fields(columns: Sequence[str]) -> tuple[str, ...]:
    """The fields of answers that have these columns; none where it cannot be told, because an answer holds others."""
    fields = tuple(column.removeprefix(f"{PREDICTION}.") for column in columns)
    return () if any("." in field for field in fields) else fields


def _values(answers: Sequence[Mapping[str, Any]], field: str) -> list[Any]:
    try:
        return list(map(itemgetter(field), answers))
    except KeyError:  # not every answer has it
        return [answer.get(field) for answer in answers]


def label_columns(labels: "Array") -> Arrays:
    """The column of true labels (n,): numbers where they are measured, categories otherwise; none for pictures."""
    if labels.ndim != 1:
        return {}
    return {LABEL: labels.astype(np.float64) if labels.dtype.kind == "f" else labels.astype(str).astype(object)}

"""What a model answered, or what is true, as JSON carries it, in; columns to count out."""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace.workload import Arrays

if TYPE_CHECKING:
    from headrace.workload import Array

LABEL = "true label"
_NUMBERS, _WORDS = {int, float}, {str, bool}


def answer_columns(answers: Sequence[Mapping[str, Any]], name: str = "prediction") -> dict[str, "Array"]:
    """Columns (n,) such as `prediction.label`; those of pictures and lists are left out."""
    columns: dict[str, Array] = {}
    for field in dict.fromkeys(chain.from_iterable(answers)):
        values = _values(answers, field)
        kinds = set(map(type, values)) - {type(None)}
        if kinds <= _NUMBERS:
            columns[f"{name}.{field}"] = np.array(values, np.float64)
        elif kinds <= _WORDS:
            columns[f"{name}.{field}"] = np.array(values, object)
        elif kinds == {dict}:
            columns |= answer_columns([value or {} for value in values], f"{name}.{field}")
    return columns


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

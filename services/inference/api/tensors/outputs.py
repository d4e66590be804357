"""Predictions in; output tensors, as JSON or as binary data, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headrace.errors import WorkloadFailed
from services.inference.api.tensors.datatypes import BYTES, FP64, LENGTH, NUMPY, of_value
from services.inference.web import answers

Datatypes = Mapping[str, str]
"""The datatype of each field of a model's answers."""


def of_answer(answer: Mapping[str, Any]) -> Datatypes:
    """The datatypes of an answer's fields."""
    return {name: of_value(value) for name, value in answer.items()}


def tensor(
    name: str, datatype: str, predictions: Sequence[Mapping[str, Any]], binary: bool
) -> tuple[dict[str, Any], bytes]:
    """One field of all predictions, as the protocol describes it, and the binary data that goes with it."""
    values = [prediction.get(name) for prediction in predictions]
    described: dict[str, Any] = {"name": name, "datatype": datatype, "shape": [len(values)]}
    if not binary:
        return described | {"data": [_json(value) for value in values] if datatype == BYTES else values}, b""
    data = _elements(values) if datatype == BYTES else _array(values, datatype)
    return described | {"parameters": {"binary_data_size": len(data)}}, data


def _array(values: Sequence[Any], datatype: str) -> bytes:
    """Numbers side by side; a missing one is NaN, or 0 where there is no NaN."""
    missing = np.nan if datatype == FP64 else False
    array = np.array([missing if value is None else value for value in values])
    if not np.can_cast(array.dtype, NUMPY[datatype]):
        raise WorkloadFailed(f"an answer has {array.dtype} where the answer to the example had {datatype}")
    return array.astype(NUMPY[datatype]).tobytes()


def _elements(values: Sequence[Any]) -> bytes:
    parts: list[bytes] = []
    for value in values:
        element = value if isinstance(value, bytes) else _json(value).encode()
        parts += (LENGTH.pack(len(element)), element)
    return b"".join(parts)


def _json(value: Any) -> Any:
    """The value as a JSON string: text as it is, bytes as base64, anything else as it would be written."""
    if isinstance(value, str | bytes):
        return value
    return "" if value is None else answers.encode(value).decode()

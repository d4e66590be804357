"""Input tensors in; their values, one list for each, as JSON would have them, out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from headrace.workload import Field
from services.inference.api.instances import kind
from services.inference.api.tensors.datatypes import BOOL, BYTES, IN_JSON, LENGTH, NUMPY
from services.inference.api.tensors.message import Input
from services.inference.web.answers import Refused


def read(inputs: Sequence[Input], fields: Sequence[Field], binary: memoryview) -> dict[str, list[Any]]:
    """The values of each input, as many of each. Raises Refused."""
    images = {field.name for field in fields if field.kind == "image"}
    columns: dict[str, list[Any]] = {}
    for tensor in inputs:
        rows = _rows(tensor, columns)
        size = tensor.parameters.get("binary_data_size")
        if size is None:
            columns[tensor.name] = _from_json(tensor, rows)
            continue
        if type(size) is not int or not 0 <= size <= len(binary):
            raise Refused(400, f"{_named(tensor)}: binary_data_size is {size!r}, and {len(binary)} bytes are left")
        columns[tensor.name] = _from_bytes(tensor, rows, binary[:size], tensor.name in images)
        binary = binary[size:]
    if len(binary):
        raise Refused(400, f"{len(binary)} bytes follow the inputs' binary data; give each its binary_data_size")
    return columns


def _rows(tensor: Input, before: dict[str, list[Any]]) -> int:
    """How many rows the tensor has: as many as the others."""
    if tensor.name in before:
        raise Refused(400, f"{_named(tensor)} is there twice; send it once")
    if tensor.datatype not in IN_JSON:
        raise Refused(400, f"{_named(tensor)}: datatype is {tensor.datatype[:20]!r}; send {', '.join(IN_JSON)}")
    shape = tensor.shape
    if not shape or shape[0] < 1 or shape[1:] not in ([], [1]):
        raise Refused(400, f"{_named(tensor)}: shape is {shape[:8]}; send [rows] or [rows, 1]")
    if before and len(next(iter(before.values()))) != shape[0]:
        first, column = next(iter(before.items()))
        raise Refused(400, f"{_named(tensor)} has {shape[0]} rows, and {first[:60]!r} has {len(column)}; send as many")
    return shape[0]


def _from_json(tensor: Input, rows: int) -> list[Any]:
    data = tensor.data
    if data is None:
        raise Refused(400, f"{_named(tensor)} has no data; send it as JSON, or with binary_data_size")
    if data and type(data[0]) is list and all(type(each) is list and len(each) == 1 for each in data):
        data = [each[0] for each in data]
    if len(data) != rows:
        raise Refused(400, f"{_named(tensor)} has {len(data)} values, and its shape {rows}")
    if wrong := set(map(type, data)) - IN_JSON[tensor.datatype]:
        place = next(place for place, value in enumerate(data) if type(value) in wrong)
        raise Refused(400, f"{_named(tensor)}: data[{place}] is {kind(data[place])}, not {tensor.datatype}")
    return data


def _from_bytes(tensor: Input, rows: int, data: memoryview, raw: bool) -> list[Any]:
    if tensor.datatype == BYTES:
        return _texts(tensor, rows, data, raw)
    dtype = NUMPY[tensor.datatype]
    if len(data) != rows * dtype.itemsize:
        wanted = rows * dtype.itemsize
        raise Refused(400, f"{_named(tensor)} has {len(data)} bytes; {rows} of {tensor.datatype} take {wanted}")
    if tensor.datatype == BOOL:
        return [each != 0 for each in bytes(data)]
    values = np.frombuffer(data, dtype)
    listed: list[Any] = values.tolist()
    if dtype.kind == "f" and not np.isfinite(values).all():
        if np.isinf(values).any():
            place = int(np.isinf(values).argmax())
            raise Refused(400, f"{_named(tensor)}: value {place} is {listed[place]}; send a finite number, or NaN")
        return [None if value != value else value for value in listed]
    return listed


def _texts(tensor: Input, rows: int, data: memoryview, raw: bool) -> list[Any]:
    """Elements with their lengths before them: of an image the file's bytes, else texts."""
    found: list[Any] = []
    place, end = 0, len(data)
    while place < end:
        start = place + LENGTH.size
        place = start + LENGTH.unpack_from(data, place)[0] if start <= end else end + 1
        if place > end or len(found) == rows:
            raise Refused(400, f"{_named(tensor)}: its {end} bytes are not {rows} elements with their lengths")
        found.append(bytes(data[start:place]))
    if len(found) != rows:
        raise Refused(400, f"{_named(tensor)} has {len(found)} elements, and its shape {rows}")
    return found if raw else [_text(tensor, row, element) for row, element in enumerate(found)]


def _text(tensor: Input, row: int, element: bytes) -> str:
    try:
        return element.decode()
    except UnicodeDecodeError:
        raise Refused(400, f"{_named(tensor)}: element {row} is not UTF-8, and the field is no image") from None


def _named(tensor: Input) -> str:
    return f"input {tensor.name[:60]!r}"

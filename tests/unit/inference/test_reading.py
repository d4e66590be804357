"""Whatever a client sends, a reader gives instances or a refusal."""

import json
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from struct import pack
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.workload import Field
from services.inference.answering.rows import Rows
from services.inference.api.tables import delimited, frames, parquet
from services.inference.api.tables.rows import Empty
from services.inference.api.tensors import columns, message
from services.inference.api.tensors.datatypes import IN_JSON
from services.inference.api.tensors.message import Framing
from services.inference.web.answers import Refused

FIELDS = (Field("n", "number"), Field("t", "text"), Field("b", "boolean"), Field("f", "image"))
MOST = 5
NAMES = st.sampled_from(["n", "t", "b", "f", "", "columns", "data", "index", "\x00", "é"]) | st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
TABLE = st.fixed_dictionaries(
    {},
    optional={"columns": st.lists(NAMES, max_size=3), "data": st.lists(st.lists(VALUES, max_size=3), max_size=7)},
)
FRAMES = st.dictionaries(st.sampled_from([*frames.FORMS, "params"]), TABLE | VALUES, max_size=2)
BYTES = st.binary(max_size=40)
TENSOR = st.fixed_dictionaries(
    {
        "name": NAMES,
        "datatype": st.sampled_from(list(IN_JSON)),
        "shape": st.just([2]) | st.lists(st.integers(), max_size=3),
    },
    optional={
        "data": st.lists(VALUES, max_size=3) | VALUES,
        "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 40) | VALUES}),
    },
)


def reads(read: Callable[[bytes], Rows], body: bytes) -> None:
    with suppress(Refused, Empty):
        rows = read(body).instances
        assert 0 < len(rows) <= MOST
        assert all(type(name) is str for row in rows for name in row)


def tensors(body: bytes, length: bytes = b"") -> Rows:
    said, binary = message.split(Framing(b"", length, 1000), body)
    found = columns.read(said.inputs, FIELDS, binary)
    if len({len(column) for column in found.values()}) > 1:
        raise AssertionError("the columns have different lengths")
    return Rows([{name: column[0] for name, column in found.items()}])


@settings(deadline=None)
@given(FRAMES | VALUES)
def test_json_in_any_shape(value: Any) -> None:
    reads(lambda body: frames.read(FIELDS, MOST, body), json.dumps(value).encode())


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text('nt,"\r\n1.5 NA\x00é', max_size=60).map(str.encode))
def test_csv_in_any_shape(body: bytes) -> None:
    reads(lambda body: delimited.read(FIELDS, MOST, body), body)


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 3000), st.integers(1, 40))
def test_parquet_with_any_bytes_in_it(noise: bytes, place: int, cut: int) -> None:
    stream = BytesIO()
    pq.write_table(pa.table({"n": [1.0, 2.0], "t": ["x", "y"], "b": [True, False], "f": [b"1", b"2"]}), stream)
    whole = stream.getvalue()
    place = min(place, len(whole))
    reads(lambda body: parquet.read(MOST, body), whole[:place] + noise + whole[place + cut :])


@settings(deadline=None)
@given(st.lists(TENSOR, max_size=3), st.lists(BYTES, max_size=4), st.booleans())
def test_tensors_in_any_shape(inputs: list[Any], elements: list[bytes], with_lengths: bool) -> None:
    text = json.dumps({"inputs": inputs}).encode()
    binary = b"".join((pack("<I", len(element)) if with_lengths else b"") + element for element in elements)
    reads(lambda body: tensors(body, b"%d" % len(text)), text + binary)

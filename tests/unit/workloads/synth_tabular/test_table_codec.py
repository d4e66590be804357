import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.workload import BadData
from workloads.synth_tabular.codec import TableCodec

CODEC = TableCodec(["depth", "height", "width"], ["low", "top"])
NUMBERS = st.one_of(st.none(), st.integers(-(10**30), 10**30), st.floats(-1e38, 1e38))


def encoded(*instances: Any) -> list[list[float]]:
    matrix = CODEC.encode(instances)["features"]
    assert matrix.dtype == np.float32
    return [[float(value) for value in row] for row in matrix]


def refused(*instances: Any) -> str:
    with pytest.raises(BadData) as caught:
        CODEC.encode(instances)
    return str(caught.value)


def test_columns_are_found_by_name_in_any_order() -> None:
    assert encoded({"width": 3, "depth": 1.5, "height": 2}) == [[1.5, 2, 3]]


def test_what_is_missing_or_null_is_nan() -> None:
    row = encoded({"width": None, "height": 2})[0]
    assert [math.isnan(value) for value in row] == [True, False, True]


@given(st.lists(st.fixed_dictionaries({"depth": st.floats(-10, 10)}, optional={"height": NUMBERS}), max_size=5))
def test_every_finite_number_fits(rows: list[dict[str, Any]]) -> None:
    matrix = CODEC.encode(rows)["features"]
    assert matrix.shape == (len(rows), 3)
    for found, row in zip(matrix, rows, strict=True):
        wanted = [np.float32(math.nan if row.get(name) is None else row[name]) for name in ("depth", "height", "width")]
        assert np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize("value", ["3", "", True, [1], {}, math.nan, math.inf, -math.inf, 1e39, 10**400])
def test_what_is_no_finite_number_is_refused_by_name_and_value(value: Any) -> None:
    wrong = refused({"depth": 1.0, "height": value})
    assert wrong.startswith(f"height: {repr(value)[:40]}")
    assert wrong.endswith("is not a finite number; send one, or null where it is missing")


def test_among_many_the_row_is_named_too() -> None:
    assert refused({"depth": 1}, {"depth": "1"}).startswith("row 1: depth: '1' is not a finite number")


def test_an_unknown_column_is_refused_with_the_nearest_name() -> None:
    assert refused({"hieght": 5}) == "'hieght' is no column of this model; is it 'height'?"
    assert refused({"label": "low", "depth": 1}) == "'label' is no column of this model; leave it out"


@pytest.mark.parametrize("instance", [None, [], 3, "row", [1, 2, 3]])
def test_what_is_not_an_object_is_refused(instance: Any) -> None:
    assert 'is not a row; send an object such as {"depth": 1.5, …}' in refused(instance)


@pytest.mark.parametrize("instance", [{}, {"depth": None}])
def test_a_row_without_any_value_is_refused(instance: dict[str, Any]) -> None:
    assert refused(instance) == "the row has no value; send some of depth, height, width, …"


def test_the_likeliest_class_is_the_answer() -> None:
    outputs = {"probabilities": np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)}
    assert CODEC.decode(outputs, [{}, {}]) == [
        {"label": "top", "probability": 0.75},
        {"label": "low", "probability": 0.5},
    ]


def test_a_codec_is_read_as_it_was_written(tmp_path: Path) -> None:
    TableCodec(["größe", "a"], ["是", "b"]).write(tmp_path)
    again = TableCodec.read(tmp_path)
    assert again.encode([{"größe": 1.0, "a": 2.0}])["features"].tolist() == [[1, 2]]
    assert again.decode({"probabilities": np.array([[0.9, 0.1]])}, [{}])[0]["label"] == "是"

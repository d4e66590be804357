"""What a batch makes of a workload that answers with pictures, and of code and models that fail."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from onnx import TensorProto, helper, save
from pyarrow import parquet

from headrace import loading
from headrace.errors import WorkloadFailed
from headrace.workload import Arrays, BadData, Codec, Field, Instance
from services.batch_inference.inputs.rows import Row
from services.batch_inference.parts import Parts
from services.batch_inference.predictor import Predictor
from tests.fakes import FakeClock, FakeObjects

W = "synth_tabular"
Make = Callable[..., Predictor]


class Doubling:
    """Numbers to `x` float32 (n, 1); `answer` makes of each its answer."""

    fields: Sequence[Field] = (Field("x", "number"),)

    def __init__(self, answer: Callable[[float], dict[str, Any]]) -> None:
        self._answer = answer
        self.calls = 0

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        self.calls += 1
        values = [instance.get("x", 1.0) for instance in instances]
        if "crash" in values:
            raise KeyError("crash")
        if not all(isinstance(value, float) for value in values):
            raise BadData("x: send a number")
        return {"x": np.array(values, np.float32).reshape(-1, 1)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [self._answer(value) for value in outputs["y"][:, 0].tolist()]


class OneCodec:
    """A workload's serving, as far as a batch needs it."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def open(self, export: Path) -> Codec:
        return self._codec


@pytest.fixture
def predictor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A model that doubles, with a codec that says its results in some way."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", [x], [y])
    save(helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "model.onnx")

    def make(answer: Callable[[float], Mapping[str, Any]] = lambda value: {"double": value}) -> Predictor:
        codec = Doubling(lambda value: dict(answer(value)))
        monkeypatch.setattr(loading, "serving", lambda _: OneCodec(codec))
        return Predictor(W, tmp_path)

    return make


def numbers(*values: object) -> list[dict[str, Any]]:
    return [{"x": value} for value in values]


def test_answers_are_in_the_order_of_instances_with_the_reason_in_place_of_what_is_bad(predictor: Make) -> None:
    found = predictor().answers(numbers(1.0, "a", 3.0, "b", 5.0))
    assert found == [{"double": 2.0}, "x: send a number", {"double": 6.0}, "x: send a number", {"double": 10.0}]


def test_an_answer_that_is_no_number_is_a_reason_for_its_row_alone(predictor: Make) -> None:
    found = predictor().answers(numbers(1.0, 3e38, 2.0))
    assert found == [{"double": 2.0}, "the model's y for it is no number", {"double": 4.0}]


def test_code_that_fails_otherwise_is_told_as_the_workload_s_fault(predictor: Make) -> None:
    with pytest.raises(WorkloadFailed, match="synth_tabular failed while scoring a batch: KeyError"):
        predictor().answers(numbers(1.0, "crash"))


def written(predictor: Predictor, as_parquet: bool, rows: Sequence[Row]) -> FakeObjects:
    store = FakeObjects("store", FakeClock())
    Parts(store, "batch", predictor.columns, as_parquet).write("00000-000000", "x.csv", "line", rows, predictor)
    return store


def test_pictures_are_objects_of_their_own_which_the_table_names(predictor: Make) -> None:
    model = predictor(lambda value: {"image": f"png of {value}".encode(), "width": 2})
    store = written(model, False, [Row(2, {"x": 1.0}), Row(3, None, "is torn"), Row(4, {"x": 2.0})])
    (row, other) = csv.DictReader(StringIO(store.read("batch/parts/00000-000000.csv").decode()))
    names = [f"batch/images/image/00000-000000-{line}.png" for line in (2, 4)]
    assert (row, other) == tuple(
        {"line": line, "image": f"gs://store/{name}", "width": "2"} for line, name in zip("24", names, strict=True)
    )
    assert [store.read(name) for name in names] == [b"png of 2.0", b"png of 4.0"]
    assert store.stat("batch/parts/00000-000000.csv").metadata == {"rows": "2", "rejected": "1"}
    (reject,) = csv.DictReader(StringIO(store.read("batch/rejects/00000-000000.csv").decode()))
    assert reject == {"file": "x.csv", "line": "3", "reason": "is torn"}


def test_what_only_some_answers_say_is_a_column_that_others_leave_empty(predictor: Make) -> None:
    model = predictor(lambda value: {"double": value, **({"note": ["large", value]} if value > 2 else {})})
    rows = [Row(2, {"x": 1.0}), Row(3, {"x": 2.0})]
    (small, large) = csv.DictReader(StringIO(written(model, False, rows).read("batch/parts/00000-000000.csv").decode()))
    assert (small["note"], json.loads(large["note"])) == ("", ["large", 4.0])


def test_a_part_whose_rows_are_all_rejected_is_a_table_without_rows(predictor: Make) -> None:
    store = written(predictor(), True, [Row(1, None, "is torn")])
    found = parquet.read_table(BytesIO(store.read("batch/parts/00000-000000.parquet")))
    assert (found.num_rows, found.column_names) == (0, ["line", "double"])
    assert isinstance(found, pyarrow.Table)

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import Arrays
from tests.unit.workloads.synth_tabular.tables import table, write_csv
from workloads.synth_tabular import figures
from workloads.synth_tabular.classes import identity
from workloads.synth_tabular.metrics import confusion, precision, recall
from workloads.synth_tabular.serving import serving
from workloads.synth_tabular.training import training


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    columns = table(4000)
    columns["noise"][::3] = [None] * len(columns["noise"][::3])
    write_csv(folder / "data" / "a.csv", columns)
    training.prepare(FolderDataset(folder / "data"), folder / "split")
    return folder / "split"


def outputs(classes: str, rows: list[list[float]]) -> Arrays:
    return {
        "probabilities": np.array(rows, np.float32),
        "classes": np.tile([identity(name) for name in classes], (len(rows), 1)),
    }


def outcomes(labels: str, classes: str, rows: list[list[float]]) -> Arrays:
    return serving.outcomes(np.array(list(labels), object), outputs(classes, rows))


def test_examples_are_what_a_client_would_send(split: Path) -> None:
    examples = serving.examples(split / "train")
    assert len(examples.instances) == len(examples.labels) > 3000
    listed = list(examples.instances)
    assert listed[5:2100:500] == examples.instances[5:2100:500]
    assert listed[-1] == examples.instances[-1]
    assert {len(row) for row in listed} == {2, 3}
    assert all(type(value) is float and not math.isnan(value) for row in listed for value in row.values())
    assert set(examples.slices["class"].tolist()) == {"low", "mid", "top"}


def test_scores_are_those_of_the_definitions() -> None:
    rows = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6]]
    found = serving.metrics(outcomes("aabc", "abc", rows))
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found["log_loss"] == pytest.approx(-sum(map(math.log, (0.7, 0.1, 0.4, 0.6))) / 4)


def test_scores_do_not_depend_on_the_order_of_rows() -> None:
    random = np.random.default_rng(0)
    rows = random.dirichlet([1, 1, 1], 60).tolist()
    whole = outcomes("abc" * 20, "abc", rows)
    order = random.permutation(60)
    shuffled = {name: column[order] for name, column in whole.items()}
    assert serving.metrics(shuffled) == pytest.approx(serving.metrics(whole))


def test_models_with_other_classes_are_scored_on_the_same_rows() -> None:
    rows = [[0.9, 0.1], [0.2, 0.8]]
    same, turned = outcomes("ab", "ab", rows), outcomes("ab", "ba", [row[::-1] for row in rows])
    assert serving.metrics(same) == serving.metrics(turned)
    without_b = outcomes("ab", "ac", rows)
    assert serving.metrics(without_b)["accuracy"] == 0.5
    assert serving.metrics(without_b)["log_loss"] > 5


def test_drift_is_watched_on_every_column() -> None:
    instances: list[dict[str, Any]] = [{"b": 1, "a": None}, {"a": 2.5}]
    found = serving.describe(serving.loggable(instances))
    assert {name: column.tolist() for name, column in found.items()} == {
        "a": [pytest.approx(math.nan, nan_ok=True), 2.5],
        "b": [1.0, pytest.approx(math.nan, nan_ok=True)],
    }
    assert set(serving.describe(instances)) == {"a", "b"}


def test_what_became_known_is_a_table_with_labels() -> None:
    content = serving.labelled([{"b": 1.0, "a": 0.1}, {"a": 3.0}], ["x, or y", "z"])
    assert content.decode() == 'a,b,label\n0.1,1.0,"x, or y"\n3.0,,z\n'


def test_the_confusion_counts_rows_by_true_and_predicted_class() -> None:
    names, counts = confusion(np.array([5, 5, 9]), np.array([5, 9, 9]))
    assert names.tolist() == [5, 9]
    assert counts.tolist() == [[1, 1], [0, 1]]
    assert recall(counts).tolist() == [0.5, 1]
    assert precision(counts).tolist() == [1, 0.5]


def test_figures_name_the_classes() -> None:
    found = figures.draw(outcomes("bbaa", "abc", [[0.1, 0.8, 0.1], [0.9, 0, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]))
    lines = found["confusion.csv"].decode().splitlines()
    assert lines == ["truth,a,another,b", "a,1,1,0", "another,0,0,0", "b,1,0,1"]
    assert found["classes.csv"].decode().splitlines()[1] == "a,2,0.5,0.5,0.5"
    assert found["confusion.png"].startswith(b"\x89PNG")


def test_every_answer_is_in_a_parquet_table() -> None:
    from io import BytesIO

    from pyarrow import parquet

    found = figures.draw(outcomes("ba", "ab", [[0.25, 0.75], [0.25, 0.75]]))
    answers = parquet.read_table(BytesIO(found["predictions.parquet"]))
    assert answers.to_pydict() == {"label": ["b", "a"], "predicted": ["b", "b"], "probability_of_label": [0.75, 0.25]}


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 1.5, "b": 2}, {"b": 4, "a": 3}],
        [{"a": 1.5, "b": 2}, {"a": 3}, {"a": 1, "b": 2, "c": 3}],
        [{"a": 1.5, "b": 2}, {"a": 1, "c": 2}],
        [{"a": None, "b": 2}, {"a": 1, "b": 2}],
        [{"a": 1}, {"a": 2}],
    ],
    ids=["whole", "more and less", "other names", "a gap", "one column"],
)
def test_columns_are_the_same_however_rows_are_spelled(rows: list[dict[str, float]]) -> None:
    columns = serving.describe(rows)
    assert list(columns) == sorted({name for row in rows for name in row})
    for name, values in columns.items():
        expected = [row.get(name) for row in rows]
        assert [None if value != value else value for value in values.tolist()] == expected

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import xgboost

from headrace import catalogue
from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from headrace.workload import Arrays, BadData
from tests.unit.workloads.loans import csv_bytes, loans
from workloads.loan_default.generator import month
from workloads.loan_default.serving import serving
from workloads.loan_default.table import read_table
from workloads.loan_default.training import Model, training

CANDIDATES = catalogue.describe("loan_default").candidates
SMALL: dict[str, dict[str, Any]] = {
    name: {**params, **({"n_estimators": 20} if "n_estimators" in params else {})}
    for name, params in CANDIDATES.items()
}


class Heard(FolderRun):
    """A run that remembers what it was told."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.told: list[tuple[float, str]] = []

    def progress(self, share: float, words: str) -> None:
        self.told.append((share, words))


def run(export: Path, inputs: Arrays) -> Any:
    session = onnxruntime.InferenceSession(export / "model.onnx", providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], dict(inputs))[0]


@pytest.fixture(scope="module", params=sorted(SMALL))
def trained(
    request: pytest.FixtureRequest, split: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Model, Path]:
    export = tmp_path_factory.mktemp(request.param)
    model = training.train(split / "train", SMALL[request.param], FolderRun(export / "run"))
    training.export(model, export)
    return model, export


def test_the_graph_answers_as_the_model_does(trained: tuple[Model, Path], split: Path) -> None:
    model, export = trained
    inputs = serving.open(export).encode(serving.examples(split / "test").instances)
    found, wanted = run(export, inputs), training.predict(model, inputs)["probabilities"]
    assert found.dtype == np.float32
    assert np.abs(found - wanted).max() < 1e-5
    assert np.ptp(found[:, 1]) > 0.1


def test_the_graph_answers_as_the_model_does_where_values_are_missing(trained: tuple[Model, Path], split: Path) -> None:
    model, export = trained
    inputs = serving.open(export).encode(serving.examples(split / "test").instances)
    features = np.array(inputs["features"], np.float32)
    features[np.random.default_rng(0).random(features.shape) < 0.4] = np.nan
    wanted = training.predict(model, {"features": features})["probabilities"]
    assert np.abs(run(export, {"features": features}) - wanted).max() < 1e-5


def test_the_graph_answers_as_the_model_does_on_the_edge_of_every_split(trained: tuple[Model, Path]) -> None:
    model, export = trained
    table = np.random.default_rng(0).integers(-3, 60, (500, len(model.fields))).astype(np.float32)
    wanted = training.predict(model, {"features": table})["probabilities"]
    assert np.abs(run(export, {"features": table}) - wanted).max() < 1e-5


def test_categories_never_seen_are_answered(trained: tuple[Model, Path]) -> None:
    model, export = trained
    inputs = serving.open(export).encode([{"grade": "Z", "purpose": "?", "addr_state": "XX", "annual_inc": 1}])
    assert np.abs(run(export, inputs) - training.predict(model, inputs)["probabilities"]).max() < 1e-5


def test_probabilities_add_up_to_one(trained: tuple[Model, Path], split: Path) -> None:
    _, export = trained
    inputs = serving.open(export).encode(serving.examples(split / "test").instances)
    assert np.allclose(run(export, inputs).sum(axis=1), 1)


def test_training_again_gives_the_same_graph(trained: tuple[Model, Path], split: Path, tmp_path: Path) -> None:
    _, export = trained
    name = next(name for name in SMALL if name in export.name)
    training.export(training.train(split / "train", SMALL[name], FolderRun(tmp_path)), tmp_path)
    for file in ("model.onnx", "codec.json"):
        assert (tmp_path / file).read_bytes() == (export / file).read_bytes()


def test_the_opset_is_pinned_and_the_batch_dynamic(trained: tuple[Model, Path]) -> None:
    graph = onnx.load(trained[1] / "model.onnx")
    assert {entry.domain: entry.version for entry in graph.opset_import} == {"": 17, "ai.onnx.ml": 3}
    assert [entry.type.tensor_type.shape.dim[0].dim_param for entry in graph.graph.input] == ["n"]


def test_the_model_tells_bad_loans_from_good_ones(trained: tuple[Model, Path], split: Path) -> None:
    _, export = trained
    examples = serving.examples(split / "test")
    outputs = {"probabilities": run(export, serving.open(export).encode(examples.instances))}
    assert serving.metrics(serving.outcomes(examples.labels, outputs))["auc"] > 0.6


def test_the_threshold_is_the_share_of_charge_offs_in_training(trained: tuple[Model, Path], split: Path) -> None:
    _, export = trained
    prior = float(read_table(split / "train").y.mean())
    outputs = {"probabilities": np.array([[1 - prior, prior + 1e-6], [1, 0]])}
    answers = serving.open(export).decode(outputs, [{}, {}])
    assert [answer["label"] for answer in answers] == ["charged_off", "fully_paid"]


@pytest.mark.parametrize("name", sorted(SMALL))
def test_progress_grows_from_nothing_to_all(name: str, split: Path, tmp_path: Path) -> None:
    run = Heard(tmp_path)
    training.train(split / "train", SMALL[name], run)
    shares = [share for share, _ in run.told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len(set(shares)) >= 4


@pytest.mark.parametrize("name", sorted(SMALL))
def test_columns_without_a_value_are_left_out_of_the_model_and_said(
    name: str, prepared: Callable[..., Path], tmp_path: Path
) -> None:
    keep = ("loan_amnt", "annual_inc", "dti", "inq_last_6mths", "open_acc", "loan_status")
    narrow = [{key: row[key] or 1 for key in keep} for row in loans(600)]
    training.prepare(FolderDataset(prepared(a_csv=csv_bytes(narrow))), tmp_path / "split")
    heard = Heard(tmp_path / "run")
    model = training.train(tmp_path / "split" / "train", SMALL[name], heard)
    training.export(model, tmp_path / "export")
    inputs = serving.open(tmp_path / "export").encode([{"annual_inc": 60_000, "grade": "C"}])
    assert inputs["features"].shape == (1, 5)
    assert np.abs(run(tmp_path / "export", inputs) - training.predict(model, inputs)["probabilities"]).max() < 1e-5
    assert "without term, int_rate" in heard.told[0][1]


def test_what_is_kept_answers_as_the_model_does(trained: tuple[Model, Path], tmp_path: Path) -> None:
    model, _ = trained
    native = training.keep(model, tmp_path)
    assert native is not None
    assert set(native.example) == {"features"}
    assert native.example["features"].shape == (2, len(model.fields))
    wanted = training.predict(model, native.example)["probabilities"][:, 1]
    if native.flavour == "xgboost":
        stored = xgboost.Booster(model_file=tmp_path / "model.ubj")
        found = [booster.inplace_predict(native.example["features"]) for booster in (native.model, stored)]
    else:
        found = [native.model.predict_proba(native.example["features"])[:, 1]]
    for answers in found:
        assert np.allclose(answers, wanted, atol=1e-5)


def test_a_model_that_does_not_exist_is_refused_with_those_that_do(split: Path, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no model named 'lightgbm'; a candidate's `model` is one of logistic_regression"):
        training.train(split / "train", {"model": "lightgbm"}, FolderRun(tmp_path))


def test_feedback_is_a_dataset_that_can_be_prepared(split: Path, tmp_path: Path, prepared: Callable[..., Path]) -> None:
    examples = serving.examples(split / "train")
    labels = ["charged_off" if label else "fully_paid" for label in examples.labels.tolist()]
    content = serving.labelled(serving.loggable(examples.instances), labels)
    found = training.prepare(FolderDataset(prepared(feedback_csv=content)), tmp_path / "again")
    assert found.train + found.test == len(labels)


def test_serving_needs_numpy_and_nothing_else() -> None:
    code = "import sys, workloads.loan_default.serving; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sklearn", "pandas", "xgboost", "onnx", "onnxruntime", "pydantic", "yaml"} & set(loaded)


def test_logistic_regression_does_without_the_library_of_the_others(split: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from headrace.training.folder_run import FolderRun;"
        "from workloads.loan_default.training import training as t;"
        f"run, split = FolderRun(Path({str(tmp_path)!r})), Path({str(split / 'train')!r});"
        "t.train(split, {'model': 'logistic_regression'}, run);"
        "print(*{m.split('.')[0] for m in sys.modules})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "sklearn" in loaded
    assert not {"xgboost", "dask", "onnxruntime", "skl2onnx"} & set(loaded)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_model_retrained_on_drifted_loans_judges_them_better(
    name: str, prepared: Callable[..., Path], tmp_path: Path
) -> None:
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    training.prepare(FolderDataset(prepared(a_csv=csv_bytes(month(4000, "2024-01", 0.0, 5)))), calm)
    training.prepare(FolderDataset(prepared(a_csv=csv_bytes(month(4000, "2024-02", 0.6, 5)))), stormy)
    test = read_table(stormy / "test")

    def auc(folder: Path) -> float:
        model = training.train(folder / "train", CANDIDATES[name], FolderRun(folder))
        outputs = training.predict(model, {"features": test.x})
        return serving.metrics(serving.outcomes(test.y, outputs))["auc"]

    assert auc(stormy) > auc(calm) + 0.03

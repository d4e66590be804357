from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from headrace.workload import BadData, Interrupted
from tests.unit.workloads.synth_tabular.tables import table, write_csv
from workloads.synth_tabular.generator import sample
from workloads.synth_tabular.network import MOST_DEVIATIONS, Scaler
from workloads.synth_tabular.serving import serving
from workloads.synth_tabular.training import Model, training

SIZES: dict[str, Any] = {"hidden_sizes": [32], "epochs": 10, "batch_size": 32}
PARAMS = SIZES | {"learning_rate": 0.02, "loaders": 0, "threads": 1}


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table in which large numbers differ by little, and some are missing."""
    folder = tmp_path_factory.mktemp("table")
    columns = table(600)
    columns["height"] = [height + 50_000 for height in columns["height"]]
    columns["noise"][::3] = [None] * len(columns["noise"][::3])
    write_csv(folder / "data" / "a.csv", columns)
    training.prepare(FolderDataset(folder / "data"), folder / "split")
    return folder / "split"


def trained(split: Path, folder: Path, **params: Any) -> tuple[Model, FolderRun]:
    run = FolderRun(folder)
    return training.train(split / "train", PARAMS | params, run), run


def accuracy(model: Model, split: Path, folder: Path) -> float:
    training.export(model, folder)
    examples = serving.examples(split / "test")
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, serving.open(folder).encode(examples.instances)), strict=True))
    return serving.metrics(serving.outcomes(examples.labels, found))["accuracy"]


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_numbers_of_any_size_are_learned_in_any_precision(split: Path, tmp_path: Path, precision: str) -> None:
    model, _ = trained(split, tmp_path / "run", precision=precision)
    assert accuracy(model, split, tmp_path / "export") > 0.97


@pytest.mark.parametrize(("sizes", "layers"), [([], 1), ([7], 2), ([64, 32, 16], 4)])
def test_the_hidden_layers_are_as_wide_as_asked(split: Path, tmp_path: Path, sizes: list[int], layers: int) -> None:
    model, _ = trained(split, tmp_path, hidden_sizes=sizes, epochs=1)
    linear = [layer for layer in model.classifier.layers.modules() if isinstance(layer, torch.nn.Linear)]
    assert [layer.in_features for layer in linear] == [3, *sizes]
    assert len(linear) == layers


def test_the_best_epoch_is_told_from_rows_held_out(split: Path, tmp_path: Path) -> None:
    _, run = trained(split, tmp_path, epochs=40, patience=3, learning_rate=0.05)
    losses = [point["validation_loss"] for point in run.curves]
    assert len(losses) < 40
    assert min(losses[-3:]) > min(losses[:-3])
    assert {"loss", "validation_accuracy", "learning_rate/mlp"} <= set(run.curves[0])


def test_an_interrupted_training_makes_the_same_model(split: Path, tmp_path: Path) -> None:
    whole, _ = trained(split, tmp_path / "a", dropout=0.5)
    run = FolderRun(tmp_path / "b", lambda _: setattr(run, "stopping", True))
    with pytest.raises(Interrupted):
        training.train(split / "train", PARAMS | {"dropout": 0.5}, run)
    resumed, _ = trained(split, tmp_path / "b", dropout=0.5)
    pairs = zip(whole.classifier.parameters(), resumed.classifier.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_sizes", [0]),
        ("hidden_sizes", "wide"),
        ("dropout", 1),
        ("learning_rate", 0),
        ("depth", 3),
        ("epochs", 0),
    ],
)
def test_a_parameter_that_cannot_be_is_named(split: Path, tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(BadData, match=rf"a candidate cannot be trained as described: {name} is .*{value!r}"[:60]):
        trained(split, tmp_path, **{name: value})


def test_a_missing_number_counts_as_the_mean() -> None:
    scaler = Scaler(np.array([10.0, -2.0]), np.array([4.0, 0.5]))
    given = torch.tensor([[14.0, -2.0], [torch.nan, -1.0], [1e30, -torch.inf]])
    assert scaler(given).tolist() == [[1, 0], [0, 2], [MOST_DEVIATIONS, -MOST_DEVIATIONS]]
    assert torch.isnan(given[1, 0]), "what is given is left as it is"


def test_the_largest_numbers_that_may_be_sent_are_answered_with_probabilities(split: Path, tmp_path: Path) -> None:
    model, _ = trained(split, tmp_path / "run", epochs=1)
    training.export(model, tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    given = serving.open(tmp_path).encode([{"height": 3e38, "width": -3e38}, {"height": -3e38}, {"noise": 1}])
    (probabilities,) = session.run(["probabilities"], given)
    assert probabilities.sum(1) == pytest.approx(1)


def test_what_is_kept_is_the_classifier_with_its_scaling(split: Path, tmp_path: Path) -> None:
    model, _ = trained(split, tmp_path / "run", epochs=1)
    native = training.keep(model, tmp_path)
    kept = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert {"scaler.mean", "scaler.deviation", "layers.0.weight"} <= set(kept)
    assert native is not None
    assert native.model(torch.from_numpy(native.example["features"])).shape == (2, 3)


def test_the_generated_classes_are_told_apart_by_a_perceptron_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    sample(tmp_path / "data")
    training.prepare(FolderDataset(tmp_path / "data"), tmp_path / "split")
    params = {"epochs": 25, "batch_size": 64, "learning_rate": 0.003}
    scores = {
        name: accuracy(
            trained(tmp_path / "split", tmp_path / name, hidden_sizes=sizes, **params)[0],
            tmp_path / "split",
            tmp_path / f"{name}-export",
        )
        for name, sizes in {"deep": [128, 64], "linear": []}.items()
    }
    assert scores["deep"] > 0.8
    assert scores["linear"] < 0.7

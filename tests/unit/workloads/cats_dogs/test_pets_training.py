from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from headrace import catalogue
from headrace.data.folder_dataset import FolderDataset
from headrace.errors import Interrupted
from headrace.images import opened, rgb
from headrace.training.folder_run import FolderRun
from headrace.workload import BadData
from tests.unit.workloads.cats_dogs.pictures import picture
from workloads.cats_dogs import cache, generator
from workloads.cats_dogs.learner import NAME, PetLearner
from workloads.cats_dogs.network import Classifier
from workloads.cats_dogs.picture import SIDE
from workloads.cats_dogs.serving import serving
from workloads.cats_dogs.settings import Settings
from workloads.cats_dogs.training import Model, training

QUICK: dict[str, Any] = {"width": 4, "epochs": 2, "batch_size": 8, "threads": 1, "loaders": 0, "validation": 0.2}


class StoppedOnce(FolderRun):
    """A run whose machine is taken away at the step `at`."""

    def __init__(self, folder: Path, at: int) -> None:
        super().__init__(folder)
        self._left = at

    def progress(self, share: float, words: str) -> None:
        pass

    @property
    def stopping(self) -> bool:
        self._left -= 1
        return self._left < 0

    @stopping.setter
    def stopping(self, value: bool) -> None:
        pass


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty pictures, bright when they are of dogs."""
    folder = tmp_path_factory.mktemp("split")
    labels = np.arange(30) % 2
    pixels = [(rgb(picture(seed, SIDE, SIDE)) // 2) + np.uint8(110 * label) for seed, label in enumerate(labels)]
    cache.write(folder, pixels, labels, np.full((30, 2), 64, np.int32))
    return folder


@pytest.fixture(scope="module")
def trained(split: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Path]:
    export = tmp_path_factory.mktemp("export")
    model = training.train(split, QUICK, FolderRun(tmp_path_factory.mktemp("run")))
    training.export(model, export)
    return model, export


def weights(model: Model) -> Mapping[str, torch.Tensor]:
    return model.network.state_dict()


def same(left: Model, right: Model) -> bool:
    return all(torch.equal(weights(left)[name], weights(right)[name]) for name in weights(left))


def graph(export: Path, image: Any) -> Any:
    session = onnxruntime.InferenceSession(export / "model.onnx", providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"image": image})[0]


def test_the_network_has_four_blocks_each_at_half_the_size() -> None:
    network = Classifier(width=4, dropout=0.0).eval()
    kinds = [[type(layer) for layer in block.children()] for block in network.blocks.children()]
    assert kinds == [[nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d]] * 4
    assert network.blocks(torch.zeros(1, 3, 64, 64)).shape == (1, 32, 4, 4)
    assert network(torch.zeros(2, 3, 80, 48, dtype=torch.uint8)).shape == (2, 2)


def test_the_graph_takes_bytes_and_answers_as_the_model_does(trained: tuple[Model, Path], split: Path) -> None:
    model, export = trained
    inputs = serving.open(export).encode(serving.examples(split).instances)
    assert inputs["image"].dtype == np.uint8
    found, wanted = graph(export, inputs["image"]), training.predict(model, inputs)["probabilities"]
    assert np.abs(found - wanted).max() < 1e-5
    assert found.sum(1) == pytest.approx(np.ones(len(found)))
    assert np.ptp(found[:, 1]) > 0.01
    onnx.checker.check_model(onnx.load(export / "model.onnx"))


def test_a_mirror_image_is_answered_alike(trained: tuple[Model, Path], split: Path) -> None:
    image = np.ascontiguousarray(cache.read(split).pixels[:4].transpose(0, 3, 1, 2))
    mirrored = np.ascontiguousarray(image[:, :, :, ::-1])
    assert graph(trained[1], image) == pytest.approx(graph(trained[1], mirrored), abs=1e-5)


def test_the_same_training_gives_the_same_weights(trained: tuple[Model, Path], split: Path, tmp_path: Path) -> None:
    again = training.train(split, {**QUICK, "loaders": 2}, FolderRun(tmp_path / "again"))
    assert same(again, trained[0])
    other = training.train(split, {**QUICK, "seed": 1}, FolderRun(tmp_path / "other"))
    assert not same(other, trained[0])


def test_an_interrupted_training_ends_as_an_undisturbed_one(
    trained: tuple[Model, Path], split: Path, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted):
        training.train(split, QUICK, StoppedOnce(tmp_path, at=4))
    assert same(training.train(split, QUICK, FolderRun(tmp_path)), trained[0])


def test_curves_of_the_pictures_held_out_are_logged_each_epoch(split: Path, tmp_path: Path) -> None:
    run = FolderRun(tmp_path)
    training.train(split, QUICK, run)
    assert [point["step"] for point in run.curves] == [1, 2]
    assert {"loss", "accuracy", "validation_accuracy", "validation_log_loss", "validation_auc"} <= set(run.curves[0])


def test_augmented_pictures_are_drawn_below_their_originals(split: Path, tmp_path: Path) -> None:
    training.train(split, QUICK, FolderRun(tmp_path))
    sheet = rgb(opened((tmp_path / "pictures" / "augmented.png").read_bytes()))
    assert sheet.shape[0] == 4 + 2 * (SIDE + 4)
    assert np.array_equal(sheet[4 : 4 + SIDE, 4 : 4 + SIDE], cache.read(split).pixels[1])


def test_pictures_held_out_are_never_trained_on(split: Path) -> None:
    pictures = cache.read(split)
    learner = PetLearner(pictures, Settings(validation=0.2, augmentation=0))
    batch, _ = learner.load(np.arange(learner.size), np.random.default_rng(0))
    seen = {each.numpy().tobytes() for each in batch.permute(0, 2, 3, 1).contiguous()}
    held_out = {pictures.pixels[row].tobytes() for row in range(0, 30, 5)}
    assert len(seen) == learner.size == 24
    assert not seen & held_out


def test_early_stopping_keeps_the_best_epoch_by_what_was_held_out(split: Path) -> None:
    pictures = cache.read(split)
    assert PetLearner(pictures, Settings(validation=0.2), keeps_best=True).monitor == ("validation_log_loss", "lower")
    assert PetLearner(pictures, Settings(validation=0.2)).monitor is None
    assert PetLearner(pictures, Settings(validation=0.0), keeps_best=True).monitor is None


def test_the_rate_rises_and_falls_to_nothing(split: Path) -> None:
    learner = PetLearner(cache.read(split), Settings(warmup=0.2))
    rates = [learner.rate(done) for done in np.linspace(0, 1, 11)]
    assert rates[2] == max(rates) == 1
    assert 0 < rates[0] < rates[1] < rates[2]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0)


def test_weight_decay_pulls_at_no_offset(split: Path) -> None:
    learner = PetLearner(cache.read(split), Settings(weight_decay=0.1))
    decayed, others = learner.optimizers(learner.networks())[NAME].param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    assert {weight.ndim for weight in others["params"]} == {1}
    assert len(decayed["params"]) == 5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"widht": 8}, "widht is 8"),
        ({"dropout": 1.5}, "dropout is 1.5"),
        ({"epochs": 0}, "epochs is 0"),
        ({"width": "wide"}, "width is 'wide'"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(
    split: Path, tmp_path: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadData, match=sentence):
        training.train(split, {**QUICK, **wrong}, FolderRun(tmp_path))


def test_weights_are_kept_beside_the_export(trained: tuple[Model, Path], tmp_path: Path) -> None:
    native = training.keep(trained[0], tmp_path)
    assert native is not None
    assert native.flavour == "pytorch"
    assert len(native.example["image"]) == 2
    kept = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert kept.keys() == weights(trained[0]).keys()


@pytest.mark.slow
def test_generated_pictures_are_told_apart_by_each_candidate(tmp_path: Path) -> None:
    generator.write_pictures(tmp_path / "dataset", 600)
    training.prepare(FolderDataset(tmp_path / "dataset"), tmp_path / "split")
    for name, params in catalogue.describe("cats_dogs").candidates.items():
        model = training.train(tmp_path / "split" / "train", params, FolderRun(tmp_path / name))
        training.export(model, tmp_path / name)
        examples = serving.examples(tmp_path / "split" / "test")
        outputs = training.predict(model, serving.open(tmp_path / name).encode(examples.instances))
        assert serving.metrics(serving.outcomes(examples.labels, outputs))["accuracy"] >= 0.95

import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from headrace.learning import export_onnx, run_network
from headrace.learning.exporting import OPSET
from headrace.workload import Arrays


class Two(nn.Module):
    """Words and a picture in; a score and a picture of the same size out."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.blur = nn.Embedding(50, 8), nn.Conv2d(1, 1, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.register_buffer("scale", torch.tensor([2.0]))

    def forward(self, tokens: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        return self.drop(self.words(tokens)).mean(1).sum(1) * self.scale, self.blur(image)


def inputs(n: int, length: int, size: int) -> Arrays:
    random = np.random.default_rng(n)
    image = random.standard_normal((n, 1, size, size)).astype(np.float32)
    return {"tokens": random.integers(0, 50, (n, length)), "image": image}


@pytest.fixture(scope="module")
def network() -> Two:
    torch.manual_seed(0)
    return Two()


@pytest.fixture(scope="module")
def exported(network: Two, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "model.onnx"
    dynamic = {"tokens": {1: "length"}, "image": {2: "height", 3: "width"}}
    export_onnx(network, inputs(2, 5, 12), ("score", "drawn"), path, dynamic)
    return path


@pytest.mark.parametrize(("n", "length", "size"), [(1, 1, 3), (2, 5, 12), (7, 31, 40)])
def test_every_dynamic_axis_takes_any_size(exported: Path, network: Two, n: int, length: int, size: int) -> None:
    given = inputs(n, length, size)
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    score, drawn = session.run(["score", "drawn"], given)
    wanted = run_network(network, given, ("score", "drawn"))
    assert np.abs(score - wanted["score"]).max() < 1e-5
    assert np.abs(drawn - wanted["drawn"]).max() < 1e-5


def test_axes_inputs_and_outputs_have_the_names_given(exported: Path) -> None:
    session = onnxruntime.InferenceSession(exported, providers=["CPUExecutionProvider"])
    assert {given.name: given.shape for given in session.get_inputs()} == {
        "tokens": ["n", "length"],
        "image": ["n", 1, "height", "width"],
    }
    assert [output.name for output in session.get_outputs()] == ["score", "drawn"]


def test_the_opset_is_pinned_and_the_model_valid(exported: Path) -> None:
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == OPSET


def test_weights_are_in_the_one_file(exported: Path) -> None:
    assert [path.name for path in exported.parent.iterdir()] == ["model.onnx"]


def test_no_line_of_code_is_left_in_the_model(exported: Path) -> None:
    assert b".py" not in exported.read_bytes()


class Counting(nn.Module):
    """Takes the number of its examples as a plain number, which the exported graph would then insist on."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(1) / len(x)


def test_a_network_that_takes_only_so_many_examples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the network takes 'x' only with 2 along axis 0"):
        export_onnx(Counting(), {"x": np.ones((2, 3), np.float32)}, ("y",), tmp_path / "model.onnx")


def test_exporting_says_nothing(
    network: Two, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        export_onnx(network, inputs(2, 5, 12), ("score", "drawn"), tmp_path / "model.onnx")
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_a_network_is_run_in_evaluation_mode_and_in_batches(network: Two) -> None:
    given = inputs(150, 4, 3)
    network.train()
    whole = run_network(network, given, ("score", "drawn"))
    parts = [run_network(network, {k: v[at : at + 50] for k, v in given.items()}, ("score",)) for at in (0, 50, 100)]
    assert whole["score"].shape == (150,)
    assert np.allclose(np.concatenate([part["score"] for part in parts]), whole["score"], atol=1e-6)

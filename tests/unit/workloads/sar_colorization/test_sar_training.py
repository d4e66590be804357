from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from headrace.data.folder_dataset import FolderDataset
from headrace.images import as_base64, from_base64, png, rgb
from headrace.training.folder_run import FolderRun
from headrace.workload import BadData
from tests.unit.workloads.sar_colorization.scenes import TILE, noise
from workloads.sar_colorization.codec import eight_bits
from workloads.sar_colorization.generator import sample
from workloads.sar_colorization.perceptual import Perceptual
from workloads.sar_colorization.serving import serving
from workloads.sar_colorization.training import Model, training

TINY: dict[str, Any] = {
    "filters": 2, "depth": 3, "discriminator_filters": 2, "crop": 64, "epochs": 1, "batch_size": 2, "threads": 1
}  # fmt: skip


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset, split = (tmp_path_factory.mktemp(name) for name in ("dataset", "split"))
    sample(dataset)
    training.prepare(FolderDataset(dataset), split)
    return split


@pytest.fixture(scope="module")
def trained(split: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Path]:
    model = training.train(split / "train", TINY, FolderRun(tmp_path_factory.mktemp("run")))
    export = tmp_path_factory.mktemp("export")
    training.export(model, export)
    return model, export


def test_a_scene_of_any_size_is_coloured_by_the_exported_graph(trained: tuple[Model, Path]) -> None:
    codec = serving.open(trained[1])
    instances = [{"image": as_base64(png(noise(0, *size)))} for size in ((TILE, TILE), (300, 420), (31, 77))]
    inputs = codec.encode(instances)
    session = onnxruntime.InferenceSession(trained[1] / "model.onnx", providers=["CPUExecutionProvider"])
    (optical,) = session.run(["optical"], dict(inputs))
    answers = codec.decode({"optical": optical}, instances)
    assert [(answer["width"], answer["height"]) for answer in answers] == [(TILE, TILE), (420, 300), (77, 31)]
    plain = training.predict(trained[0], {"sar": inputs["sar"][:1]})["optical"][0]
    difference = rgb(from_base64(answers[0]["image"])).astype(int) - eight_bits(plain)
    assert np.abs(difference).max() <= 1


def test_all_four_networks_are_kept(trained: tuple[Model, Path], tmp_path: Path) -> None:
    native = training.keep(trained[0], tmp_path)
    kept = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert set(kept) == {"to_optical", "to_sar", "optical_discriminator", "sar_discriminator"}
    assert torch.equal(
        kept["to_optical"]["head.1.weight"], trained[0].fitted.networks["to_optical"].state_dict()["head.1.weight"]
    )
    assert native is not None
    assert native.model(torch.from_numpy(native.example["sar"])).shape == (2, 3, TILE, TILE)


def test_a_run_says_that_the_perceptual_loss_is_off_unless_there_are_weights(split: Path, tmp_path: Path) -> None:
    torch.save(Perceptual().state_dict(), tmp_path / "vgg.pt")
    told: dict[str, list[str]] = {"without": [], "with": []}
    for name, own in {"without": {}, "with": {"perceptual_weights": str(tmp_path / "vgg.pt")}}.items():
        run = FolderRun(tmp_path / name, told[name].append)
        training.train(split / "train", TINY | own, run)
        assert ("perceptual" in run.curves[0]) == (name == "with")
    assert "2 pairs to learn from; no perceptual_weights, so the perceptual loss is off" in told["without"][0]
    assert "off" not in told["with"][0]


def test_terrain_is_a_slice_and_every_pair_has_its_scores(split: Path) -> None:
    examples = serving.examples(split / "test")
    assert examples.slices["terrain"].tolist() == ["grassland"]
    perfect = np.asarray(examples.labels).transpose(0, 3, 1, 2).astype(np.float32) / 255
    outcomes = serving.outcomes(examples.labels, {"optical": perfect})
    assert {name: column.shape for name, column in outcomes.items()} == {"psnr": (1,), "ssim": (1,), "l1": (1,)}
    assert serving.metrics(outcomes) == pytest.approx({"psnr": 100, "ssim": 1, "l1": 0})


def test_figures_are_a_line_and_a_dot_a_pair() -> None:
    outcomes = {"psnr": np.array([12.0, 20.0]), "ssim": np.array([0.2, 0.5]), "l1": np.array([0.1, 0.2])}
    figures = training.figures(outcomes)
    assert figures["pairs.csv"].decode().splitlines() == ["psnr,ssim,l1", "12,0.2,0.1", "20,0.5,0.2"]
    sheet = rgb(from_base64(as_base64(figures["psnr_ssim.png"])))
    assert (sheet == (20, 90, 160)).all(2).sum() == 2 * 25


def test_what_is_logged_describes_the_scene_and_does_not_show_it(split: Path) -> None:
    instances = serving.examples(split / "train").instances[:3]
    logged = serving.loggable(instances)
    assert all(set(row) == {"brightness", "contrast", "sharpness", "speckle", "width", "height"} for row in logged)
    seen, remembered = serving.describe(instances), serving.describe(logged)
    assert all(np.array_equal(seen[name], remembered[name]) for name in seen)


def test_speckle_is_the_coarseness_of_the_grain_and_not_of_the_picture() -> None:
    random = np.random.default_rng(0)
    steps = np.kron(random.uniform(60, 160, (32, 32)), np.ones((8, 8)))
    looks = [1.0, 4.0, 16.0]
    scenes = [np.clip(steps * random.gamma(look, 1 / look, steps.shape) / 3, 1, 255).astype(np.uint8) for look in looks]
    columns = serving.describe([{"image": as_base64(png(scene))} for scene in scenes])
    assert columns["speckle"].tolist() == pytest.approx([1.0, 0.5, 0.25], rel=0.15)


def test_a_label_is_no_truth_for_an_image() -> None:
    with pytest.raises(BadData, match="the truth of a radar image is an optical image, not a label"):
        serving.labelled([{}], ["agri"])

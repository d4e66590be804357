from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from headrace.workload import BadData
from workloads.sar_colorization.perceptual import Perceptual


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """What torchvision's VGG-16 would give, as far as it is read: random numbers under its names."""
    torch.manual_seed(0)
    state = Perceptual().state_dict()
    path = tmp_path / "vgg16.pth"
    torch.save(OrderedDict(state) | {"classifier.0.weight": torch.zeros(2, 2)}, path)
    return path


def test_the_convolutions_are_numbered_as_in_torchvision() -> None:
    places = (0, 2, 5, 7, 10, 12, 14)
    assert set(Perceptual().state_dict()) == {f"features.{n}.{part}" for n in places for part in ("weight", "bias")}


def test_images_are_as_near_as_their_features(weights: Path) -> None:
    perceptual = Perceptual.of(weights)
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    near, far = image + 0.05 * torch.randn_like(image), torch.rand_like(image) * 2 - 1
    assert perceptual(image, image) == 0
    assert 0 < perceptual(near, image) < perceptual(far, image)


def test_the_made_image_is_moved_and_the_network_is_not(weights: Path) -> None:
    perceptual = Perceptual.of(weights)
    made = torch.zeros(1, 3, 32, 32, requires_grad=True)
    perceptual(made, torch.ones(1, 3, 32, 32)).backward()
    assert made.grad is not None
    assert made.grad.abs().sum() > 0
    assert not any(weight.requires_grad for weight in perceptual.parameters())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (None, "features.5.weight is no tensor and not"),
        (torch.zeros(3), r"features.5.weight is \(3,\) and not \(128, 64, 3, 3\)"),
    ],
)
def test_weights_of_another_network_are_refused(weights: Path, changed: torch.Tensor | None, reason: str) -> None:
    state = torch.load(weights, weights_only=True)
    del state["features.5.weight"]
    if changed is not None:
        state["features.5.weight"] = changed
    torch.save(state, weights)
    with pytest.raises(BadData, match=reason):
        Perceptual.of(weights)


def test_a_file_that_could_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"features.0.weight": Path("/")}, path)
    with pytest.raises(BadData, match="cannot be read as tensors"):
        Perceptual.of(path)


def test_a_file_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"nowhere\.pth cannot be read as tensors"):
        Perceptual.of(tmp_path / "nowhere.pth")

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from headrace.errors import Interrupted
from headrace.learning import Fitted, Recipe, fit
from headrace.training.folder_run import FolderRun
from tests.unit.workloads.sar_colorization.scenes import noise
from workloads.sar_colorization.cache import Tiles
from workloads.sar_colorization.cyclegan import DISCRIMINATORS, GENERATORS, CycleGan
from workloads.sar_colorization.perceptual import Perceptual
from workloads.sar_colorization.settings import Settings

TINY: dict[str, Any] = {"filters": 2, "depth": 2, "discriminator_filters": 2, "crop": 32, "pool": 3}
RECIPE = Recipe(epochs=3, batch_size=2, loaders=0, threads=1, checkpoint_seconds=1e9)


def learner(tiles: int = 7, **changed: Any) -> CycleGan:
    optical = noise(1, tiles, 64, 64, 3)
    sar = 255 - optical[:, :, :, 0]
    return CycleGan(Tiles(sar, optical, np.array(["agri"] * tiles)), Settings.of(TINY | changed))


def step(cyclegan: CycleGan) -> tuple[Mapping[str, Tensor], dict[str, set[str]], list[str]]:
    """One step; also which networks had gradients when each optimizer moved, and the order in which they did."""
    torch.manual_seed(0)
    networks = cyclegan.networks()
    optimizers = cyclegan.optimizers(networks)
    found: dict[str, set[str]] = {}

    def update(optimizer: str, loss: Tensor) -> None:
        for network in networks.values():
            network.zero_grad()
        torch.autograd.backward(loss)
        found[optimizer] = {key for key, net in networks.items() if any(w.grad is not None for w in net.parameters())}
        optimizers[optimizer].step()

    losses = cyclegan.step(networks, cyclegan.load(np.array([0, 3]), np.random.default_rng(0)), update)
    assert all(weight.requires_grad for network in networks.values() for weight in network.parameters())
    return losses, found, list(found)


def test_each_side_is_moved_by_its_own_losses_only_generators_first() -> None:
    losses, moved, order = step(learner())
    assert order == ["generators", "discriminators"]
    assert moved == {"generators": set(GENERATORS), "discriminators": set(DISCRIMINATORS)}
    assert set(losses) == {"identity", "cycle", "adversarial", *DISCRIMINATORS}
    assert all(torch.isfinite(loss) for loss in losses.values())


@pytest.mark.parametrize("name", ["identity", "cycle"])
def test_a_loss_without_weight_is_not_computed(name: str) -> None:
    assert name not in step(learner(**{name: 0}))[0]


def test_without_adversaries_the_discriminators_stand_still() -> None:
    losses, moved, order = step(learner(adversarial=0, paired=1))
    assert order == ["generators"]
    assert set(losses) == {"identity", "cycle", "paired"}
    assert moved["generators"] == set(GENERATORS)


def test_images_in_one_pass_are_what_they_are_in_two() -> None:
    with_identity, without = (step(learner(identity=weight, paired=1))[0] for weight in (5, 0))
    for name in ("cycle", "adversarial", "paired"):
        assert torch.allclose(with_identity[name], without[name], atol=1e-5)


def test_features_are_compared_when_weights_are_given(tmp_path: Path) -> None:
    torch.save(Perceptual().state_dict(), tmp_path / "vgg.pth")
    losses, _, _ = step(learner(perceptual_weights=tmp_path / "vgg.pth"))
    assert losses["perceptual"] > 0
    assert "perceptual" not in step(learner())[0]


def test_crops_show_the_same_ground_in_every_turn() -> None:
    cyclegan = learner(tiles=2)
    turns = set()
    for seed in range(40):
        optical, sar = cyclegan.load(np.array([0]), np.random.default_rng(seed))
        assert (optical.shape, sar.shape) == ((1, 3, 32, 32), (1, 1, 32, 32))
        assert torch.equal(255 - optical[:, 0], sar[:, 0])
        turns.add(sar.numpy().tobytes())
    assert len(turns) == 40


def test_the_learning_rate_is_full_in_the_first_half_and_falls_along_a_line() -> None:
    assert [learner().rate(done) for done in (0, 0.25, 0.5, 0.75, 1)] == [1, 1, 1, 0.5, 0]


def test_tiles_that_are_scored_each_epoch_are_not_learned_from() -> None:
    cyclegan = learner(tiles=25)
    assert cyclegan.size == 22
    optical, _ = cyclegan.load(np.arange(22), np.random.default_rng(0))
    learned = {int(value) for value in optical[:, 0, 0, 0]}
    assert len(learned) > 5


def test_every_epoch_has_its_scores_and_its_pictures(tmp_path: Path) -> None:
    run = FolderRun(tmp_path)
    fit(learner(), RECIPE, run)
    assert len(run.curves) == 3
    assert {"cycle", "adversarial", "psnr", "ssim", "l1", "learning_rate/generators"} <= set(run.curves[0])
    pictures = sorted(path.name for path in (tmp_path / "pictures" / "samples").iterdir())
    assert pictures == ["epoch-001.png", "epoch-002.png", "epoch-003.png"]


class Stopped(FolderRun):
    """A machine that is taken away after so many steps."""

    def __init__(self, folder: Path, steps: int) -> None:
        self._left = steps
        super().__init__(folder)

    @property
    def stopping(self) -> bool:
        self._left -= 1
        return self._left < 0

    @stopping.setter
    def stopping(self, value: bool) -> None:
        pass


def weights(fitted: Fitted) -> dict[str, Tensor]:
    return {f"{name}.{key}": t for name, net in fitted.networks.items() for key, t in net.state_dict().items()}


def test_a_training_interrupted_three_times_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed = fit(learner(), RECIPE, FolderRun(tmp_path / "undisturbed"))
    for _ in range(3):
        with pytest.raises(Interrupted):
            fit(learner(), RECIPE, Stopped(tmp_path / "stopped", steps=1))
    resumed = fit(learner(), RECIPE, FolderRun(tmp_path / "stopped"))
    assert resumed.history == undisturbed.history
    found, wanted = weights(resumed), weights(undisturbed)
    assert set(found) == set(wanted)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)

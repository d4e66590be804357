import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from headrace.errors import WorkloadFailed
from headrace.learning import Batch, Fitted, Networks, Update, fit
from headrace.learning.sampling import Rows
from headrace.training.folder_run import FolderRun
from headrace.workload import BadData, Pruned
from tests.unit.headrace.learning.learners import Points, Rivals, recipe
from tests.unit.headrace.learning.runs import trained, weights


class Judged(Points):
    """Points whose held-out scores are given, with the weights that each epoch had."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.scores, self.kept = scores, list[Tensor]()

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        self.kept.append(weights(Fitted(networks)).clone())
        return {"held_out": self.scores[len(self.kept) - 1]}


class Sliding(Points):
    """Points learned by plain gradient descent with a rate of one, so that a step is as long as its gradient."""

    def __init__(self) -> None:
        super().__init__(dropout=0)
        self.moved = list[float]()

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        return {"net": SGD(networks["net"].parameters(), 1.0)}

    def rate(self, done: float) -> float:
        return 1.0

    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        before = weights(Fitted(networks))
        losses = super().step(networks, batch, update)
        self.moved.append(float((weights(Fitted(networks)) - before).norm()))
        return losses


class Diverging(Points):
    def step(self, networks: Networks, batch: Batch, update: Update) -> Mapping[str, Tensor]:
        losses = super().step(networks, batch, update)
        return {**losses, "penalty": losses["loss"] * (float("nan") if self.steps == 9 else 1.0)}


class Unreadable(Points):
    def load(self, rows: Rows, random: np.random.Generator) -> Batch:
        raise BadData("row 7 cannot be read")


class Pruning(FolderRun):
    def log(self, step: int, values: Mapping[str, float]) -> None:
        raise Pruned("others do better")


class Drawing(Points):
    def pictures(self, networks: Networks, epoch: int) -> Mapping[str, bytes]:
        return {f"{epoch}.png": ", ".join(networks).encode()}


class Pixels(Points):
    """Points as tiny pictures, for a network with convolutions."""

    def networks(self) -> Networks:
        return {"net": nn.Sequential(nn.Unflatten(1, (5, 1, 1)), nn.Conv2d(5, 8, 1), nn.Flatten(), nn.Linear(8, 3))}


def test_a_network_learns(tmp_path: Path) -> None:
    fitted = fit(Points(300), recipe(epochs=15), FolderRun(tmp_path))
    assert fitted.history[-1]["right"] > 0.9
    assert fitted.history[-1]["loss"] < fitted.history[0]["loss"] / 2
    assert not fitted.networks["net"].training


def test_the_best_epoch_is_kept_and_patience_ends_the_training(tmp_path: Path) -> None:
    learner = Judged([3.0, 1.0, 2.0, 1.0, 0.5])
    fitted = fit(learner, recipe(epochs=5, patience=2), FolderRun(tmp_path))
    assert len(fitted.history) == 4, "an equal score is no better one"
    assert torch.equal(weights(fitted), learner.kept[1])


def test_without_patience_every_epoch_is_trained_and_the_best_kept(tmp_path: Path) -> None:
    learner = Judged([3.0, 1.0, 2.0])
    fitted = fit(learner, recipe(), FolderRun(tmp_path))
    assert torch.equal(weights(fitted), learner.kept[1])


def test_the_best_may_be_the_highest(tmp_path: Path) -> None:
    learner = Judged([3.0, 1.0, 2.0])
    learner.monitor = ("held_out", "higher")
    assert torch.equal(weights(fit(learner, recipe(), FolderRun(tmp_path))), learner.kept[0])


def test_without_a_monitored_score_the_last_epoch_is_kept(tmp_path: Path) -> None:
    learner = Judged([1.0, 2.0, 3.0])
    learner.monitor = None
    assert torch.equal(weights(fit(learner, recipe(patience=1), FolderRun(tmp_path))), learner.kept[2])


def test_a_score_that_is_no_number_is_never_the_best(tmp_path: Path) -> None:
    learner = Judged([float("nan"), 2.0, float("nan")])
    assert torch.equal(weights(fit(learner, recipe(), FolderRun(tmp_path))), learner.kept[1])


@pytest.mark.parametrize("parts", [2, 4, 16, 40])
def test_parts_that_are_accumulated_make_one_batch(parts: int, tmp_path: Path) -> None:
    whole = trained(Points(dropout=0, noise=0), recipe(), tmp_path / "a")
    accumulated = trained(Points(dropout=0, noise=0), recipe(accumulate=parts), tmp_path / "b")
    assert torch.allclose(accumulated, whole, atol=1e-5)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_loss_teaches_only_the_network_it_is_meant_for(frozen: bool, tmp_path: Path) -> None:
    wanted = trained(Rivals(frozen=True), recipe(), tmp_path / "a")
    found = trained(Rivals(frozen), recipe(accumulate=4), tmp_path / "b")
    assert torch.allclose(found, wanted, atol=1e-6)


def test_gradients_are_clipped_to_the_length_asked_for(tmp_path: Path) -> None:
    free, clipped = Sliding(), Sliding()
    fit(free, recipe(), FolderRun(tmp_path / "a"))
    fit(clipped, recipe(clip=0.05), FolderRun(tmp_path / "b"))
    assert max(free.moved) > 0.1
    assert max(clipped.moved) == pytest.approx(0.05, rel=1e-3)


def test_the_number_of_loading_threads_changes_nothing(tmp_path: Path) -> None:
    found = [trained(Points(), recipe(loaders=loaders), tmp_path / str(loaders)) for loaders in (0, 1, 2, 3)]
    assert all(torch.equal(each, found[0]) for each in found)


def test_bfloat16_is_mixed_in_where_asked(tmp_path: Path) -> None:
    exact = fit(Points(dropout=0), recipe(), FolderRun(tmp_path / "a"))
    mixed = fit(Points(dropout=0), recipe(precision="bf16-mixed"), FolderRun(tmp_path / "b"))
    assert weights(mixed).dtype == torch.float32
    assert not torch.equal(weights(mixed), weights(exact))
    assert mixed.history[-1]["loss"] == pytest.approx(exact.history[-1]["loss"], rel=0.05)


def test_weights_may_lie_with_channels_last(tmp_path: Path) -> None:
    usual = trained(Pixels(), recipe(), tmp_path / "a")
    assert torch.allclose(trained(Pixels(), recipe(channels_last=True), tmp_path / "b"), usual, atol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the compiler's own
def test_a_compiled_network_learns_the_same(tmp_path: Path) -> None:
    usual = trained(Points(96, dropout=0), recipe(), tmp_path / "a")
    assert torch.allclose(trained(Points(96, dropout=0), recipe(compile=True), tmp_path / "b"), usual, atol=1e-4)


def test_a_loss_that_is_no_number_fails_the_training_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(WorkloadFailed, match="the loss 'penalty' is no number any more in epoch 2; train with a lower"):
        fit(Diverging(), recipe(), FolderRun(tmp_path))


@pytest.mark.parametrize("loaders", [0, 2])
def test_what_loading_raises_is_raised(loaders: int, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="row 7 cannot be read"):
        fit(Unreadable(), recipe(loaders=loaders), FolderRun(tmp_path))


def test_a_pruned_trial_ends_and_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(Pruned):
        fit(Points(), recipe(loaders=2), Pruning(tmp_path))
    assert threading.active_count() == before


def test_curves_have_losses_scores_rates_and_speed_once_an_epoch(tmp_path: Path) -> None:
    run = FolderRun(tmp_path)
    fitted = fit(Points(), recipe(), run)
    assert [point["step"] for point in run.curves] == [1, 2, 3]
    assert [point["loss"] for point in run.curves] == [epoch["loss"] for epoch in fitted.history]
    assert run.curves[-1]["learning_rate/net"] == pytest.approx(0.01 * (1 - 20 / 21 / 2))
    assert run.curves[-1]["examples_per_second"] > 0
    assert 0 <= run.curves[-1]["input_wait"] <= 1


def test_progress_says_the_epoch_the_loss_the_rate_and_the_time_left(tmp_path: Path) -> None:
    said = list[str]()
    fit(Points(), recipe(), FolderRun(tmp_path, said.append))
    assert "epoch 1/3: loss 1." in said[0]
    assert said[0].endswith(" left")
    assert "examples/s" in said[0]


def test_what_a_learner_draws_becomes_a_picture(tmp_path: Path) -> None:
    fit(Drawing(), recipe(), FolderRun(tmp_path))
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["0.png", "1.png", "2.png"]


def test_fewer_examples_than_a_batch_are_one_batch(tmp_path: Path) -> None:
    learner = Points(size=3)
    fit(learner, recipe(), FolderRun(tmp_path))
    assert learner.steps == 3

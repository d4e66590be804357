import json
from pathlib import Path
from typing import Any

import pytest
import torch

from headrace.learning import fit
from headrace.training.folder_run import FolderRun
from headrace.workload import Interrupted
from tests.unit.headrace.learning.learners import Points, recipe
from tests.unit.headrace.learning.runs import interrupted, weights

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "accumulated": {"accumulate": 3},
    "patient": {"epochs": 12, "patience": 2, "batch_size": 50},
    "clipped": {"clip": 0.05},
    "on threads": {"loaders": 2},
    "in bfloat16": {"precision": "bf16-mixed"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_interrupted_training_ends_as_an_undisturbed_one(variant: str, tmp_path: Path) -> None:
    how = recipe(**VARIANTS[variant])
    undisturbed = fit(Points(), how, FolderRun(tmp_path / "a"))
    within, at_the_end_of_an_epoch, again = (step * how.accumulate for step in (3, 7, 12))
    resumed = interrupted(Points(), how, tmp_path / "b", [within, at_the_end_of_an_epoch, again])
    assert torch.equal(weights(resumed), weights(undisturbed))
    assert resumed.history == undisturbed.history


def test_a_training_that_is_interrupted_at_every_step_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed = fit(Points(), recipe(), FolderRun(tmp_path / "a"))
    resumed = interrupted(Points(), recipe(), tmp_path / "b", range(1, 22))
    assert torch.equal(weights(resumed), weights(undisturbed))
    assert resumed.history == undisturbed.history


def test_batches_of_like_length_are_resumed_too(tmp_path: Path) -> None:
    undisturbed = fit(Points(varied=True), recipe(), FolderRun(tmp_path / "a"))
    resumed = interrupted(Points(varied=True), recipe(), tmp_path / "b", [5, 9])
    assert torch.equal(weights(resumed), weights(undisturbed))


def test_other_seeds_end_elsewhere(tmp_path: Path) -> None:
    one, other = (weights(fit(Points(), recipe(seed=seed), FolderRun(tmp_path / str(seed)))) for seed in (0, 1))
    assert not torch.allclose(one, other)


def test_a_stop_is_said_with_the_step_and_loses_none(tmp_path: Path) -> None:
    learner, run = Points(), FolderRun(tmp_path)
    learner.after = lambda done: setattr(run, "stopping", done == 10)
    with pytest.raises(Interrupted, match="stopped at step 10 of 21; the next attempt goes on from there"):
        fit(learner, recipe(), run)
    learner = Points()
    fit(learner, recipe(), FolderRun(tmp_path))
    assert learner.steps == 21


def test_a_process_that_dies_without_a_word_goes_on_from_its_last_checkpoint(tmp_path: Path) -> None:
    how = recipe(checkpoint_seconds=0)
    undisturbed = fit(Points(), how, FolderRun(tmp_path / "a"))
    learner = Points()
    learner.after = _die_at_nine
    with pytest.raises(OSError, match="pulled the plug"):
        fit(learner, how, FolderRun(tmp_path / "b"))
    learner = Points()
    resumed = fit(learner, how, FolderRun(tmp_path / "b"))
    assert torch.equal(weights(resumed), weights(undisturbed))
    assert learner.steps == 21


def _die_at_nine(done: int) -> None:
    if done == 9:
        raise OSError("pulled the plug")


def test_an_epoch_is_logged_once_though_it_was_interrupted(tmp_path: Path) -> None:
    fit(Points(), recipe(), undisturbed := FolderRun(tmp_path / "a"))
    interrupted(Points(), recipe(), tmp_path / "b", [8, 14, 15], logged := list[int]())
    assert logged == [1, 2, 3]
    assert _losses(tmp_path / "b") == [point["loss"] for point in undisturbed.curves]


def _losses(folder: Path) -> list[float]:
    return [point["loss"] for point in json.loads((folder / "curves.json").read_text())]


def test_checkpoints_are_as_far_apart_as_asked(tmp_path: Path) -> None:
    fit(Points(), recipe(checkpoint_seconds=3600), FolderRun(tmp_path / "a"))
    assert not (tmp_path / "a" / "checkpoint").exists()
    fit(Points(), recipe(checkpoint_seconds=0), FolderRun(tmp_path / "b"))
    assert (tmp_path / "b" / "checkpoint" / "training.pt").is_file()


def test_a_training_that_had_ended_ends_again_at_once(tmp_path: Path) -> None:
    how = recipe(checkpoint_seconds=0)
    first = fit(Points(), how, FolderRun(tmp_path))
    learner = Points()
    again = fit(learner, how, FolderRun(tmp_path))
    assert learner.steps == 21, "the steps that were restored; none was done again"
    assert torch.equal(weights(again), weights(first))

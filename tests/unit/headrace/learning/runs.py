"""Trainings by themselves in a folder, and what came of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from headrace.learning import Fitted, Learner, Recipe, fit
from headrace.training.folder_run import FolderRun
from headrace.workload import Interrupted
from tests.unit.headrace.learning.learners import Points


def weights(fitted: Fitted) -> Tensor:
    """All of them, one after the other."""
    return torch.cat([value.flatten() for net in fitted.networks.values() for value in net.state_dict().values()])


def trained(learner: Learner, recipe: Recipe, folder: Path) -> Tensor:
    """The weights in the end."""
    return weights(fit(learner, recipe, FolderRun(folder)))


def interrupted(
    learner: Points, recipe: Recipe, folder: Path, after: Sequence[int], logged: list[int] | None = None
) -> Fitted:
    """The same training when the machine is taken away after each of the steps `after`; `logged` gets the epochs."""
    for step in after:
        run = _Heard(folder, [] if logged is None else logged)
        learner.after = partial(_stop, run, step)
        with pytest.raises(Interrupted):
            fit(learner, recipe, run)
        learner.steps = -1000
    learner.after = lambda _: None
    return fit(learner, recipe, _Heard(folder, [] if logged is None else logged))


class _Heard(FolderRun):
    def __init__(self, folder: Path, logged: list[int]) -> None:
        super().__init__(folder)
        self._logged = logged

    def log(self, step: int, values: Mapping[str, float]) -> None:
        super().log(step, values)
        self._logged.append(step)


def _stop(run: FolderRun, step: int, done: int) -> None:
    run.stopping = done >= step

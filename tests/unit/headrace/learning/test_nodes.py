import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from headrace.learning import fit
from headrace.training.folder_run import FolderRun
from tests.unit.headrace.learning.learners import Points, recipe
from tests.unit.headrace.learning.nodes import run_nodes
from tests.unit.headrace.learning.runs import weights

TOLERANCE = 1e-5
"""Sums of gradients are taken in another order."""


Outcome = tuple[list[Mapping[str, float]], NDArray[np.float32]]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The curve and the weights of one process with batches of 32."""
    run = FolderRun(tmp_path_factory.mktemp("alone"))
    fitted = fit(Points(96, dropout=0, noise=0), recipe(batch_size=32), run)
    return list(fitted.history), weights(fitted).numpy()


def came_out(folder: Path, rank: int) -> Outcome:
    return json.loads((folder / f"history-{rank}.json").read_text()), np.load(folder / f"weights-{rank}.npy")


def is_same(found: Outcome, wanted: Outcome) -> bool:
    curve, curve_wanted = (
        [[epoch[name] for name in sorted(epoch)] for epoch in history] for history, _ in (found, wanted)
    )
    return np.allclose(curve, curve_wanted, atol=TOLERANCE) and np.allclose(found[1], wanted[1], atol=TOLERANCE)


@pytest.mark.parametrize("nodes", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_several_nodes_learn_as_one_with_the_batches_of_all(nodes: int, tmp_path: Path, alone: Outcome) -> None:
    assert run_nodes(nodes, tmp_path, 32 // nodes) == [0] * nodes
    for rank in range(nodes):
        assert is_same(came_out(tmp_path, rank), alone)
    curves = json.loads((tmp_path / "curves.json").read_text())
    assert [point["loss"] for point in curves] == pytest.approx([epoch["loss"] for epoch in alone[0]], abs=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_a_lost_node_fails_the_other_at_once_and_a_new_pair_goes_on(
    killed: int, tmp_path: Path, alone: Outcome
) -> None:
    assert all(run_nodes(2, tmp_path, 16, ("killed", killed, 5)))
    lost, noticed = (float((tmp_path / name).read_text()) for name in ("killed", f"Interrupted-{1 - killed}"))
    assert noticed - lost < 10
    assert (tmp_path / "checkpoint" / "training.pt").is_file()
    assert run_nodes(2, tmp_path, 16) == [0, 0]
    assert is_same(came_out(tmp_path, 0), alone)
    assert is_same(came_out(tmp_path, 1), alone)


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_node_that_must_go_stops_the_other_and_a_new_pair_goes_on(
    stopped: int, tmp_path: Path, alone: Outcome
) -> None:
    assert all(run_nodes(2, tmp_path, 16, ("stopped", stopped, 5)))
    assert [path.name for path in sorted(tmp_path.glob("*-[01]"))] == ["Interrupted-0", "Interrupted-1"]
    assert run_nodes(2, tmp_path, 16) == [0, 0]
    assert is_same(came_out(tmp_path, 0), alone)

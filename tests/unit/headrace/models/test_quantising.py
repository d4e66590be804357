from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from headrace import catalogue, loading
from headrace.data.folder_dataset import FolderDataset
from headrace.errors import WorkloadFailed
from headrace.models.session import Session
from headrace.options.quantised import Quantised
from headrace.training import stages
from headrace.training.folder_run import FolderRun
from workloads.cats_dogs import generator

WORKLOAD = "cats_dogs"
QUICK = {"width": 8, "epochs": 6, "batch_size": 16, "threads": 1, "loaders": 0}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A network of photos, and the split that it learned."""
    folder = tmp_path_factory.mktemp("quantising")
    generator.sample(folder / "raw")
    stages.prepare(WORKLOAD, FolderDataset(folder / "raw"), folder / "split")
    torch.manual_seed(0)
    return stages.fit(WORKLOAD, QUICK, folder / "split", FolderRun(folder / "run")), folder / "split"


def test_a_quantised_export_is_smaller_nearly_the_same_and_scored_as_it_is(
    trained: tuple[Any, Path], tmp_path: Path
) -> None:
    model, split = trained
    plain = stages.export(WORKLOAD, model, split, tmp_path / "plain")
    small = stages.export(WORKLOAD, model, split, tmp_path / "small", Quantised(max_parity=0.2, min_same=0.9))
    sizes = [(each.export / "model.onnx").stat().st_size for each in (plain, small)]
    assert sizes[1] < 0.75 * sizes[0]
    assert plain.parity.difference < 1e-4 < small.parity.difference <= 0.2
    codec, examples = (
        loading.serving(WORKLOAD).open(small.export),
        loading.serving(WORKLOAD).examples(split / "test"),
    )
    inputs = codec.encode(examples.instances[:8])
    for rows in (1, 8):
        part = {name: array[:rows] for name, array in inputs.items()}
        assert np.isfinite(Session(small.export, 64).run(part)["probabilities"]).all()
    losses = [stages.evaluate(WORKLOAD, each.export, split).scores["log_loss"] for each in (plain, small)]
    assert losses[0] != losses[1]
    assert abs(losses[0] - losses[1]) < 0.1


def test_a_quantised_export_that_is_too_far_off_is_refused(trained: tuple[Any, Path], tmp_path: Path) -> None:
    model, split = trained
    with pytest.raises(WorkloadFailed, match=r"more than the 1e-06 allowed"):
        stages.export(WORKLOAD, model, split, tmp_path, Quantised(max_parity=1e-6))


def test_a_candidate_says_so_beside_its_parameters() -> None:
    given = catalogue.describe(WORKLOAD).model_dump(exclude={"own_resources", "quantised", "search"})
    given["candidates"] = {"plain": {"width": 8}, "small": {"width": 8, "quantise": {"max_parity": 0.1}}}
    described = catalogue.Description.model_validate(given)
    assert described.candidates["small"] == {"width": 8}
    assert described.quantised_of("small") == Quantised(max_parity=0.1)
    assert described.quantised_of("plain") is None
    given["candidates"] = {"small": {"quantise": {"to": "int4", "max_parity": 0.1}}}
    with pytest.raises(ValidationError, match="int8"):
        catalogue.Description.model_validate(given)

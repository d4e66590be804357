from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster

from headrace import catalogue
from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from headrace.workload import BadData, Pruned
from tests.unit.workloads.loans import csv_bytes
from workloads.loan_default import engines
from workloads.loan_default.generator import month
from workloads.loan_default.serving import serving
from workloads.loan_default.table import read_table
from workloads.loan_default.training import Model, training

PARAMS = {**catalogue.describe("loan_default").candidates["xgboost"], "n_estimators": 40}
SAME_AUC = 0.005


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight thousand loans, prepared."""
    dataset, folder = (tmp_path_factory.mktemp(name) for name in ("months", "months-split"))
    for number in range(1, 5):
        (dataset / f"{number}.csv").write_bytes(csv_bytes(month(2000, f"2024-{number:02d}", 0.0, number)))
    training.prepare(FolderDataset(dataset), folder)
    return folder


def auc(model: Model, split: Path) -> float:
    test = read_table(split / "test")
    outputs = training.predict(model, {"features": test.x})
    return serving.metrics(serving.outcomes(test.y, outputs))["auc"]


def trained(split: Path, folder: Path, **params: Any) -> tuple[Model, FolderRun]:
    run = FolderRun(folder)
    return training.train(split / "train", {**PARAMS, **params}, run), run


@pytest.fixture(scope="module")
def in_memory(months: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, FolderRun]:
    return trained(months, tmp_path_factory.mktemp("run"))


def assert_same(found: tuple[Model, FolderRun], wanted: tuple[Model, FolderRun], split: Path) -> None:
    assert abs(auc(found[0], split) - auc(wanted[0], split)) < SAME_AUC
    assert [point["step"] for point in found[1].curves] == [point["step"] for point in wanted[1].curves]
    assert abs(found[1].curves[-1]["validation_auc"] - wanted[1].curves[-1]["validation_auc"]) < 0.02


def test_out_of_core_gives_the_same_model(
    in_memory: tuple[Model, FolderRun], months: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_PAGE", 500)
    assert_same(trained(months, tmp_path, engine="external"), in_memory, months)


def test_a_dask_cluster_gives_the_same_model(in_memory: tuple[Model, FolderRun], months: Path, tmp_path: Path) -> None:
    with LocalCluster(2, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None) as cluster:
        found = trained(months, tmp_path, engine="dask", scheduler=cluster.scheduler_address)
    assert_same(found, in_memory, months)


@pytest.mark.slow
def test_dask_without_an_address_makes_a_cluster_of_this_machine(
    in_memory: tuple[Model, FolderRun], months: Path, tmp_path: Path
) -> None:
    model, run = trained(months, tmp_path, engine="dask", validation=0)
    assert abs(auc(model, months) - auc(in_memory[0], months)) < SAME_AUC
    assert not run.curves


def test_the_curves_change_nothing_in_the_model(
    in_memory: tuple[Model, FolderRun], months: Path, tmp_path: Path
) -> None:
    without, run = trained(months, tmp_path, validation=0)
    for number, (model, name) in enumerate([(without, "without"), (in_memory[0], "with")]):
        training.export(model, tmp_path / name)
        assert bool(in_memory[1].curves if number else run.curves) == bool(number)
    assert (tmp_path / "without/model.onnx").read_bytes() == (tmp_path / "with/model.onnx").read_bytes()


def test_the_curves_end_with_the_last_round_and_have_learned(in_memory: tuple[Model, FolderRun]) -> None:
    curves = in_memory[1].curves
    assert [point["step"] for point in curves] == [20, 40]
    assert curves[-1]["validation_logloss"] < curves[0]["validation_logloss"]
    assert curves[-1]["validation_auc"] > 0.6


class Pruning(FolderRun):
    def log(self, step: int, values: Mapping[str, float]) -> None:
        super().log(step, values)
        raise Pruned(f"others do better at step {step}")


@pytest.mark.parametrize("engine", ["memory", "external"])
def test_a_trial_that_is_pruned_ends_at_its_first_point(engine: str, months: Path, tmp_path: Path) -> None:
    run = Pruning(tmp_path)
    with pytest.raises(Pruned, match="step 20"):
        training.train(months / "train", {**PARAMS, "engine": engine}, run)
    assert len(run.curves) == 1


def test_pages_are_the_table_cut(months: Path) -> None:
    table = read_table(months / "train")
    part = table.rows(slice(100, 1300)).rows(slice(50, None))
    pages = list(part.pages(500))
    assert [len(page) for page in pages] == [500, 500, 150]
    assert np.array_equal(np.concatenate([page.x for page in pages]), table.x[150:1300], equal_nan=True)
    assert np.array_equal(np.concatenate([page.y for page in pages]), table.y[150:1300])


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"engine": "spark"}, "no engine named 'spark'; a candidate's `engine` is one of memory, external, dask"),
        ({"scheduler": "tcp://10.0.0.1:8786"}, "is of use to the engine dask only, and the engine is 'memory'"),
        ({"validation": 1}, "validation 1 is not a share of the loans"),
        ({"validation": "much"}, "validation 'much' is not a share of the loans"),
    ],
)
def test_params_that_mean_nothing_are_refused(
    params: dict[str, Any], sentence: str, months: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadData, match=sentence):
        trained(months, tmp_path, **params)

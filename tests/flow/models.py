"""A folder in; small models of loans, trained there once and registered as a training job would, out."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from headrace.adapters.tracking import TrainingRun
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.data.folder_dataset import FolderDataset
from headrace.ports import Version
from headrace.training import stages
from headrace.training.folder_run import FolderRun
from headrace.wiring import GoogleCloud
from tests.flow.loop import WORKLOAD
from workloads.loan_default.generator import write_csv
from workloads.loan_default.training import training

DATASET = "9f2c41d8a7b35e60"
WIDE = 1e8
"""An income that no loan has; who learned from the generator's has never seen one."""


class Models:
    """One that learned from what happened, one from the opposite, and one that fails on incomes of `WIDE`."""

    def __init__(self, folder: Path) -> None:
        self.testset = folder / "loans-split" / "test"
        self.good, self.contrary = _trained(folder, "loans", {}), _trained(folder, "opposite", SWAPPED)
        self.failing = _trained(folder, "failing", {})
        _spoil(self.failing)


SWAPPED = {"Charged Off": "?", "Fully Paid": "Charged Off", "?": "Fully Paid"}


def prepare(platform: GoogleCloud, models: Models, scratch: Path) -> str:
    """Have the models' dataset version on the platform; the digest of its test set."""
    manifest = Manifest(workload=WORKLOAD, dataset=DATASET, source="gs://local-headrace-data/loans.csv#1", files=())
    datasets.publish(platform.store, manifest)
    datasets.freeze(platform.store, WORKLOAD, DATASET, models.testset)
    return datasets.thaw(platform.store, WORKLOAD, DATASET, scratch / "thawed")


def register(platform: GoogleCloud, export: Path, testset: str, job: str) -> Version:
    """A version of the model in `export`."""
    run_id, source = log(platform, WORKLOAD, export, job)
    tags = {"headrace.dataset": DATASET, "headrace.testset": testset, "headrace.job": job}
    return platform.registry.register(WORKLOAD, run_id, source, {**tags, "headrace.candidate": "logistic_regression"})


def log(platform: GoogleCloud, workload: str, export: Path, job: str) -> tuple[str, str]:
    """The run that has the model in `export`, and where in it that is."""
    run = TrainingRun(platform.settings.mlflow_url, workload, job, {})
    source = run.log_export(export)
    run.finish()
    return run.id, source


def _trained(folder: Path, name: str, replaced: Mapping[str, str]) -> Path:
    data, split, built = folder / name, folder / f"{name}-split", folder / f"{name}-model"
    data.mkdir()
    for month in range(1, 5):
        path = data / f"loans-{month}.csv"
        write_csv(path, 150, f"2024-{month:02d}", seed=month)
        text = path.read_text()
        for old, new in replaced.items():
            text = text.replace(old, new)
        path.write_text(text)
    training.prepare(FolderDataset(data), split)
    model = stages.fit(WORKLOAD, {"model": "logistic_regression", "C": 0.1}, split, FolderRun(built))
    return stages.export(WORKLOAD, model, split, built).export


def _spoil(export: Path) -> None:
    """Have the graph answer no number to an income of `WIDE`."""
    names = [field["name"] for field in json.loads((export / "codec.json").read_text())["features"]]
    model = onnx.load(export / "model.onnx")
    graph = model.graph
    for node in graph.node:
        node.output[:] = ["sound" if name == "probabilities" else name for name in node.output]
    constants = {
        "place": np.array([names.index("annual_inc")]),
        "wide": np.array(WIDE / 2, np.float32),
        "none": np.array(np.nan, np.float32),
    }
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    graph.node.extend(
        [
            helper.make_node("Gather", ["features", "place"], ["income"], axis=1),
            helper.make_node("Greater", ["income", "wide"], ["is_wide"]),
            helper.make_node("Where", ["is_wide", "none", "sound"], ["probabilities"]),
        ]
    )
    onnx.save(model, export / "model.onnx")

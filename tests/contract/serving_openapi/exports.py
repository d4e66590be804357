"""A folder in; every workload and template, trained for a moment on its own sample, ready to be hosted, out."""

import shutil
from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path

import yaml

from headrace import loading
from headrace.catalogue import Description
from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from headrace.workload import Serving
from services.inference.hosting.models import Workload
from tests.unit.inference.fakes import FakePlatform

TEMPLATES = ("tabular", "text", "image")
_ONE_EPOCH = {"epochs": 1}


def workloads() -> list[Workload]:
    """All of the catalogue, and the templates as `template_tabular` and so on."""
    own = [(name, f"workloads.{name}") for name in loading.names()]
    templates = [(f"template_{name}", f"workloads.template.{name}") for name in TEMPLATES]
    return [Workload(_description(name, package), _Serving(package)) for name, package in own + templates]


def published(platform: FakePlatform, folder: Path) -> list[Workload]:
    """The workloads; of each, version 1 is in the platform's registry and champion."""
    found = workloads()
    for workload in found:
        platform.fake_registry.publish(workload.name, 1)
        _export(workload, folder / workload.name, platform.fake_registry.root / workload.name / "1")
    return found


class _Serving:
    """Imports a workload's serving part when it is asked for."""

    def __init__(self, package: str) -> None:
        self.package = package

    def __call__(self) -> Serving:
        found: Serving = import_module(f"{self.package}.serving").serving
        return found


def _description(name: str, package: str) -> Description:
    text = (resources.files(package) / "workload.yaml").read_text("utf-8")
    return Description.model_validate({"name": name, **yaml.safe_load(text)})


def _export(workload: Workload, folder: Path, export: Path) -> None:
    """A model that has seen its data once: what it answers is of no account here, how it reads and writes is."""
    assert isinstance(workload.serving, _Serving)
    package = workload.serving.package
    dataset, split, run = (folder / part for part in ("dataset", "split", "run"))
    for made in (dataset, split, run):
        made.mkdir(parents=True)
    import_module(f"{package}.generator").sample(dataset)
    training = import_module(f"{package}.training").training
    training.prepare(FolderDataset(dataset), split)
    params = dict(next(iter(workload.description.candidates.values())))
    model = training.train(split / "train", params | (_ONE_EPOCH if "epochs" in params else {}), FolderRun(run))
    shutil.rmtree(export)
    export.mkdir()
    training.export(model, export)


def parts() -> Iterator[str]:
    """The names of all that is hosted."""
    return (workload.name for workload in workloads())

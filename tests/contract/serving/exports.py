"""Models of shipped workloads, as a training exports them, put into a registry."""

from pathlib import Path

import numpy as np
import torch

from headrace import catalogue, loading
from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from services.inference.hosting.models import Workload
from tests.unit.inference.fakes import FakePlatform
from workloads.cats_dogs.network import Answering, Classifier
from workloads.cats_dogs.training import Model
from workloads.cats_dogs.training import training as pets
from workloads.loan_default.generator import sample
from workloads.loan_default.training import training as loans


def loan_default(platform: FakePlatform, folder: Path) -> Workload:
    """A logistic regression, really trained on a small dataset."""
    dataset, split = folder / "dataset", folder / "split"
    dataset.mkdir(parents=True)
    sample(dataset)
    loans.prepare(FolderDataset(dataset), split)
    params = catalogue.describe("loan_default").candidates["logistic_regression"]
    loans.export(loans.train(split / "train", params, FolderRun(folder / "run")), _export(platform, "loan_default"))
    return _hosted("loan_default")


def cats_dogs(platform: FakePlatform) -> Workload:
    """A network that was never trained: what it says of a picture is of no account, but the same every time."""
    torch.manual_seed(0)
    network = Answering(Classifier(width=4, dropout=0.0)).eval()
    example = {"image": np.zeros((2, 3, 64, 64), np.uint8)}
    pets.export(Model(network, example), _export(platform, "cats_dogs"))
    return _hosted("cats_dogs")


def _export(platform: FakePlatform, name: str) -> Path:
    folder = platform.fake_registry.root / name / "1"
    folder.mkdir(parents=True)
    platform.fake_registry.set_alias(name, "champion", 1)
    return folder


def _hosted(name: str) -> Workload:
    return Workload(catalogue.describe(name), lambda: loading.serving(name))

"""Two small models of loans, trained once: one that learned from what happened, one from the opposite."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from headrace import catalogue
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.data.folder_dataset import FolderDataset
from headrace.events import ChallengerNamed
from headrace.ports import Version
from headrace.promotion.promotions import VERDICT
from headrace.training import stages
from headrace.training.folder_run import FolderRun
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv
from workloads.loan_default.training import training

from .judging import Register, W, announced, judged
from .trying import described, evaluated

DATASET = "9f2c41d8a7b35e60"


@dataclass(frozen=True, slots=True)
class Models:
    """The frozen test set's folder, and export folders."""

    testset: Path
    good: Path
    contrary: Path


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    root = tmp_path_factory.mktemp("models")
    dataset, opposite = root / "dataset", root / "opposite"
    dataset.mkdir()
    opposite.mkdir()
    for month in range(1, 5):
        path = dataset / f"loans-{month}.csv"
        write_csv(path, 150, f"2024-{month:02d}", seed=month)
        text = path.read_text().replace("Charged Off", "?").replace("Fully Paid", "Charged Off")
        (opposite / path.name).write_text(text.replace("?", "Fully Paid"))
    for folder in (dataset, opposite):
        training.prepare(FolderDataset(folder), root / f"{folder.name}-split")
        split, built = root / f"{folder.name}-split", root / f"{folder.name}-model"
        model = stages.fit(W, {"model": "logistic_regression", "C": 0.1}, split, FolderRun(built))
        stages.export(W, model, split, built)
    return Models(
        root / "dataset-split" / "test", root / "dataset-model" / "export", root / "opposite-model" / "export"
    )


@pytest.fixture
def platform(models: Models) -> FakePlatform:
    """A platform that has the models' dataset version, its test set frozen."""
    platform = FakePlatform()
    manifest = Manifest(workload=W, dataset=DATASET, source="gs://local-headrace-data/loan_default/x.csv#1", files=())
    datasets.publish(platform.store, manifest)
    datasets.freeze(platform.store, W, DATASET, models.testset)
    return platform


@pytest.fixture
def register(platform: FakePlatform, tmp_path: Path, models: Models) -> Callable[..., Version]:
    """Registers an export as a training job would; `tags` are added, and those that are None left out."""
    digest = datasets.thaw(platform.store, W, DATASET, tmp_path / "thawed")

    def version(export: Path, **tags: str | None) -> Version:
        usual = {"headrace.dataset": DATASET, "headrace.testset": digest, "headrace.candidate": "logistic_regression"}
        kept = {key: value for key, value in (usual | tags).items() if value is not None}
        return platform.registry.register(W, "run", str(export), kept)

    return version


@pytest.fixture
def champion(platform: FakePlatform, register: Callable[..., Version], models: Models) -> Version:
    """The good model as champion, promoted and announced."""
    version = register(models.good)
    assert judged(platform, version) == []
    announced(platform)
    return version


@pytest.fixture
def canary() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        described(monkeypatch, mode="canary", share=0.2)
        yield monkeypatch


@pytest.fixture
def weak(platform: FakePlatform, register: Register, models: Models) -> Version:
    """A champion that is easily beaten."""
    version = register(models.contrary, **{VERDICT: "promoted"})
    platform.registry.set_alias(W, "champion", version.number)
    announced(platform)
    return version


@pytest.fixture
def challenger(
    platform: FakePlatform, register: Register, models: Models, weak: Version, canary: pytest.MonkeyPatch
) -> Version:
    """A better version, on trial against it."""
    version = register(models.good)
    (named,) = evaluated(platform, version)
    assert named == ChallengerNamed(workload=W, version=version.number, champion=weak.number, mode="canary", share=0.2)
    return version


@pytest.fixture
def manual() -> Iterator[pytest.MonkeyPatch]:
    """The loans' policy, with a person who has the last word."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        before = catalogue.describe(W)
        promotion = before.promotion.model_copy(update={"approval": "manual"})
        monkeypatch.setattr(catalogue, "describe", lambda _: before.model_copy(update={"promotion": promotion}))
        yield monkeypatch


@pytest.fixture
def waiting(
    platform: FakePlatform, weak: Version, register: Register, models: Models, manual: pytest.MonkeyPatch
) -> Version:
    """A better version than the champion, which nobody has approved."""
    version = register(models.good)
    judged(platform, version)
    return version

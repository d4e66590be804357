"""A version in; the data, the training and the code that it came from, and what it was judged by, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from headrace.data import datasets
from headrace.errors import NotFound, Rejected
from headrace.ports import Logged, Platform, Version
from headrace.settings import Settings
from services.studio.reading.versions import Seen


@dataclass(frozen=True, slots=True)
class Origin:
    """One thing that a version came from or led to; `link` leads to where more is said of it."""

    what: str
    which: str
    link: str = ""


def origins(platform: Platform, where: Settings, version: Seen) -> list[Origin]:
    """What is known of it, from the upload on."""
    training = _training(platform, version)
    commit = training.tags.get("mlflow.source.git.commit", "") if training else ""
    page = f"/data?{urlencode({'workload': version.workload, 'dataset': version.dataset})}"
    known = [
        Origin("Uploaded as", _source(platform, version)),
        Origin("Dataset version", version.dataset, page if version.dataset else ""),
        Origin("Frozen test set", version.testset),
        Origin("Training job", version.job),
        Origin("Candidate", version.candidate),
        Origin("Trained", _trained(training)),
        Origin("Code revision", commit),
        Origin("MLflow run", version.run_id, _run_page(where, version, training)),
        Origin("Registered model", f"{version.workload}, version {version.number}", _model_page(where, version)),
        Origin("Judged against", f"version {version.against}" if version.against else "no champion"),
    ]
    return [each for each in known if each.which]


def parameters(platform: Platform, version: Seen) -> Sequence[tuple[str, str]]:
    """What it was trained with."""
    training = _training(platform, version)
    return sorted(training.params.items()) if training else []


def _training(platform: Platform, version: Seen) -> Logged | None:
    asked = Version(version.workload, version.number, version.run_id, "", version.created)
    try:
        return platform.registry.training(asked)
    except NotFound:
        return None


def _source(platform: Platform, version: Seen) -> str:
    try:
        return datasets.load(platform.store, version.workload, version.dataset).source if version.dataset else ""
    except Rejected:
        return ""


def _trained(training: Logged | None) -> str:
    if training is None:
        return ""
    took = f", {(training.ended - training.started).total_seconds():.0f} s" if training.ended else ""
    return f"{training.started:%Y-%m-%d %H:%M} UTC{took}"


def _model_page(where: Settings, version: Seen) -> str:
    return f"{where.mlflow_url}/#/models/{version.workload}/versions/{version.number}"


def _run_page(where: Settings, version: Seen, training: Logged | None) -> str:
    return f"{where.mlflow_url}/#/runs/{version.run_id}" if training else ""

"""Every fact that travels on the bus: past tense, frozen, ids and URIs only.

An event's identity is natural: its wire name, its workload and the fields named in `by`. Two components that report the
same fact therefore derive the same id without knowing of each other, and a repeat is recognised as one.
"""

from typing import ClassVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

NAMESPACE = UUID("6f3d3f5e-1c58-5c43-9d55-6d2f0a6e8f11")


class Event(BaseModel):
    """A fact about one workload. Subclasses state their wire name and the fields that make the fact unique."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    wire: ClassVar[str] = ""
    by: ClassVar[tuple[str, ...]] = ()
    workload: str

    def __init_subclass__(cls, *, wire: str, by: tuple[str, ...]) -> None:
        if wire in EVENTS:
            raise TypeError(f"{cls.__name__} and {EVENTS[wire].__name__} share the wire name {wire}")
        cls.wire, cls.by = wire, by
        EVENTS[wire] = cls

    @classmethod
    def topic(cls) -> str:
        """The topic's short name: the wire name without prefix and version, hyphened."""
        _, noun, _, verb = cls.wire.split(".")
        return f"{noun}-{verb}"

    @property
    def subject(self) -> str:
        """What the fact is about, unique among facts of its type."""
        return "/".join([self.workload, *(str(getattr(self, name)) for name in self.by)])

    @property
    def id(self) -> str:
        """The same for the same fact, whoever reports it and however often."""
        return str(uuid5(NAMESPACE, f"{self.wire}:{self.subject}"))


EVENTS: dict[str, type[Event]] = {}


class DatasetReady(Event, wire="headrace.dataset.v1.ready", by=("dataset",)):
    """A dataset version is complete: its manifest names every file by content."""

    dataset: str
    manifest: str


class DatasetRejected(Event, wire="headrace.dataset.v1.rejected", by=("source",)):
    """What was uploaded cannot be used; `source` is the object with its generation, or the dataset version."""

    source: str
    reason: str


class TrainingFailed(Event, wire="headrace.training.v1.failed", by=("job",)):
    """A training job ended without a model."""

    job: str
    candidate: str
    dataset: str
    reason: str


class ModelRegistered(Event, wire="headrace.model.v1.registered", by=("version",)):
    """A model version entered the registry."""

    version: int


class ModelRejected(Event, wire="headrace.model.v1.rejected", by=("version",)):
    """The evaluator kept the champion; the reasons say why."""

    version: int
    reasons: tuple[str, ...]


class ModelPromoted(Event, wire="headrace.model.v1.promoted", by=("change",)):
    """The champion changed. `change` counts a workload's changes of champion, so a return to a version is new."""

    version: int
    change: int
    replaced: int | None = None
    actor: str
    reason: str


class ChallengerNamed(Event, wire="headrace.challenger.v1.named", by=("version",)):
    """The evaluator judged a version fit, and has it tried against the champion on a share of the traffic."""

    version: int
    champion: int
    mode: str
    share: float


class ChallengerTried(Event, wire="headrace.challenger.v1.tried", by=("version", "outcome")):
    """A trial is over: `outcome` is passed or aborted. `latency_ms` are typical ones, `disagreement` a share."""

    version: int
    mode: str
    outcome: str
    reasons: tuple[str, ...]
    requests: int = 0
    errors: int = 0
    latency_ms: float | None = None
    champion_requests: int = 0
    champion_errors: int = 0
    champion_latency_ms: float | None = None
    disagreement: float | None = None


class ApprovalRequested(Event, wire="headrace.approval.v1.requested", by=("version",)):
    """A version passed every stage that its policy has, and waits for a person to approve or to reject it."""

    version: int
    champion: int | None = None
    reasons: tuple[str, ...]


class ModelUnserved(Event, wire="headrace.model.v1.unserved", by=("version",)):
    """An instance of the inference service cannot load the version that an alias names, or sees it fail too often."""

    version: int
    alias: str
    reason: str


class ModelDecayed(Event, wire="headrace.model.v1.decayed", by=("check",)):
    """Check after check, the champion does worse on requests whose truth is known than it did on its test set."""

    check: str
    version: int
    reason: str


class DriftChecked(Event, wire="headrace.drift.v1.checked", by=("check",)):
    """A window of predictions was held against the champion's reference, or was too small to be."""

    check: str
    version: int
    rows: int
    outcome: str
    verdict: str = ""
    alarms: tuple[str, ...] = ()
    report: str | None = None


class DriftDetected(Event, wire="headrace.drift.v1.detected", by=("check",)):
    """A window drifted; `dataset` is what to train on: the champion's data with the labels that have arrived since."""

    check: str
    version: int
    columns: tuple[str, ...]
    dataset: str
    report: str | None = None


class DriftRefused(Event, wire="headrace.drift.v1.refused", by=("check",)):
    """Drift that lasts causes no training, for the week's budget has nothing left for it: people are to decide.

    `dataset` is what would be trained on.
    """

    check: str
    version: int
    columns: tuple[str, ...]
    dataset: str
    reason: str
    report: str | None = None


class DataSuspected(Event, wire="headrace.data.v1.suspected", by=("check",)):
    """What a model is asked may be broken, or comes much more or less often than before; nothing is trained on it."""

    check: str
    version: int
    reasons: tuple[str, ...]
    report: str | None = None


class RetrainRequested(Event, wire="headrace.retrain.v1.requested", by=("request",)):
    """Somebody asked for a training on a dataset version, new or not; without `candidates`, of all of them."""

    request: str
    dataset: str
    actor: str
    candidates: tuple[str, ...] = ()
    reason: str = ""


class BatchScored(Event, wire="headrace.batch.v1.scored", by=("batch",)):
    """Every row of a batch input has its answer, or the reason why it has none: `rejected` of the `rows` do."""

    batch: str
    version: int
    rows: int
    rejected: int = 0
    manifest: str

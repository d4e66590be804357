"""What the handlers may ask of the world, as protocols; the adapters fulfil them on Google Cloud, fakes in tests."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What the bus carries: bytes, attributes, and the key within which order is kept."""

    topic: str
    data: bytes
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""


class Bus(Protocol):
    """Pub/Sub, as far as a component publishes."""

    def publish(self, *messages: Message) -> None:
        """Return when the service has every message; topics are named without their project.

        Raises Unavailable when it does not take them all; it may have some of them then.
        """


@dataclass(frozen=True, slots=True)
class Stat:
    """An object's name, generation, size in bytes and checksums (base64, as Cloud Storage gives them)."""

    name: str
    generation: int
    size: int
    crc32c: str
    updated: datetime
    md5: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class Tokens(Protocol):
    """Google's identity tokens, as far as a component checks them."""

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a token says that Google signed and that has not expired. Raises Unauthorized, or Unavailable."""


class Objects(Protocol):
    """One bucket."""

    bucket: str

    def uri(self, name: str) -> str:
        """The object's `gs://` address."""

    def link(self, name: str) -> str:
        """Where a browser finds the object."""

    def stat(self, name: str) -> Stat:
        """Raises NotFound."""

    def list(self, prefix: str, after: str | None = None) -> Iterator[Stat]:
        """Objects under `prefix` in the order of their names, from the name `after` on where one is given."""

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content, or its first `limit` bytes. Raises NotFound."""

    def open(self, name: str, generation: int) -> AbstractContextManager[BinaryIO]:
        """That generation as a file to read and to seek in, a few MiB of it at once in memory.

        Raises NotFound, on opening or on reading, when it is gone.
        """

    def write(self, name: str, data: bytes, over: int | None = None) -> int:
        """Create or replace, and return the generation; with `over`, replace only that generation.

        Raises Exists when another has come since.
        """

    def create(self, name: str, data: bytes) -> None:
        """Create. Raises Exists when the object is there: of many callers one succeeds."""

    def upload(self, name: str, path: Path, metadata: Mapping[str, str] | None = None, over: int | None = None) -> Stat:
        """Create or replace from a file, streamed; with `over`, replace only that generation, as `write` does."""

    def copy(self, name: str, source: "Objects", original: str, generation: int) -> None:
        """Create from an object of the bucket `source` without its bytes passing through here.

        Raises Exists when `name` is there, NotFound when that generation of `original` is gone.
        """

    def download(self, name: str, path: Path, generation: int | None = None) -> None:
        """Stream to a file, checksums verified. Raises NotFound when that generation is gone."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One training job: what runs, with what, for how long at most.

    Either `nodes` machines train together, or `workers` tasks work side by side. A task that was cut short is started
    again `retries` times; nodes are not, for their peers could not go on with a new one.
    """

    id: str
    command: Sequence[str]
    labels: Mapping[str, str]
    cpus: float
    memory_mib: int
    max_minutes: int
    gpu: str | None = None
    gpus: int = 1
    spot: bool = True
    nodes: int = 1
    workers: int = 1
    retries: int = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A job as Batch sees it. `state` is Batch's own word: QUEUED, SCHEDULED, RUNNING, SUCCEEDED, FAILED, …

    `since` is when it came into that state, `uid` what its log is kept under, `ran` how long it was RUNNING by now.
    """

    id: str
    state: str
    labels: Mapping[str, str]
    created: datetime
    since: datetime | None = None
    uid: str = ""
    spot: bool = False
    ran: timedelta = timedelta(0)


class Jobs(Protocol):
    """Batch."""

    def submit(self, spec: JobSpec) -> bool:
        """True when the job was created, False when a job of that id exists already."""

    def get(self, job: str) -> Job:
        """Raises NotFound."""

    def list(self) -> Sequence[Job]:
        """Every job that has not been deleted."""

    def was_cut_short(self, job: str) -> bool:
        """Whether a failed job's tasks were ended by a lost machine or an outage, not by themselves."""


class Runs(Protocol):
    """The Cloud Run jobs."""

    def run(self, job: str, arguments: Sequence[str] = (), tasks: int = 1) -> None:
        """Start so many tasks of the job with these arguments, and do not wait for their end.

        Raises NotFound, or Unavailable.
        """


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a job wrote: when, how grave it is in Cloud Logging's words (INFO, WARNING, ERROR, …), and the text."""

    at: datetime
    severity: str
    text: str


class Logs(Protocol):
    """Cloud Logging, as far as jobs write there. It is slow to answer and answers seldom: ask where somebody looks."""

    def of_job(self, uid: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The newest `most` lines that the Batch job with this uid wrote since then, oldest first.

        Raises Unavailable.
        """

    def of_run(self, job: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        """The same of all executions of a Cloud Run job."""


@dataclass(frozen=True, slots=True)
class Version:
    """A model version: `source` is where its artifacts are, `tags` carry the platform's facts about it."""

    workload: str
    number: int
    run_id: str
    source: str
    created: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    """What the run that made a version says of its training."""

    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A training's run, while it is under way and afterwards; `experiment` is the id of the one it belongs to."""

    run_id: str
    experiment: str
    logged: Logged


class Registry(Protocol):
    """MLflow's model registry; a registered model is named after its workload."""

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        """Every registered model with its aliases: `{workload: {alias: version}}`."""

    def versions(self, workload: str) -> Sequence[Version]:
        """Oldest first; none when the model does not exist."""

    def version(self, workload: str, number: int) -> Version:
        """Raises NotFound."""

    def alias(self, workload: str, alias: str) -> Version | None:
        """The version that the alias names, if any."""

    def set_alias(self, workload: str, alias: str, number: int) -> None:
        """Move or create the alias."""

    def delete_alias(self, workload: str, alias: str) -> None:
        """Nothing happens when there is none."""

    def tag(self, workload: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""

    def register(self, workload: str, run_id: str, source: str, tags: Mapping[str, str]) -> Version:
        """Create a version, and the registered model when it is the first."""

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        """What a run logged under `path`, registered or not, as version 0 of the workload. Raises NotFound."""

    def download(self, version: Version, folder: Path) -> None:
        """The version's artifacts into `folder`."""

    def training(self, version: Version) -> Logged:
        """What was logged as the version was trained. Raises NotFound for one that no run made."""

    def tracked(self, workload: str, job: str) -> Tracked | None:
        """The run of the training with this id, if it has begun one."""

    def curve(self, run_id: str, metric: str, most: int = 300) -> Sequence[tuple[int, float]]:
        """A metric of a run step by step, thinned out where there are more than `most` of them."""

    def attach(self, version: Version, path: str, content: bytes) -> None:
        """Keep or replace a file among the artifacts of the version's run. Raises NotFound where there is no place."""

    def attachment(self, version: Version, path: str) -> bytes:
        """A file among the artifacts of the version's run. Raises NotFound."""


class People(Protocol):
    """Where messages to people go."""

    def tell(self, text: str, event: str) -> None:
        """Return when the message is out; `event` is the id of the fact it is about. Raises Unavailable."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC."""


class Platform(Protocol):
    """Everything above, as one component sees it. Each part is made when it is first asked for."""

    @property
    def component(self) -> str:
        """The name of the deployable."""

    @property
    def bus(self) -> Bus:
        """Where facts go."""

    @property
    def data(self) -> Objects:
        """The bucket that users drop data into."""

    @property
    def store(self) -> Objects:
        """The bucket of the platform's own state: manifests, ledgers, claims, test sets, reports."""

    @property
    def audit(self) -> Objects:
        """The bucket that every topic flows into."""

    @property
    def jobs(self) -> Jobs:
        """Batch."""

    @property
    def runs(self) -> Runs:
        """Cloud Run's jobs."""

    @property
    def logs(self) -> Logs:
        """What jobs write."""

    @property
    def registry(self) -> Registry:
        """MLflow."""

    @property
    def people(self) -> People:
        """Slack, or whatever takes its messages."""

    @property
    def clock(self) -> Clock:
        """The time."""

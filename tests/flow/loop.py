"""A folder in; the whole platform running in it, with what the tests ask of it, out."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from headrace import catalogue
from headrace.adapters import deadletters
from headrace.data import datasets
from headrace.events import Event
from headrace.ports import Job, Objects, Stat, Version
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT, Change
from headrace.records import audit
from headrace.records.audit import Recorded
from headrace.tracing import Trace, parse
from headrace.training import candidates
from headrace.training.jobs import job_id
from headrace.wiring import GoogleCloud
from localcloud.stack.stack import Stack, running
from tests.flow import slack
from tests.flow.slack import Slack
from tests.flow.waiting import eventually
from workloads.loan_default import generator

WORKLOAD = "loan_default"
CANDIDATES = tuple(catalogue.describe(WORKLOAD).candidates)
EXAMPLE = dict(catalogue.describe(WORKLOAD).example)
ROWS = 900
EVER = datetime(2000, 1, 1, tzinfo=UTC)
SCHEDULES = {"reconcile": "*/5 * * * * *", "drift": "0 0 1 1 *"}

Fact = TypeVar("Fact", bound=Event)
_seeds = itertools.count(1)


class Loop:
    """A running stack, its platform as a client sees it, and the people it tells."""

    def __init__(self, stack: Stack, people: Slack, scratch: Path) -> None:
        self.stack, self.people, self.scratch = stack, people, scratch
        self.state = stack.plan.state
        self.platform = GoogleCloud(stack.settings())

    def month(self, drift: float = 0.0, rows: int = ROWS) -> Path:
        """A file of loans that no other call makes."""
        seed = next(_seeds)
        path = self.scratch / f"loans-{seed}.csv"
        generator.write_csv(path, rows, "2024-01", drift, seed)
        return path

    def upload(self, path: Path, name: str = "", trace: Trace | None = None) -> Stat:
        """Put a file into the data bucket, as `WORKLOAD/name`."""
        metadata = {"traceparent": (trace or parse(None)).traceparent}
        return self.platform.data.upload(f"{WORKLOAD}/{name or path.name}", path, metadata)

    def drop(self, drift: float = 0.0, trace: Trace | None = None) -> str:
        """Upload a new month and return the dataset version that must come of it."""
        return self.dataset_of(self.upload(self.month(drift), trace=trace))

    def dataset_of(self, stat: Stat) -> str:
        """The dataset version that an uploaded file is."""
        return datasets.version_of([datasets.as_file(self.platform.data.bucket, stat, "any.csv")])

    def delete(self, bucket: Objects, name: str) -> None:
        """Delete an object, which the platform itself never does."""
        url = f"{self.stack.url('storage')}/storage/v1/b/{bucket.bucket}/o/{quote(name, safe='')}"
        requests.delete(url, timeout=60).raise_for_status()

    def settle(self, dataset: str) -> None:
        """Wait until every candidate of a dataset version has its verdict, or ended without one."""
        eventually(lambda: self.settled(dataset), f"a verdict on every candidate of {dataset}")

    def settled(self, dataset: str) -> bool:
        """Whether every candidate is done with."""
        return all(each.settled for each in candidates.of(self.platform, WORKLOAD, dataset))

    def turn(self, drift: float = 0.0) -> str:
        """Drop a month and wait until it is settled."""
        dataset = self.drop(drift)
        self.settle(dataset)
        return dataset

    def versions(self, dataset: str = "") -> list[Version]:
        """The versions trained on a dataset version, or all."""
        found = self.platform.registry.versions(WORKLOAD)
        return [version for version in found if not dataset or version.tags["headrace.dataset"] == dataset]

    def unjudged(self, dataset: str) -> list[Version]:
        """Those without a verdict."""
        return [version for version in self.versions(dataset) if VERDICT not in version.tags]

    def ledger(self) -> Sequence[Change]:
        """Every change of champion, oldest first."""
        return promotions.history(self.platform.store, WORKLOAD)

    def champion(self) -> int | None:
        """The version that the alias names."""
        version = self.platform.registry.alias(WORKLOAD, "champion")
        return version.number if version else None

    def jobs(self, dataset: str = "") -> list[Job]:
        """Batch's jobs for a dataset version, or all."""
        return [job for job in self.platform.jobs.list() if not dataset or job.labels["dataset"] == dataset]

    def job_ids(self, dataset: str) -> list[str]:
        """The job of each candidate."""
        return [job_id(WORKLOAD, dataset, name) for name in CANDIDATES]

    def facts(self, kind: type[Fact]) -> list[Fact]:
        """What the audit trail has of one kind, each once."""
        return [each.fact for each in self.trail() if isinstance(each.fact, kind)]

    def trail(self) -> list[Recorded]:
        """The audit trail, oldest first."""
        return audit.told(self.platform.audit, WORKLOAD, EVER)

    def dead_letters(self) -> int:
        """How many messages nobody could handle."""
        where = self.platform.settings
        return deadletters.count(where.project, where.pubsub_endpoint)

    def predict(self, body: Any = EXAMPLE, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The champion's answer. Raises OSError when there is none."""
        url = f"{self.stack.url('inference')}/models/{WORKLOAD}/predict"
        answer = requests.post(url, json=body, timeout=10, headers=headers)
        answer.raise_for_status()
        return dict(answer.json())

    def log(self, process: str) -> str:
        """What a process of the stack has written so far."""
        return (self.state / "logs" / f"{process}.log").read_text()


@contextmanager
def turning(
    folder: Path, schedules: Mapping[str, str] = SCHEDULES, without: Collection[str] = ("studio",)
) -> Iterator[Loop]:
    """The platform on a state folder under `folder`, until the block ends."""
    state, scratch = folder / "state", folder / "scratch"
    state.mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    with slack.receiving() as people, running(state, lambda _: None, schedules, people.url, without=without) as stack:
        yield Loop(stack, people, scratch)

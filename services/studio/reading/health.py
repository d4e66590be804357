"""The platform's services in; whether each answers, and what waits for a person, out."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic

from headrace import loading
from headrace.adapters.inference import Inference
from headrace.errors import HeadraceError
from headrace.events import ModelPromoted, ModelRegistered
from headrace.ports import Objects, Platform
from headrace.records import audit, driftlog
from headrace.records.driftlog import Entry
from headrace.training import pausing
from services.studio.reading import exposition

PATIENCE_SECONDS = 4.0
MOST = 50
"""So many rejected messages are read: the newest."""
NOTHING = "health/"
"""A prefix that no object has: to list it shows that a bucket answers."""

Ask = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a service answers, what it said or why not, and after how many seconds."""

    name: str
    answers: bool
    said: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at a time; `dead_letters` is None where nobody could count them."""

    checked: Sequence[Checked]
    dead_letters: int | None
    at: datetime

    @property
    def silent(self) -> list[Checked]:
        """The services that do not answer."""
        return [each for each in self.checked if not each.answers]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that can never succeed, as `headrace status` lists it."""

    at: datetime
    component: str
    reason: str


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Changes in the registry, and those that the reconciler told first because no webhook did."""

    told: int
    missed: int


def look(platform: Platform, letters: Callable[[], int], asked: Inference | None) -> Look:
    """Ask every service at once, the inference services only where there is somebody to ask them."""
    counted: list[int] = []

    def dead_letters() -> str:
        counted.append(letters())
        return f"{counted[0]:,} dead letters"

    asks = {
        "Registry (MLflow)": lambda: f"{len(platform.registry.workloads()):,} models",
        "Data bucket": lambda: _bucket(platform.data),
        "Store bucket": lambda: _bucket(platform.store),
        "Audit bucket": lambda: _bucket(platform.audit),
        "Batch": lambda: f"{len(platform.jobs.list()):,} jobs",
        "Pub/Sub": dead_letters,
        **(_inference(asked) if asked else {}),
    }
    return Look(ask(asks), counted[0] if counted else None, platform.clock.now())


def ask(asks: Mapping[str, Ask], patience: float = PATIENCE_SECONDS) -> list[Checked]:
    """Ask all at once. Nobody is waited for longer than `patience` seconds."""
    threads, begun = ThreadPoolExecutor(max(1, len(asks)), "health"), monotonic()
    asked = {name: threads.submit(_check, name, each) for name, each in asks.items()}
    wait(asked.values(), timeout=patience)
    threads.shutdown(wait=False, cancel_futures=True)
    late = f"no answer within {patience:g} s"
    return [
        future.result() if future.done() else Checked(name, False, late, monotonic() - begun)
        for name, future in asked.items()
    ]


def addresses(asked: Inference) -> list[list[str]]:
    """The workloads of each inference service: on a laptop one has all of them."""
    found: dict[str, list[str]] = {}
    for name in loading.names():
        found.setdefault(asked.address(name), []).append(name)
    return list(found.values())


def rejections(store: Objects) -> list[Rejection]:
    """The newest first."""
    found = sorted(store.list("rejected/"), key=lambda stat: stat.updated, reverse=True)[:MOST]
    with ThreadPoolExecutor(8) as threads:
        records = list(threads.map(lambda stat: json.loads(store.read(stat.name)), found))
    return [
        Rejection(stat.updated, record["component"], record["reason"])
        for stat, record in zip(found, records, strict=True)
    ]


def webhooks(trail: Objects, since: datetime) -> Webhooks:
    """Every change is told by whoever sees it first: the registry hook, or on its schedule the reconciler."""
    kinds = [ModelRegistered.topic(), ModelPromoted.topic()]
    told = audit.happened(trail, since, topics=kinds)
    return Webhooks(len(told), sum(1 for each in told if each.component == "reconcile"))


def drift(store: Objects) -> dict[str, Entry | None]:
    """The last check of each workload."""
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda name: driftlog.latest(store, name), loading.names())
        return dict(zip(loading.names(), found, strict=True))


def pause(store: Objects) -> str:
    """Since when nothing is trained and why, if that is so."""
    current = pausing.current(store)
    if current is None:
        return ""
    return f"{current}. {pausing.count_waiting(store, current)} asked for meanwhile wait."


def _check(name: str, each: Ask) -> Checked:
    begun = monotonic()
    try:
        said, answers = each(), True
    except HeadraceError as error:
        said, answers = str(error), False
    except Exception as error:  # whatever a client library makes of its outage, the others are asked
        said, answers = f"{type(error).__name__}: {error}", False
    return Checked(name, answers, said, monotonic() - begun)


def _bucket(bucket: Objects) -> str:
    for _ in bucket.list(NOTHING):
        break
    return bucket.uri("")


def _inference(asked: Inference) -> dict[str, Ask]:
    found = addresses(asked)
    named = "Inference of {}" if len(found) > 1 else "Inference"
    return {named.format(", ".join(names)): partial(_models, asked, names) for names in found}


def _models(asked: Inference, workloads: Sequence[str]) -> str:
    versions = exposition.parse(asked.metrics(workloads[0])).get("headrace_model_version", ())
    served = {each.labels["workload"] for each in versions}
    return f"{len(served)} of {len(workloads)} workloads have a model that answers"

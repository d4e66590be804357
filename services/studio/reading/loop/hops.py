"""The topology and what happened in; each hop of the loop with what went over it, and whether it works now, out."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from headrace.diagram import Arrow, arrows
from headrace.ports import Job
from headrace.records.audit import Recorded
from headrace.topology import Topology
from headrace.training.failures import FINAL

RECENT = timedelta(minutes=2)
"""A hop that carried something within this time works now; in the cloud a fact is in the audit bucket in a minute."""

State = Literal["working", "idle", "paused", "failing"]

_SHOWN_BY: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("data", "ingest"): ("ingest", ("DatasetReady", "DatasetRejected")),
    ("training", "mlflow"): ("", ("ModelRegistered",)),
    ("mlflow", "registry_hook"): ("registry_hook", ("ModelRegistered", "ModelPromoted")),
    ("evaluator", "mlflow"): ("", ("ModelPromoted",)),
    ("ingest", "batch_inference"): ("batch_inference", ("BatchScored",)),
}
"""What shows that something was done, where no event carries it: who tells what, or anybody."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An event, a stream or an act, and how often it went over a hop; None where nobody counts."""

    what: str
    count: int | None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """An arrow of the topology."""

    start: str
    end: str
    carries: tuple[Carried, ...]
    working: bool

    @property
    def last(self) -> datetime | None:
        """When anything went over it, as far back as was looked."""
        return max((each.last for each in self.carries if each.last), default=None)


@dataclass(frozen=True, slots=True)
class Stop:
    """A deployable or a bucket, with what it is at."""

    name: str
    entry: str
    state: State
    words: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """The whole picture."""

    stops: tuple[Stop, ...]
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the picture is drawn from, as of `now`: facts and jobs of the period, and streams that flow."""

    now: datetime
    facts: Sequence[Recorded]
    jobs: Sequence[Job]
    flowing: Collection[str] = ()
    paused: bool = False


def loop(topology: Topology, seen: Seen) -> Loop:
    """Every deployable and every hop between them."""
    hops = tuple(_hop(arrow, seen) for arrow in arrows(topology))
    data = Stop("data", "bucket", "working" if _works(hops, "data") else "idle")
    stops = (_stop(name, each.entry, hops, seen) for name, each in topology.deployables.items())
    return Loop((data, *stops), hops)


def active(jobs: Sequence[Job]) -> list[Job]:
    """Jobs that are not over."""
    return [job for job in jobs if job.state not in FINAL]


def is_lively(seen: Seen) -> bool:
    """Whether anything goes on that is worth looking at every few seconds."""
    return bool(active(seen.jobs)) or any(seen.now - each.at <= RECENT for each in seen.facts)


def counts(seen: Seen) -> Counter[str]:
    """How often each event was told."""
    return Counter(type(each.fact).__name__ for each in seen.facts)


def _hop(arrow: Arrow, seen: Seen) -> Hop:
    if (arrow.start, arrow.end) == ("trainer", "training"):
        last = max((job.created for job in seen.jobs), default=None)
        return Hop(arrow.start, arrow.end, (Carried("Batch jobs", len(seen.jobs), last),), bool(active(seen.jobs)))
    if arrow.kind == "stream":
        flows = any(stream in seen.flowing for stream in arrow.carries)
        return Hop(arrow.start, arrow.end, tuple(Carried(each, None) for each in arrow.carries), flows)
    carries = tuple(_events(arrow, seen))
    return Hop(arrow.start, arrow.end, carries, any(_is_recent(each.last, seen.now) for each in carries))


def _events(arrow: Arrow, seen: Seen) -> Iterator[Carried]:
    if arrow.kind == "event" and (arrow.start, arrow.end) not in _SHOWN_BY:
        for event in arrow.carries:
            yield _carried(event, seen, arrow.start, (event,))
        return
    teller, events = _SHOWN_BY.get((arrow.start, arrow.end), ("", ()))
    for done in arrow.carries:
        yield _carried(done, seen, teller, events) if events else Carried(done, None)


def _carried(what: str, seen: Seen, teller: str, events: Collection[str]) -> Carried:
    times = [each.at for each in seen.facts if type(each.fact).__name__ in events and teller in ("", _component(each))]
    return Carried(what, len(times), max(times, default=None))


def _component(recorded: Recorded) -> str:
    """Who told it, as the topology calls it: a training is told of by the trainer's name."""
    return recorded.component.replace("-", "_")


def _stop(name: str, entry: str, hops: Sequence[Hop], seen: Seen) -> Stop:
    if name == "trainer" and seen.paused:
        return Stop(name, entry, "paused", "paused")
    if name == "training":
        return Stop(name, entry, *_training(seen))
    told = [each.at for each in seen.facts if _component(each) == name]
    works = _works(hops, name) or _is_recent(max(told, default=None), seen.now)
    return Stop(name, entry, "working" if works else "idle")


def _training(seen: Seen) -> tuple[State, str]:
    running = [job for job in active(seen.jobs) if job.state == "RUNNING"]
    waiting = len(active(seen.jobs)) - len(running)
    words = [f"{len(running)} running"] * bool(running) + [f"{waiting} waiting"] * bool(waiting)
    if words:
        return "working", ", ".join(words)
    last = {_candidate(job): job.state for job in sorted(seen.jobs, key=lambda job: job.created)}
    failed = list(last.values()).count("FAILED")
    return ("failing", f"{failed} failed") if failed else ("idle", "")


def _candidate(job: Job) -> tuple[str, str]:
    """What the job trains: a later one makes good for it."""
    return job.labels.get("workload", ""), job.labels.get("candidate", job.id)


def _works(hops: Sequence[Hop], name: str) -> bool:
    return any(hop.working for hop in hops if hop.start == name and hop.carries)


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= RECENT

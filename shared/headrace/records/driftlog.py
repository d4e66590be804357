"""What a drift check found and what came of it, in; the memory of all checks, by workload and time, out."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headrace.errors import NotFound
from headrace.ports import Objects

AT_ONCE = 16

Verdict = Literal["not enough", "steady", "drifted", "broken"]


class Column(BaseModel):
    """What differed most in one column of a window, held against the chance below which it is an alarm.

    `part` is what was asked, answered or true; `change` is the share of rows that moved, `chance` how likely that is
    without drift.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    name: str
    part: str
    what: str
    chance: float
    change: float
    bound: float
    alarm: bool


class Held(BaseModel):
    """How a version does on rows whose truth is known, `now`, and did on its test set `then`: estimate, low, high."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    metric: str
    now: tuple[float, float, float]
    then: tuple[float, float, float]
    decayed: bool


class Entry(BaseModel):
    """One check: its verdict, and in `outcome` what was done or not done, and why.

    `rows` came since the last look; of `labels` that arrived, so many `late` ones were about rows of windows before.
    `columns` are all that were watched. `alarms` and `quality` say in words what moved and what may be broken,
    `performance` and `held` how the version does on rows whose truth is known, `rate` how many rows an hour came,
    `volume` in which way that is unusual, `usd` what a training would cost by estimate, where drift was found.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    at: datetime
    workload: str
    check: str
    version: int
    rows: int
    verdict: Verdict
    outcome: str
    retrains: bool = False
    alarms: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    labels: int = 0
    late: int = 0
    performance: str | None = None
    held: Held | None = None
    usd: float | None = None
    rate: float | None = None
    volume: str | None = None
    report: str | None = None


def record(store: Objects, entry: Entry) -> None:
    """Keep it; a check that is made again is kept once more, and one that still waits for rows is not."""
    last = latest(store, entry.workload)
    if last is None or last.check != entry.check or last.outcome != entry.outcome:
        store.write(_name(entry), entry.model_dump_json().encode())


def entries(store: Objects, workload: str, since: datetime, most: int | None = None) -> Iterator[Entry]:
    """Every check since then, or the last `most` of them, oldest first."""
    prefix = _prefix(workload)
    names = deque((stat.name for stat in store.list(prefix, after=f"{prefix}{_stamp(since)}")), most)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(lambda name: Entry.model_validate_json(store.read(name)), names)


def latest(store: Objects, workload: str) -> Entry | None:
    """The last check, however long ago."""
    names = [stat.name for stat in store.list(_prefix(workload))]
    try:
        return Entry.model_validate_json(store.read(names[-1])) if names else None
    except NotFound:  # deleted meanwhile
        return None


def _name(entry: Entry) -> str:
    return f"{_prefix(entry.workload)}{_stamp(entry.at)}-{entry.check}.json"


def _prefix(workload: str) -> str:
    return f"drift/{workload}/checks/"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")

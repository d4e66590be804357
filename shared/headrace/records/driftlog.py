"""What a drift check found and what came of it, in; the memory of all checks, by workload and time, out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headrace.errors import NotFound
from headrace.ports import Objects

Verdict = Literal["not enough", "steady", "drifted", "broken"]


class Entry(BaseModel):
    """One check: its verdict, and in `outcome` what was done or not done, and why.

    `alarms` and `quality` say in words what moved and what may be broken, `performance` how the version does on rows
    whose truth is known, `rate` how many rows an hour came, `volume` in which way that is unusual.
    """

    model_config = ConfigDict(frozen=True)

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
    performance: str | None = None
    rate: float | None = None
    volume: str | None = None
    report: str | None = None


def record(store: Objects, entry: Entry) -> None:
    """Keep it; a check that is made again is kept once more, and one that still waits for rows is not."""
    last = latest(store, entry.workload)
    if last is None or last.check != entry.check or last.outcome != entry.outcome:
        store.write(_name(entry), entry.model_dump_json().encode())


def entries(store: Objects, workload: str, since: datetime) -> Iterator[Entry]:
    """Every check since then, oldest first."""
    prefix = _prefix(workload)
    for stat in store.list(prefix, after=f"{prefix}{_stamp(since)}"):
        yield Entry.model_validate_json(store.read(stat.name))


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

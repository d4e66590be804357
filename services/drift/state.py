"""How far a workload's drift checks have come, kept so that a check cut short is taken up where it began."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace.errors import Busy, Exists, NotFound
from headrace.ports import Objects
from services.drift.volume import Volume


class Bounds(BaseModel):
    """A check that has begun: the version it is about, the last object of its window, and when that was seen."""

    model_config = ConfigDict(frozen=True)

    version: int
    until: str
    at: datetime


class Streak(BaseModel):
    """Checks of one version that found drift one after the other, and the parts of its profile that it was found in."""

    model_config = ConfigDict(frozen=True)

    version: int
    checks: int
    parts: tuple[str, ...] = ()


class State(BaseModel):
    """How far the log and the feedback were looked at, the check under way, drift in a row, and what drift has caused.

    `checked` is the last object of the log, at the time `since`; `heard` is the last one of the feedback.
    `volumes` are the last windows' rows and hours; `suspected` is what people were told may be broken, `refused` that
    drift causes no training; `retrainings` are those of the last week.
    """

    model_config = ConfigDict(frozen=True)

    checked: str = ""
    since: datetime | None = None
    heard: str = ""
    pending: Bounds | None = None
    streak: Streak | None = None
    volumes: tuple[Volume, ...] = ()
    suspected: tuple[str, ...] = ()
    refused: bool = False
    retrainings: tuple[datetime, ...] = ()


def load(store: Objects, workload: str) -> tuple[State, int]:
    """The state and the generation that it was read at; a workload never checked is at generation 0."""
    try:
        generation = store.stat(_name(workload)).generation
        return State.model_validate_json(store.read(_name(workload))), generation
    except NotFound:
        return State(), 0


def save(store: Objects, workload: str, state: State, over: int) -> int:
    """Replace the state read at generation `over`, and return its new one. Raises Busy when another check moved on."""
    try:
        return store.write(_name(workload), state.model_dump_json().encode(), over=over)
    except Exists:
        raise Busy(f"another drift check of {workload} is under way") from None


def _name(workload: str) -> str:
    return f"drift/{workload}/state.json"

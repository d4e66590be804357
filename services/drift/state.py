"""How far a workload's drift checks have come, kept so that a check cut short is taken up where it began."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace.errors import Busy, Exists, NotFound
from headrace.ports import Objects


class Bounds(BaseModel):
    """A check that has begun: the version it is about, and the last object of its window."""

    model_config = ConfigDict(frozen=True)

    version: int
    until: str


class State(BaseModel):
    """The last object already checked, the check under way, and when drift was last acted on."""

    model_config = ConfigDict(frozen=True)

    checked: str = ""
    pending: Bounds | None = None
    last_drift: datetime | None = None


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

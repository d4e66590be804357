"""A spent budget or a person's word in; training paused, and what was to be trained meanwhile kept, out.

Each pause is an entry of a ledger that only one writer can create, and is over when another object beside it says so.
What is asked for during a pause waits under its number and is told again when it is over; nothing is ever deleted.
"""

import json
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace import tracing
from headrace.bus.envelope import STRUCTURED, Received, seal, unseal_attributes
from headrace.bus.triggers import BudgetReported
from headrace.errors import Busy, Exists, NotFound, Rejected
from headrace.events import Event
from headrace.ports import Objects, Platform


class Pause(BaseModel):
    """Since when no training begins, on whose word and why; `cause` is the spent budget, if that is the reason."""

    model_config = ConfigDict(frozen=True)

    number: int
    since: datetime
    actor: str
    reason: str
    cause: str = ""

    def __str__(self) -> str:
        return f"training is paused since {self.since:%Y-%m-%d %H:%M} by {self.actor}: {self.reason}"


def current(store: Objects) -> Pause | None:
    """The pause that is not over, if there is one."""
    last = _last(store)
    return last if last and not _is_over(store, last) else None


def begin(platform: Platform, actor: str, reason: str) -> Pause:
    """Pause training. Raises Rejected when it is paused already, Busy when somebody else does it at this moment."""
    last = _last(platform.store)
    if last and not _is_over(platform.store, last):
        raise Rejected(f"{last}; `headrace resume` goes on")
    return _begin(platform, last, actor, reason)


def heed(platform: Platform, report: BudgetReported) -> Pause | None:
    """Pause training when a budget is spent: once for its amount and month, whatever is reported and resumed later.

    Raises Busy when somebody else pauses it at this moment, which must be asked again.
    """
    if not report.is_spent(platform.clock.now()):
        return None
    known = history(platform.store)
    last = known[-1] if known else None
    if any(pause.cause == report.key for pause in known) or (last and not _is_over(platform.store, last)):
        return None
    return _begin(platform, last, "the budget", str(report), report.key)


def put_aside(platform: Platform, event: Event) -> bool:
    """Keep `event` for later if training is paused; False when there is nothing to wait for, before or afterwards."""
    pause = current(platform.store)
    if pause is None:
        return False
    message = seal(event, platform.component, platform.clock.now(), tracing.current())
    platform.store.write(f"{_waiting_prefix(pause)}{event.id}.json", message.data)
    return current(platform.store) == pause  # or a resumption that looked before this was there has missed it


def resume(platform: Platform, actor: str, reason: str = "") -> Pause:
    """End the pause, or take up a resumption that was cut short. Raises Rejected when there is neither."""
    last = _last(platform.store)
    over = last is None or _is_over(platform.store, last)
    if last is None or (over and not _untold(platform.store, last)):
        raise Rejected("training is not paused")
    if not over:
        end = {"actor": actor, "at": platform.clock.now().isoformat(), "reason": reason}
        platform.store.write(_over_name(last), json.dumps(end).encode())
    return last


def waiting(store: Objects, pause: Pause) -> Iterator[Received]:
    """What was put aside and not told again; what the caller was given counts as told when it asks for more."""
    for name in _untold(store, pause):
        yield unseal_attributes({"content-type": STRUCTURED}, store.read(name))
        store.write(f"{name}.told", b"")


def count_waiting(store: Objects, pause: Pause) -> int:
    """How much waits for the end of a pause."""
    return len(_untold(store, pause))


def history(store: Objects) -> list[Pause]:
    """Every pause, oldest first."""
    return [Pause.model_validate_json(store.read(name)) for name in _names(store)]


def _begin(platform: Platform, last: Pause | None, actor: str, reason: str, cause: str = "") -> Pause:
    """The pause after `last`, which only one writer can create, whatever happened since that was the last one."""
    pause = Pause(
        number=last.number + 1 if last else 1, since=platform.clock.now(), actor=actor, reason=reason, cause=cause
    )
    try:
        platform.store.create(_name(pause), pause.model_dump_json().encode())
    except Exists:
        raise Busy("somebody else paused training just now") from None
    return pause


def _is_over(store: Objects, pause: Pause) -> bool:
    return _is_there(store, _over_name(pause))


def _last(store: Objects) -> Pause | None:
    names = _names(store)
    return Pause.model_validate_json(store.read(names[-1])) if names else None


def _names(store: Objects) -> list[str]:
    return [stat.name for stat in store.list("pauses/") if stat.name.endswith(".json")]


def _name(pause: Pause) -> str:
    return f"pauses/{pause.number:06d}.json"


def _over_name(pause: Pause) -> str:
    return f"pauses/{pause.number:06d}.over"


def _waiting_prefix(pause: Pause) -> str:
    return f"waiting/{pause.number:06d}/"


def _untold(store: Objects, pause: Pause) -> list[str]:
    names = {stat.name for stat in store.list(_waiting_prefix(pause))}
    return sorted(name for name in names if name.endswith(".json") and f"{name}.told" not in names)


def _is_there(store: Objects, name: str) -> bool:
    try:
        store.stat(name)
    except NotFound:
        return False
    return True

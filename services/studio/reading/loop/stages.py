"""The steps of a dataset version's story in; each stage it went through, with its beginning and its end, out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from headrace.records.story import Kind, Step

DATA = "data"
_Way = tuple[str, tuple[Kind, ...], tuple[Kind, ...]]
_CHECK: _Way = ("is checked", ("uploaded",), ("ready",))
_STAGES: tuple[_Way, ...] = (
    ("waits", ("submitted",), ("began",)),
    ("trains", ("began",), ("registered", "failed")),
    ("is judged", ("registered",), ("judged", "promoted")),
    ("is loaded", ("promoted",), ("served",)),
)
_TRAINING = {name for name, _, _ in _STAGES[:2]}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the way of one candidate, or of the data; an `open` one goes on, and `end` is now."""

    track: str
    name: str
    begin: datetime
    end: datetime
    open: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.begin).total_seconds()


def stages(steps: Sequence[Step], training: Collection[str], now: datetime) -> list[Stage]:
    """The data first, then every candidate on a track of its own; jobs of the candidates in `training` go on."""
    found = _stages(DATA, [step for step in steps if not step.candidate], (_CHECK,), None)
    for candidate in dict.fromkeys(step.candidate for step in steps if step.candidate):
        versions = {step.version for step in steps if step.candidate == candidate and step.version is not None}
        track = [step for step in steps if step.candidate == candidate or step.version in versions]
        found += _stages(_called(candidate, versions), track, _STAGES, now if candidate in training else None)
    return found


def _called(candidate: str, versions: set[int]) -> str:
    numbers = ", ".join(f"version {each}" for each in sorted(versions))
    return f"{candidate} ({numbers})" if numbers else candidate


def _stages(track: str, steps: Sequence[Step], ways: Sequence[_Way], now: datetime | None) -> list[Stage]:
    found = []
    for name, begins, ends in ways:
        begin = _first(steps, begins)
        end = _first(steps, ends)
        if begin and end and begin <= end:
            found.append(Stage(track, name, begin, end))
        elif begin and now and name in _TRAINING and end is None:
            found.append(Stage(track, name, begin, now, open=True))
    return found


def _first(steps: Sequence[Step], kinds: Sequence[Kind]) -> datetime | None:
    return min((step.at for step in steps if step.kind in kinds), default=None)

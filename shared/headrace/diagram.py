"""The topology in; who tells or does what to whom, as arrows and as a Mermaid flowchart, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from headrace.topology import Deployable, Topology

Deployables = Mapping[str, Deployable]
_SHAPES = {"cloud_event": "{}([{}])", "http": "{}([{}])", "process": "{}[{}]", "job": "{}[[{}]]"}
_ARROWS = {"event": "-->", "stream": "-.->", "act": "==>"}


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one deployable or bucket to another: events or streams that it carries, or, in one word, what is done."""

    start: str
    end: str
    kind: Literal["event", "stream", "act"]
    carries: tuple[str, ...]


def arrows(topology: Topology, leave_out: frozenset[str] = frozenset()) -> list[Arrow]:
    """Every arrow between deployables that are not left out, and from the buckets that they watch."""
    shown = _shown(topology, leave_out)
    watched = [Arrow(each.bucket, name, "event", (_FINALIZED,)) for name, each in shown.items() if each.bucket]
    return [*watched, *_acts(shown), *_events(shown), *_streams(shown)]


def mermaid(topology: Topology, leave_out: frozenset[str] = frozenset()) -> str:
    """The chart without the deployables in `leave_out`.

    Rounded boxes are called for each event, square ones run, double ones are jobs; arrows carry events.
    """
    shown = _shown(topology, leave_out)
    drawn = map(_drawn, (*_acts(shown), *_events(shown), *_streams(shown)))
    lines = [*_boxes(shown), *_surroundings(shown), *drawn]
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)])


_FINALIZED = "object finalized"


def _shown(topology: Topology, leave_out: frozenset[str]) -> Deployables:
    return {name: each for name, each in topology.deployables.items() if name not in leave_out}


def _drawn(arrow: Arrow) -> str:
    return f"{arrow.start} {_ARROWS[arrow.kind]}|{', '.join(arrow.carries)}| {arrow.end}"


def _boxes(shown: Deployables) -> Iterator[str]:
    yield "data[(data bucket)]"
    for name, each in shown.items():
        yield _SHAPES[each.entry].format(name, name.replace("_", " "))


def _surroundings(shown: Deployables) -> Iterator[str]:
    for name, each in shown.items():
        if each.bucket:
            yield f"{each.bucket} -->|{_FINALIZED}| {name}"
        if each.schedule:
            yield f'schedule((" ")) -.->|"{each.schedule}"| {name}'


def _acts(shown: Deployables) -> Iterator[Arrow]:
    for name, each in shown.items():
        for job, right in each.uses.items():
            if right == "run" and job != name and job in shown:
                yield Arrow(name, job, "act", ("runs",))
    acts = (
        ("pull", "data", "uploads"),
        ("trainer", "training", "Batch"),
        ("training", "mlflow", "registers"),
        ("mlflow", "registry_hook", "webhook"),
        ("evaluator", "mlflow", "alias"),
    )
    for start, end, done in acts:
        if start in shown and (end in shown or end == "data"):
            yield Arrow(start, end, "act", (done,))


def _events(shown: Deployables) -> Iterator[Arrow]:
    for publisher, told in shown.items():
        for listener, each in shown.items():
            carried = tuple(event for event in told.publishes if event in each.listens)
            if carried:
                yield Arrow(publisher, listener, "event", carried)


def _streams(shown: Deployables) -> Iterator[Arrow]:
    for writer, written in shown.items():
        for reader, each in shown.items():
            carried = tuple(stream for stream in written.writes if stream in each.reads)
            if carried:
                yield Arrow(writer, reader, "stream", carried)

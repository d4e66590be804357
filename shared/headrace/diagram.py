"""The topology in; a Mermaid flowchart of who tells whom what out."""

from collections.abc import Iterator, Mapping

from headrace.topology import Deployable, Topology

Deployables = Mapping[str, Deployable]
_SHAPES = {"cloud_event": "{}([{}])", "http": "{}([{}])", "process": "{}[{}]", "job": "{}[[{}]]"}


def mermaid(topology: Topology, leave_out: frozenset[str] = frozenset()) -> str:
    """The chart without the deployables in `leave_out`.

    Rounded boxes are called for each event, square ones run, double ones are jobs; arrows carry events.
    """
    shown = {name: each for name, each in topology.deployables.items() if name not in leave_out}
    lines = [*_boxes(shown), *_surroundings(shown), *_events(shown), *_streams(shown)]
    return "\n".join(["flowchart LR", *(f"  {line}" for line in lines)])


def _boxes(shown: Deployables) -> Iterator[str]:
    yield "data[(data bucket)]"
    for name, each in shown.items():
        yield _SHAPES[each.entry].format(name, name.replace("_", " "))


def _surroundings(shown: Deployables) -> Iterator[str]:
    for name, each in shown.items():
        if each.bucket:
            yield f"{each.bucket} -->|object finalized| {name}"
        if each.schedule:
            yield f'schedule((" ")) -.->|"{each.schedule}"| {name}'
    for name, each in shown.items():
        yield from (f"{name} ==>|runs| {job}" for job, right in each.uses.items() if right == "run" and job != name)
    if "pull" in shown:
        yield "pull ==>|uploads| data"
    yield "trainer ==>|Batch| training"
    yield "training ==>|registers| mlflow"
    yield "mlflow ==>|webhook| registry_hook"
    yield "evaluator ==>|alias| mlflow"


def _events(shown: Deployables) -> Iterator[str]:
    for publisher, told in shown.items():
        for listener, each in shown.items():
            carried = [event for event in told.publishes if event in each.listens]
            if carried:
                yield f"{publisher} -->|{', '.join(carried)}| {listener}"


def _streams(shown: Deployables) -> Iterator[str]:
    for writer, written in shown.items():
        for reader, each in shown.items():
            carried = [stream for stream in written.writes if stream in each.reads]
            if carried:
                yield f"{writer} -.->|{', '.join(carried)}| {reader}"

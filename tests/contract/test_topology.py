"""`infra/topology.yaml` against the code: what it says of a deployable is what the deployable does."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
import yaml
from pydantic import ValidationError

from headrace import topology
from headrace.bus.triggers import BudgetReported, JobEnded, ObjectFinalized, ScheduleDue, Trigger
from headrace.events import EVENTS, Event
from headrace.promotion import approvals
from headrace.topology import Deployable, Topology

ROOT = Path(__file__).parents[2]
FILE = ROOT / "infra" / "topology.yaml"
LOOP = topology.load(FILE)
BY_NAME = {event.__name__: event for event in EVENTS.values()}

STUDIO = "studio"
"""What it publishes is what people decide, on its pages or on the command line."""
FOR_THE_RECORD = {"BatchScored", "DriftChecked"}
"""Read from the audit trail; nobody acts on it."""

every_deployable = pytest.mark.parametrize("name", LOOP.deployables)
handling = pytest.mark.parametrize(
    "name", [name for name, each in LOOP.deployables.items() if each.entry in ("cloud_event", "http")]
)
listening = pytest.mark.parametrize(
    "name", [name for name, each in LOOP.deployables.items() if each.entry == "cloud_event"]
)
running = pytest.mark.parametrize(
    "name", [name for name, each in LOOP.deployables.items() if each.command and name != STUDIO]
)


def main_of(name: str) -> ModuleType:
    return import_module(LOOP.deployables[name].folder.replace("/", ".") + ".main")


def listened_to(each: Deployable) -> set[type[Any]]:
    """What the topology says reaches a deployable."""
    triggers: list[tuple[bool, type[Trigger]]] = [
        (each.bucket is not None, ObjectFinalized),
        (each.schedule is not None, ScheduleDue),
        ("training-jobs" in each.streams, JobEnded),
        ("budget" in each.streams, BudgetReported),
    ]
    return {BY_NAME[event] for event in each.listens} | {trigger for there, trigger in triggers if there}


def told_by(handler: Callable[..., Any]) -> set[str]:
    """What a handler may yield, by its annotation, and where that says any event, by those it yields from."""
    (fact,) = get_args(get_type_hints(handler)["return"])
    kinds = get_args(fact) if get_origin(fact) in (Union, UnionType) else (fact,)
    if Event not in kinds:
        return {kind.__name__ for kind in kinds}
    return set().union(*(told_by(function) for function in yielded_from(handler)))


def yielded_from(handler: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """The functions that a handler passes on the facts of."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(handler)))):
        assert not isinstance(node, ast.Yield), f"{handler.__name__} yields facts of its own: annotate which"
        if isinstance(node, ast.YieldFrom):
            assert isinstance(node.value, ast.Call)
            yield eval(ast.unparse(node.value.func), vars(inspect.getmodule(handler)))


def made_in(module: ModuleType) -> set[str]:
    """The events that a module, or one of its own folder that it imports, makes."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
            found.add(node.func.id)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(module.__package__ or ""):
            for imported in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                if imported != module.__package__ and find_spec(imported.rpartition(".")[0]) and is_module(imported):
                    found |= made_in(import_module(imported))
    return found


def is_module(name: str) -> bool:
    return (ROOT / (name.replace(".", "/") + ".py")).is_file()


@every_deployable
def test_a_deployable_has_its_folder_with_a_main_and_its_command_is_a_module(name: str) -> None:
    each = LOOP.deployables[name]
    assert (ROOT / each.folder / "main.py").is_file()
    assert all(find_spec(module) for module in each.command)
    assert bool(each.command) == (each.entry in ("process", "job"))


@every_deployable
def test_a_deployable_takes_events_in_one_way_that_its_entry_allows(name: str) -> None:
    each = LOOP.deployables[name]
    if each.entry in ("http", "job"):
        assert (each.listens, each.streams, each.bucket) == ((), (), None)
    if each.ordered:
        assert each.listens


@listening
def test_a_cloud_event_deployable_handles_exactly_what_the_topology_sends_it(name: str) -> None:
    assert set(main_of(name).HANDLERS) == listened_to(LOOP.deployables[name])


@handling
def test_a_deployable_publishes_exactly_what_its_handlers_may_yield(name: str) -> None:
    told = set().union(*(told_by(handler) for handler in main_of(name).HANDLERS.values()))
    assert told == set(LOOP.deployables[name].publishes)


@running
def test_a_process_or_a_job_publishes_exactly_the_events_that_its_code_makes(name: str) -> None:
    each = LOOP.deployables[name]
    assert made_in(import_module(each.command[0])) == set(each.publishes)


def test_the_studio_publishes_what_people_decide() -> None:
    reject = get_type_hints(approvals.reject)["return"].__name__
    waiting_for_a_resumption = set(LOOP.deployables["trainer"].listens)
    assert set(LOOP.deployables[STUDIO].publishes) == {reject, "RetrainRequested"} | waiting_for_a_resumption


def test_every_event_is_published_by_a_deployable() -> None:
    assert set(BY_NAME) == {event for each in LOOP.deployables.values() for event in each.publishes}


def test_every_event_that_is_published_has_a_listener_or_is_for_the_record() -> None:
    published = {event for each in LOOP.deployables.values() for event in each.publishes}
    heard = {event for each in LOOP.deployables.values() for event in each.listens}
    assert published - heard == FOR_THE_RECORD
    assert heard <= published


def test_every_stream_is_written_or_heard_by_a_deployable() -> None:
    used = {stream for each in LOOP.deployables.values() for stream in (*each.streams, *each.writes)}
    assert used == set(LOOP.streams)


def test_every_event_and_every_stream_has_one_topic() -> None:
    topics = LOOP.topics()
    assert sorted(topics) == sorted({event.topic() for event in EVENTS.values()} | set(LOOP.streams))


def test_there_is_one_subscription_for_each_topic_a_deployable_listens_to() -> None:
    found = {(one.listener, one.topic) for one in LOOP.subscriptions()}
    expected = {
        (name, topic)
        for name, each in LOOP.deployables.items()
        for topic in (*(BY_NAME[event].topic() for event in each.listens), *each.streams)
    }
    names = [one.name for one in LOOP.subscriptions()]
    assert found == expected
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() for name in names)


def test_events_are_exported_apart_from_streams() -> None:
    assert topology.export_prefix("model-promoted", LOOP.streams) == "events/model-promoted/"
    assert topology.export_prefix("predictions", LOOP.streams) == "predictions/"


@pytest.mark.parametrize("field", ["listens", "publishes", "streams", "writes"])
def test_a_topology_that_names_what_nothing_defines_is_refused_with_a_sentence_naming_it(
    field: str, tmp_path: Path
) -> None:
    with pytest.raises(ValidationError, match=r"trainer names \['NoSuchThing'\], which nothing defines"):
        topology.load(changed(tmp_path, "trainer", {field: ["NoSuchThing"]}))


def test_a_topology_that_watches_a_bucket_which_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"ingest names \['pond'\], which nothing defines"):
        topology.load(changed(tmp_path, "ingest", {"bucket": "pond"}))


def test_a_topology_with_a_misspelt_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="lissens"):
        topology.load(changed(tmp_path, "ingest", {"lissens": ["DatasetReady"]}))


def changed(folder: Path, deployable: str, fields: dict[str, Any]) -> Path:
    """The topology with some of a deployable's fields replaced."""
    content = yaml.safe_load(FILE.read_text())
    content["deployables"][deployable] |= fields
    assert Topology.model_fields.keys() == content.keys()
    path = folder / "topology.yaml"
    path.write_text(yaml.safe_dump(content))
    return path

"""The topology as arrows."""

from pathlib import Path

import pytest

from headrace import topology
from headrace.diagram import Arrow, arrows, mermaid

LOOP = topology.load(Path(__file__).parents[3] / "infra" / "topology.yaml")


def test_the_way_from_the_bucket_to_the_champion_is_drawn_hop_by_hop() -> None:
    found = arrows(LOOP)
    for arrow in (
        Arrow("data", "ingest", "event", ("object finalized",)),
        Arrow("ingest", "trainer", "event", ("DatasetReady",)),
        Arrow("trainer", "training", "act", ("Batch",)),
        Arrow("mlflow", "registry_hook", "act", ("webhook",)),
        Arrow("registry_hook", "evaluator", "event", ("ModelRegistered",)),
        Arrow("inference", "drift", "stream", ("predictions", "feedback")),
    ):
        assert arrow in found


def test_every_event_that_somebody_listens_to_is_on_an_arrow_from_its_publisher() -> None:
    drawn = {(arrow.start, event) for arrow in arrows(LOOP) if arrow.kind == "event" for event in arrow.carries}
    heard = {event for each in LOOP.deployables.values() for event in each.listens}
    published = {(name, event) for name, each in LOOP.deployables.items() for event in each.publishes}
    assert drawn - {("data", "object finalized")} == {each for each in published if each[1] in heard}


@pytest.mark.parametrize("name", sorted(LOOP.deployables))
def test_what_is_left_out_is_on_no_arrow(name: str) -> None:
    left = arrows(LOOP, frozenset({name}))
    assert all(name not in (arrow.start, arrow.end) for arrow in left)
    assert {arrow for arrow in arrows(LOOP) if name not in (arrow.start, arrow.end)} == set(left)


def test_every_arrow_is_in_the_chart_but_those_from_a_watched_bucket_have_the_buckets_own_line() -> None:
    chart = mermaid(LOOP)
    for arrow in arrows(LOOP):
        assert f"|{', '.join(arrow.carries)}| {arrow.end}" in chart

"""The audit bucket as Pub/Sub writes it: a file a topic and moment, some lines each."""

from datetime import datetime, timedelta

import pytest

from headrace import tracing
from headrace.bus.envelope import seal
from headrace.events import DatasetReady, Event, ModelRegistered
from headrace.ports import Objects, Version
from headrace.records import audit
from headrace.records.audit import Recorded
from tests.fakes import FakePlatform

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def export(platform: FakePlatform, at: datetime, *facts: Event, source: str = "ingest", written: float = 30) -> str:
    """One object, written some seconds after its facts were told; returns its name."""
    lines = [seal(fact, source, at, tracing.parse(None)).data for fact in facts]
    stamp = (at + timedelta(seconds=written)).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"events/{facts[0].topic()}/{stamp}_a1b2c3.jsonl"
    platform.audit.write(name, b"\n".join(lines) + b"\n")
    return name


def registered(version: int, workload: str = "loan_default") -> ModelRegistered:
    return ModelRegistered(workload=workload, version=version)


def versions(found: list[Recorded]) -> list[int]:
    return [each.fact.version for each in found if isinstance(each.fact, ModelRegistered)]


def test_facts_of_all_workloads_and_topics_are_told_in_the_order_of_time(platform: FakePlatform) -> None:
    export(platform, NOON + timedelta(minutes=2), registered(2, "sentiment"), source="registry_hook")
    export(platform, NOON, DatasetReady(workload="loan_default", dataset="d1", manifest="gs://m"))
    export(platform, NOON + timedelta(minutes=1), registered(1))
    found = audit.happened(platform.audit, NOON)
    assert [(each.fact.workload, each.component) for each in found] == [
        ("loan_default", "ingest"),
        ("loan_default", "ingest"),
        ("sentiment", "registry_hook"),
    ]
    assert versions(audit.told(platform.audit, "sentiment", NOON)) == [2]


def test_a_period_has_what_was_told_within_it_however_late_it_was_written(platform: FakePlatform) -> None:
    for minute in range(5):
        export(platform, NOON + timedelta(minutes=minute), registered(minute), written=300)
    found = audit.happened(platform.audit, NOON + timedelta(minutes=1), NOON + timedelta(minutes=3))
    assert versions(found) == [1, 2, 3]


def test_of_a_long_period_only_its_own_objects_are_read(platform: FakePlatform) -> None:
    names = [export(platform, NOON + timedelta(days=day), registered(day)) for day in range(10)]
    read: list[str] = []

    def reading(bucket: Objects, name: str) -> list[Recorded]:
        read.append(name)
        return audit.read(bucket, name)

    audit.happened(platform.audit, NOON + timedelta(days=3), NOON + timedelta(days=5, hours=1), read=reading)
    assert read == names[3:6]


def test_of_very_many_objects_the_newest_are_read(platform: FakePlatform) -> None:
    for minute in range(20):
        export(platform, NOON + timedelta(minutes=minute), registered(minute))
    assert versions(audit.happened(platform.audit, NOON, most=3)) == [17, 18, 19]


def test_a_fact_that_was_told_twice_counts_when_first_told(platform: FakePlatform) -> None:
    export(platform, NOON + timedelta(minutes=1), registered(1), source="reconcile")
    export(platform, NOON, registered(1), source="registry_hook")
    (found,) = audit.happened(platform.audit, NOON)
    assert (found.at, found.component) == (NOON, "registry_hook")


@pytest.mark.parametrize("line", [b"{", b'{"type": "headrace.model.v9.registered", "data": {}}', b"[]", b'"text"'])
def test_a_line_that_this_release_does_not_know_is_passed_over(platform: FakePlatform, line: bytes) -> None:
    name = export(platform, NOON, registered(1))
    platform.audit.write(name, line + b"\n" + platform.audit.read(name))
    assert versions(audit.happened(platform.audit, NOON)) == [1]


def test_the_first_answer_is_looked_for_until_the_time_that_is_given(platform: FakePlatform) -> None:
    version = Version("loan_default", 3, "run", "source", NOON)
    for day, number in ((0, 2), (1, 3), (2, 3)):
        at = NOON + timedelta(days=day)
        line = f'{{"workload": "loan_default", "version": {number}, "time": "{at.isoformat()}"}}\n'
        platform.audit.write(f"predictions/{at:%Y-%m-%dT%H:%M:%SZ}_a1b2c3.jsonl", line.encode())
    assert audit.first_served(platform.audit, version) == NOON + timedelta(days=1)
    assert audit.first_served(platform.audit, version, NOON + timedelta(hours=1)) is None

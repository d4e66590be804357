"""One quiet turn, from an upload to an answer, and the trace that runs through it."""

import json
from collections.abc import Callable
from typing import Any

import requests

from headrace.events import DatasetReady, ModelPromoted, ModelRegistered
from headrace.tracing import TAG, Trace
from tests.flow.loop import CANDIDATES, WORKLOAD, Loop
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.waiting import eventually

UPLOAD = Trace("5eed" * 8, "0b1e" * 4)
REQUEST = Trace("ca11" * 8, "0b1e" * 4)


def test_a_dropped_file_becomes_a_champion_that_answers(shared: Loop, first_turn: str) -> None:
    assert_everything_happened_once(shared, first_turn)
    tags = [version.tags for version in shared.versions(first_turn)]
    assert {each["headrace.candidate"] for each in tags} == set(CANDIDATES)
    assert {each["headrace.precision"] for each in tags} == {"float32"}
    champion = shared.champion()
    answer = eventually(lambda: _answer_of(shared, champion), f"an answer of version {champion}")
    assert 0 < answer["default_probability"] < 1


def test_the_trace_of_an_upload_runs_to_the_served_prediction(fresh: Callable[[], Loop]) -> None:
    loop = fresh()
    dataset = loop.drop(trace=UPLOAD)
    loop.settle(dataset)
    assert_everything_happened_once(loop, dataset)
    numbers = {version.number for version in loop.versions(dataset)}
    about = [
        each
        for each in loop.trail()
        if (isinstance(each.fact, DatasetReady) and each.fact.dataset == dataset)
        or (isinstance(each.fact, ModelRegistered | ModelPromoted) and each.fact.version in numbers)
    ]
    assert {type(each.fact) for each in about} == {DatasetReady, ModelRegistered, ModelPromoted}
    assert {each.traceparent.split("-")[1] for each in about} == {UPLOAD.trace_id}
    champion = loop.champion()
    assert champion in numbers
    eventually(lambda: _answer_of(loop, champion), f"an answer of version {champion}")
    request = loop.predict(headers={"traceparent": REQUEST.traceparent})["request_id"]
    line = eventually(lambda: _logged(loop, request), f"a line of the prediction log for {request}")
    assert (line["version"], line["trace"]) == (champion, REQUEST.trace_id)
    served = loop.platform.registry.version(WORKLOAD, line["version"])
    assert served.tags[TAG].split("-")[1] == UPLOAD.trace_id


def test_the_runs_in_mlflow_name_the_dataset_and_the_candidate(shared: Loop, first_turn: str) -> None:
    for version in shared.versions(first_turn):
        url = f"{shared.stack.url('mlflow')}/api/2.0/mlflow/runs/get"
        run = requests.get(url, params={"run_id": version.run_id}, timeout=10).json()["run"]
        tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
        assert tags["headrace.candidate"] == version.tags["headrace.candidate"]
        assert [each["dataset"]["digest"] for each in run["inputs"]["dataset_inputs"]] == [first_turn]


def _answer_of(loop: Loop, version: int | None) -> dict[str, Any] | None:
    answer = loop.predict()
    return answer if answer["version"] == version else None


def _logged(loop: Loop, request: str) -> dict[str, Any] | None:
    audit_bucket = loop.platform.audit
    for stat in audit_bucket.list("predictions/"):
        for line in map(json.loads, audit_bucket.read(stat.name).splitlines()):
            if line["request_id"] == request:
                return dict(line)
    return None

import time
from functools import partial
from pathlib import Path
from weakref import ref

import pytest

from headrace.events import DriftChecked, ModelPromoted, ModelUnserved
from headrace.ports import Message
from headrace.workload import Codec
from services.inference.service import Inference

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, announced, calling, pushed, serving, until


def _promoted(version: int, workload: str = "tiny") -> ModelPromoted:
    return ModelPromoted(workload=workload, version=version, change=version, actor="test", reason="better")


def test_a_moved_alias_is_followed_by_poll(client: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    until(lambda: client.version() == 2)
    assert client.post("/predict", {"a": 1, "b": 2}).json()["score"] == 2003.0


def test_a_promotion_answers_before_it_is_acknowledged(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    assert patient.version() == 1
    assert patient.push(_promoted(2)).status_code == 204
    assert patient.version() == 2


def test_a_promotion_delivered_five_times_is_one_swap(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    assert {patient.push(_promoted(2)).status_code for _ in range(5)} == {204}
    assert patient.get("/models").json()["models"][0]["swaps"] == 2


def test_the_alias_and_not_a_late_event_says_which_version_answers(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    platform.fake_registry.publish("tiny", 3)
    assert patient.push(_promoted(2)).status_code == 204
    assert patient.version() == 3


def test_a_rollback_downloads_nothing(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    patient.push(_promoted(2))
    platform.fake_registry.set_alias("tiny", "champion", 1)
    assert patient.push(_promoted(1)).status_code == 204
    assert patient.version() == 1
    assert platform.fake_registry.downloads == [("tiny", 1), ("tiny", 2)]


def test_a_version_that_does_not_load_leaves_the_old_one_answering(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    assert patient.push(_promoted(2)).status_code == 500
    assert patient.version() == 1
    model = patient.get("/models").json()["models"][0]
    assert (model["version"], model["champion"], model["failures"]) == (1, 2, 1)
    assert model["last_failure"]["version"] == 2
    assert patient.get("/ready").ok


def test_a_repaired_version_is_downloaded_again(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    assert patient.push(_promoted(2)).status_code == 500
    platform.fake_registry.publish("tiny", 2)
    assert patient.push(_promoted(2)).status_code == 204
    assert patient.version() == 2


def test_a_failing_version_is_left_to_rest_but_another_one_is_tried_at_once(
    client: Client, platform: FakePlatform
) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    until(lambda: client.get("/models").json()["models"][0]["failures"] == 1)
    before = len(platform.fake_registry.downloads)
    time.sleep(0.5)  # five polls: none of them may try again
    assert len(platform.fake_registry.downloads) == before
    platform.fake_registry.publish("tiny", 3)
    until(lambda: client.version() == 3, seconds=1)


def test_a_failing_version_is_tried_again_by_itself(client: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    until(lambda: client.get("/models").json()["models"][0]["failures"] == 1)
    platform.fake_registry.publish("tiny", 2)
    until(lambda: client.version() == 2, seconds=5)


def test_while_the_registry_is_down_the_champion_goes_on_answering(client: Client, platform: FakePlatform) -> None:
    platform.fake_registry.down = True
    platform.fake_registry.publish("tiny", 2)
    assert client.push(_promoted(2)).status_code == 500
    assert client.version() == 1
    assert client.get("/ready").ok
    platform.fake_registry.down = False
    until(lambda: client.version() == 2)


def test_ready_waits_for_the_first_look_at_the_registry(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.down = True
    with serving(lambda: Inference(platform, [tiny()], tmp_path / "cache", poll=0.1)) as client:
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert client.get("/health").ok
        platform.fake_registry.down = False
        until(lambda: client.get("/ready").ok)
        assert client.version() == 1


def test_ready_waits_for_every_champion_but_not_for_a_workload_without_one(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.fake_registry.publish("other", 1, content=b"not a graph")
    workloads = [tiny(), tiny("other"), tiny("untrained")]
    with serving(lambda: Inference(platform, workloads, tmp_path / "cache", poll=0.1)) as client:
        until(lambda: client.get("/models").json()["models"][1]["failures"] == 1)
        until(lambda: "no model is loaded of other" in client.get("/ready").text)
        platform.fake_registry.publish("other", 2)
        until(lambda: client.get("/ready").ok)


def test_a_champion_that_was_withdrawn_goes_on_answering(client: Client, platform: FakePlatform) -> None:
    platform.fake_registry.delete_alias("tiny", "champion")
    until(lambda: client.get("/models").json()["models"][0]["champion"] is None)
    assert client.version() == 1


def test_events_for_others_are_acknowledged(patient: Client) -> None:
    checked = DriftChecked(workload="tiny", check="c", version=1, rows=0, outcome="too few")
    unknown = Message("x", b'{"specversion": "1.0"}', {"ce-type": "headrace.model.v9.moved"})
    for answer in (
        patient.push(checked),
        patient.push(_promoted(2, workload="elsewhere")),
        patient.post("/events", pushed(unknown)),
        patient.post("/events", {"message": {"data": "not base64!"}}),
    ):
        assert answer.status_code == 204


@pytest.mark.parametrize("body", [b"", b"[]", {"message": "text"}, {"message": {"attributes": []}}])
def test_what_is_no_push_is_refused(patient: Client, body: object) -> None:
    assert patient.post("/events", body).status_code == 400


def _answers(client: Client, number: int) -> bool:
    return client.version() == number


class _Watched(TinyServing):
    """Knows which of the models that it opened are still in memory."""

    def __init__(self) -> None:
        self._opened: list[ref[Codec]] = []

    def open(self, _: Path) -> Codec:
        codec = TinyCodec()
        self._opened.append(ref(codec))
        return codec

    @property
    def alive(self) -> int:
        return sum(opened() is not None for opened in self._opened)


def test_a_hundred_swaps_by_events_and_polls_under_load_fail_no_request_and_leave_no_old_model_in_memory(
    platform: FakePlatform, tmp_path: Path
) -> None:
    watched = _Watched()
    workload = tiny(serving=watched)
    with (
        serving(lambda: Inference(platform, [workload], tmp_path / "cache", poll=0.05)) as client,
        calling(client) as callers,
    ):
        for number in range(2, 102):
            platform.fake_registry.publish("tiny", number)
            if number % 2:
                assert client.push(_promoted(number)).status_code == 204
            until(partial(_answers, client, number))
        model = client.get("/models").json()["models"][0]
        assert (model["version"], model["swaps"], model["failures"]) == (101, 101, 0)
    assert not callers.wrong
    assert min(callers.counts) > 100
    until(lambda: watched.alive == 1)


def test_a_version_that_does_not_load_is_told_of_once_by_a_process(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    assert [patient.push(_promoted(2)).status_code for _ in range(3)] == [500, 500, 500]
    until(lambda: announced(platform.fake_bus))
    platform.fake_registry.publish("tiny", 3, content=b"no graph either")
    assert patient.push(_promoted(3)).status_code == 500
    until(lambda: len(announced(platform.fake_bus)) == 2)
    first, second = announced(platform.fake_bus)
    assert isinstance(first, ModelUnserved)
    assert (first.version, first.alias) == (2, "champion")
    assert "model.onnx" in first.reason
    assert second.subject == "tiny/3"


def test_a_version_that_does_not_load_is_told_of_when_the_bus_is_back(client: Client, platform: FakePlatform) -> None:
    platform.fake_bus.down = True
    platform.fake_registry.publish("tiny", 2, content=b"not a graph")
    until(lambda: client.get("/models").json()["models"][0]["failures"] == 1)
    assert client.version() == 1
    platform.fake_bus.down = False
    until(lambda: announced(platform.fake_bus))


def test_an_outage_of_the_registry_is_no_fault_of_the_version(patient: Client, platform: FakePlatform) -> None:
    platform.fake_registry.publish("tiny", 2)
    platform.fake_registry.down = True
    assert patient.push(_promoted(2)).status_code == 500
    time.sleep(0.1)
    assert not announced(platform.fake_bus)

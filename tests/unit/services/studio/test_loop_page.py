"""The page Loop as it is drawn: its parts, its empty states, services that are down, and what may be decided."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from headrace import catalogue
from headrace.data import datasets
from headrace.data.datasets import Manifest, as_file
from headrace.errors import Unavailable
from headrace.events import DatasetReady, RetrainRequested
from headrace.ports import LogLine
from headrace.training import pausing
from headrace.training.jobs import Training, training_job
from services.studio.loop import reads
from services.studio.pages import loop
from services.studio.people import Person, Role
from services.studio.studio import Studio
from tests.fakes import FakePlatform
from tests.fakes.platform import SETTINGS
from tests.unit.headrace.records.test_audit import export
from tests.unit.services.studio.drawing import shown

W = "loan_default"
WHERE = replace(SETTINGS, pubsub_endpoint="127.0.0.1:9")
"""Where nobody answers: the dead letters are in a subscription, which is no port."""


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What one test's page has read is no other's."""
    forget()
    yield
    forget()


def forget() -> None:
    """As if some seconds had passed."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(WHERE)


def look(platform: FakePlatform, role: Role = "operator") -> AppTest:
    return shown(partial(loop.page, Studio(platform, WHERE, Person("ada", role))))


def words(page: AppTest) -> str:
    parts = (page.markdown, page.info, page.warning, page.caption, page.error, page.success)
    return "\n".join(str(each.value) for part in parts for each in part)


def metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


def upload(platform: FakePlatform) -> str:
    """A dataset version that is ready."""
    platform.data.write(f"{W}/march.csv", b"rows")
    file = as_file(platform.data.bucket, platform.data.stat(f"{W}/march.csv"), "march.csv")
    manifest = Manifest(workload=W, dataset=datasets.version_of([file]), source="march.csv", files=(file,))
    platform.clock.advance(seconds=2)
    datasets.publish(platform.store, manifest)
    export(platform, platform.clock.now(), DatasetReady(workload=W, dataset=manifest.dataset, manifest="gs://m"))
    return manifest.dataset


def train(platform: FakePlatform, dataset: str, candidate: str = "xgboost") -> Training:
    """A training of which Batch says that it runs."""
    training = Training.of(W, dataset, candidate)
    platform.jobs.submit(training_job(catalogue.describe(W), training))
    platform.clock.advance(seconds=30)
    platform.jobs.end(training.job, "RUNNING")
    platform.store.write(f"jobs/{training.id}/progress.json", b'{"share": 0.4, "words": "40 of 100 rounds"}')
    return training


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception, page.exception[0].value
    return page


def test_an_empty_platform_says_what_to_do_next(platform: FakePlatform) -> None:
    page = look(platform)
    assert "No training in this time. Drop data" in words(page)
    assert "No dataset version became ready in this time." in words(page)
    assert "Nothing was told in this time." in words(page)
    assert {"Trainings running": "0", "Trainings waiting": "0", "Training is": "on", "Events": "0"}.items() <= metrics(
        page
    ).items()


def test_a_training_that_runs_is_there_with_its_progress_its_curves_and_the_end_of_its_log(
    platform: FakePlatform,
) -> None:
    training = train(platform, upload(platform))
    platform.registry.track(W, training.id, {"auc": [0.6, 0.7]})
    uid = platform.jobs.get(training.job).uid
    platform.logs.lines[uid] = [LogLine(platform.clock.now(), "INFO", f"line {number}") for number in range(20)]
    page = look(platform)
    assert metrics(page)["Trainings running"] == "1"
    assert "running for 0.0 s · spot machine" in words(page)
    last, before = (str(each.value) for each in page.code)
    assert last.splitlines()[-1].endswith("line 19")
    assert len(before.splitlines()) + len(last.splitlines()) == 20
    assert "/#/experiments/1/runs/run-of-" in words(page)


def test_the_story_of_the_newest_dataset_version_is_told_with_links(platform: FakePlatform) -> None:
    dataset = upload(platform)
    train(platform, dataset)
    told = words(look(platform))
    for part in ("march.csv written", "is ready", "submitted for xgboost", "training of xgboost began"):
        assert part in told.replace("\\", "")
    assert f"/data?workload={W}&dataset={dataset}" in told


def test_what_somebody_else_wrote_is_shown_as_it_is(platform: FakePlatform) -> None:
    training = train(platform, upload(platform))
    platform.store.write(f"jobs/{training.id}/progress.json", b'{"share": 0.1, "words": "[a](http://b) **bold** :x:"}')
    assert r"\[a\](http\://b) \*\*bold\*\* \:x\:" in look(platform).get("progress")[0].proto.text


def test_one_workload_and_a_shorter_time_are_looked_at_alone(platform: FakePlatform) -> None:
    dataset = upload(platform)
    platform.clock.advance(seconds=5)
    export(platform, platform.clock.now(), DatasetReady(workload="sentiment", dataset="d9", manifest="gs://m"))
    train(platform, dataset)
    page = look(platform)
    assert metrics(page)["Events"] == "2"
    page.selectbox(key="loop.workload").set_value("sentiment").run()
    assert (metrics(page)["Events"], metrics(page)["Trainings running"]) == ("1", "0")
    platform.clock.advance(hours=2)
    forget()
    page.segmented_control(key="loop.period").set_value("1 hour").run()
    assert metrics(page)["Events"] == "0"


def test_a_service_that_is_down_costs_its_own_part_of_the_page(platform: FakePlatform) -> None:
    def down(*_: object) -> None:
        raise Unavailable("nobody answers")

    train(platform, upload(platform))
    platform.registry.before, platform.logs.before = down, down
    page = look(platform)
    said = words(page)
    for part in ("The curves", "The log", "The stories"):
        assert f"{part} cannot be shown just now: nobody answers." in said
    assert metrics(page)["Trainings running"] == "1"
    platform.audit.before = down
    forget()
    said = words(page.run())
    assert "The loop cannot be shown just now" in said
    assert "The events cannot be shown just now" in said
    assert not page.exception


def test_dead_letters_that_cannot_be_counted_are_said_to_be(platform: FakePlatform) -> None:
    assert "The number of dead letters cannot be shown just now" in words(look(platform))


def test_a_viewer_sees_the_same_and_decides_nothing(platform: FakePlatform) -> None:
    dataset = upload(platform)
    train(platform, dataset)
    page = look(platform, "viewer")
    assert metrics(page)["Trainings running"] == "1"
    assert all(button.disabled for button in page.button)
    assert "an operator decides" in words(page)


def test_an_operator_has_some_candidates_trained_again_with_a_reason(platform: FakePlatform) -> None:
    dataset = upload(platform)
    page = look(platform)
    page.selectbox(key="loop.retrain.workload").set_value(W).run()
    page.selectbox(key="loop.retrain.data").set_value(dataset).run()
    page.multiselect(key="loop.retrain.candidates").set_value(["xgboost"]).run()
    press(page, "Retrain")
    assert f"A Batch job trains xgboost of {W} on dataset version `{dataset}`" in words(page)
    page.text_area[0].set_value("new prices")
    press_in_dialog(page, "Retrain")
    (asked,) = platform.bus.facts
    assert isinstance(asked, RetrainRequested)
    assert (asked.actor, asked.reason, asked.dataset, asked.candidates) == ("ada", "new prices", dataset, ("xgboost",))
    assert f"Asked for training on {dataset} as request {asked.request}." in words(page)


def test_training_is_paused_and_goes_on_by_an_operators_word(platform: FakePlatform) -> None:
    page = look(platform)
    press(page, "Pause")
    page.text_area[0].set_value("the holidays")
    press_in_dialog(page, "Pause")
    paused = pausing.current(platform.store)
    assert paused is not None
    assert (paused.actor, paused.reason) == ("ada", "the holidays")
    forget()
    waits = DatasetReady(workload=W, dataset="d2", manifest="gs://m")
    assert pausing.put_aside(platform, waits)
    page = look(platform)
    assert metrics(page)["Training is"] == "paused"
    assert "by ada: the holidays. Asked for meanwhile: 1." in words(page)
    press(page, "Resume")
    page.text_area[0].set_value("they are over")
    press_in_dialog(page, "Resume")
    assert pausing.current(platform.store) is None
    assert platform.bus.facts == [waits]
    assert "Training goes on, with 1 that waited." in words(page)


def test_the_log_of_a_scheduled_job_is_read_only_when_somebody_asks_for_it(platform: FakePlatform) -> None:
    asked = []
    platform.logs.before = lambda: asked.append(True)
    platform.logs.lines["batch-inference"] = [LogLine(platform.clock.now(), "ERROR", "no champion")]
    page = look(platform)
    page.selectbox(key="loop.scheduled").set_value("batch_inference").run()
    assert asked == []
    page.toggle(key="loop.scheduled.log").set_value(True).run()
    assert any("E no champion" in str(each.value) for each in page.code)


def test_the_topology_lies_where_the_studio_looks_for_it() -> None:
    assert "studio" in reads.described().deployables


def press_in_dialog(page: AppTest, label: str) -> AppTest:
    """The dialog's own button comes after the one that opened it."""
    [button for button in page.button if button.label == label][-1].click()
    page.run()
    assert not page.exception, page.exception[0].value
    return page

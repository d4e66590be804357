import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from headrace import catalogue
from headrace.adapters import deadletters
from headrace.errors import Unavailable
from headrace.training import pausing
from headrace.training.jobs import Training, training_job
from services.studio.pages import health
from services.studio.people import Person
from services.studio.reading import spending
from services.studio.studio import Studio
from tests.fakes import FakePlatform

from .drawing import shown
from .keeping import W, answered

HERE = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def without_pubsub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pub/Sub alone has no port that counts dead letters."""
    monkeypatch.setattr(deadletters, "count", lambda _project, _endpoint: 0)
    streamlit.cache_data.clear()


def page(platform: FakePlatform, **where: str) -> AppTest:
    settings = replace(platform.settings, **where)
    return shown(lambda: health.page(Studio(platform, settings, Person("ana", "viewer"))))


def text(page: AppTest) -> str:
    return "\n".join(
        str(each.value) for each in (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    )


def failing(*_: object) -> None:
    raise Unavailable("it does not answer")


def test_a_platform_on_which_nothing_happened_has_nothing_to_do() -> None:
    found = page(FakePlatform())
    assert found.expander[0].label == "All 6 services answer"
    for said in ("every message was handled", "is not paused", "Nothing was trained this month", "none this month"):
        assert said in text(found)


@pytest.mark.parametrize("down", ["registry", "store", "audit", "data"])
def test_a_service_that_is_down_is_named_and_the_rest_is_shown(down: str) -> None:
    platform = FakePlatform()
    getattr(platform, down).before = failing
    found = page(platform)
    assert found.expander[0].label.startswith("1 of 6 services do not answer")
    assert "Promises" in [each.value for each in found.subheader]
    assert "Elsewhere" in [each.value for each in found.subheader]


def test_what_needs_a_person_is_marked() -> None:
    platform = FakePlatform()
    pausing.begin(platform, "ana", "the holidays")
    record = {"event": "e", "component": "trainer", "reason": "no workload named 'lones'"}
    platform.store.write("rejected/trainer/e.json", json.dumps(record).encode())
    found = page(platform)
    assert ":orange[:material/pause_circle:] **Training** training is paused since" in text(found)
    assert "no workload named 'lones'" in str(found.dataframe[1].value)


def test_a_month_is_shown_with_its_trainings_requests_and_price() -> None:
    platform = FakePlatform()
    training = Training.of(W, "9f2c41d8a7b35e60", "xgboost")
    platform.jobs.submit(training_job(catalogue.describe(W), training))
    platform.jobs.end(training.job, "SUCCEEDED", timedelta(hours=2))
    answered(platform, platform.clock.now(), {"workload": W, "version": 1})
    found = page(platform, pubsub_endpoint=HERE)
    shown = {each.label: each.value for each in found.metric}
    assert shown["Training"] == "2.0 h"
    assert shown["Requests"] == "1"
    assert shown["Until now"].startswith("$")
    assert "would have cost" in text(found)
    assert "loan_default 1, counted in the 1 objects" in text(found)


def test_in_the_cloud_it_is_an_estimate_beside_what_monitoring_has() -> None:
    found = page(FakePlatform(), pubsub_endpoint="")
    assert "An **estimate**, no bill" in text(found)


def test_services_that_sleep_are_asked_only_when_somebody_wants_it() -> None:
    found = page(FakePlatform(), inference_url="https://inference-{workload}-1.europe-west1.run.app")
    assert not found.toggle[0].value
    assert "No service was asked" in text(found)


def test_an_inference_service_that_is_down_is_a_sentence() -> None:
    found = page(FakePlatform(), inference_url=f"http://{HERE}")
    assert found.expander[0].label == "1 of 7 services do not answer: Inference"
    assert "nothing answers at http://127.0.0.1:9" in text(found)


def test_another_environment_costs_otherwise() -> None:
    platform = FakePlatform()
    found = page(platform)
    before = found.metric[0].value
    found.selectbox(key="health.as").set_value("prod").run()
    assert found.metric[0].value != before


def test_a_month_that_will_end_above_its_budget_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("topology.yaml", "objectives.yaml", "costs/prices.yaml"):
        (tmp_path / "infra" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(spending.ROOT / "infra" / name, tmp_path / "infra" / name)
    (tmp_path / "infra" / "environments").mkdir()
    (tmp_path / "infra" / "environments" / "small.tfvars").write_text("budget = { amount = 0.5, stop = true }")
    monkeypatch.setattr(spending, "ROOT", tmp_path)
    found = page(FakePlatform())
    assert "ends above its budget of 0.5 USD. Training pauses" in found.warning[-1].value
    assert found.metric[0].delta == "of 0.5 USD"


def test_where_the_files_on_prices_are_missing_the_rest_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spending, "ROOT", tmp_path)
    found = page(FakePlatform())
    assert found.expander[0].label == "All 6 services answer"
    assert any("topology.yaml is not here" in each.value for each in found.error)

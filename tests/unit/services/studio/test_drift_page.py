"""The page that shows how what is asked moves away from what was learned."""

from collections.abc import Callable

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.errors import Unavailable
from headrace.events import DriftDetected, DriftRefused, RetrainRequested
from services.studio.pages import drift
from services.studio.people import Role
from tests.fakes import FakePlatform

from .checked import W, history, keep
from .drawing import shown
from .judged import FOUND, OTHER, add, loans
from .keeping import studio, told


@pytest.fixture(autouse=True)
def nothing_read_before() -> None:
    """What one test's page has read is not shown on another's."""
    streamlit.cache_data.clear()


@pytest.fixture
def platform() -> FakePlatform:
    platform = loans()
    history(platform)
    return platform


def page(platform: FakePlatform, role: Role = "viewer") -> AppTest:
    found = shown(lambda: drift.page(studio(platform, role)))
    if found.selectbox and found.selectbox(key="workload").value != W:
        found.selectbox(key="workload").set_value(W).run()
    assert not found.exception
    return found


def texts(page: AppTest) -> str:
    """Everything that is to be read, without what Markdown needs."""
    drawn = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.subheader)
    return "\n".join(str(each.value) for each in drawn).replace("\\", "")


def test_a_window_that_is_not_full_says_how_far_it_is(platform: FakePlatform) -> None:
    found = page(platform)
    said = texts(found)
    assert "**Not enough**" in said
    assert "Not enough: 630 rows, 1000 are needed." in said
    assert found.progress[0].value == 63


def test_what_drift_may_still_cause_this_week_is_said(platform: FakePlatform) -> None:
    values = {metric.label: metric.value for metric in page(platform).metric}
    assert values["Retrainings left this week"] == "2 of 3"
    assert values["Left to spend on them"] == "$9.75"
    assert values["Cooling down"].startswith("until ")


def test_the_last_check_that_said_something_is_shown_with_its_decision(platform: FakePlatform) -> None:
    assert "1,600 rows answered by version 2: int_rate drifted, but it is cooling down" in texts(page(platform))


def test_a_check_that_caused_a_training_says_what_moved_and_what_followed(platform: FakePlatform) -> None:
    at = platform.clock.now().replace(hour=platform.clock.now().hour - 2)
    told(platform, DriftDetected(workload=W, check="c2", version=2, columns=("dti",), dataset=OTHER), "drift", at)
    add(platform, FOUND, "rejected", 2, {"headrace.dataset": OTHER})
    found = page(platform)
    found.selectbox(key=f"check.{W}").set_value(1).run()
    assert not found.exception
    said = texts(found)
    for words in (
        "1,600 true labels, 12 of them late: int_rate, dti drifted: training anew",
        "int_rate: its values are distributed otherwise (20.0% of rows",
        "auc is 0.6100 on 1600 labelled rows",
        f"Training on dataset version [`{OTHER}`](data?workload={W}&dataset={OTHER}), for about $0.25.",
        "version 4, rejected",
    ):
        assert words in said, words


def test_what_the_budget_refused_is_for_an_operator_to_train_on(platform: FakePlatform) -> None:
    keep(platform, "c5", "drifted", "dti drifted, but the week's budget of 3 retrainings is spent", usd=0.25)
    manifest = Manifest(workload=W, dataset=OTHER, source="drift check c5", files=())
    datasets.publish(platform.store, manifest)
    refused = DriftRefused(workload=W, check="c5", version=2, columns=("dti",), dataset=OTHER, reason="spent")
    told(platform, refused, "drift")
    assert page(platform).button(key="drift.c5.Retrain").disabled
    found = page(platform, "operator")
    assert "it is for people to decide whether to train" in texts(found)
    found.button(key="drift.c5.Retrain").click().run()
    found.text_area[0].set_value("the rates have changed")
    found.button[-1].click().run()
    (fact,) = platform.bus.facts
    assert isinstance(fact, RetrainRequested)
    assert (fact.dataset, fact.actor, fact.reason) == (OTHER, "ana@example.com", "the rates have changed")


def test_every_column_that_was_watched_is_listed_strongest_first(platform: FakePlatform) -> None:
    (table,) = (frame.value for frame in page(platform).dataframe)
    assert list(table["column"]) == ["int_rate", "dti"]
    assert list(table["of"]) == ["what was asked"] * 2
    assert list(table["chance"]) == ["0", "1e-12"]


def test_the_report_is_fetched_only_when_somebody_wants_it(platform: FakePlatform) -> None:
    read: list[str] = []
    platform.store.before = lambda method, name: read.append(name) if method == "read" else None
    found = page(platform)
    assert not any("report" in name for name in read)
    assert not found.get("iframe")
    found.toggle[0].set_value(True).run()
    assert not found.exception
    assert f"reports/{W}/c3/report.html" in read
    (frame,) = found.get("iframe")
    assert "Evidently" in frame.proto.srcdoc


def test_a_check_without_a_report_says_so(platform: FakePlatform) -> None:
    platform.store.delete(f"reports/{W}/c3/report.html")
    found = page(platform)
    assert "This check has no report" in texts(found)
    assert not found.toggle


def test_data_that_may_be_broken_is_named(platform: FakePlatform) -> None:
    keep(platform, "c5", "broken", "the data may be broken", quality=("dti: it is missing more often",))
    said = texts(page(platform))
    assert "**Broken**" in said
    assert "dti: it is missing more often" in said


def test_an_unusual_volume_is_said(platform: FakePlatform) -> None:
    keep(platform, "c5", "steady", "steady: nothing drifted", volume="9 rows came in 3 hours")
    assert texts(page(platform)).count("9 rows came in 3 hours") == 2


def test_checks_of_an_older_release_without_columns_are_shown_without_their_charts(platform: FakePlatform) -> None:
    fresh = loans()
    keep(fresh, "c1", "drifted", "dti drifted, but not often enough", ())
    said = texts(page(fresh))
    assert "dti drifted, but not often enough" in said
    assert "Surprise over time" not in said


def test_without_checks_the_page_says_when_there_will_be_one() -> None:
    assert "No check in the last 7 days. One is made every hour" in texts(page(loans()))


def test_without_a_champion_the_page_says_what_to_do_first() -> None:
    said = texts(page(FakePlatform()))
    assert "loan_default has no champion yet" in said


def down(*_: str) -> None:
    raise Unavailable("the store does not answer")


def test_a_store_that_is_down_is_a_sentence(platform: FakePlatform) -> None:
    platform.store.before = down
    assert "The drift checks cannot be shown just now: the store does not answer." in texts(page(platform))


@pytest.mark.parametrize("break_off", ["audit", "registry"])
def test_what_followed_alone_is_missing_where_what_says_so_is_down(platform: FakePlatform, break_off: str) -> None:
    broken: dict[str, Callable[[], None]] = {
        "audit": lambda: setattr(platform.audit, "before", down),
        "registry": lambda: setattr(platform.registry, "before", down),
    }
    broken[break_off]()
    found = page(platform)
    found.selectbox(key=f"check.{W}").set_value(1).run()
    said = texts(found)
    assert "What followed cannot be shown just now: the store does not answer." in said
    assert "training anew" in said

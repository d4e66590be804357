"""The page on which models are compared and decided about."""

from collections.abc import Callable

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from headrace import catalogue
from headrace.errors import Unavailable
from headrace.events import ModelRejected, RetrainRequested
from headrace.promotion import decisions, promotions
from headrace.promotion.decisions import AWAITING
from services.studio.pages import models
from services.studio.people import Role
from tests.fakes import FakePlatform

from .drawing import shown
from .judged import FOUND, W, add, loans
from .keeping import studio


@pytest.fixture(autouse=True)
def nothing_read_before() -> None:
    """What one test's page has read is not shown on another's."""
    streamlit.cache_data.clear()


@pytest.fixture
def platform() -> FakePlatform:
    return loans()


@pytest.fixture
def waits(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> int:
    """A version that passed, of a workload that wants a person asked."""
    known, described = catalogue.describe(W), catalogue.describe
    manual = known.model_copy(update={"promotion": known.promotion.model_copy(update={"approval": "manual"})})
    monkeypatch.setattr(catalogue, "describe", lambda name: manual if name == W else described(name))
    return add(platform, FOUND, AWAITING, 2)


def page(platform: FakePlatform, role: Role = "operator") -> AppTest:
    return shown(lambda: models.page(studio(platform, role)))


def texts(page: AppTest) -> str:
    """Everything that is to be read."""
    drawn = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.success, *page.subheader)
    return "\n".join(str(each.value) for each in drawn)


def decide(page: AppTest, button: str, reason: str) -> AppTest:
    page.button(key=button).click().run()
    page.text_area[0].set_value(reason)
    page.button[-1].click().run()
    assert not page.exception
    return page


def test_champion_challenger_and_previous_stand_side_by_side_with_reasons(platform: FakePlatform) -> None:
    found = page(platform)
    assert [metric.value for metric in found.metric] == ["0.7123", "0.5000", "0.7000"]
    said = texts(found)
    for words in ("auc 0.5000 is below the floor of 0.6", "#### 1.0.1", "#### 1.1.0", "#### 1.0.0"):
        assert words in said, words


def test_the_challenger_is_compared_with_the_champion_at_first(platform: FakePlatform) -> None:
    found = page(platform)
    chosen = {box.label: box.value for box in found.selectbox}
    assert (chosen["Version"], chosen["Against"]) == (3, 2)
    assert "Gain over version 2" in texts(found)


def test_any_two_are_compared_with_slices_fairness_and_what_they_take(platform: FakePlatform) -> None:
    found = page(platform)
    found.selectbox(key=f"version.{W}").set_value(2).run()
    found.selectbox(key=f"against.{W}").set_value(1).run()
    said = texts(found)
    assert "+0.0123 [+0.0041, +0.0205]. To be promoted" in said
    assert "Calibration" in said
    assert "60 months: -0.0300 [-0.0500, -0.0100] against the champion" in said.replace("\\", "")
    assert "The workload names no protected column" in said
    (table,) = (frame.value for frame in found.dataframe if "at most" in frame.value.columns)
    assert list(table["what"])[:2] == ["One row", "A batch of 256 rows"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("Model card", "It costs \\$5 to \\$10."),
        ("Lineage", "gs://local-headrace-data/loan_default/x.csv#1"),
        ("History", "version 2 became champion in place of version 1"),
        ("All versions", "Choose two rows to compare them."),
    ],
)
def test_each_part_is_read_when_it_is_looked_at(platform: FakePlatform, part: str, words: str) -> None:
    found = page(platform)
    assert words not in texts(found)
    found.session_state["part"] = part
    found.run()
    assert not found.exception
    assert words in texts(found)


def test_a_version_that_waits_is_the_first_thing_seen_and_is_approved_with_a_reason(
    platform: FakePlatform, waits: int
) -> None:
    found = page(platform)
    assert f"version {waits} waits for your word" in found.markdown[0].value
    decide(found, f"waiting.{W}.{waits}.Approve", "it looks right")
    assert [text.value for text in found.success] == [f"Version {waits} of {W} is champion. A rollback takes it back."]
    change = promotions.last(platform.store, W)
    assert change is not None
    assert (change.version, change.actor) == (waits, "ana@example.com")
    assert "it looks right" in change.reason
    found.button(key="confirming.close").click().run()
    assert "waits for your word" not in texts(found)


def test_a_version_that_waits_is_rejected_and_told_of(platform: FakePlatform, waits: int) -> None:
    decide(page(platform), f"waiting.{W}.{waits}.Reject", "the data was odd")
    (said,) = decisions.history(platform.store, W)
    assert (said.approved, said.actor, said.reason) == (False, "ana@example.com", "the data was odd")
    assert [type(fact) for fact in platform.bus.facts] == [ModelRejected]


def test_what_was_judged_against_another_champion_cannot_be_approved(platform: FakePlatform, waits: int) -> None:
    platform.registry.set_alias(W, "champion", 1)
    found = page(platform)
    assert found.button(key=f"waiting.{W}.{waits}.Approve").disabled
    assert "It was judged against version 2, and version 1 is there now." in texts(found)


def test_a_rollback_names_what_returns_and_is_recorded_with_who_and_why(platform: FakePlatform) -> None:
    found = page(platform)
    found.button(key=f"models.{W}.Roll back").click().run()
    assert "**Version 1** becomes champion of **loan_default** again in place of **version 2**" in texts(found)
    found.text_area[0].set_value("it answers nonsense")
    found.button[-1].click().run()
    change = promotions.last(platform.store, W)
    assert change is not None
    assert (change.version, change.actor) == (1, "ana@example.com")
    assert change.reason == "rolled back from version 2: it answers nonsense"


def test_a_rollback_of_a_champion_that_has_changed_meanwhile_is_not_made(platform: FakePlatform) -> None:
    found = page(platform)
    found.button(key=f"models.{W}.Roll back").click().run()
    promotions.promote(platform, W, 3, "ben", "by mistake", after=2)
    found.text_area[0].set_value("it answers nonsense")
    found.button[-1].click().run()
    assert "the champion of loan_default is version 3 by now, not 2" in texts(found)
    assert platform.registry.workloads()[W]["champion"] == 3


def test_a_retraining_is_asked_for_with_who_and_why(platform: FakePlatform) -> None:
    decide(page(platform), f"models.{W}.Retrain", "the rates have changed")
    (fact,) = platform.bus.facts
    assert isinstance(fact, RetrainRequested)
    assert (fact.actor, fact.reason) == ("ana@example.com", "the rates have changed")


def test_a_viewer_sees_everything_and_decides_nothing(platform: FakePlatform, waits: int) -> None:
    found = page(platform, "viewer")
    buttons = [f"waiting.{W}.{waits}.Approve", f"waiting.{W}.{waits}.Reject", f"models.{W}.Roll back"]
    assert all(found.button(key=key).disabled for key in buttons)
    assert "an operator decides" in texts(found)
    assert found.metric[0].value == "0.7123"


def test_without_any_model_the_page_says_what_to_do() -> None:
    assert "No model yet: drop data on the page Data" in texts(page(FakePlatform()))


def test_the_only_champion_has_nothing_to_be_rolled_back_to() -> None:
    platform = loans()
    platform.registry.delete(W, 1)
    found = page(platform)
    assert found.button(key=f"models.{W}.Roll back").disabled
    assert "There is no champion before version 2 to return to." in texts(found)


def down(named: str = "") -> Callable[..., None]:
    def before(*call: str) -> None:
        if not named or named in call:
            raise Unavailable("nothing answers at http://127.0.0.1:9")

    return before


def test_a_registry_that_is_down_is_a_sentence(platform: FakePlatform) -> None:
    platform.registry.before = down()
    assert "The registry cannot be shown just now: nothing answers at http://127.0.0.1:9." in texts(page(platform))


def test_a_store_that_is_down_takes_only_what_it_keeps(platform: FakePlatform) -> None:
    platform.store.before = down()
    found = page(platform)
    assert [metric.value for metric in found.metric] == ["0.7123", "0.5000", "0.7000"]
    assert "What a rollback returns to cannot be shown just now" in texts(found)


def test_a_run_whose_files_cannot_be_read_takes_only_the_comparison(platform: FakePlatform) -> None:
    platform.registry.before = down("attachment")
    found = page(platform)
    assert "The comparison cannot be shown just now" in texts(found)
    assert not found.button(key=f"models.{W}.Roll back").disabled


def test_a_version_that_is_not_judged_yet_is_shown_as_that(platform: FakePlatform) -> None:
    platform.registry.register(W, "", "s3://elsewhere", {})
    found = page(platform)
    found.selectbox(key=f"version.{W}").set_value(4).run()
    assert not found.exception
    assert "version 4 has no scores: it is not judged yet." in texts(found)

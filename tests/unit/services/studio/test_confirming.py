"""The dialog that a decision is confirmed in."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from headrace.errors import Busy
from services.studio.confirming import Decision, offer
from services.studio.people import Person, Role
from services.studio.studio import Studio
from tests.fakes import FakePlatform

from .drawing import shown


def app(role: Role = "operator", decide: Callable[[str], str] = str, why_not: str = "") -> AppTest:
    platform = FakePlatform()
    decision = Decision("Roll back", "loan_default", "Version 7 returns.", decide, why_not=why_not)
    return shown(lambda: offer(Studio(platform, platform.settings, Person("ana", role)), "models", decision))


def remembered(said: list[str]) -> Callable[[str], str]:
    """A decision that is only written down."""

    def decide(reason: str) -> str:
        said.append(reason)
        return "Version 7 is champion."

    return decide


def asked(page: AppTest, reason: str) -> AppTest:
    page.button(key="models.Roll back").click().run()
    page.text_area[0].set_value(reason)
    return page.button[-1].click().run()


def test_nothing_is_decided_by_the_button_alone() -> None:
    said: list[str] = []
    page = app(decide=remembered(said))
    assert not page.text_area
    page.button(key="models.Roll back").click().run()
    assert "Version 7 returns." in [text.value for text in page.markdown]
    assert any("`ana`" in text.value for text in page.caption)
    assert said == []


def test_what_is_decided_is_told_with_its_reason_once_and_the_dialog_closes() -> None:
    said: list[str] = []
    page = asked(app(decide=remembered(said)), "  it fails  ")
    assert said == ["it fails"]
    assert [text.value for text in page.success] == ["Version 7 is champion."]
    assert not page.text_area, "the question makes room for the answer"
    page.button(key="confirming.close").click().run()
    assert not page.success
    assert said == ["it fails"]


def test_without_a_reason_nothing_is_decided() -> None:
    said: list[str] = []
    page = asked(app(decide=remembered(said)), "   ")
    assert "Say why" in page.warning[0].value
    assert said == []


def test_what_cannot_be_decided_is_said_and_may_be_tried_again() -> None:
    answers = [Busy("the champion is version 8 by now")]

    def decide(_: str) -> str:
        if answers:
            raise answers.pop()
        return "done"

    page = asked(app(decide=decide), "it fails")
    assert page.error[0].value == "Nothing was decided: the champion is version 8 by now"
    page.button[-1].click().run()
    assert [text.value for text in page.success] == ["done"]


def test_a_viewer_sees_the_button_disabled_and_why() -> None:
    page = app("viewer")
    assert page.button(key="models.Roll back").disabled
    assert "an operator decides" in page.caption[0].value


def test_what_is_of_no_use_is_disabled_with_its_reason() -> None:
    page = app(why_not="There is no champion before this one.")
    assert page.button(key="models.Roll back").disabled
    assert page.caption[0].value == "There is no champion before this one."

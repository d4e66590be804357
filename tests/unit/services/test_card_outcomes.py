"""A model card goes on after the judgement: what traffic, people and time made of its version."""

import pytest

from headrace.events import ModelUnserved
from headrace.ports import Version
from headrace.promotion import approvals, outcomes, promotions, rollbacks
from headrace.promotion.promotions import VERDICT
from services.evaluator.main import unserved
from tests.fakes import FakePlatform

from .conftest import Models
from .judging import Register, W, announced, judged, killed, tags
from .trying import ended


def word(platform: FakePlatform) -> str:
    """What the card that was written last says first."""
    return platform.registry.attached["run", "card/model.md"].decode().split("**")[1]


def steps(platform: FakePlatform) -> list[list[str]]:
    """What became of that version: time, what, who, why."""
    text = platform.registry.attached["run", "card/model.md"].decode()
    table = text.partition("## What became of it\n\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def test_a_version_that_is_promoted_at_once_has_a_card_that_says_so(platform: FakePlatform, champion: Version) -> None:
    assert word(platform) == "Passed the promotion policy, and was promoted"
    ((at, what, who, why),) = steps(platform)
    assert (at, what, who) == ("2026-03-02 08:00", "champion", platform.component)
    assert why.startswith("no champion to beat: auc 0.")


def test_a_version_that_fails_its_policy_has_a_card_that_ends_there(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    judged(platform, register(models.contrary))
    assert word(platform) == "Did not pass the promotion policy"
    assert steps(platform) == []


def test_a_trial_is_on_the_card_while_it_goes_on_and_when_it_is_over(
    platform: FakePlatform, challenger: Version
) -> None:
    assert word(platform) == "Passed the promotion policy, and is tried on traffic"
    assert steps(platform) == []
    platform.clock.advance(hours=1)
    ended(platform, challenger, "aborted", "12 of its 90 requests failed")
    assert word(platform) == "Passed the promotion policy, but was not promoted"
    assert steps(platform) == [
        ["2026-03-02 08:00", "trial on traffic: aborted", "evaluator", "12 of its 90 requests failed"]
    ]


def test_a_trial_that_was_passed_and_the_promotion_that_followed_are_on_the_card(
    platform: FakePlatform, challenger: Version
) -> None:
    platform.clock.advance(hours=1)
    ended(platform, challenger, "passed", "no request failed")
    assert word(platform) == "Passed the promotion policy, and was promoted"
    assert [each[:2] for each in steps(platform)] == [
        ["2026-03-02 08:00", "trial on traffic: passed"],
        ["2026-03-02 09:00", "champion"],
    ]


def test_who_approved_a_version_and_why_is_on_its_card(platform: FakePlatform, waiting: Version) -> None:
    assert word(platform) == "Passed the promotion policy, and waits for approval"
    platform.clock.advance(hours=1)
    approvals.approve(platform, W, waiting.number, "ana", "it looks right")
    assert word(platform) == "Passed the promotion policy, and was promoted"
    said, promoted = steps(platform)
    assert said == ["2026-03-02 09:00", "approved", "ana", "it looks right"]
    assert promoted[1:3] == ["champion", "ana"]


def test_who_rejected_a_version_and_why_is_on_its_card(platform: FakePlatform, waiting: Version) -> None:
    approvals.reject(platform, W, waiting.number, "ben", "the data was odd")
    assert word(platform) == "Passed the promotion policy, but was not promoted"
    assert steps(platform) == [["2026-03-02 08:00", "rejected", "ben", "the data was odd"]]


def test_who_took_a_champion_back_and_why_is_on_its_card(platform: FakePlatform, waiting: Version) -> None:
    approvals.approve(platform, W, waiting.number, "ana", "it looks right")
    announced(platform)
    platform.clock.advance(hours=2)
    rollbacks.rollback(platform, W, "ben", "customers call")
    assert word(platform) == "Passed the promotion policy, was promoted, and was rolled back"
    assert steps(platform)[-1] == [
        "2026-03-02 10:00",
        "rolled back",
        "ben",
        f"rolled back from version {waiting.number}: customers call",
    ]


def test_a_champion_that_the_watch_takes_back_has_it_on_its_card(
    platform: FakePlatform, weak: Version, register: Register, models: Models
) -> None:
    version = register(models.good)
    judged(platform, version)
    announced(platform)
    reason = "30 of its last 40 requests failed; 5.00% are allowed"
    list(unserved(ModelUnserved(workload=W, version=version.number, alias="champion", reason=reason), platform))
    assert steps(platform)[-1][1:] == ["rolled back", platform.component, f"rolled back from version 2: {reason}"]


def test_a_champion_that_was_made_by_hand_is_said_to_be_on_its_card(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    odd = register(models.contrary)
    judged(platform, odd)
    platform.registry.set_alias(W, "champion", odd.number)
    announced(platform)
    rollbacks.rollback(platform, W, "ben")
    assert word(platform) == "Did not pass the promotion policy"
    assert [each[1:3] for each in steps(platform)] == [["champion", "by hand, in MLflow"], ["rolled back", "ben"]]


@pytest.mark.parametrize("nth", [1, 2])
def test_a_verdict_whose_card_could_not_be_written_comes_with_it_when_the_event_comes_again(
    nth: int, platform: FakePlatform, challenger: Version
) -> None:
    platform.registry.before = killed("attach", nth)
    with pytest.raises(ConnectionError):
        ended(platform, challenger, "aborted", "it was slow")
    assert tags(platform, challenger)[VERDICT] == "on trial"
    platform.registry.before = lambda _: None
    ended(platform, challenger, "aborted", "it was slow")
    assert tags(platform, challenger)[VERDICT] == "rejected"
    assert len(steps(platform)) == 1


def test_a_version_that_was_never_judged_here_has_no_card_and_is_rolled_back_all_the_same(
    platform: FakePlatform, weak: Version, champion: Version
) -> None:
    assert outcomes.card_of(platform.store, weak, "promoted") is None
    rollbacks.rollback(platform, W, "ana")
    announced(platform)
    assert promotions.history(platform.store, W)[-1].version == weak.number

"""A workload whose champions are made by people: what passed waits, and one word settles it."""

import json

import pytest

from functions.notify.wording import sentence
from headrace.errors import Busy, Rejected
from headrace.events import ApprovalRequested, ChallengerTried, ModelRegistered, ModelRejected
from headrace.ports import Version
from headrace.promotion import approvals, promotions
from headrace.promotion.promotions import VERDICT, Change
from services.evaluator.main import evaluate, tried
from tests.fakes import FakePlatform, together

from .conftest import Models
from .judging import Register, W, aliases, announced, killed, state, tags


def evaluated(platform: FakePlatform, version: Version) -> list[object]:
    return list(evaluate(ModelRegistered(workload=W, version=version.number), platform))


def approve(platform: FakePlatform, version: Version, reason: str = "it looks right") -> Change:
    return approvals.approve(platform, W, version.number, "ana", reason)


def test_a_version_that_passed_waits_and_people_are_told_what_they_can_do(
    platform: FakePlatform, weak: Version, waiting: Version
) -> None:
    assert tags(platform, waiting)[VERDICT] == "awaits approval"
    assert aliases(platform)["champion"] == weak.number
    assert approvals.waiting(platform.registry.versions(W), weak.number) == [waiting.number]
    before = state(platform)
    told = [evaluated(platform, waiting) for _ in range(5)]
    assert state(platform) == before
    (fact,) = told[0]
    assert isinstance(fact, ApprovalRequested)
    assert told == [[fact]] * 5
    assert fact.champion == weak.number
    assert f"`headrace approve {W}/{waiting.number}` makes it champion" in sentence(fact)


def test_an_approved_version_is_champion_with_who_and_why(
    platform: FakePlatform, weak: Version, waiting: Version
) -> None:
    change = approve(platform, waiting)
    assert aliases(platform) == {"champion": waiting.number, "previous": weak.number}
    assert tags(platform, waiting)[VERDICT] == "promoted"
    assert change.actor == "ana"
    assert change.reason.startswith("approved by ana: it looks right; auc +0.")
    assert approvals.waiting(platform.registry.versions(W), waiting.number) == []
    announced(platform)
    before = state(platform)
    assert evaluated(platform, waiting) == []
    with pytest.raises(Rejected, match="does not wait for approval: its verdict is 'promoted'"):
        approve(platform, waiting)
    assert state(platform) == before


def test_a_rejected_version_is_told_of_with_who_and_why_and_never_becomes_champion(
    platform: FakePlatform, weak: Version, waiting: Version
) -> None:
    facts = [approvals.reject(platform, W, waiting.number, "ana", "the data was odd") for _ in range(5)]
    assert facts == [facts[0]] * 5
    assert isinstance(facts[0], ModelRejected)
    assert facts[0].reasons[-1] == "rejected by ana: the data was odd"
    assert tags(platform, waiting)[VERDICT] == "rejected"
    assert evaluated(platform, waiting) == [facts[0]]
    with pytest.raises(Rejected, match="does not wait"):
        approve(platform, waiting)
    assert aliases(platform)["champion"] == weak.number


def test_of_five_who_say_yes_and_no_at_once_the_first_is_heard(
    platform: FakePlatform, weak: Version, waiting: Version
) -> None:
    def say_yes() -> Change:
        return approve(platform, waiting)

    results = together(5, say_yes)
    changes = [result for result in results if isinstance(result, Change)]
    assert changes
    assert all(isinstance(result, Change | Busy | Rejected) for result in results), results
    assert len(promotions.history(platform.store, W)) == 2
    with pytest.raises(Rejected):
        approvals.reject(platform, W, waiting.number, "ben", "no")
    assert aliases(platform)["champion"] == waiting.number


def test_a_word_that_was_said_is_not_taken_back_by_another(platform: FakePlatform, waiting: Version) -> None:
    platform.registry.before = killed("tag", 1)
    with pytest.raises(ConnectionError):
        approvals.reject(platform, W, waiting.number, "ben", "no")
    platform.registry.before = lambda _: None
    with pytest.raises(Rejected, match=r"version 2 of loan_default was rejected by ben: no at 08:00"):
        approve(platform, waiting)
    assert approvals.reject(platform, W, waiting.number, "ana", "other words").reasons[-1] == "rejected by ben: no"


@pytest.mark.parametrize(("call", "nth"), [("set_alias", 1), ("set_alias", 2), ("tag", 1)])
def test_an_approval_that_was_cut_short_anywhere_ends_as_one_change(
    call: str, nth: int, platform: FakePlatform, weak: Version, waiting: Version
) -> None:
    platform.registry.before = killed(call, nth)
    with pytest.raises(ConnectionError):
        approve(platform, waiting)
    platform.registry.before = lambda _: None
    platform.clock.advance(minutes=1)
    promotions.finish(platform, W)
    approve(platform, waiting)
    assert tags(platform, waiting)[VERDICT] == "promoted"
    assert aliases(platform) == {"champion": waiting.number, "previous": weak.number}
    assert [change.version for change in promotions.history(platform.store, W)] == [weak.number, waiting.number]


def test_a_version_that_was_judged_against_another_champion_cannot_be_approved(
    platform: FakePlatform, weak: Version, waiting: Version, register: Register, models: Models
) -> None:
    other = register(models.good)
    evaluated(platform, other)
    approve(platform, other)
    announced(platform)
    assert approvals.waiting(platform.registry.versions(W), other.number) == []
    with pytest.raises(Rejected) as refused:
        approve(platform, waiting)
    assert str(refused.value) == (
        "version 2 of loan_default was judged against version 1, and version 3 is there now; "
        "`headrace retrain loan_default` has another version judged"
    )


def test_the_first_version_waits_too_and_a_bad_one_does_not(
    platform: FakePlatform, register: Register, models: Models, manual: pytest.MonkeyPatch
) -> None:
    first, bad = register(models.good), register(models.contrary)
    (asked,) = evaluated(platform, first)
    assert isinstance(asked, ApprovalRequested)
    assert asked.champion is None
    (rejected,) = evaluated(platform, bad)
    assert isinstance(rejected, ModelRejected)
    approve(platform, first)
    assert aliases(platform) == {"champion": first.number}


def test_a_version_that_does_not_exist_is_refused(platform: FakePlatform, waiting: Version) -> None:
    with pytest.raises(Rejected, match="loan_default has no version 9; `headrace status` shows what waits"):
        approvals.approve(platform, W, 9, "ana", "")


def test_a_trial_on_traffic_comes_before_the_approval(
    platform: FakePlatform, challenger: Version, weak: Version, manual: pytest.MonkeyPatch
) -> None:
    fact = ChallengerTried(
        workload=W, version=challenger.number, mode="canary", outcome="passed", reasons=("no request failed",)
    )
    (asked,) = tried(fact, platform)
    assert isinstance(asked, ApprovalRequested)
    assert asked.reasons[-1] == "no request failed"
    assert aliases(platform) == {"champion": weak.number}
    assert json.loads(tags(platform, challenger)["headrace.trial"])["outcome"] == "passed"
    assert list(tried(fact, platform)) == [asked]
    approve(platform, challenger)
    assert aliases(platform)["champion"] == challenger.number

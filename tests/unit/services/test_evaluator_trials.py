"""What the evaluator makes of a version that is tried on traffic before it is promoted."""

import json

import pytest

from headrace.errors import Busy, Rejected
from headrace.events import ChallengerNamed, ChallengerTried, ModelRegistered, ModelRejected
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT
from services.evaluator.main import tried
from tests.fakes import FakePlatform

from .conftest import Models
from .judging import Register, W, aliases, announced, killed, state, tags
from .trying import ended, evaluated, reconciled


def test_a_version_that_was_judged_fit_is_tried_and_not_promoted(
    platform: FakePlatform, challenger: Version, weak: Version
) -> None:
    assert aliases(platform) == {"champion": weak.number, "challenger": challenger.number}
    assert tags(platform, challenger)[VERDICT] == "on trial"
    before = state(platform)
    assert evaluated(platform, challenger) == evaluated(platform, challenger)
    assert state(platform) == before
    assert len(promotions.history(platform.store, W)) == 1


def test_a_version_that_is_not_fit_never_is_the_challenger(
    platform: FakePlatform, register: Register, models: Models, champion: Version, canary: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    platform.registry.before = asked.append
    (fact,) = evaluated(platform, register(models.contrary))
    assert isinstance(fact, ModelRejected)
    assert "set_alias" not in asked
    assert aliases(platform) == {"champion": champion.number}


def test_the_first_version_has_nothing_to_be_tried_against_and_is_promoted(
    platform: FakePlatform, register: Register, models: Models, canary: pytest.MonkeyPatch
) -> None:
    version = register(models.good)
    assert evaluated(platform, version) == []
    assert aliases(platform) == {"champion": version.number}


def test_a_trial_that_was_passed_promotes_with_the_reasons_of_both_stages(
    platform: FakePlatform, challenger: Version, weak: Version
) -> None:
    assert ended(platform, challenger, "passed", "no request failed") == []
    assert aliases(platform) == {"champion": challenger.number, "previous": weak.number}
    assert tags(platform, challenger)[VERDICT] == "promoted"
    change = promotions.history(platform.store, W)[-1]
    assert (change.version, change.replaced, change.actor) == (challenger.number, weak.number, platform.component)
    assert change.reason.startswith("auc +0.")
    assert change.reason.endswith("; no request failed")
    assert json.loads(tags(platform, challenger)["headrace.trial"])["outcome"] == "passed"


def test_a_trial_that_was_aborted_rejects_with_the_reasons_of_both_stages(
    platform: FakePlatform, challenger: Version, weak: Version
) -> None:
    (fact,) = ended(platform, challenger, "aborted", "too many requests failed")
    assert (fact.version, fact.reasons[1]) == (challenger.number, "too many requests failed")
    assert fact.reasons[0].startswith("auc +0.")
    assert aliases(platform) == {"champion": weak.number}
    assert tags(platform, challenger)[VERDICT] == "rejected"


@pytest.mark.parametrize("outcome", ["passed", "aborted"])
def test_what_others_say_of_a_trial_that_is_settled_changes_nothing(
    outcome: str, platform: FakePlatform, challenger: Version
) -> None:
    first = ended(platform, challenger, outcome, "the first instance said so")
    announced(platform)
    before = state(platform)
    for later in ("passed", "aborted", outcome):
        assert ended(platform, challenger, later, "another instance said so") == first
    assert evaluated(platform, challenger) == first
    assert state(platform) == before


@pytest.mark.parametrize("outcome", ["passed", "aborted"])
@pytest.mark.parametrize(("call", "nth"), [("tag", 1), ("tag", 2), ("delete_alias", 1), ("set_alias", 1)])
def test_a_settlement_that_was_cut_short_anywhere_ends_as_one_when_the_event_comes_again(
    call: str, nth: int, outcome: str, platform: FakePlatform, challenger: Version, weak: Version
) -> None:
    platform.registry.before = killed(call, nth)
    try:
        ended(platform, challenger, outcome, "so it was")
        assert (call, outcome) == ("set_alias", "aborted"), "nothing was cut short"
    except ConnectionError:
        platform.registry.before = lambda _: None
        platform.clock.advance(minutes=1)
        promotions.finish(platform, W)
        told = ended(platform, challenger, outcome, "so it was")
        assert [fact.reasons[1:] for fact in told] == ([("so it was",)] if outcome == "aborted" else [])
    champions = [change.version for change in promotions.history(platform.store, W)]
    assert champions == [weak.number, challenger.number] if outcome == "passed" else [weak.number]
    assert aliases(platform)["champion"] == champions[-1]
    assert "challenger" not in aliases(platform)


@pytest.mark.parametrize(("call", "nth"), [("tag", 1), ("tag", 2), ("set_alias", 1), ("tag", 3)])
def test_a_trial_that_was_cut_short_as_it_began_begins_when_the_event_comes_again(
    call: str,
    nth: int,
    platform: FakePlatform,
    weak: Version,
    register: Register,
    models: Models,
    canary: pytest.MonkeyPatch,
) -> None:
    version = register(models.good)
    platform.registry.before = killed(call, nth)
    with pytest.raises(ConnectionError):
        evaluated(platform, version)
    platform.registry.before = lambda _: None
    assert [type(fact) for fact in evaluated(platform, version)] == [ChallengerNamed]
    assert aliases(platform)["challenger"] == version.number
    assert tags(platform, version)[VERDICT] == "on trial"


def test_while_a_version_is_on_trial_others_wait_for_their_judgement(
    platform: FakePlatform, challenger: Version, register: Register, models: Models
) -> None:
    other = register(models.good)
    platform.clock.advance(minutes=1)
    assert evaluated(platform, other) == []
    assert VERDICT not in tags(platform, other)
    assert reconciled(platform) == []
    ended(platform, challenger, "aborted", "it was slow")
    assert reconciled(platform) == [ModelRegistered(workload=W, version=other.number)]
    (fact,) = evaluated(platform, other)
    assert isinstance(fact, ChallengerNamed)


def test_a_trial_that_was_passed_against_a_champion_of_the_past_promotes_nothing(
    platform: FakePlatform, challenger: Version, register: Register, models: Models
) -> None:
    by_hand = register(models.contrary)
    platform.registry.set_alias(W, "champion", by_hand.number)
    with pytest.raises(Busy):
        ended(platform, challenger, "passed", "no request failed")
    announced(platform)
    (fact,) = ended(platform, challenger, "passed", "no request failed")
    assert fact.reasons[1:] == (
        "no request failed",
        f"it was tried against version 1, but the champion is {by_hand.number} now",
    )
    assert aliases(platform)["champion"] == by_hand.number


def test_a_trial_of_a_version_that_was_deleted_is_acknowledged_with_the_reason(platform: FakePlatform) -> None:
    fact = ChallengerTried(workload=W, version=9, mode="canary", outcome="passed", reasons=())
    with pytest.raises(Rejected, match="loan_default has no version 9; it was deleted"):
        list(tried(fact, platform))

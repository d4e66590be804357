"""A version that nobody asks during its trial, and a champion that fails on what it is asked: what becomes of them."""

import re
from pathlib import Path

import pytest

from headrace.bus.runtime import publish
from headrace.events import ChallengerTried, ModelRegistered
from headrace.promotion import promotions
from headrace.records import trail
from headrace.tracing import parse, use
from headrace.wiring import GoogleCloud
from tests.flow import models
from tests.flow.loop import WORKLOAD
from tests.flow.models import WIDE, Models
from tests.flow.trying import ask, card, post, trying, verdict
from tests.flow.waiting import eventually

REQUESTS = 60


@pytest.mark.slow
def test_a_challenger_that_nobody_asks_in_time_is_rejected_whatever_is_said_of_it_later(tmp_path: Path) -> None:
    with trying(tmp_path / "trying", "{mode: canary, requests: 20, hours: 0.001}") as platform:
        made = Models(tmp_path)
        testset = models.prepare(platform, made, tmp_path)
        weak = models.register(platform, made.contrary, testset, "job-weak").number
        eventually(lambda: verdict(platform, weak) == "promoted", "the first champion")
        good = models.register(platform, made.good, testset, "job-good").number
        eventually(lambda: verdict(platform, good) == "rejected", "the end of a trial that nobody asked in")
        reason = "no instance saw 20 requests of its trial within 0.001 hours"
        assert reason in card(platform, good)

        passed = ChallengerTried(workload=WORKLOAD, version=good, mode="canary", outcome="passed", reasons=("late",))
        with use(parse(None)):
            for fact in (ModelRegistered(workload=WORKLOAD, version=good), passed) * 3:
                publish(fact, platform)
        next_one = models.register(platform, made.good, testset, "job-next").number
        eventually(lambda: verdict(platform, next_one) == "on trial", "what came after all of that")
        assert verdict(platform, good) == "rejected"
        assert platform.registry.workloads()[WORKLOAD] == {"champion": weak, "challenger": next_one}


@pytest.mark.slow
def test_a_champion_that_fails_on_what_it_is_asked_is_taken_back_by_itself(tmp_path: Path) -> None:
    with trying(tmp_path / "watching", "{mode: off}") as platform:
        made = Models(tmp_path)
        testset = models.prepare(platform, made, tmp_path)
        weak = models.register(platform, made.contrary, testset, "job-weak").number
        eventually(lambda: ask(platform)["version"] == weak, "the first champion answers")
        failing = models.register(platform, made.failing, testset, "job-failing").number
        eventually(lambda: ask(platform)["version"] == failing, "the better one answers")

        assert {post(platform, annual_inc="a lot").status_code for _ in range(REQUESTS)} == {422}
        assert {post(platform, annual_inc=WIDE).status_code for _ in range(REQUESTS)} == {500}
        eventually(lambda: ask(platform, annual_inc=WIDE)["version"] == weak, "the champion before answers again")
        _assert_taken_back(platform, weak, failing)


def _assert_taken_back(platform: GoogleCloud, weak: int, failing: int) -> None:
    change = promotions.history(platform.store, WORKLOAD)[-1]
    assert (change.version, change.replaced, change.actor) == (weak, failing, "evaluator")
    told = rf"rolled back from version {failing}: \d+ of its last \d+ requests failed; 5\.00% are allowed"
    assert re.fullmatch(told, change.reason)
    eventually(lambda: "was promoted, and was rolled back" in card(platform, failing), "the rollback on its card")
    assert verdict(platform, failing) == "rolled back"
    with use(parse(None)):
        publish(ModelRegistered(workload=WORKLOAD, version=failing), platform)
    platform.registry.set_alias(WORKLOAD, "staging", failing)
    eventually(lambda: _by_hand(platform) == [failing], "the alias that was set by hand in the audit")
    platform.registry.delete_alias(WORKLOAD, "staging")
    eventually(lambda: _by_hand(platform) == [failing, None], "its removal in the audit")
    assert ask(platform)["version"] == weak


def _by_hand(platform: GoogleCloud) -> list[int | None]:
    """What was done by hand, as the audit has it."""
    return [each.version for each in trail.entries(platform.store, WORKLOAD) if each.by_hand]

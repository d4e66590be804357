"""What the tags and the files of versions say of them."""

from dataclasses import replace

import pytest

from headrace import catalogue
from headrace.errors import NotFound, Unavailable
from headrace.policy.verdict import Interval
from headrace.promotion import promotions
from headrace.promotion.decisions import AWAITING
from headrace.promotion.promotions import BY_HAND
from services.studio.reading import comparing, lineage, past, trial, versions, waiting
from tests.fakes import FakePlatform

from .judged import FOUND, GAIN, W, add, loans

POLICY = catalogue.describe(W).promotion


@pytest.fixture
def platform() -> FakePlatform:
    return loans()


def test_versions_are_read_newest_first_with_verdict_reasons_and_gain(platform: FakePlatform) -> None:
    third, second, first = versions.of(platform, W)
    assert [each.name for each in (first, second)] == ["1.0.0 (version 1)", "1.0.1 (version 2)"]
    assert (second.verdict, second.aliases, second.against, second.gain) == ("promoted", ("champion",), 1, GAIN)
    assert (third.verdict, third.reasons) == ("rejected", ("auc 0.5000 is below the floor of 0.6",))
    assert first.aliases == ("previous",)


def test_beside_the_champion_stands_whoever_challenges_it_and_the_champion_before(platform: FakePlatform) -> None:
    assert {slot: each.number for slot, each in versions.slots(versions.of(platform, W)).items()} == {
        "champion": 2,
        "challenger": 3,
        "previous": 1,
    }
    waits = add(platform, FOUND, AWAITING, 2)
    add(platform, FOUND, "rejected", 2)
    assert versions.slots(versions.of(platform, W))["challenger"].number == waits
    platform.registry.set_alias(W, "challenger", 3)
    assert versions.slots(versions.of(platform, W))["challenger"].number == 3


def test_the_whole_verdict_is_read_from_the_versions_run(platform: FakePlatform) -> None:
    second = versions.of(platform, W)[1]
    assert versions.verdict(platform, second) == FOUND


@pytest.mark.parametrize("kept", [None, b"no verdict at all"])
def test_without_a_usable_file_the_tags_say_what_they_know(platform: FakePlatform, kept: bytes | None) -> None:
    second = versions.of(platform, W)[1]
    if kept is None:
        del platform.registry.attached["run-2", "card/verdict.json"]
    else:
        platform.registry.attached["run-2", "card/verdict.json"] = kept
    found = versions.verdict(platform, second)
    assert (found.scores, found.gain, found.intervals) == (FOUND.scores, GAIN, {})


def test_a_version_that_somebody_registered_by_hand_is_shown_as_not_judged(platform: FakePlatform) -> None:
    platform.registry.register(W, "", "s3://elsewhere", {})
    newest = versions.of(platform, W)[0]
    assert (newest.verdict, newest.name, newest.scores, newest.gain) == ("", "version 4", {}, None)
    with pytest.raises(NotFound):
        versions.card(platform, newest, "md")


def test_scores_stand_beside_the_rivals_on_the_same_rows_and_beside_their_bounds(platform: FakePlatform) -> None:
    _, second, first = versions.of(platform, W)
    auc, brier, ece = comparing.scores(POLICY, second, FOUND, first, None)
    assert (auc.metric, auc.decides, auc.bound, auc.holds) == ("auc", True, "at least 0.6", True)
    assert auc.ours == Interval(0.7123, 0.69, 0.73)
    assert auc.theirs == Interval(0.70, 0.70, 0.70), "the champion's, as it was scored then"
    assert (brier.holds, ece.holds) == (None, None)


def test_a_score_out_of_its_bound_says_so(platform: FakePlatform) -> None:
    third = versions.of(platform, W)[0]
    (auc,) = comparing.scores(POLICY, third, versions.verdict(platform, third), None, None)
    assert auc.holds is False


def test_versions_of_different_test_sets_are_compared_with_a_caveat(platform: FakePlatform) -> None:
    third, second, first = versions.of(platform, W)
    assert comparing.caveat(third, second) == "", "it was judged against that one, on its rows"
    assert "different test sets, t2 and t1" in comparing.caveat(third, first)
    assert comparing.caveat(second, None) == ""


def test_what_a_model_takes_is_held_against_the_budgets() -> None:
    policy = POLICY.model_copy(update={"budgets": POLICY.budgets.model_copy(update={"row_ms": 0.25, "size_mib": 3.0})})
    taken = {each.what: each for each in comparing.taken(policy, FOUND.measured, None)}
    assert taken["One row"].share == 2.0
    assert taken["Size of the export"].share == 0.5
    assert taken["A batch of 256 rows"].limit is None
    assert comparing.taken(policy, replace(FOUND.measured, row_ms=None), None)[0].what == "A batch of 256 rows"


def test_each_champion_reigns_until_the_next_and_what_was_done_by_hand_is_marked(platform: FakePlatform) -> None:
    platform.registry.set_alias(W, "champion", 1)
    list(promotions.observe(platform, W))
    platform.clock.advance(hours=1)
    now = platform.clock.now()
    found = past.reigns(platform.store, W, now)
    assert [(each.version, each.by_hand) for each in found] == [(1, False), (2, False), (1, True)]
    assert [each.ended for each in found] == [found[1].begun, found[2].begun, now]
    newest = past.steps(platform.store, W)[0]
    assert past.words(newest) == "version 1 became champion in place of version 2"
    assert (newest.actor, newest.by_hand) == (BY_HAND, True)


def test_what_waits_is_found_everywhere_and_known_to_be_overtaken(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waiting.everywhere(platform) == []
    add(platform, FOUND, AWAITING, 2)
    manual = catalogue.describe(W).model_copy(update={"promotion": POLICY.model_copy(update={"approval": "manual"})})
    described = catalogue.describe
    monkeypatch.setattr(catalogue, "describe", lambda name: manual if name == W else described(name))
    (found,) = waiting.everywhere(platform)
    assert waiting.overtaken(found, 2) == ""
    assert waiting.overtaken(found, 1).startswith("It was judged against version 2, and version 1 is there now.")


def test_a_version_is_traced_to_its_upload_its_job_and_its_run(platform: FakePlatform) -> None:
    found = {each.what: each for each in lineage.origins(platform, platform.settings, versions.of(platform, W)[1])}
    assert found["Uploaded as"].which == "gs://local-headrace-data/loan_default/x.csv#1"
    assert found["Dataset version"].link == "/data?workload=loan_default&dataset=9f2c41d8a7b35e60"
    assert found["MLflow run"].link == "http://127.0.0.1:9/#/runs/run-2"
    assert found["Registered model"].link == "http://127.0.0.1:9/#/models/loan_default/versions/2"
    assert found["Judged against"].which == "version 1"
    assert "Code revision" not in found, "the run does not say"


def test_lineage_goes_without_what_is_not_known(platform: FakePlatform) -> None:
    platform.registry.register(W, "", "s3://elsewhere", {})
    found = lineage.origins(platform, platform.settings, versions.of(platform, W)[0])
    assert [each.what for each in found] == ["Registered model", "Judged against"]


def test_an_outage_of_the_registry_is_not_taken_for_an_absence(platform: FakePlatform) -> None:
    second = versions.of(platform, W)[1]

    def down(method: str) -> None:
        raise Unavailable("MLflow did not answer")

    platform.registry.before = down
    for ask in (
        lambda: versions.verdict(platform, second),
        lambda: lineage.origins(platform, platform.settings, second),
    ):
        with pytest.raises(Unavailable):
            ask()


def test_a_trial_is_read_with_both_sides_and_its_bounds() -> None:
    said = {
        "challenger": {
            "state": "running",
            "mode": "canary",
            "share": 0.1,
            "requests": 200,
            "hours": 24.0,
            "max_error_gain": 0.01,
            "max_latency_ratio": 2.0,
            "max_disagreement": None,
            "version": 3,
            "share_measured": 0.11,
            "challenger": {"requests": 50, "errors": 1, "seconds": 0.002},
            "champion": {"requests": 450, "errors": 0, "seconds": None},
            "compared": 0,
            "disagreement": None,
        }
    }
    found = trial.under_way(said)
    assert found is not None
    assert (found.version, found.done, found.challenger.ms, found.champion.ms) == (3, 0.25, 2.0, None)


@pytest.mark.parametrize("state", [None, {"state": "off", "mode": "off"}, {"state": "waiting for a challenger"}])
def test_where_nothing_is_tried_there_is_no_trial(state: object) -> None:
    assert trial.under_way({"challenger": state}) is None

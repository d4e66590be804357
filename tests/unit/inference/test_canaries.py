from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import BadData
from headrace.events import ChallengerNamed, ModelPromoted
from headrace.workload import Instance
from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, announced, calling, serving, until
from .trials import CHALLENGER, CHAMPION, Manners, ask, challenger, fail, outcome, sleep, trying

WHOLE: dict[str, Any] = {"mode": "canary", "share": 0.5, "requests": 10_000, "max_latency_ratio": 1000}


def _versions(answers: Sequence[dict[str, object]]) -> Counter[object]:
    return Counter(answer["version"] for answer in answers)


def test_a_canary_answers_its_share_and_what_is_configured_is_what_is_measured(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with trying(platform, tmp_path, **{**WHOLE, "share": 0.3}) as client:
        answers = ask(client, 600)
        said, metrics = challenger(client), client.get("/metrics").text
    asked = _versions(answers)
    assert 120 < asked[CHALLENGER] < 240
    assert {(answer["version"], answer["alias"]) for answer in answers} == {(1, "champion"), (2, "challenger")}
    assert all(answer["score"] == 3 + 1000 * answer["version"] for answer in answers)
    assert (said["mode"], said["share"], said["version"]) == ("canary", 0.3, 2)
    assert said["share_measured"] == asked[CHALLENGER] / 600
    assert said["challenger"]["requests"] == asked[CHALLENGER]
    assert said["champion"]["requests"] == asked[CHAMPION]
    assert 'headrace_trial_share{workload="tiny",kind="configured"} 0.3' in metrics
    assert f'headrace_trial_share{{workload="tiny",kind="measured"}} {asked[CHALLENGER] / 600}' in metrics
    assert f'headrace_trial_requests{{workload="tiny",side="challenger"}} {asked[CHALLENGER]}' in metrics
    assert 'headrace_model_version{workload="tiny",alias="challenger"} 2' in metrics


def test_a_client_with_a_key_keeps_its_version(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **WHOLE) as client:
        chosen = {key: _versions(ask(client, 8, x_sticky_key=f"client {key}")) for key in range(12)}
    assert all(len(versions) == 1 for versions in chosen.values())
    assert len(set().union(*chosen.values())) == 2


def test_a_request_without_a_key_is_chosen_by_its_id(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **WHOLE) as client:
        chosen = {key: _versions(ask(client, 3, x_request_id=f"r{key}")) for key in range(12)}
    assert all(len(versions) == 1 for versions in chosen.values())
    assert len(set().union(*chosen.values())) == 2


def test_a_canary_that_does_well_passes_and_the_champion_answers_alone_until_it_is_promoted_without_a_download(
    platform: FakePlatform, tmp_path: Path
) -> None:
    with trying(platform, tmp_path, mode="canary", share=0.5, requests=40, max_latency_ratio=1000) as client:
        ask(client, 160)
        fact = outcome(platform)
        assert _versions(ask(client, 20)) == {CHAMPION: 20}
        assert challenger(client)["state"] == "waiting for a challenger"
        assert challenger(client)["last_trial"]["outcome"] == "passed"
        platform.fake_registry.set_alias("tiny", "champion", CHALLENGER)
        platform.fake_registry.delete_alias("tiny", "challenger")
        promoted = ModelPromoted(workload="tiny", version=2, change=2, actor="test", reason="passed")
        assert client.push(promoted).status_code == 204
        (answer,) = ask(client, 1)
        assert (answer["version"], answer["alias"]) == (CHALLENGER, "champion")
    assert (fact.version, fact.mode, fact.outcome, fact.requests, fact.errors) == (2, "canary", "passed", 40, 0)
    assert fact.champion_requests > 10
    assert fact.latency_ms is not None
    assert fact.champion_latency_ms is not None
    assert fact.reasons[0].startswith("canary of 50%: 0 of 40 requests failed, 0 of the champion's")
    assert platform.fake_registry.downloads == [("tiny", 1), ("tiny", 2)]
    assert len(announced(platform.fake_bus)) == 1


def test_a_canary_that_fails_costs_no_client_an_answer_and_is_aborted_when_that_is_certain(
    platform: FakePlatform, tmp_path: Path
) -> None:
    manners = Manners(on=fail)
    with trying(platform, tmp_path, manners, mode="canary", share=0.5, requests=1000) as client:
        assert _versions(ask(client, 120)) == {CHAMPION: 120}
        fact = outcome(platform)
        seen = len(manners.seen)
        assert _versions(ask(client, 30)) == {CHAMPION: 30}
        assert len(manners.seen) == seen
        assert challenger(client)["last_trial"]["outcome"] == "aborted"
        until(lambda: manners.in_memory == 1)
    assert 20 <= fact.requests == fact.errors <= 40
    assert f"{fact.errors} of its {fact.requests} requests failed, 0 of the champion's" in fact.reasons[0]


def test_a_canary_that_is_aborted_under_load_costs_no_client_an_answer(platform: FakePlatform, tmp_path: Path) -> None:
    rule = {"mode": "canary", "share": 0.5}
    with trying(platform, tmp_path, Manners(on=fail), **rule) as client, calling(client, 8) as callers:
        assert outcome(platform).outcome == "aborted"
        before = min(callers.counts)
        until(lambda: min(callers.counts) > before + 10)
    assert not callers.wrong


def test_a_slow_canary_is_aborted(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, Manners(on=sleep(0.02)), mode="canary", share=0.5, max_latency_ratio=3) as client:
        ask(client, 120)
        assert "times as long as the champion; 3 times is allowed" in outcome(platform).reasons[0]


def test_a_canary_that_disagrees_is_aborted_where_a_bound_is_set(platform: FakePlatform, tmp_path: Path) -> None:
    manners = Manners(label=lambda number: "good" if number == CHAMPION else "bad")
    with trying(platform, tmp_path, manners, **WHOLE, max_disagreement=0.2) as client:
        ask(client, 150)
        fact = outcome(platform)
    assert fact.disagreement == 1
    assert fact.reasons == ("100.0% of its answers differ from the champion's; 20.0% are allowed",)


def test_rows_that_the_challenger_alone_refuses_are_its_errors_and_rows_that_both_refuse_are_not(
    platform: FakePlatform, tmp_path: Path
) -> None:
    def choosy(_: Sequence[Instance]) -> None:
        raise BadData("secret is not allowed")

    with trying(platform, tmp_path, Manners(on=choosy), **{**WHOLE, "share": 0.999}) as client:
        for _ in range(15):
            assert client.post("/predict", {"a": "one", "b": 2}).status_code == 422
        assert challenger(client)["challenger"]["requests"] == 0
        assert _versions(ask(client, 10)) == {CHAMPION: 10}
        assert challenger(client)["challenger"] == {"requests": 10, "errors": 10, "seconds": None}


@pytest.mark.parametrize("against", [0, 7])
def test_a_challenger_that_was_not_judged_fit_against_this_champion_gets_no_traffic(
    against: int, platform: FakePlatform, tmp_path: Path
) -> None:
    platform.fake_registry.publish("tiny", 2, alias="challenger", against=against)
    workload = tiny(challenger=WHOLE)
    with serving(lambda: Inference(platform, [workload], tmp_path / "cache", poll=0.05)) as client:
        until(lambda: client.get("/ready").ok)
        named = ChallengerNamed(workload="tiny", version=2, champion=1, mode="canary", share=0.5)
        assert client.push(named).status_code == 204
        assert _versions(ask(client, 30)) == {CHAMPION: 30}
        assert challenger(client)["state"] == "waiting for a challenger"
    assert platform.fake_registry.downloads == [("tiny", 1)]


def test_a_challenger_is_followed_by_event(platform: FakePlatform, tmp_path: Path) -> None:
    workload = tiny(challenger={**WHOLE, "share": 0.999})
    with serving(lambda: Inference(platform, [workload], tmp_path / "cache", poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        platform.fake_registry.publish("tiny", 2, alias="challenger", against=1)
        named = ChallengerNamed(workload="tiny", version=2, champion=1, mode="canary", share=1)
        assert client.push(named).status_code == 204
        assert _versions(ask(client, 5)) == {CHALLENGER: 5}


def test_no_challenger_is_loaded_where_none_is_to_be_tried(platform: FakePlatform, client: Client) -> None:
    platform.fake_registry.publish("tiny", 2, alias="challenger", against=1)
    named = ChallengerNamed(workload="tiny", version=2, champion=1, mode="canary", share=1)
    assert client.push(named).status_code == 204
    assert client.version() == CHAMPION
    assert challenger(client)["state"] == "off"
    assert platform.fake_registry.downloads == [("tiny", 1)]


def test_a_challenger_that_does_not_load_is_a_trial_that_was_aborted(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.publish("tiny", 2, content=b"not a graph", alias="challenger", against=1)
    with serving(lambda: Inference(platform, [tiny(challenger=WHOLE)], tmp_path / "cache", poll=0.05)) as client:
        until(lambda: client.get("/ready").ok)
        fact = outcome(platform)
        assert client.version() == CHAMPION
        assert client.get("/models").json()["models"][0]["failures"] == 1
    assert (fact.outcome, fact.requests) == ("aborted", 0)
    assert fact.reasons[0].startswith("it does not load: ")


def test_a_challenger_that_is_withdrawn_gets_no_more_traffic(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **WHOLE) as client:
        platform.fake_registry.delete_alias("tiny", "challenger")
        until(lambda: challenger(client)["state"] == "waiting for a challenger")
        assert _versions(ask(client, 30)) == {CHAMPION: 30}
    assert not announced(platform.fake_bus)


def test_another_champion_ends_a_trial_against_the_one_before(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **WHOLE) as client:
        platform.fake_registry.publish("tiny", 3)
        until(lambda: challenger(client)["state"] == "waiting for a challenger")
        assert _versions(ask(client, 30)) == {3: 30}
    assert not announced(platform.fake_bus)

"""Challengers that were judged fit meet traffic before one is promoted: by canary, and as a shadow."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from headrace.events import ChallengerNamed, ChallengerTried, ModelRejected
from headrace.promotion import promotions
from headrace.records import audit
from headrace.wiring import GoogleCloud
from tests.flow import models
from tests.flow.loop import EVER, WORKLOAD
from tests.flow.models import WIDE, Models
from tests.flow.trying import ask, trying, verdict
from tests.flow.waiting import eventually

CANARY = "{mode: canary, share: 0.5, requests: 40, max_latency_ratio: 50}"
SHADOW = "{mode: shadow, share: 1, requests: 30, max_latency_ratio: 50}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def platform(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[GoogleCloud]:
    """A platform whose loans are tried by the rule given."""
    with trying(tmp_path / "trying", request.param) as platform:
        yield platform


@pytest.mark.parametrize("platform", [CANARY], ids=["canary"], indirect=True)
def test_a_challenger_that_fails_is_given_up_and_one_that_does_well_is_promoted(
    platform: GoogleCloud, made: Models, tmp_path: Path
) -> None:
    testset = models.prepare(platform, made, tmp_path)
    weak = models.register(platform, made.contrary, testset, "job-weak").number
    eventually(lambda: ask(platform)["version"] == weak, "the first champion answers")

    failing = models.register(platform, made.failing, testset, "job-failing").number
    eventually(lambda: _challenger(platform).get("version") == failing, "the challenger is tried")
    assert {ask(platform)["version"] for _ in range(20)} == {weak, failing}
    assert {ask(platform, annual_inc=WIDE)["version"] for _ in range(120)} == {weak}
    eventually(lambda: verdict(platform, failing) == "rejected", "the challenger that fails is rejected")
    assert {ask(platform)["version"] for _ in range(20)} == {weak}

    good = models.register(platform, made.good, testset, "job-good").number
    eventually(lambda: _challenger(platform).get("version") == good, "the next challenger is tried")
    asked = Counter(ask(platform)["version"] for _ in range(150))
    assert set(asked) == {weak, good}
    eventually(lambda: verdict(platform, good) == "promoted", "the challenger that does well is promoted")
    new = {"version": good, "alias": "champion"}
    eventually(lambda: ask(platform) == new, "the new champion answers")
    assert all(ask(platform) == new for _ in range(20))

    ledger = promotions.history(platform.store, WORKLOAD)
    assert [change.version for change in ledger] == [weak, good]
    assert "canary of 50%: 0 of " in ledger[-1].reason
    assert platform.registry.workloads()[WORKLOAD] == {"champion": good, "previous": weak}
    tried = {fact.version: fact for fact in _told(platform, ChallengerTried, 2)}
    assert (tried[failing].outcome, tried[good].outcome) == ("aborted", "passed")
    assert {fact.version for fact in _told(platform, ChallengerNamed, 2)} == {failing, good}
    (rejected,) = _told(platform, ModelRejected, 1)
    assert "requests failed, 0 of the champion's" in rejected.reasons[1]


@pytest.mark.slow
@pytest.mark.parametrize("platform", [SHADOW], ids=["shadow"], indirect=True)
def test_a_shadow_answers_nobody_and_is_promoted_when_it_did_well(
    platform: GoogleCloud, made: Models, tmp_path: Path
) -> None:
    testset = models.prepare(platform, made, tmp_path)
    weak = models.register(platform, made.contrary, testset, "job-weak").number
    eventually(lambda: ask(platform)["version"] == weak, "the first champion answers")

    good = models.register(platform, made.good, testset, "job-good").number
    eventually(lambda: _challenger(platform).get("version") == good, "the challenger is tried")
    assert [ask(platform) for _ in range(30)] == [{"version": weak, "alias": "champion"}] * 30
    eventually(lambda: verdict(platform, good) == "promoted", "the shadow that does well is promoted")
    eventually(lambda: ask(platform) == {"version": good, "alias": "champion"}, "the new champion answers")

    (tried,) = _told(platform, ChallengerTried, 1)
    assert (tried.version, tried.mode, tried.outcome) == (good, "shadow", "passed")
    assert (tried.requests, tried.errors, tried.champion_requests) == (30, 0, 30)
    shadowed = eventually(lambda: _shadowed(platform, 30), "30 answers of the shadow in the prediction log")
    logged = {line["request_id"]: line for line in _logged(platform) if not line.get("shadow")}
    for line in shadowed:
        served = logged[line["request_id"]]
        assert (line["version"], line["alias"]) == (good, "challenger")
        assert (served["version"], served["alias"]) == (weak, "champion")
        assert line["instances"] == served["instances"]


def _challenger(platform: GoogleCloud) -> dict[str, Any]:
    hosted = requests.get(f"{platform.settings.inference_url}/models", timeout=10).json()["models"]
    return dict(next(model["challenger"] for model in hosted if model["name"] == WORKLOAD))


def _told(platform: GoogleCloud, kind: type[Any], count: int) -> list[Any]:
    """What the audit trail has of one kind, once it has so many."""

    def found() -> list[Any] | None:
        facts = {each.fact.id: each.fact for each in audit.told(platform.audit, WORKLOAD, EVER)}
        facts = {id: fact for id, fact in facts.items() if isinstance(fact, kind)}
        return list(facts.values()) if len(facts) == count else None

    return eventually(found, f"{count} {kind.__name__} in the audit trail")


def _shadowed(platform: GoogleCloud, count: int) -> list[dict[str, Any]] | None:
    """What the prediction log has of a challenger's answers that nobody got, once it has so many."""
    found = [line for line in _logged(platform) if line.get("shadow")]
    return found if len(found) == count else None


def _logged(platform: GoogleCloud) -> list[dict[str, Any]]:
    """Every answer that the prediction log has."""
    texts = [platform.audit.read(stat.name) for stat in platform.audit.list("predictions/")]
    return [json.loads(line) for text in texts for line in text.splitlines()]

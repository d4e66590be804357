"""What stays of a judgement: tags, a release number, the model card and the data card."""

import json

import pytest

from headrace import catalogue
from headrace.ports import Version
from headrace.promotion.promotions import VERDICT
from headrace.records import lineage
from tests.fakes import FakePlatform

from .conftest import DATASET, Models
from .judging import Register, W, aliases, judged, killed, state, tags


def card(platform: FakePlatform, ending: str) -> str:
    return platform.registry.attached["run", f"card/model{ending}"].decode()


def test_a_version_is_tagged_with_its_policy_its_numbers_and_its_release(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    found = tags(platform, champion)
    assert found["headrace.policy"] == catalogue.describe(W).promotion.hash
    assert found["headrace.semver"] == "1.0.0"
    again, other = register(models.good), register(models.good, **{"headrace.candidate": "random_forest"})
    judged(platform, again)
    judged(platform, other)
    assert [tags(platform, each)["headrace.semver"] for each in (again, other)] == ["1.0.1", "1.1.0"]
    numbers = json.loads(tags(platform, again)["headrace.scores"])
    assert numbers["gain"] == {"estimate": 0.0, "low": 0.0, "high": 0.0}
    assert 0 < numbers["measured"]["row_ms"] < 1000
    assert numbers["measured"]["parity"] == 2e-7
    assert numbers["measured"]["age_days"] == 0


def test_a_model_card_says_what_the_model_is_for_and_on_which_numbers_it_was_judged(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    judged(platform, register(models.contrary))
    text, page = card(platform, ".md"), card(platform, ".html")
    for said in (
        "loan\\_default 1.0.1",
        "**Did not pass the promotion policy**",
        "is below the floor of 0.6",
        "Ranks consumer loans by the probability that they are charged off",
        "| auc | 0.",
        "The champion was version 1, scored on the same rows.",
        "| term: 36 months |",
        "The workload names no protected column",
        "| annual\\_inc | number |",
        "| learning\\_rate | 0.1 |",
        f"| dataset version | {DATASET} |",
        "| uploaded as | gs://local-headrace-data/loan\\_default/x.csv\\#1 |",
        "The code is under Apache-2.0",
    ):
        assert said in text, said
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>loan_default 1.0.1</h1>" in page
    assert "http" not in page, "it needs nothing from elsewhere"
    verdict = json.loads(platform.registry.attached["run", "card/verdict.json"])
    assert verdict["promoted"] is False
    assert {group["slice"] for group in verdict["groups"]} == {"grade", "term"}


def test_a_data_card_says_what_is_in_a_dataset_version_and_what_is_tested_on(
    platform: FakePlatform, champion: Version
) -> None:
    names = platform.store.names(f"cards/{W}/{DATASET}")
    assert names == (f"cards/{W}/{DATASET}.html", f"cards/{W}/{DATASET}.md")
    text = platform.store.read(names[1]).decode()
    assert "Uploaded as gs://local-headrace-data/loan\\_default/x.csv\\#1." in text
    assert "rows are held out from every training" in text
    assert "| grade: A |" in text


def test_a_model_that_cannot_be_loaded_has_a_card_that_says_why_and_no_release(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    version = register(models.good, **{"headrace.testset": "c0ffee"})
    judged(platform, version)
    assert "was held out from another test set" in card(platform, ".md")
    assert "headrace.semver" not in tags(platform, version)
    assert platform.store.names("releases/") == ()


@pytest.mark.parametrize("call", ["training", "attach"])
def test_a_judgement_that_was_cut_short_at_its_records_is_the_same_when_the_event_comes_again(
    call: str, platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    version = register(models.contrary)
    platform.registry.before = killed(call, 1)
    with pytest.raises(ConnectionError):
        judged(platform, version)
    assert VERDICT not in tags(platform, version)
    platform.registry.before = lambda _: None
    (fact,) = judged(platform, version)
    assert tags(platform, version)["headrace.semver"] == "1.0.1"
    before = state(platform)
    assert [judged(platform, version) for _ in range(5)] == [[fact]] * 5
    assert state(platform) == before
    assert aliases(platform) == {"champion": champion.number}


def test_how_a_version_came_to_be_is_kept_as_openlineages_events(platform: FakePlatform, champion: Version) -> None:
    (name,) = platform.store.names("lineage/")
    kept = platform.store.read(name)
    facts = [json.loads(line) for line in kept.decode().splitlines()]
    assert [(fact["eventType"], fact["job"]["name"]) for fact in facts] == [
        ("START", "loan_default.ingest"),
        ("COMPLETE", "loan_default.ingest"),
        ("START", "loan_default.train.logistic_regression"),
        ("COMPLETE", "loan_default.train.logistic_regression"),
        ("START", "loan_default.evaluate"),
        ("COMPLETE", "loan_default.evaluate"),
    ]
    for begun, ended in zip(facts[::2], facts[1::2], strict=True):
        assert begun["run"] == ended["run"]
    gathered, trained, evaluated = facts[1::2]
    assert gathered["outputs"] == trained["inputs"], "what was gathered is what was trained on"
    assert trained["outputs"] == evaluated["inputs"], "what was trained is what was judged"
    (data,) = trained["inputs"]
    assert data["namespace"] == "gs://local-headrace-store"
    assert data["facets"]["version"]["datasetVersion"] == DATASET
    assert trained["outputs"][0]["name"] == "models/loan_default"
    platform.clock.advance(hours=1)
    judged(platform, champion)
    assert platform.store.read(name) == kept
    assert [json.loads(line) for line in lineage.kept(platform.store, W)] == facts
    assert list(lineage.kept(platform.store, "loan")) == []

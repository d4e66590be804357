import json
import shutil
from pathlib import Path

import pytest

from headrace.data import datasets, rotations
from headrace.errors import Rejected
from headrace.events import ModelRegistered
from headrace.ports import Version
from headrace.promotion import promotions
from headrace.promotion.promotions import VERDICT
from services.evaluator.main import evaluate
from tests.fakes import FakePlatform

from .conftest import DATASET, Models
from .judging import Register, W, aliases, announced, judged, tags


def test_the_first_model_is_promoted_with_its_scores_and_its_reason(platform: FakePlatform, champion: Version) -> None:
    assert aliases(platform) == {"champion": champion.number}
    found = tags(platform, champion)
    assert found[VERDICT] == "promoted"
    (reason,) = json.loads(found["headrace.reasons"])
    assert reason.startswith("no champion to beat: auc 0.")
    scores = json.loads(found["headrace.scores"])
    assert scores["challenger"]["auc"] >= 0.6
    assert scores["champion"] == {}
    (change,) = promotions.history(platform.store, W)
    assert (change.version, change.actor, change.reason) == (champion.number, platform.component, reason)


def test_a_worse_model_is_rejected_with_its_reasons_and_the_champion_stays(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    worse = register(models.contrary)
    (fact,) = judged(platform, worse)
    assert (fact.workload, fact.version) == (W, worse.number)
    assert "is below the floor of 0.6" in fact.reasons[0]
    found = tags(platform, worse)
    assert found[VERDICT] == "rejected"
    assert json.loads(found["headrace.reasons"]) == list(fact.reasons)
    assert found["headrace.against"] == str(champion.number)
    assert aliases(platform)["champion"] == champion.number
    assert len(promotions.history(platform.store, W)) == 1


def test_a_model_that_is_no_better_does_not_replace_the_champion(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    (fact,) = judged(platform, register(models.good))
    assert fact.reasons[0].startswith("auc +0.0000 [+0.0000, +0.0000] against the champion: not a gain")
    assert aliases(platform)["champion"] == champion.number


def test_a_better_model_replaces_the_champion_and_remembers_it(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    weak = register(models.contrary)
    platform.registry.set_alias(W, "champion", weak.number)
    announced(platform)
    better = register(models.good)
    assert judged(platform, better) == []
    assert aliases(platform) == {"champion": better.number, "previous": weak.number}
    found = tags(platform, better)
    assert found[VERDICT] == "promoted"
    scores = json.loads(found["headrace.scores"])
    assert scores["challenger"]["auc"] > scores["champion"]["auc"]
    assert found["headrace.against"] == str(weak.number)


def test_a_test_set_that_was_tampered_with_is_refused(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    name = platform.store.names(f"testsets/{W}/{champion.tags['headrace.testset']}/")[0]
    platform.store.write(name, platform.store.read(name) + b" ")
    (fact,) = judged(platform, register(models.good))
    assert "the test set of loan_default 9f2c41d8a7b35e60 was changed" in fact.reasons[0]
    assert aliases(platform)["champion"] == champion.number


def test_a_version_that_was_held_out_from_another_test_set_is_refused(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    (fact,) = judged(platform, register(models.good, **{"headrace.testset": "c0ffee"}))
    assert "was held out from another test set" in fact.reasons[0]
    assert "champion" not in aliases(platform)


def test_a_version_that_no_training_job_registered_is_rejected_with_a_reason(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    version = register(models.good, **{"headrace.dataset": None})
    (fact,) = judged(platform, version)
    assert fact.reasons == ("version 1 has no headrace.dataset tag: no training job registered it",)
    assert tags(platform, version)[VERDICT] == "rejected"


def test_a_version_whose_test_set_was_never_frozen_is_rejected_with_a_reason(
    platform: FakePlatform, register: Register, models: Models
) -> None:
    (fact,) = judged(platform, register(models.good, **{"headrace.dataset": "elsewhere"}))
    assert "elsewhere" in fact.reasons[0]


@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_a_version_whose_model_cannot_be_loaded_is_rejected_with_a_reason(
    damage: str, platform: FakePlatform, champion: Version, register: Register, models: Models, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(models.good, broken)
    if damage == "missing":
        (broken / "model.onnx").unlink()
    else:
        (broken / "model.onnx").write_bytes((models.good / "model.onnx").read_bytes()[:100])
    version = register(broken)
    (fact,) = judged(platform, version)
    assert fact.version == version.number
    assert tags(platform, version)[VERDICT] == "rejected"
    assert aliases(platform)["champion"] == champion.number


def test_a_version_that_was_deleted_is_acknowledged_with_the_reason(platform: FakePlatform) -> None:
    with pytest.raises(Rejected, match="loan_default has no version 9; it was deleted"):
        list(evaluate(ModelRegistered(workload=W, version=9), platform))


def test_both_models_are_scored_on_the_challengers_test_set(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    asked = []
    platform.store.before = lambda method, name: asked.append(name) if method == "download" else None
    judged(platform, register(models.good))
    assert asked
    assert all(name.startswith(f"testsets/{W}/{champion.tags['headrace.testset']}/") for name in asked)
    assert champion.tags["headrace.dataset"] == DATASET


def test_after_a_rotation_the_champion_is_scored_on_the_new_rows_and_what_was_held_out_from_the_old_is_refused(
    platform: FakePlatform, champion: Version, register: Register, models: Models
) -> None:
    before, late = json.loads(tags(platform, champion)["headrace.scores"])["challenger"], register(models.good)
    rotations.rotate(platform, W, DATASET, "ana", "the labels were the wrong way round")
    opposite = datasets.freeze(platform.store, W, DATASET, models.testset.parents[1] / "opposite-split" / "test")
    (refused,) = judged(platform, late)
    assert "was held out from another test set" in refused.reasons[0]
    version = register(models.contrary, **{"headrace.testset": opposite})
    assert judged(platform, version) == []
    now = json.loads(tags(platform, version)["headrace.scores"])["champion"]
    assert now["auc"] < 0.5 < before["auc"], "the champion's old score does not count"
    assert aliases(platform)["champion"] == version.number

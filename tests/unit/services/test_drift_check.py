import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from headrace import catalogue, datasets
from headrace.errors import Busy
from headrace.events import DriftChecked, DriftDetected
from headrace.ports import Version
from services.drift import report, state
from services.drift.check import LEASE, Fact, check
from services.drift.report import Column
from services.drift.state import State
from tests.fakes import FakePlatform
from workloads.loan_default.codec import LABELS
from workloads.loan_default.generator import month

from .conftest import DATASET, Models
from .judging import W

RULE = catalogue.describe(W).drift
NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def champion(platform: FakePlatform, register: Callable[..., Version], models: Models) -> Version:
    version = register(models.good)
    platform.registry.set_alias(W, "champion", version.number)
    return version


def predicted(platform: FakePlatform, name: str, rows: int, drift: float = 0.0, seed: int = 9) -> list[dict[str, Any]]:
    """Log what an inference service would have, one loan a request."""
    loans = catalogue.serving(W).loggable(list(month(rows, "2024-04", drift, seed)))
    lines = [
        {"time": NOON, "request_id": f"{name}-{number}", "workload": W, "version": 1, "instances": [loan]}
        for number, loan in enumerate(loans)
    ]
    platform.audit.write(f"predictions/{name}", b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return lines


def told(platform: FakePlatform) -> list[Fact]:
    return list(check(W, platform))


def test_without_a_champion_there_is_nothing_to_check(platform: FakePlatform) -> None:
    predicted(platform, "01", RULE.min_rows)
    assert told(platform) == []


def test_too_few_rows_say_nothing_and_wait_for_more(platform: FakePlatform, champion: Version) -> None:
    predicted(platform, "01", RULE.min_rows - 1, drift=1.0)
    (fact,) = told(platform)
    assert isinstance(fact, DriftChecked)
    assert (fact.rows, fact.outcome) == (999, "not enough: 999 rows, 1000 are needed")
    assert told(platform) == [fact]
    assert state.load(platform.store, W)[1] == 0


def test_a_window_like_the_training_data_is_steady_and_is_not_looked_at_again(
    platform: FakePlatform, champion: Version
) -> None:
    predicted(platform, "01", RULE.min_rows)
    (fact,) = told(platform)
    assert isinstance(fact, DriftChecked)
    assert fact.outcome.startswith("steady: ")
    assert (fact.version, fact.rows) == (champion.number, RULE.min_rows)
    page = f"reports/{W}/{fact.check}/report.html"
    assert fact.report == f"gs://local-headrace-store/{page}"
    assert platform.store.read(page, limit=100).lstrip().lower().startswith(b"<")
    assert json.loads(platform.store.read(page.replace("html", "json")))["metrics"]
    assert state.load(platform.store, W)[0].checked == "predictions/01"
    (after,) = told(platform)
    assert isinstance(after, DriftChecked)
    assert after.outcome.startswith("not enough: 0 rows")


def test_a_drifted_window_is_told_with_its_columns_and_the_champions_dataset_while_no_label_has_arrived(
    platform: FakePlatform, champion: Version
) -> None:
    predicted(platform, "01", RULE.min_rows, drift=1.0)
    checked, detected = told(platform)
    assert isinstance(checked, DriftChecked)
    assert isinstance(detected, DriftDetected)
    assert checked.outcome.startswith("drifted: ")
    assert {"annual_inc", "dti", "int_rate"} <= set(detected.columns)
    assert list(detected.columns) == sorted(detected.columns)
    assert (detected.check, detected.version, detected.dataset) == (checked.check, champion.number, DATASET)
    assert state.load(platform.store, W)[0].last_drift == platform.clock.now()


def test_labels_that_have_arrived_are_added_to_the_champions_dataset(platform: FakePlatform, champion: Version) -> None:
    lines = predicted(platform, "01", RULE.min_rows, drift=1.0)
    feedback = [
        {"time": NOON, "request_id": line["request_id"], "workload": W, "index": 0, "label": LABELS[number % 2]}
        for number, line in enumerate(lines[:600])
    ]
    state.save(platform.store, W, State(last_drift=platform.clock.now()), over=0)
    platform.clock.advance(minutes=RULE.cooldown_minutes)
    platform.audit.write("feedback/02", b"".join(json.dumps(line).encode() + b"\n" for line in feedback))
    *_, detected = told(platform)
    assert isinstance(detected, DriftDetected)
    assert detected.dataset != DATASET
    manifest = datasets.load(platform.store, W, detected.dataset)
    assert manifest.source == f"drift check {detected.check}"
    (added,) = manifest.files
    assert added.name == f"labelled-{detected.check}.csv"
    assert len(platform.store.read(added.object).splitlines()) == 1 + len(feedback)


def test_a_second_drift_within_the_cooldown_is_checked_but_not_acted_upon(
    platform: FakePlatform, champion: Version
) -> None:
    predicted(platform, "01", RULE.min_rows, drift=1.0)
    before = platform.clock.now()
    state.save(platform.store, W, State(last_drift=before), over=0)
    platform.clock.advance(minutes=RULE.cooldown_minutes - 1)
    (fact,) = told(platform)
    assert isinstance(fact, DriftChecked)
    assert fact.outcome.startswith("drifted, but cooling down since the last retraining: ")
    assert state.load(platform.store, W)[0] == State(checked="predictions/01", last_drift=before)


def test_a_check_that_was_cut_short_tells_the_same_facts_of_the_same_window_and_champion_once_its_claim_is_over(
    platform: FakePlatform, champion: Version, register: Callable[..., Version], models: Models
) -> None:
    predicted(platform, "01", RULE.min_rows, drift=1.0)
    killed = check(W, platform)
    first = next(killed)
    with pytest.raises(Busy):
        told(platform)
    predicted(platform, "02", 500)
    platform.registry.set_alias(W, "champion", register(models.good).number)
    platform.clock.at += LEASE
    checked, detected = told(platform)
    assert checked == first
    assert isinstance(detected, DriftDetected)
    assert detected.version == champion.number
    assert state.load(platform.store, W)[0] == State(checked="predictions/01", last_drift=platform.clock.now())


@pytest.mark.parametrize(
    ("method", "value", "threshold", "drifted"),
    [
        ("K-S p_value", 0.01, 0.05, True),
        ("K-S p_value", 0.05, 0.05, False),
        ("chi-square p_value", 0.9, 0.05, False),
        ("Wasserstein distance (normed)", 0.1, 0.1, True),
        ("Jensen-Shannon distance", 0.09, 0.1, False),
        ("K-S p_value", float("nan"), 0.05, False),
        ("Jensen-Shannon distance", float("nan"), 0.1, False),
    ],
)
def test_a_p_value_drifts_below_its_threshold_and_a_distance_at_or_above_it(
    method: str, value: float, threshold: float, drifted: bool
) -> None:
    assert Column("dti", method, value, threshold).drifted is drifted


def test_columns_that_hold_nothing_on_one_side_are_not_compared() -> None:
    numbers, nothing = np.array([1.0, np.nan]), np.array([np.nan, np.nan])
    words, none = np.array(["a", "b"], object), np.array([], object)
    reference = {"a": numbers, "b": numbers, "c": nothing, "d": words, "e": words, "gone": numbers}
    current = {"a": numbers, "b": nothing, "c": numbers, "d": words, "e": none, "new": numbers}
    assert report.comparable(reference, current) == ["a", "d"]

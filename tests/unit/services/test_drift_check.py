import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace import catalogue
from headrace.data import datasets
from headrace.errors import Busy
from headrace.events import DataSuspected, DriftChecked, DriftDetected
from headrace.models.scoring import Scorer
from headrace.ports import Version
from headrace.records import driftlog
from services.drift import page, state
from services.drift.check import Fact, check
from services.drift.judging import LEASE
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


@pytest.fixture
def platform(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> FakePlatform:
    """Evidently takes its time, so that only the test of its page has it drawn."""
    monkeypatch.setattr(page, "SECONDS", 0.001)
    return platform


@pytest.fixture
def drawn(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "SECONDS", 300)


def champions_answers(platform: FakePlatform, loans: list[Any]) -> list[Any]:
    """What the good model says."""
    champion = platform.registry.alias(W, "champion")
    if champion is None:
        return [{} for _ in loans]
    return list(Scorer(W, Path(champion.source)).answered(loans, np.zeros(len(loans))).answers)


def predicted(platform: FakePlatform, name: str, rows: int, drift: float = 0.0, seed: int = 9) -> list[dict[str, Any]]:
    """Log what an inference service would have, one loan a request."""
    loans = catalogue.serving(W).loggable(list(month(rows, "2024-04", drift, seed)))
    answers = champions_answers(platform, loans)
    lines = [
        {
            "time": NOON,
            "request_id": f"{name}-{number}",
            "workload": W,
            "version": 1,
            "instances": [loan],
            "predictions": [answer],
        }
        for number, (loan, answer) in enumerate(zip(loans, answers, strict=True))
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
    platform: FakePlatform, champion: Version, drawn: None
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
    checked, *_, detected = told(platform)
    assert isinstance(checked, DriftChecked)
    assert isinstance(detected, DriftDetected)
    assert checked.outcome.endswith(" drifted: training anew")
    assert {"annual_inc", "dti", "int_rate"} <= set(detected.columns)
    assert list(detected.columns) == sorted(detected.columns)
    assert (detected.check, detected.version, detected.dataset) == (checked.check, champion.number, DATASET)
    assert state.load(platform.store, W)[0].retrainings == (platform.clock.now(),)


def test_labels_that_have_arrived_are_added_to_the_champions_dataset(platform: FakePlatform, champion: Version) -> None:
    lines = predicted(platform, "01", RULE.min_rows, drift=1.0)
    feedback = [
        {"time": NOON, "request_id": line["request_id"], "workload": W, "index": 0, "label": LABELS[number % 2]}
        for number, line in enumerate(lines[:600])
    ]
    state.save(platform.store, W, State(retrainings=(platform.clock.now(),)), over=0)
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
    state.save(platform.store, W, State(retrainings=(before,)), over=0)
    platform.clock.advance(minutes=RULE.cooldown_minutes - 1)
    fact = told(platform)[0]
    assert isinstance(fact, DriftChecked)
    assert " drifted, but it is cooling down until " in fact.outcome
    assert state.load(platform.store, W)[0].retrainings == (before,)


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
    checked, *_, detected = told(platform)
    assert checked == first
    assert isinstance(detected, DriftDetected)
    assert detected.version == champion.number
    after = state.load(platform.store, W)[0]
    assert (after.checked, after.pending, len(after.retrainings)) == ("predictions/01", None, 1)


def described(monkeypatch: pytest.MonkeyPatch, **rule: Any) -> None:
    """Let the workload say something else of drift."""
    description = catalogue.describe(W)
    changed = description.model_copy(update={"drift": RULE.model_copy(update=rule)})
    monkeypatch.setattr(catalogue, "describe", {W: changed}.__getitem__)


def fed_back(platform: FakePlatform, name: str, lines: list[dict[str, Any]], wrong: bool) -> None:
    """Tell what became of each loan: the opposite of what the champion holds likelier, where it is to be wrong."""
    told = [
        {
            "time": NOON,
            "request_id": line["request_id"],
            "workload": W,
            "index": 0,
            "label": LABELS[(line["predictions"][0]["default_probability"] > 0.2) != wrong],
        }
        for line in lines
    ]
    platform.audit.write(f"feedback/{name}", b"".join(json.dumps(line).encode() + b"\n" for line in told))


def test_data_that_may_be_broken_is_told_to_people_once_and_trains_nothing(
    platform: FakePlatform, champion: Version
) -> None:
    for name in ("01", "02"):
        predicted(platform, name, RULE.min_rows)
        text = platform.audit.read(f"predictions/{name}").replace(b'"annual_inc": ', b'"annual_inc": 9')
        platform.audit.write(f"predictions/{name}", text)
        facts = told(platform)
        checked = facts[0]
        assert isinstance(checked, DriftChecked)
        assert (checked.verdict, checked.outcome) == (
            "broken",
            "the data may be broken, and nothing is trained on it: annual_inc",
        )
        assert [type(fact) for fact in facts[1:]] == ([DataSuspected] if name == "01" else [])
    kept = driftlog.latest(platform.store, W)
    assert kept
    assert (kept.verdict, kept.retrains) == ("broken", False)
    assert kept.quality[0].startswith("annual_inc: it holds values beyond those that the reference had")


def test_drift_that_must_last_takes_the_labels_of_all_its_windows_when_it_has(
    platform: FakePlatform, champion: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    described(monkeypatch, in_a_row=2)
    for name, rows in (("01", 1000), ("02", 1100)):
        lines = predicted(platform, name, rows, drift=1.0)
        fed_back(platform, name, lines[:300], wrong=False)
    platform.audit.write("predictions/02", b"")
    first = told(platform)[0]
    assert isinstance(first, DriftChecked)
    assert first.outcome.endswith("but only in 1 of the 2 checks in a row that it takes")
    predicted(platform, "03", 1100, drift=1.0, seed=8)
    detected = told(platform)[-1]
    assert isinstance(detected, DriftDetected)
    manifest = datasets.load(platform.store, W, detected.dataset)
    assert len(platform.store.read(manifest.files[0].object).splitlines()) == 1 + 300


def test_a_champion_that_does_worse_where_the_truth_is_known_is_trained_anew(
    platform: FakePlatform, champion: Version
) -> None:
    lines = predicted(platform, "01", RULE.min_rows)
    fed_back(platform, "01", lines, wrong=True)
    detected = told(platform)[-1]
    assert isinstance(detected, DriftDetected)
    assert "auc" in detected.columns
    kept = driftlog.latest(platform.store, W)
    assert kept
    assert kept.performance
    assert kept.performance.startswith("auc is 0.0")


def test_a_report_that_cannot_be_drawn_in_time_spoils_no_check(platform: FakePlatform, champion: Version) -> None:
    predicted(platform, "01", RULE.min_rows, drift=1.0)
    checked, *_, detected = told(platform)
    assert isinstance(checked, DriftChecked)
    assert isinstance(detected, DriftDetected)
    assert (checked.report, detected.report) == (None, None)


def test_a_version_that_was_trained_without_a_profile_says_so(
    platform: FakePlatform, register: Callable[..., Version], models: Models, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(models.good, older, ignore=shutil.ignore_patterns("profile-*", "outcomes.npz"))
    platform.registry.set_alias(W, "champion", register(older).number)
    predicted(platform, "01", RULE.min_rows)
    (fact,) = told(platform)
    assert isinstance(fact, DriftChecked)
    assert fact.outcome == "version 1 has no profile: train it again"

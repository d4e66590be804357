import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace import catalogue, loading
from headrace.data import datasets
from headrace.errors import Busy
from headrace.events import DataSuspected, DriftChecked, DriftDetected, DriftRefused, ModelDecayed
from headrace.models.scoring import Scorer
from headrace.options.drift import Budget
from headrace.ports import Version
from headrace.records import driftlog
from services.drift import page, state
from services.drift.check import LEASE, check
from services.drift.judging import Fact
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
    loans = loading.serving(W).loggable(list(month(rows, "2024-04", drift, seed)))
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
    platform.audit.write(
        f"predictions/2026-03-02T08:{name}", b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    )
    return lines


def told(platform: FakePlatform) -> list[Fact]:
    """What a check says, a moment after the one before."""
    platform.clock.advance(seconds=1)
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
    assert fact.report == platform.store.link(page)
    assert platform.store.read(page, limit=100).lstrip().lower().startswith(b"<")
    assert json.loads(platform.store.read(page.replace("html", "json")))["metrics"]
    assert state.load(platform.store, W)[0].checked == "predictions/2026-03-02T08:01"
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
    assert " drifted: training anew, for about $0." in checked.outcome
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
    platform.audit.write("feedback/2026-03-02T08:02", b"".join(json.dumps(line).encode() + b"\n" for line in feedback))
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
    assert (after.checked, after.pending, len(after.retrainings)) == ("predictions/2026-03-02T08:01", None, 1)


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
    platform.audit.write(f"feedback/2026-03-02T08:{name}", b"".join(json.dumps(line).encode() + b"\n" for line in told))


def test_data_that_may_be_broken_is_told_to_people_once_and_trains_nothing(
    platform: FakePlatform, champion: Version
) -> None:
    for name in ("01", "02"):
        predicted(platform, name, RULE.min_rows)
        text = platform.audit.read(f"predictions/2026-03-02T08:{name}").replace(b'"annual_inc": ', b'"annual_inc": 9')
        platform.audit.write(f"predictions/2026-03-02T08:{name}", text)
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
    platform.audit.write("predictions/2026-03-02T08:02", b"")
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


def test_a_champion_that_does_worse_is_told_of_to_who_watches_it_even_while_trainings_wait(
    platform: FakePlatform, champion: Version
) -> None:
    facts = []
    for name, seed in (("01", 9), ("02", 8)):
        lines = predicted(platform, name, RULE.min_rows, seed=seed)
        fed_back(platform, name, lines, wrong=True)
        facts.append(told(platform))
    assert [[type(fact) for fact in each] for each in facts] == [
        [DriftChecked, ModelDecayed, DriftDetected],
        [DriftChecked, ModelDecayed],
    ]
    decayed = facts[1][1]
    assert isinstance(decayed, ModelDecayed)
    assert decayed.version == champion.number
    assert decayed.reason.startswith("auc is 0.0")


def last_check(platform: FakePlatform) -> driftlog.Entry:
    kept = driftlog.latest(platform.store, W)
    assert kept
    return kept


def test_labels_that_come_after_their_window_was_checked_show_that_the_champion_does_worse(
    platform: FakePlatform, champion: Version
) -> None:
    lines = predicted(platform, "01", RULE.min_rows)
    told(platform)
    platform.clock.advance(days=3)
    fed_back(platform, "02", lines, wrong=True)
    facts = told(platform)
    assert [type(fact) for fact in facts] == [DriftChecked, ModelDecayed, DriftDetected]
    detected = facts[-1]
    assert isinstance(detected, DriftDetected)
    assert detected.columns == ("auc", "true label")
    kept = last_check(platform)
    assert (kept.rows, kept.labels, kept.late, kept.report) == (0, len(lines), len(lines), None)
    assert kept.performance
    assert kept.usd == pytest.approx(0.0144, rel=1)


def test_labels_that_were_looked_at_are_not_looked_at_again_when_they_are_told_again(
    platform: FakePlatform, champion: Version
) -> None:
    lines = predicted(platform, "01", RULE.min_rows)
    fed_back(platform, "01", lines, wrong=False)
    told(platform)
    assert (last_check(platform).labels, last_check(platform).late) == (len(lines), 0)
    fed_back(platform, "02", lines, wrong=True)
    (fact,) = told(platform)
    assert isinstance(fact, DriftChecked)
    assert fact.outcome == "not enough: 0 rows, 1000 are needed"


def test_labels_gather_over_many_windows_until_there_are_enough_of_them(
    platform: FakePlatform, champion: Version
) -> None:
    labels = []
    for hour in range(1, 4):
        lines = predicted(platform, f"{hour:02}", RULE.min_rows, seed=hour)
        fed_back(platform, f"{hour:02}", lines[:80], wrong=False)
        told(platform)
        labels.append((last_check(platform).labels, last_check(platform).late))
    assert labels == [(0, 0), (0, 0), (240, 160)]


def test_a_label_that_arrives_before_its_answer_is_logged_counts_when_it_is(
    platform: FakePlatform, champion: Version
) -> None:
    first = predicted(platform, "01", RULE.min_rows)
    second = predicted(platform, "03", RULE.min_rows, seed=8)
    text = platform.audit.read("predictions/2026-03-02T08:03")
    platform.audit.delete("predictions/2026-03-02T08:03")
    fed_back(platform, "02", [*first[:500], *second[:300]], wrong=False)
    told(platform)
    assert last_check(platform).labels == 500
    platform.audit.write("predictions/2026-03-02T08:03", text)
    told(platform)
    assert (last_check(platform).labels, last_check(platform).late) == (300, 0)


def test_windows_between_two_looks_at_labels_do_not_end_the_streak_of_what_labels_showed(
    platform: FakePlatform, champion: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    described(monkeypatch, in_a_row=2)
    first = predicted(platform, "01", RULE.min_rows)
    fed_back(platform, "01", first, wrong=True)
    assert len(told(platform)) == 1
    second = predicted(platform, "02", RULE.min_rows, seed=8)
    (steady,) = told(platform)
    assert isinstance(steady, DriftChecked)
    assert steady.verdict == "steady"
    fed_back(platform, "03", second, wrong=True)
    assert isinstance(told(platform)[-1], DriftDetected)


def test_people_are_to_decide_once_where_the_weeks_budget_refuses_a_training(
    platform: FakePlatform, champion: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    described(monkeypatch, budget=Budget(retrainings=3, usd=0))
    facts: list[list[Fact]] = []
    for name in ("01", "02"):
        predicted(platform, name, RULE.min_rows, drift=1.0)
        facts.append(told(platform))
    assert [[type(fact) for fact in each if type(fact) is not DataSuspected] for each in facts] == [
        [DriftChecked, DriftRefused],
        [DriftChecked],
    ]
    refused = facts[0][-1]
    assert isinstance(refused, DriftRefused)
    assert "goes beyond the week's budget of $0.00 after 0" in refused.reason
    assert "dti" in refused.columns
    assert last_check(platform).outcome == refused.reason


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

"""Trials that several workers share through one database, some of which die."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from headrace.adapters import studies
from headrace.adapters.studies import Study, Trial
from headrace.errors import Pruned, Unavailable
from headrace.options.search import Search

SPACE = {"depth": {"int": [2, 6]}, "rate": {"float": [0.01, 0.2], "log": True}, "sizes": {"choice": [[64], [64, 32]]}}
START = {"depth": 3, "rate": 0.1, "sizes": [64, 32], "seed": 0}
Open = Callable[..., Study]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Opens the study as a worker does; `changes` are made to its search."""

    def open_(worker: int = 0, name: str = "loan-default-tuned-1", **changes: Any) -> Study:
        search = Search.model_validate({"candidate": "xgboost", "space": SPACE, "trials": 8, **changes})
        return Study(f"sqlite:///{tmp_path / 'studies.db'}", name, search, worker)

    return open_


def taken(study: Study) -> Trial:
    trial = study.take()
    assert trial is not None
    return trial


def done(study: Study, *curve: float) -> None:
    """Train one trial to its end."""
    trial = taken(study)
    for step, value in enumerate(curve, start=1):
        trial.report(step, value)
    assert trial.complete(curve[-1]) == "complete"


def test_a_trials_parameters_lie_in_the_space_and_have_its_types(opened: Open) -> None:
    params = taken(opened()).params
    assert params.keys() == SPACE.keys()
    assert isinstance(params["depth"], int)
    assert 2 <= params["depth"] <= 6
    assert isinstance(params["rate"], float)
    assert 0.01 <= params["rate"] <= 0.2
    assert params["sizes"] in ([64], [64, 32])


def test_the_first_trial_is_the_candidate_itself_however_often_the_first_worker_starts(opened: Open) -> None:
    for _ in range(2):
        opened().announce("run-1", START)
    study = opened()
    assert taken(study).params == {name: START[name] for name in SPACE}
    assert taken(study).params != {name: START[name] for name in SPACE}


def test_what_of_the_candidate_lies_outside_the_space_is_drawn(opened: Open) -> None:
    study = opened()
    study.announce("run-1", {"depth": 9, "rate": 0.1})
    params = taken(study).params
    assert params["rate"] == 0.1
    assert 2 <= params["depth"] <= 6


def test_workers_hear_of_the_run_once_the_first_one_has_made_it(opened: Open) -> None:
    first, second = opened(0), opened(1)
    assert second.run is None
    first.announce("run-1", START)
    assert second.run == "run-1"


@pytest.mark.parametrize(("better", "best"), [("lower", 0.1), ("higher", 0.3)])
def test_the_best_trial_is_the_one_with_the_lowest_or_the_highest_value(opened: Open, better: str, best: float) -> None:
    study = opened(better=better)
    for value in (0.2, 0.1, 0.3, 0.1, 0.3):
        done(study, value)
    found = study.standing().best
    assert found is not None
    assert found.value == best
    assert found.number == {0.1: 1, 0.3: 2}[best], "of equals the first"
    assert found.params["sizes"] in ([64], [64, 32])


def test_however_many_workers_race_for_trials_as_many_are_done_as_are_wanted(opened: Open) -> None:
    def work(worker: int) -> None:
        study = opened(worker, sampler="random")
        while (standing := study.standing()).finished + standing.running < 8:
            if trial := study.take():
                trial.complete(0.5)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    standing = opened().standing()
    assert (standing.finished, standing.running) == (8, 0)


def test_a_worker_that_starts_again_counts_out_the_trial_that_it_died_with_and_no_other(opened: Open) -> None:
    first, second = opened(0), opened(1)
    lost, kept = taken(first), taken(second)
    again = opened(0)
    assert again.states() == {lost.number: "failed", kept.number: "running"}
    assert again.standing().failures == [], "a lost trial is nobody's fault"


def test_a_worker_that_gives_no_sign_of_life_loses_its_trial_and_what_it_says_of_it_later(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, other = opened(0), opened(1)
    trial = taken(study)
    assert other.standing().running == 1
    monkeypatch.setattr(studies, "LOST_SECONDS", 0.0)
    assert other.standing().running == 0
    trial.report(1, 0.5)
    assert trial.complete(0.5) == "failed"
    assert trial.fail("too late") == "failed"
    assert other.standing().finished == 0


def test_a_worker_that_gives_signs_of_life_keeps_its_trial(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    study, other = opened(0), opened(1)
    monkeypatch.setattr(studies, "SEEN_SECONDS", 0.02)
    monkeypatch.setattr(studies, "LOST_SECONDS", 1.0)
    trial = taken(study)
    with trial.alive():
        for _ in range(5):
            time.sleep(0.3)
            assert other.standing().running == 1
    assert trial.complete(0.5) == "complete"


def test_trials_that_fall_behind_are_given_up_and_count(opened: Open) -> None:
    study = opened(pruner="median")
    for _ in range(5):
        done(study, 0.5, 0.4)
    trial = taken(study)
    with pytest.raises(Pruned, match=r"trial 5 was given up at step 1 with 0\.6"):
        trial.report(1, 0.6)
    assert trial.prune() == "pruned"
    assert study.standing().finished == 6


def test_a_slow_learner_is_not_judged_in_the_first_quarter(opened: Open) -> None:
    study = opened(pruner="median")
    for _ in range(5):
        done(study, *(0.5 - step / 100 for step in range(8)))
    trial = taken(study)
    trial.report(1, 0.9)
    with pytest.raises(Pruned):
        trial.report(2, 0.9)


def test_without_a_pruner_nothing_is_given_up(opened: Open) -> None:
    study = opened(pruner="none")
    for _ in range(5):
        done(study, 0.5, 0.4)
    trial = taken(study)
    for step in (1, 2, 3):
        trial.report(step, 0.9)


def test_hyperband_gives_up_some_of_many(opened: Open) -> None:
    study = opened(pruner="hyperband", trials=30)
    for number in range(20):
        trial = taken(study)
        try:
            for step in (1, 3, 9):
                trial.report(step, float(number))
            trial.complete(float(number))
        except Pruned:
            trial.prune()
    assert 0 < study.standing().pruned < 20


def test_a_failed_trial_does_not_count_and_leaves_its_reason(opened: Open) -> None:
    study = opened()
    taken(study).fail("max_depth must not be -1")
    standing = study.standing()
    assert (standing.finished, standing.running) == (0, 0)
    assert standing.failures == ["max_depth must not be -1"]


def test_a_search_that_goes_on_elsewhere_draws_other_parameters(opened: Open) -> None:
    first = [taken(opened(0, sampler="random")).params for _ in range(3)]
    assert len({str(params) for params in first}) == 3
    assert taken(opened(0, name="another", sampler="random")).params not in first


def test_a_worker_draws_the_same_again_in_the_same_place(tmp_path: Path) -> None:
    search = Search.model_validate({"candidate": "xgboost", "space": SPACE})
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("a", "b")]
    one, other = (taken(Study(url, "loan-default-tuned-1", search, 3)).params for url in urls)
    assert one == other


def test_importances_add_up_to_one_and_need_two_trials(opened: Open) -> None:
    study = opened()
    done(study, 0.5)
    assert study.importances() == {}
    for value in (0.4, 0.3, 0.2):
        done(study, value)
    shares = study.importances()
    assert shares.keys() == SPACE.keys()
    assert sum(shares.values()) == pytest.approx(1)


def test_a_database_that_does_not_open_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.adapters.studydb.PAUSE_SECONDS", 0.0)
    search = Search.model_validate({"candidate": "xgboost", "space": SPACE})
    with pytest.raises(Unavailable, match=r"the database of trials failed: .*unable to open"):
        Study(f"sqlite:///{tmp_path / 'missing' / 'studies.db'}", "study", search, 0)

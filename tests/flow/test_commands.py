"""The command line against a running stack, given what it expects and what it does not."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from headrace.data import rotations
from headrace.events import DriftChecked
from tests.flow.loop import EXAMPLE, WORKLOAD, Loop
from tests.flow.outcome import assert_everything_happened_once, assert_one_champion
from tests.flow.waiting import eventually

SECONDS = 120
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def headrace(shared: Loop) -> Run:
    """Runs a command on the shared stack, or on the state folder given."""

    def run(*words: str, state: Path = shared.state, seconds: float = SECONDS) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "headrace.cli.main", *words, "--state", str(state)]
        environment = {"COLUMNS": "200", "PATH": "/usr/bin:/bin", "USER": "somebody"}
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment, check=False)

    return run


def test_drop_follows_a_file_until_every_verdict(shared: Loop, first_turn: str, headrace: Run) -> None:
    path = shared.month()
    done = headrace("drop", WORKLOAD, str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    dataset = shared.dataset_of(shared.platform.data.stat(f"{WORKLOAD}/{path.name}"))
    assert f"dataset {dataset} is ready" in done.stdout
    assert "every candidate has its verdict" in done.stdout
    assert shared.settled(dataset)
    assert_everything_happened_once(shared, dataset)


def test_drop_shows_why_a_file_was_rejected(shared: Loop, headrace: Run) -> None:
    path = shared.scratch / "cities.csv"
    path.write_text("city,population\nBern,134794\n")
    done = headrace("drop", WORKLOAD, str(path))
    assert done.returncode == 1
    assert "has no column 'loan_status'" in done.stdout


@pytest.mark.slow
def test_drop_takes_a_folder(shared: Loop, first_turn: str, headrace: Run) -> None:
    folder = shared.scratch / "two-months"
    folder.mkdir()
    for number in (1, 2):
        shared.month().rename(folder / f"{number}.csv")
    done = headrace("drop", WORKLOAD, str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every candidate has its verdict" in done.stdout


def test_predict_prints_the_champions_answer(shared: Loop, first_turn: str, headrace: Run) -> None:
    eventually(lambda: shared.predict()["version"] == shared.champion(), "the champion answers")
    for words in (("predict", WORKLOAD), ("predict", WORKLOAD, "--json", json.dumps(EXAMPLE))):
        done = headrace(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["version"] == shared.champion()


def test_status_and_trace_tell_where_everything_stands(shared: Loop, first_turn: str, headrace: Run) -> None:
    status, trace = headrace("status"), headrace("trace", f"{WORKLOAD}@champion")
    assert status.returncode == trace.returncode == 0, status.stderr + trace.stderr
    assert WORKLOAD in status.stdout
    assert "dead letters: 0" in status.stdout
    for step in ("written", "is ready", "submitted for", "registered", "is champion"):
        assert step in trace.stdout


def test_rollback_returns_to_the_champion_before(shared: Loop, first_turn: str, headrace: Run) -> None:
    shared.platform.registry.set_alias(WORKLOAD, "champion", _another(shared, first_turn))
    count = len(shared.ledger())
    eventually(lambda: len(shared.ledger()) == count + 1, "the alias in the ledger")
    done = headrace("rollback", WORKLOAD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"version {shared.champion()} is champion again" in done.stdout
    assert_one_champion(shared)


def test_audit_tells_who_changed_what_and_marks_what_was_done_by_hand(
    shared: Loop, first_turn: str, headrace: Run
) -> None:
    chosen, count = _another(shared, first_turn), len(shared.ledger())
    shared.platform.registry.set_alias(WORKLOAD, "champion", chosen)
    shared.platform.registry.set_alias(WORKLOAD, "staging", chosen)
    eventually(lambda: len(shared.ledger()) == count + 1, "the alias in the ledger")
    eventually(lambda: "staging" in headrace("audit", WORKLOAD).stdout, "the other alias in the audit")
    told = json.loads(headrace("audit", WORKLOAD, "--json").stdout)
    assert {(each["what"], each["version"]) for each in told if each["by_hand"]} >= {
        ("champion", chosen),
        ("staging", chosen),
    }
    assert told[0]["actor"] == "evaluator"
    assert told[0]["reason"].startswith("no champion to beat: auc 0.")
    header, *lines = headrace("audit", WORKLOAD, "--csv").stdout.splitlines()
    assert header == "at,workload,what,version,before,actor,by_hand,reason"
    assert len(lines) == len(told)
    assert "by hand, in MLflow" in headrace("audit").stdout


def test_audit_exports_what_was_made_of_what_as_openlineages_events(
    shared: Loop, first_turn: str, headrace: Run
) -> None:
    facts = [json.loads(line) for line in headrace("audit", WORKLOAD, "--lineage").stdout.splitlines()]
    trained = [fact for fact in facts if f"{WORKLOAD}.train." in fact["job"]["name"]]
    versions = {made["facets"]["version"]["datasetVersion"] for fact in trained for made in fact["outputs"][:1]}
    assert versions >= {str(version.number) for version in shared.versions(first_turn)}
    assert {fact["eventType"] for fact in facts} == {"START", "COMPLETE"}


def test_a_champions_card_is_on_mlflows_page_and_its_datas_card_in_the_store(shared: Loop, first_turn: str) -> None:
    (version, *_) = shared.versions(first_turn)
    for name, beginning in (("model.md", "# loan"), ("model.html", "<!DOCTYPE html>"), ("verdict.json", "{")):
        asked = {"run_uuid": version.run_id, "path": f"card/{name}"}
        answer = requests.get(f"{shared.stack.url('mlflow')}/get-artifact", params=asked, timeout=60)
        assert answer.text.startswith(beginning)
    assert shared.platform.store.read(f"cards/{WORKLOAD}/{first_turn}.html").startswith(b"<!DOCTYPE html>")
    assert version.tags["headrace.semver"]


def test_retrain_trains_again_what_was_trained_on_before(shared: Loop, headrace: Run) -> None:
    dataset = shared.turn()
    jobs = {job.id for job in shared.jobs(dataset)}
    done = headrace("retrain", WORKLOAD, "--dataset", dataset)
    assert done.returncode == 0, done.stdout + done.stderr
    new = eventually(lambda: _three_more(shared, dataset, jobs), "three jobs more")
    eventually(lambda: _verdicts(shared, new), "a verdict on what was trained again")


@pytest.mark.slow
def test_a_rotated_test_set_is_frozen_anew_by_a_training_that_is_judged_on_it(
    shared: Loop, first_turn: str, headrace: Run
) -> None:
    champion = shared.platform.registry.alias(WORKLOAD, "champion")
    assert champion is not None
    dataset = champion.tags["headrace.dataset"]
    jobs = {job.id for job in shared.jobs(dataset)}
    done = headrace("rotate-testset", WORKLOAD, "--reason", "the split has changed")
    assert done.returncode == 0, done.stdout + done.stderr
    new = eventually(lambda: _three_more(shared, dataset, jobs), "three jobs more")
    eventually(lambda: _verdicts(shared, new), "a verdict on what was trained again")
    (rotated,) = rotations.history(shared.platform.store, WORKLOAD)
    assert (rotated.dataset, rotated.reason) == (dataset, "the split has changed")
    shared.platform.store.stat(rotations.place(shared.platform.store, WORKLOAD, dataset))
    assert "test set put aside" in headrace("audit", WORKLOAD).stdout


def test_check_looks_for_drift_at_once(shared: Loop, first_turn: str, headrace: Run) -> None:
    before = len(shared.facts(DriftChecked))
    done = headrace("check")
    assert done.returncode == 0, done.stderr
    eventually(lambda: len(shared.facts(DriftChecked)) > before, "a drift check")


def test_doctor_finds_this_machine_fit(headrace: Run) -> None:
    done = headrace("doctor")
    assert done.returncode == 0, done.stdout
    assert "Python" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("drop", "loans", "FILE"), "no workload named 'loans'; there are cats_dogs, loan_default"),
        (("drop", WORKLOAD, "/no/such/file.csv"), "does not exist"),
        (("predict", "loans"), "no workload named 'loans'"),
        (("predict", WORKLOAD, "--json", "{loan"), "--json is not JSON"),
        (("predict", WORKLOAD, "--json", '{"loan_amount": 3}'), "loan_amnt"),
        (("predict", WORKLOAD, "--json", "[1"), "--json is not JSON"),
        (("trace", "loans@champion"), "no workload named 'loans'"),
        (("trace", f"{WORKLOAD}@nobody"), "has no nobody"),
        (("trace", WORKLOAD), "is neither WORKLOAD@ALIAS nor WORKLOAD/VERSION"),
        (("trace", f"{WORKLOAD}/999"), "999"),
        (("rollback", "loans"), "no workload named 'loans'"),
        (("retrain", WORKLOAD, "--dataset", "nothing"), "no dataset version 'nothing'"),
        (("approve", WORKLOAD), "'loan_default' names no version; give WORKLOAD/VERSION, such as loan_default/7"),
        (("approve", f"{WORKLOAD}/999"), "loan_default has no version 999"),
        (("reject", f"{WORKLOAD}/1"), "version 1 of loan_default does not wait for approval: its verdict is"),
        (("audit", "loans"), "no workload named 'loans'"),
        (("rotate-testset", "loans"), "no workload named 'loans'"),
        (("audit", "--json", "--csv"), "give one of --json, --csv and --lineage, not several"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(
    shared: Loop, first_turn: str, headrace: Run, words: tuple[str, ...], sentence: str
) -> None:
    file = str(shared.month()) if "FILE" in words else ""
    _assert_refused(headrace(*(file if word == "FILE" else word for word in words)), sentence)


@pytest.mark.parametrize("words", [("predict", WORKLOAD), ("status",), ("trace", f"{WORKLOAD}@champion")])
def test_without_a_stack_every_command_says_so(tmp_path: Path, headrace: Run, words: tuple[str, ...]) -> None:
    _assert_refused(headrace(*words, state=tmp_path), "headrace up")


@pytest.mark.parametrize(
    "words",
    [
        ("predict", WORKLOAD),
        ("status",),
        ("trace", f"{WORKLOAD}@champion"),
        ("rollback", WORKLOAD),
        ("retrain", WORKLOAD),
        ("drop", WORKLOAD, __file__),
    ],
)
def test_a_stack_that_was_killed_is_said_to_be_the_reason(
    tmp_path: Path, shared: Loop, headrace: Run, words: tuple[str, ...]
) -> None:
    ports = shared.stack.plan.ports.values()
    left = (shared.state / "environment").read_text()
    for port in ports:
        left = left.replace(f":{port}\n", ":9\n")  # nobody answers there
    (tmp_path / "environment").write_text(left)
    _assert_refused(headrace(*words, state=tmp_path, seconds=20), "headrace up")


def test_a_second_stack_on_the_same_folder_is_refused(shared: Loop, headrace: Run) -> None:
    _assert_refused(headrace("up"), "a stack is running on")


def _assert_refused(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert "Traceback" not in said
    assert sentence in " ".join(said.split()), said


def _another(loop: Loop, dataset: str) -> int:
    champion = loop.champion()
    return next(version.number for version in loop.versions(dataset) if version.number != champion)


def _three_more(loop: Loop, dataset: str, before: set[str]) -> set[str]:
    new = {job.id for job in loop.jobs(dataset)} - before
    return new if len(new) == 3 else set()


def _verdicts(loop: Loop, jobs: set[str]) -> bool:
    unjudged = {version.tags["headrace.job"] for version in loop.unjudged("")}
    return jobs <= {version.tags["headrace.job"] for version in loop.versions()} - unjudged

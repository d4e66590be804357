"""Uploads that no model can come of: one sentence that says what to do, and nothing else."""

from pathlib import Path

import pytest

from headrace.events import DatasetRejected
from headrace.ports import Stat
from tests.flow import loans
from tests.flow.loans import Spoil
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.processes import answering
from tests.flow.waiting import eventually

MIB = 1 << 20


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (loans.empty, "not a byte in it"),
        (loans.header_only, "no loans below"),
        (loans.wrong_columns, "has no column 'loan_status'"),
        (loans.utf_16, "is written in UTF-16; save it in UTF-8"),
        (loans.latin_1, "not UTF-8), and at most 10% may be; save it as CSV in UTF-8"),
        (loans.null_columns_only, "has no column 'loan_status'"),
    ],
)
def test_a_file_that_cannot_be_used_is_rejected_with_a_sentence(shared: Loop, spoil: Spoil, sentence: str) -> None:
    path = spoil(shared.month())
    _assert_rejected(shared, WORKLOAD, shared.upload(path), sentence)


@pytest.mark.parametrize(
    ("name", "workload", "sentence"),
    [
        ("no_such_workload/loans.csv", "no_such_workload", "no workload named 'no_such_workload'; there are"),
        (f"{WORKLOAD}/loans.xlsx", WORKLOAD, "loans.xlsx is not one of .csv, .csv.gz"),
        (f"{WORKLOAD}/a\\b.csv", WORKLOAD, "is not allowed"),
        (f"{WORKLOAD}/month/../../loans.csv", WORKLOAD, ""),
    ],
)
def test_a_name_that_means_nothing_here_is_rejected_with_a_sentence(
    shared: Loop, name: str, workload: str, sentence: str
) -> None:
    stat = shared.platform.data.upload(name, shared.month())
    if not sentence:  # a file in a folder waits for the folder's marker
        stat = shared.platform.data.upload(f"{WORKLOAD}/month/_SUCCESS", shared.month())
        sentence = "is not allowed"
    _assert_rejected(shared, workload, stat, sentence)


@pytest.mark.slow
def test_a_thousand_empty_columns_beside_the_good_ones_do_no_harm(shared: Loop, first_turn: str) -> None:
    dataset = shared.dataset_of(shared.upload(loans.null_columns_added(shared.month())))
    shared.settle(dataset)
    assert_everything_happened_once(shared, dataset)


def test_a_file_of_any_size_costs_ingest_no_memory(shared: Loop) -> None:
    _refuse_garbage(shared, 64 * MIB)


@pytest.mark.slow
def test_two_gigabytes_of_garbage_cost_ingest_no_memory(shared: Loop) -> None:
    _refuse_garbage(shared, 2048 * MIB)


def _refuse_garbage(loop: Loop, size: int) -> None:
    _assert_rejected(loop, WORKLOAD, loop.upload(loop.month(), "small.csv.txt"), "is not one of")
    before = _peak(loop)
    path = loans.garbage(loop.scratch, size)
    stat = loop.upload(path)
    path.unlink()
    try:
        _assert_rejected(loop, WORKLOAD, stat, "garbage.csv is not")
        assert _peak(loop) - before < 24 * MIB
    finally:
        loop.delete(loop.platform.data, stat.name)


def _assert_rejected(loop: Loop, workload: str, stat: Stat, sentence: str) -> None:
    jobs, versions = len(loop.jobs()), len(loop.versions())
    source = f"{loop.platform.data.uri(stat.name)}#{stat.generation}"
    fact = DatasetRejected(workload=workload, source=source, reason="any")
    (text,) = eventually(lambda: loop.people.texts(fact.id), f"people told that {source} was rejected")
    assert sentence in text
    assert (len(loop.jobs()), len(loop.versions())) == (jobs, versions)
    assert loop.platform.data.stat(stat.name).generation == stat.generation
    assert all(answering(loop.stack, name) for name in loop.stack.processes)


def _peak(loop: Loop) -> int:
    """Bytes of the largest resident set that ingest's worker ever had."""
    group = loop.stack.processes["ingest"].pid
    status = [Path(f"/proc/{pid}/status").read_text() for pid in _children(group)]
    return max(int(text.partition("VmHWM:")[2].split()[0]) * 1024 for text in status)


def _children(pid: int | None) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from headrace.drift import Profile, Reference
from headrace.ports import Objects
from services.drift import known as known_module
from services.drift import lines as lines_module
from services.drift import reading, sample, window
from services.drift.counting import Counter
from services.drift.known import Known
from services.drift.sample import Sample
from services.drift.window import Seen
from tests.bench.drift_log import Folder
from tests.fakes import FakeObjects, FakePlatform

from .logged import LATER, PAID, W, answered, labelled, put


@pytest.fixture
def audit() -> FakeObjects:
    return FakePlatform().audit


def profile() -> Profile:
    """Counts each amount by itself."""
    return Profile({"inputs": Reference.of({"loan_amnt": np.repeat(np.arange(1.0, 10.0), 3)})})


def read(audit: FakeObjects, after: str = "", until: str | None = None) -> Seen:
    counter = Counter(W, 1, profile())
    return window.read(audit, window.objects(audit, after, until), after, counter)


def seen(audit: FakeObjects, after: str = "", until: str | None = None) -> list[int]:
    """The amounts in a window, each as often as it was counted."""
    found = read(audit, after, until)
    amounts = found.windows["inputs"].counts.get("loan_amnt", np.zeros(20, int))[1:-1:2]
    assert amounts.sum() == found.rows
    return [amount for amount, times in enumerate(amounts.tolist(), 1) for _ in range(times)]


def test_the_window_has_the_rows_of_one_version_of_one_workload_in_order(audit: FakeObjects) -> None:
    put(audit, "predictions/02", answered("c", {"loan_amnt": 4}))
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}, {"loan_amnt": 2}), answered("b", {"loan_amnt": 3}))
    put(
        audit,
        "predictions/03",
        answered("d", {"loan_amnt": 5}, version=2),
        answered("e", {"loan_amnt": 6}, workload="other"),
    )
    put(audit, "feedback/01", labelled("a", PAID))
    assert seen(audit) == [1, 2, 3, 4]


def test_the_next_window_begins_after_the_last_object_of_the_one_before(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}))
    first = read(audit)
    put(audit, "predictions/02", answered("b", {"loan_amnt": 2}))
    assert (first.after, first.until) == ("", "predictions/01")
    assert seen(audit, after=first.until) == [2]


def test_a_window_that_is_read_again_has_the_same_rows_whatever_came_since(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}))
    put(audit, "predictions/02", answered("b", {"loan_amnt": 2}))
    until = read(audit).until
    put(audit, "predictions/03", answered("c", {"loan_amnt": 3}))
    assert seen(audit, until=until) == [1, 2]


def test_a_window_ends_at_an_object_without_any_of_its_rows_so_that_it_is_not_read_again(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}))
    put(audit, "predictions/02", answered("b", {"loan_amnt": 2}, version=2))
    assert read(audit).until == "predictions/02"


def test_an_empty_window_ends_where_it_begins(audit: FakeObjects) -> None:
    assert read(audit, "predictions/07").until == "predictions/07"


def test_an_answer_that_the_bus_delivered_twice_is_in_the_window_once(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}, {"loan_amnt": 2}), answered("b", {"loan_amnt": 3}))
    put(
        audit,
        "predictions/02",
        answered("a", {"loan_amnt": 1}, {"loan_amnt": 2}),
        {**answered("a", {"loan_amnt": 4}), "time": LATER},
    )
    assert seen(audit) == [1, 2, 3, 4]


def test_what_a_challenger_said_in_the_shadow_of_the_champion_was_no_answer(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"loan_amnt": 1}), {**answered("a", {"loan_amnt": 9}), "shadow": True})
    put(audit, "predictions/02", {**answered("b", {"loan_amnt": 8}), "shadow": True}, answered("c", {"loan_amnt": 2}))
    assert seen(audit) == [1, 2]


def test_a_line_that_is_cut_short_is_left_out_and_the_others_count(audit: FakeObjects) -> None:
    whole = json.dumps(answered("a", {"loan_amnt": 1})).encode()
    audit.write("predictions/01", whole[:-9] + b"\n" + whole + b"\n" + b'{"workload": "loan_default"}\n')
    assert seen(audit) == [1]


def test_a_column_that_callers_stopped_sending_is_missing_in_every_row(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"dti": 1}, {"dti": 2}))
    counts = read(audit).windows["inputs"].counts["loan_amnt"]
    assert (counts[-1], counts.sum()) == (2, 2)


def test_a_window_read_in_small_pieces_by_several_processes_is_the_same(
    audit: FakeObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "log"
    (root / "predictions").mkdir(parents=True)
    for number in range(4):
        lines = [answered(f"{number}-{row}", {"loan_amnt": 1 + (number + row) % 9}) for row in range(500)]
        again = [answered("0-7", {"loan_amnt": 8})]
        text = b"".join(json.dumps(line).encode() + b"\n" for line in lines + again)
        (root / f"predictions/{number:02}").write_bytes(text)
        audit.write(f"predictions/{number:02}", text)
    alone = read(audit)
    monkeypatch.setattr(reading, "LARGE", 1)
    monkeypatch.setattr(lines_module, "PIECE", 1000)
    monkeypatch.setattr(reading, "cores", lambda: 2)
    folder = cast(Objects, Folder(root))
    shared = window.read(folder, window.objects(folder, ""), "", Counter(W, 1, profile()))
    assert alone.rows == shared.rows == 2000
    assert np.array_equal(alone.windows["inputs"].counts["loan_amnt"], shared.windows["inputs"].counts["loan_amnt"])
    assert {name: len(values) for name, values in shared.sample.columns.items()}["loan_amnt"] == 2000


@pytest.mark.parametrize("parts", [[5000], [10, 4990], [2500, 0, 2500]])
def test_a_sample_has_its_rows_from_all_parts_alike(parts: list[int]) -> None:
    whole, start = Sample(0), 0
    for seed, rows in enumerate(parts):
        part = Sample(seed)
        part.add({"row": np.arange(start, start + rows, dtype=float)}, rows)
        whole.merge(part)
        start += rows
    drawn = whole.columns["row"]
    assert len(np.unique(drawn)) == len(drawn) == sample.ROWS
    assert abs(float(drawn.mean()) - 2500) < 150  # five standard errors


def test_a_column_that_only_some_parts_have_is_missing_in_the_others() -> None:
    drawn = Sample(0)
    drawn.add({"a": np.array([1.0])}, 1)
    drawn.add({"b": np.array(["x"], object)}, 1)
    rows = sorted(zip(drawn.columns["a"].tolist(), drawn.columns["b"].tolist(), strict=True), key=str)
    assert [(b, a == a) for a, b in rows] == [(None, True), ("x", False)]


def test_requests_are_known_for_a_while_in_memory_that_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_module, "SPAN", 100)
    told = Known()
    for start in range(0, 1000, 50):
        told.add(np.arange(start, start + 50, dtype=np.uint64))
    assert told.again(np.array([5, 950, 999, 2000], np.uint64)) == {950, 999}

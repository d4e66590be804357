import json
from typing import Any

import pytest

from services.drift import window
from tests.fakes import FakeObjects, FakePlatform

W = "loan_default"
NOON, LATER, LAST = "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000250Z", "2026-03-01T12:00:01Z"


@pytest.fixture
def audit() -> FakeObjects:
    return FakePlatform().audit


def answered(request: str, *instances: dict[str, Any], workload: str = W, version: int = 1) -> dict[str, Any]:
    about = {"time": NOON, "request_id": request, "workload": workload, "version": version}
    return {**about, "instances": list(instances)}


def labelled(request: str, label: str, index: int = 0, workload: str = W, time: str = NOON) -> dict[str, Any]:
    return {"time": time, "request_id": request, "workload": workload, "index": index, "label": label}


def put(audit: FakeObjects, name: str, *lines: dict[str, Any]) -> None:
    audit.write(name, b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def seen(audit: FakeObjects, after: str = "", until: str | None = None) -> list[Any]:
    return [row["n"] for row in window.read(audit, W, 1, after, until).instances]


def test_the_window_has_the_rows_of_one_version_of_one_workload_in_order(audit: FakeObjects) -> None:
    put(audit, "predictions/02", answered("c", {"n": 4}))
    put(audit, "predictions/01", answered("a", {"n": 1}, {"n": 2}), answered("b", {"n": 3}))
    put(audit, "predictions/03", answered("d", {"n": 5}, version=2), answered("e", {"n": 6}, workload="other"))
    put(audit, "feedback/01", labelled("a", "paid"))
    assert seen(audit) == [1, 2, 3, 4]


def test_the_next_window_begins_after_the_last_object_of_the_one_before(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    first = window.read(audit, W, 1, "")
    put(audit, "predictions/02", answered("b", {"n": 2}))
    assert (first.after, first.until) == ("", "predictions/01")
    assert seen(audit, after=first.until) == [2]


def test_a_window_that_is_read_again_has_the_same_rows_whatever_came_since(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    put(audit, "predictions/02", answered("b", {"n": 2}))
    until = window.read(audit, W, 1, "").until
    put(audit, "predictions/03", answered("c", {"n": 3}))
    assert seen(audit, until=until) == [1, 2]


def test_a_window_ends_at_an_object_without_any_of_its_rows_so_that_it_is_not_read_again(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    put(audit, "predictions/02", answered("b", {"n": 2}, version=2))
    assert window.read(audit, W, 1, "").until == "predictions/02"


def test_an_empty_window_ends_where_it_begins(audit: FakeObjects) -> None:
    assert window.read(audit, W, 1, "predictions/07").until == "predictions/07"


def test_a_window_has_a_most_of_rows_and_the_rest_is_the_next_ones(
    audit: FakeObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "MOST_ROWS", 3)
    for number in range(1, 6):
        put(audit, f"predictions/{number:02}", answered(str(number), {"n": number}, {"n": -number}))
    first = window.read(audit, W, 1, "")
    assert first.until == "predictions/02"
    assert seen(audit, after=first.until) == [3, -3, 4, -4]


def known(audit: FakeObjects, after: str = "") -> list[tuple[Any, str]]:
    rows, labels = window.labels(audit, W, window.read(audit, W, 1, after))
    return [(row["n"], label) for row, label in zip(rows, labels, strict=True)]


def test_a_label_belongs_to_the_row_of_the_request_that_it_names(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}, {"n": 2}), answered("b", {"n": 3}))
    put(audit, "feedback/02", labelled("a", "paid", index=1), labelled("b", "charged off"))
    assert known(audit) == [(2, "paid"), (3, "charged off")]


def test_the_last_word_on_a_row_counts(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    put(audit, "feedback/02", labelled("a", "paid"), labelled("a", "charged off"))
    put(audit, "feedback/03", labelled("a", "paid"))
    assert known(audit) == [(1, "paid")]


def test_the_last_word_is_the_one_said_last_in_whatever_order_it_arrives(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    put(audit, "feedback/02", labelled("a", "third", time=LAST), labelled("a", "second", time=LATER))
    put(audit, "feedback/03", labelled("a", "first", time=NOON), labelled("a", "second", time=LATER))
    assert known(audit) == [(1, "third")]


def test_a_label_told_five_times_is_one_row(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}), answered("b", {"n": 2}))
    for number in range(5):
        put(audit, f"feedback/{number:02}", labelled("a", "paid"))
    assert known(audit) == [(1, "paid")]


def test_ratings_and_comments_are_no_labels_and_take_none_away(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}), answered("b", {"n": 2}))
    rated = {"time": LAST, "request_id": "a", "workload": W, "index": 0, "rating": 5, "comment": "thanks"}
    put(audit, "feedback/02", labelled("a", "paid"), rated, {**rated, "request_id": "b"})
    assert known(audit) == [(1, "paid")]


def test_an_answer_that_the_bus_delivered_twice_is_in_the_window_once(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}, {"n": 2}), answered("b", {"n": 3}))
    put(audit, "predictions/02", answered("a", {"n": 1}, {"n": 2}), {**answered("a", {"n": 4}), "time": LATER})
    assert seen(audit) == [1, 2, 3, 4]


def test_labels_of_other_rows_and_other_workloads_are_left_out(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}))
    put(audit, "feedback/02", labelled("a", "x", workload="other"), labelled("a", "x", index=7), labelled("z", "x"))
    assert known(audit) == []


def test_labels_that_arrived_before_the_window_began_are_not_read(audit: FakeObjects) -> None:
    put(audit, "predictions/05", answered("a", {"n": 1}))
    put(audit, "feedback/01", labelled("a", "too early"))
    put(audit, "feedback/06", labelled("a", "paid"))
    read: list[str] = []
    audit.before = lambda method, name: read.append(name) if method == "read" else None
    assert known(audit, after="predictions/04") == [(1, "paid")]
    assert "feedback/01" not in read


def test_what_a_challenger_said_in_the_shadow_of_the_champion_was_no_answer(audit: FakeObjects) -> None:
    put(audit, "predictions/01", answered("a", {"n": 1}), {**answered("a", {"n": 9}), "shadow": True})
    put(audit, "predictions/02", {**answered("b", {"n": 8}), "shadow": True}, answered("c", {"n": 2}))
    put(audit, "feedback/01", labelled("a", "paid"), labelled("b", "default"))
    found = window.read(audit, W, 1, "")
    assert [row["n"] for row in found.instances] == [1, 2]
    assert window.labels(audit, W, found) == ([{"n": 1}], ["paid"])

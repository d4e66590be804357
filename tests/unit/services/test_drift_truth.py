"""Labels find the rows that they are about, however late they come, and each counts once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from headrace.errors import Busy
from headrace.ports import Version
from services.drift import keys, labels, memory, truth, waiting, window
from services.drift.counting import Counter
from services.drift.labels import Labels
from services.drift.truth import Span
from tests.fakes import FakePlatform

from .logged import CHARGED_OFF, LAST, LATER, NOON, PAID, W, answered, labelled, put
from .test_drift_window import profile

DAY = timedelta(days=1)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def version(platform: FakePlatform) -> Version:
    return platform.registry.register(W, "run", "", {})


def log(platform: FakePlatform, time: str, *lines: dict[str, Any]) -> None:
    put(platform.audit, f"predictions/2026-03-01T{time}", *lines)


def hear(platform: FakePlatform, time: str, *lines: dict[str, Any]) -> None:
    put(platform.audit, f"feedback/2026-03-01T{time}", *lines)


def known(platform: FakePlatform, after: str = "", until: str = "feedback/3") -> Labels:
    return labels.read(platform.audit, W, after, until, platform.clock.now() - 7 * DAY)


def week(platform: FakePlatform) -> Span:
    return Span(platform.clock.now() - 7 * DAY, platform.clock.now())


def shown(rows: Any) -> list[tuple[Any, str]]:
    return [(row.instance["loan_amnt"], row.label) for row in rows]


def seen(platform: FakePlatform, after: str = "") -> dict[str, keys.Keys]:
    """The requests of the window after an object."""
    found = window.objects(platform.audit, after)
    return window.read(platform.audit, found, after, Counter(W, 1, profile())).requests


def found(platform: FakePlatform, version: Version, after: str = "", **how: Any) -> list[tuple[Any, str]]:
    return shown(truth.rows(platform, version, known(platform), seen(platform, after), week(platform), **how))


def test_a_label_belongs_to_the_row_of_the_request_that_it_names(platform: FakePlatform, version: Version) -> None:
    put(
        platform.audit,
        "predictions/2026-03-01T01",
        answered("a", {"loan_amnt": 1}, {"loan_amnt": 2}),
        answered("b", {"loan_amnt": 3}),
    )
    hear(platform, "02", labelled("a", PAID, index=1), labelled("b", CHARGED_OFF))
    assert found(platform, version) == [(2, PAID), (3, CHARGED_OFF)]


def test_the_last_word_on_a_row_counts(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    hear(platform, "02", labelled("a", PAID), labelled("a", CHARGED_OFF))
    hear(platform, "03", labelled("a", PAID))
    assert found(platform, version) == [(1, PAID)]


def test_the_last_word_is_the_one_said_last_in_whatever_order_it_arrives(
    platform: FakePlatform, version: Version
) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    put(
        platform.audit, "feedback/2026-03-01T02", labelled("a", PAID, time=LAST), labelled("a", CHARGED_OFF, time=LATER)
    )
    put(
        platform.audit,
        "feedback/2026-03-01T03",
        labelled("a", CHARGED_OFF, time=NOON),
        labelled("a", CHARGED_OFF, time=LATER),
    )
    assert found(platform, version) == [(1, PAID)]


def test_a_label_told_five_times_is_one_row(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}), answered("b", {"loan_amnt": 2}))
    for number in range(5):
        hear(platform, f"{number:02}", labelled("a", PAID))
    assert found(platform, version) == [(1, PAID)]


def test_ratings_and_comments_are_no_labels_and_take_none_away(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}), answered("b", {"loan_amnt": 2}))
    rated = {"time": LAST, "request_id": "a", "workload": W, "index": 0, "rating": 5, "comment": "thanks"}
    hear(platform, "02", labelled("a", PAID), rated, {**rated, "request_id": "b"})
    assert found(platform, version) == [(1, PAID)]


def test_labels_of_other_rows_and_other_workloads_are_left_out(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    put(
        platform.audit,
        "feedback/2026-03-01T02",
        labelled("a", PAID, workload="other"),
        labelled("a", PAID, index=7),
        labelled("z", PAID),
    )
    assert found(platform, version) == []


def test_a_label_that_the_workload_does_not_know_is_left_out(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}, {"loan_amnt": 2}))
    hear(platform, "01", labelled("a", "perhaps"), labelled("a", PAID, index=1))
    assert found(platform, version) == [(2, PAID)]


def looked_at(platform: FakePlatform, version: Version, after: str = "") -> str:
    """Let a check look at the window after an object, and at what is true of it; returns the window's last object."""
    objects = seen(platform, after)
    rows = truth.rows(platform, version, known(platform), objects, week(platform))
    looked_at = keys.ordered(row.key for row in rows)
    memory.keep(platform.store, version, platform.clock.now(), "check", objects, looked_at)
    platform.clock.advance(hours=1)
    return max(objects)


def test_a_label_that_comes_after_its_window_was_looked_at_finds_its_row(
    platform: FakePlatform, version: Version
) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}), answered("b", {"loan_amnt": 2}))
    log(platform, "02", answered("c", {"loan_amnt": 3}))
    until = looked_at(platform, version)
    log(platform, "03", answered("d", {"loan_amnt": 4}))
    hear(platform, "04", labelled("b", PAID), labelled("d", CHARGED_OFF))
    read: list[str] = []
    platform.audit.before = lambda method, name: read.append(name) if method == "read" else None
    assert found(platform, version, until) == [(2, PAID), (4, CHARGED_OFF)]
    assert "predictions/2026-03-01T02" not in read


def test_rows_of_windows_before_are_called_late(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    until = looked_at(platform, version)
    log(platform, "02", answered("b", {"loan_amnt": 2}))
    hear(platform, "04", labelled("a", PAID), labelled("b", PAID))
    rows = truth.rows(platform, version, known(platform), seen(platform, until), week(platform))
    assert [row.late for row in rows] == [True, False]


def test_a_label_that_was_looked_at_counts_once_though_it_is_told_again(
    platform: FakePlatform, version: Version
) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}), answered("b", {"loan_amnt": 2}))
    hear(platform, "02", labelled("a", PAID))
    until = looked_at(platform, version)
    hear(platform, "05", labelled("a", CHARGED_OFF, time=LAST), labelled("b", PAID))
    assert found(platform, version, until) == [(2, PAID)]
    assert found(platform, version, until, again=True) == [(1, CHARGED_OFF), (2, PAID)]


def test_what_a_check_remembers_does_not_change_it_when_it_is_made_again(
    platform: FakePlatform, version: Version
) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    hear(platform, "02", labelled("a", PAID))
    looked_at(platform, version)
    platform.clock.advance(hours=-1)
    assert found(platform, version) == [(1, PAID)]


def test_labels_wait_until_they_are_looked_at_or_too_old(platform: FakePlatform) -> None:
    hear(platform, "02", labelled("a", PAID, time="2026-03-01T02:00:00Z"), labelled("b", PAID, time=NOON))
    since = datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert waiting.load(platform.store, W) == (Labels({}), 0)
    waiting.save(platform.store, W, known(platform), since, over=0)
    labels, generation = waiting.load(platform.store, W)
    assert labels.by_request == {"b": {0: PAID}}
    with pytest.raises(Busy):
        waiting.save(platform.store, W, labels, since, over=0)
    waiting.save(platform.store, W, known(platform), datetime(2026, 2, 1, tzinfo=UTC), over=generation)
    waiting.forget(platform.store, W, keys.ordered([keys.of_row("a", 0), keys.of_row("b", 7)]))
    assert waiting.load(platform.store, W)[0].by_request == {"b": {0: PAID}}


def test_labels_are_waited_for_as_long_as_is_said(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    until = looked_at(platform, version)
    platform.clock.advance(days=7, hours=-1)
    put(platform.audit, "feedback/2026-03-09T07", labelled("a", PAID))
    assert found(platform, version, until) == [(1, PAID)]
    platform.clock.advance(seconds=1)
    assert found(platform, version, until) == []


def test_feedback_from_before_labels_are_waited_for_is_not_read(platform: FakePlatform) -> None:
    for second, name in enumerate("abc", 1):
        hear(platform, f"08:00:0{second}", labelled(name, PAID))
    platform.clock.at = datetime(2026, 3, 8, 8, 0, 2, tzinfo=UTC)
    assert known(platform).by_request.keys() == {"b", "c"}
    assert known(platform, "feedback/2026-03-01T08:00:02").by_request.keys() == {"c"}
    assert known(platform, until="feedback/2026-03-01T08:00:02").by_request.keys() == {"b"}


def test_of_too_many_labels_the_last_count(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "MOST", 2)
    hear(platform, "01", labelled("a", PAID), labelled("b", PAID))
    hear(platform, "02", labelled("b", CHARGED_OFF, time=LATER), labelled("c", PAID))
    assert known(platform).by_request == {"c": {0: PAID}, "b": {0: CHARGED_OFF}}


def test_for_fewer_labels_than_are_worth_it_the_log_is_not_read(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    until = looked_at(platform, version)
    hear(platform, "02", labelled("a", PAID), labelled("nobody", PAID))
    read: list[str] = []
    platform.audit.before = lambda method, name: read.append(name) if method == "read" else None
    assert found(platform, version, until, least=2) == []
    assert read == ["feedback/2026-03-01T02"]


@pytest.mark.parametrize("bound", ["MOST_ROWS", "MOST_BYTES"])
def test_of_more_rows_than_a_check_looks_at_the_newest_are_taken(
    platform: FakePlatform, version: Version, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(truth, bound, 2 if bound == "MOST_ROWS" else 1)
    for number, name in enumerate("abcd"):
        both = answered(name, {"loan_amnt": number}), answered(name * 2, {"loan_amnt": 10 + number})
        log(platform, f"{number:02}", *both)
        hear(platform, f"{number:02}", labelled(name, PAID), labelled(name * 2, PAID))
    assert found(platform, version) == [(3, PAID), (13, PAID)]


def test_what_was_deleted_from_the_log_since_is_left_out(platform: FakePlatform, version: Version) -> None:
    log(platform, "01", answered("a", {"loan_amnt": 1}))
    until = looked_at(platform, version)
    log(platform, "02", answered("b", {"loan_amnt": 2}))
    platform.audit.delete("predictions/2026-03-01T01")
    hear(platform, "04", labelled("a", PAID), labelled("b", PAID))
    assert found(platform, version, until) == [(2, PAID)]


def test_what_a_challenger_or_another_version_answered_is_not_the_champions(
    platform: FakePlatform, version: Version
) -> None:
    shadow = {**answered("b", {"loan_amnt": 8}), "shadow": True}
    log(platform, "01", answered("a", {"loan_amnt": 1}), shadow)
    log(platform, "02", answered("a", {"loan_amnt": 7}, version=2))
    hear(platform, "04", labelled("a", PAID), labelled("b", PAID))
    assert found(platform, version) == [(1, PAID)]


def test_keys_of_requests_are_those_of_their_lines() -> None:
    lines = keys.ordered(keys.of_line(name, NOON) for name in "abc")
    assert keys.requests(lines).tolist() == sorted(map(keys.of_request, "abc"))
    assert len({keys.of_line("a", time) for time in (NOON, LATER, LAST)}) == 3
    assert keys.among(np.array([1, 2, 3], np.uint64), np.array([2, 9], np.uint64)).tolist() == [False, True, False]

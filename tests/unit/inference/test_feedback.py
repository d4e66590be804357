from datetime import UTC, datetime
from typing import Any

import pytest

from services.inference.telling import memory, tally
from services.inference.telling.feedback import Feedback
from services.inference.telling.memory import Memory
from services.inference.telling.tally import OTHERS, Tally

from .fakes import FakePlatform
from .running import Client, lines, until

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def told(platform: FakePlatform, count: int) -> list[dict[str, Any]]:
    until(lambda: len(lines(platform.fake_bus, "feedback")) >= count)
    return lines(platform.fake_bus, "feedback")


def stats(client: Client) -> dict[str, Any]:
    return dict(client.get("/models/tiny/feedback/stats").json())


def test_feedback_travels_by_request_id_and_row(client: Client, platform: FakePlatform) -> None:
    one = client.post("/models/tiny/feedback", {"request_id": "r-1", "label": "paid"})
    assert (one.status_code, one.json()["accepted"]) == (202, 1)
    several = [{"request_id": "r-2", "index": 1, "label": 0}, {"request_id": "r-2", "index": 0, "label": 1.5}]
    assert client.post("/models/tiny/feedback", {"feedback": several}).json()["accepted"] == 2
    found = told(platform, 3)
    assert [(line["request_id"], line["index"], line["label"]) for line in found] == [
        ("r-1", 0, "paid"),
        ("r-2", 1, "0"),
        ("r-2", 0, "1.5"),
    ]
    assert {(line["workload"], line["caller"]) for line in found} == {("tiny", "")}
    assert all(datetime.fromisoformat(line["time"]) <= datetime.now(UTC) for line in found)


def test_a_rating_and_a_comment_travel_without_a_label(client: Client, platform: FakePlatform) -> None:
    client.post("/models/tiny/feedback", {"request_id": "r-1", "rating": 4, "comment": "nearly"})
    (line,) = told(platform, 1)
    assert (line["rating"], line["comment"], "label" in line) == (4, "nearly", False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"request_id": "r"}, "the feedback says nothing: it needs a label, a rating (1 to 5) or a comment"),
        ({"feedback": [{"request_id": "r", "rating": 1}, {"request_id": "r"}]}, "feedback[1] says nothing"),
        ({"request_id": "r", "rating": 0}, "$.rating"),
        ({"request_id": "r", "rating": 6}, "$.rating"),
        ({"request_id": "r", "rating": 4.5}, "$.rating"),
        ({"request_id": "r", "rating": None}, "$.rating"),
        ({"request_id": "r", "comment": ""}, "$.comment"),
        ({"request_id": "r", "comment": "x" * 2001}, "$.comment"),
        ({"request_id": "r", "label": True}, "$.label"),
        ({"request_id": "", "rating": 1}, "$.request_id"),
    ],
)
def test_wrong_feedback_is_refused_and_counts_nowhere(
    client: Client, platform: FakePlatform, body: object, words: str
) -> None:
    answer = client.post("/models/tiny/feedback", body)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text
    assert (stats(client)["rows"], lines(platform.fake_bus, "feedback")) == (0, [])


def test_stats_say_what_was_told_and_of_whom(client: Client) -> None:
    before = datetime.now(UTC)
    for body in (
        {"request_id": "r-1", "label": "paid", "rating": 5},
        {"request_id": "r-2", "rating": 2, "comment": "wrong"},
        {"feedback": [{"request_id": "r-3", "index": n, "label": "late"} for n in range(2)]},
    ):
        assert client.post("/models/tiny/feedback", body).ok
    found = stats(client)
    assert (found["model"], found["rows"], found["comments"], found["labels"]) == ("tiny", 4, 1, {"paid": 1, "late": 2})
    assert found["ratings"] == {"count": 2, "mean": 3.5, "values": {"5": 1, "2": 1}}
    assert found["agreement"] == {"compared": 0, "agreed": 0, "share": None, "versions": {}}
    assert "this instance" in found["scope"]
    assert datetime.fromisoformat(found["since"]) <= before


def test_feedback_told_five_times_counts_once(client: Client) -> None:
    for _ in range(5):
        client.post("/models/tiny/feedback", {"request_id": "r-1", "label": "paid", "rating": 3})
    found = stats(client)
    assert (found["rows"], found["repeated"], found["changed"]) == (1, 4, 0)
    assert (found["labels"], found["ratings"]["count"]) == ({"paid": 1}, 1)


def counted(memory: Memory, *said: Feedback) -> dict[str, Any]:
    found = Tally(memory, NOW)
    for one in said:
        found.count(one)
    return found.stats()


def test_a_changed_label_replaces_the_one_before_and_keeps_the_rating() -> None:
    found = counted(
        Memory(),
        Feedback("r", label="paid", rating=2),
        Feedback("r", label="late"),
        Feedback("r", rating=4, comment="ah"),
        Feedback("r", rating=4),
    )
    assert (found["rows"], found["changed"], found["repeated"], found["comments"]) == (1, 2, 1, 1)
    assert (found["labels"], found["ratings"]["values"]) == ({"late": 1}, {4: 1})


def test_agreement_is_with_what_was_answered_here_by_version() -> None:
    known = Memory()
    known.keep("a", 1, [{"label": "paid"}, {"label": "late"}])
    known.keep("b", 2, [{"label": 1, "probability": 0.7}])
    found = counted(
        known,
        Feedback("a", label="paid", index=0),
        Feedback("a", label="paid", index=1),
        Feedback("a", label="paid", index=2),
        Feedback("b", label=1),
        Feedback("elsewhere", label="paid"),
        Feedback("b", rating=5),
    )["agreement"]
    assert (found["compared"], found["agreed"], found["share"]) == (3, 2, 0.6667)
    assert found["versions"] == {
        1: {"compared": 2, "agreed": 1, "share": 0.5},
        2: {"compared": 1, "agreed": 1, "share": 1.0},
    }


def test_a_label_that_is_corrected_is_compared_anew() -> None:
    known = Memory()
    known.keep("a", 1, [{"label": "paid"}])
    wrong_then_right = counted(known, Feedback("a", label="late"), Feedback("a", label="paid"))["agreement"]
    assert (wrong_then_right["compared"], wrong_then_right["agreed"]) == (1, 1)


def test_the_memory_of_answers_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_ROWS", 5)
    known = Memory()
    for number in range(100):
        known.keep(f"r{number}", number, [{"label": f"l{number}"}] * 2)
        assert known.label(f"r{number}", 1) == (number, f"l{number}")
        remembered = [past for past in range(number + 1) if known.label(f"r{past}", 0)]
        assert remembered == list(range(number + 1))[-len(remembered) :]
        assert len(remembered) == number + 1 or 2 < len(remembered) <= 5
    known.keep("large", 1, [{"label": "x"}] * 6)
    known.keep("r99", 7, [{"label": "again"}])
    assert known.label("large", 0) is None
    assert (known.label("r99", 0), known.label("r99", 1)) == ((7, "again"), None)


def test_answers_without_labels_are_not_remembered() -> None:
    known = Memory()
    known.keep("a", 1, [{"score": 3.5}])
    assert known.label("a", 0) is None


def test_the_tally_knows_a_bounded_number_of_rows_and_of_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_ROWS", 3)
    monkeypatch.setattr(tally, "MOST_LABELS", 2)
    found = Tally(Memory(), NOW)
    for number in range(6):
        found.count(Feedback(f"r{number}", label=f"l{number}"))
    assert found.stats()["labels"] == {"l0": 1, "l1": 1, OTHERS: 4}
    assert len(found._rows) == 3
    found.count(Feedback("r5", label="l0"))
    assert found.stats()["labels"] == {"l0": 2, "l1": 1, OTHERS: 3}
    assert found.stats()["rows"] == 6


def test_much_feedback_at_once_is_taken_whole(client: Client, platform: FakePlatform) -> None:
    many = [{"request_id": f"r-{number}", "rating": 1 + number % 5} for number in range(1000)]
    assert client.post("/models/tiny/feedback", {"feedback": many}).json()["accepted"] == 1000
    assert (stats(client)["rows"], stats(client)["ratings"]["mean"]) == (1000, 3.0)
    assert len(told(platform, 1000)) == 1000

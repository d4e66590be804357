from collections.abc import Mapping
from typing import Any

import pytest

from headrace.adapters.inference import Answered, Refused
from headrace.errors import Rejected
from services.studio.reading.schema import Asked, Form
from services.studio.reading.tables import Instances, Scored, instances, score


def asked(name: str, kind: Any = "number") -> Asked:
    return Asked(name, kind, "", False, (), None, None, None, None)


LOANS = Form((asked("amount"), asked("grade", "text"), asked("joint", "boolean")), (1,), ("label",))
TEXTS = Form((asked("text", "text"),), (1,), ("label",))


class Service:
    """Doubles amounts, refuses those below zero, and counts what it was asked."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, rows: Instances) -> Answered:
        self.calls.append(len(rows))
        for place, row in enumerate(rows):
            if (row.get("amount") or 0) < 0:
                raise Refused(f"row {place}: amount: below zero" if len(rows) > 1 else "amount: below zero")
        answers = [{"twice": (row.get("amount") or 0) * 2, "label": "x"} for row in rows]
        said: Mapping[str, Any] = {"predictions": answers, "version": 2, "alias": "champion", "request_id": "r"}
        return Answered(said, 0.01)


def scored(rows: list[dict[str, Any]], service: Service, most: int = 1000) -> tuple[list[float], Scored]:
    *shares, last = score(rows, LOANS, service, most)
    assert isinstance(last, Scored)
    return [share for share in shares if isinstance(share, float)], last


def test_cells_are_read_as_the_fields_kinds_say() -> None:
    data = "\ufeffamount,grade,joint,note\n12.5,7,true,a\n,,,\nmany,B,maybe,c\n".encode()
    assert instances("x.csv", data, LOANS) == [
        {"amount": 12.5, "grade": "7", "joint": True, "note": "a"},
        {"amount": None, "grade": None, "joint": None, "note": None},
        {"amount": "many", "grade": "B", "joint": "maybe", "note": "c"},
    ]


def test_lines_of_a_text_file_are_texts() -> None:
    assert instances("x.txt", b"good\n\nbad, really\n", TEXTS) == [{"text": "good"}, {"text": "bad, really"}]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.csv", b"amount\n", "x.csv has no rows"),
        ("x.csv", b"", "x.csv has no rows"),
        ("x.csv", b"amount\n\xff\n", "x.csv is not UTF-8"),
        ("x.csv", b'amount\n"1', "is not CSV"),
        ("x.parquet", b"PAR1", "the file is not Parquet"),
        ("x.csv", b"amount\n" + b"1\n" * 100_001, "100,001 rows, more than 100,000; `headrace score`"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(name: str, data: bytes, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        instances(name, data, LOANS)


def test_rows_are_sent_in_parts_and_the_share_that_is_done_is_told() -> None:
    service = Service()
    shares, found = scored([{"amount": float(row)} for row in range(1200)], service)
    assert service.calls == [500, 500, 200]
    assert shares == [pytest.approx(500 / 1200), pytest.approx(1000 / 1200), 1.0]
    assert found.table["twice"].tolist() == [2.0 * row for row in range(1200)]
    assert (found.version, found.refused, len(found.requests)) == ("2, champion", 0, 3)


def test_a_part_is_never_larger_than_the_service_takes() -> None:
    service = Service()
    scored([{"amount": 1.0}] * 25, service, most=10)
    assert service.calls == [10, 10, 5]


def test_a_row_that_is_refused_is_found_and_stops_no_other() -> None:
    rows = [{"amount": float(row)} for row in range(64)]
    rows[17]["amount"] = rows[40]["amount"] = -1.0
    service = Service()
    _, found = scored(rows, service)
    assert found.refused == 2
    assert [place for place, why in enumerate(found.table["refused"]) if isinstance(why, str)] == [17, 40]
    assert found.table["refused"][17] == "amount: below zero"
    assert found.table["twice"].dropna().tolist() == [2.0 * row for row in range(64) if row not in (17, 40)]
    assert service.calls == [64, 63, 62]


def test_what_is_refused_for_the_whole_table_is_raised() -> None:
    def refuse(_: Instances) -> Answered:
        raise Refused("the request is too large")

    with pytest.raises(Refused, match="too large"):
        list(score([{"amount": 1.0}] * 3, LOANS, refuse, 10))


def test_only_fields_of_the_model_are_sent_and_every_column_comes_back() -> None:
    sent: list[Mapping[str, Any]] = []

    def ask(rows: Instances) -> Answered:
        sent.extend(rows)
        return Service()(rows)

    *_, found = score([{"amount": 1.0, "note": "a", "label": "known"}], LOANS, ask, 10)
    assert isinstance(found, Scored)
    assert sent == [{"amount": 1.0}]
    assert list(found.table.columns) == ["twice", "predicted label", "amount", "note", "label"]


def test_a_table_of_refused_rows_alone_has_their_reasons() -> None:
    _, found = scored([{"amount": -1.0}], Service())
    assert found.table["refused"].tolist() == ["amount: below zero"]
    assert found.version == ""

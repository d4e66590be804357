"""Lines of nothing but numbers are read as a table; whatever else they hold, they are read all the same."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from headrace.drift import Profile
from headrace.drift.columns import Counts
from headrace.instances import Table
from services.drift import lines
from services.drift.counting import Counter

from .logged import answered

NUMBERS, WORKLOAD = ("width of it", "weight"), "synth_tabular"
PROFILE = Profile.of({"inputs": {name: np.arange(50.0) for name in NUMBERS}})
ROWS = ({"width of it": 1.5, "weight": 2}, {"weight": 4.0, "width of it": 3.0})


def log(*rows: dict[str, Any], said: Sequence[dict[str, Any]] = ()) -> bytes:
    told = [answered(f"r{place}", row, workload=WORKLOAD) for place, row in enumerate(rows)]
    for line, answer in zip(told, said, strict=False):
        line["predictions"] = [answer]
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in told)


def read(data: bytes) -> list[Any]:
    parts = lines.read(data, WORKLOAD, 1, lines.of_numbers(PROFILE))
    return [lines.asked(part) for part in parts]


def test_rows_of_numbers_are_a_table_in_the_order_in_which_they_are_watched() -> None:
    [table] = read(log(*ROWS))
    assert isinstance(table, Table)
    np.testing.assert_array_equal(table.values, [[1.5, 2.0], [3.0, 4.0]])


def test_a_number_that_is_missing_is_left_out_of_its_row() -> None:
    [table] = read(log(*ROWS, {"weight": 5.0}))
    assert isinstance(table, Table)
    assert table[2] == {"weight": 5.0}


@pytest.mark.parametrize(
    "odd",
    [{"weight": "heavy"}, {"weight": None}, {"weight": True}, {"colour": 1.0}, {"weight": [1.0]}],
    ids=["text", "null", "boolean", "another name", "list"],
)
def test_a_row_of_anything_else_is_read_as_it_is_and_so_are_its_neighbours(odd: dict[str, Any]) -> None:
    [rows] = read(log(ROWS[0], odd, ROWS[1]))
    assert rows == [ROWS[0], odd, ROWS[1]]


def test_a_line_that_is_cut_short_is_left_out_of_a_table_too() -> None:
    [rows] = read(log(*ROWS) + b'{"workload":"synth_tabular","insta\n')
    assert rows == [*ROWS]


def test_a_window_of_tables_is_counted_as_one_of_mappings(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(300, 2)).round(2)
    inputs = {name: values[:, place] for place, name in enumerate(NUMBERS)}
    answers = {"prediction.label": np.array(["a", "b"] * 150, object), "prediction.score": values[:, 0]}
    profile = Profile.of({"inputs": inputs, "answers": answers})
    rows = [{name: value for name, value in zip(NUMBERS, row, strict=True) if value > -2} for row in values.tolist()]
    said = [{"label": "ab"[place % 2], "score": value, "more": [1]} for place, value in enumerate(values[:, 0])]
    data = log(*rows, said=[{}, *said[1:]])
    monkeypatch.setattr(lines, "PIECE", 4096)

    def counts() -> dict[str, Counts]:
        counted = Counter(WORKLOAD, 1, profile).count("predictions/01", data)
        assert counted.rows == 300
        return {**counted.counts["inputs"], **counted.counts["answers"]}

    as_table = counts()
    monkeypatch.setattr(lines, "of_numbers", lambda _: None)
    as_mappings = counts()
    assert as_table.keys() == as_mappings.keys() == {*inputs, *answers}
    for name, found in as_table.items():
        np.testing.assert_array_equal(found, as_mappings[name])
    for name, column in inputs.items():
        assert as_table[name][-1] == np.count_nonzero(column <= -2)
    assert [as_table[name][-1] for name in answers] == [1, 1]


@pytest.mark.parametrize("odd", [{}, {"colour": 1.0}], ids=["a table", "mappings"])
def test_a_line_that_does_not_say_what_was_asked_is_left_out_with_its_answer(odd: dict[str, float]) -> None:
    bare = answered("bare", workload=WORKLOAD) | {"predictions": [{"score": 9.0}]}
    data = json.dumps(bare, separators=(",", ":")).encode() + b"\n"
    profile = Profile.of(
        {"inputs": {name: np.arange(50.0) for name in NUMBERS}, "answers": {"prediction.score": np.arange(50.0)}}
    )
    data += log(ROWS[0], {**ROWS[1], **odd}, said=[{"score": 1.0}, {"score": 2.0}]) + data
    [part] = lines.read(data, WORKLOAD, 1, lines.of_numbers(profile))
    assert len(lines.asked(part)) == 2
    np.testing.assert_array_equal(lines.answered(part)["prediction.score"], [1.0, 2.0])
    assert Counter(WORKLOAD, 1, profile).count("predictions/01", data).rows == 2


def test_answers_that_hold_others_are_read_as_they_are() -> None:
    data = log(*ROWS, said=[{"scores": {"a": 0.5, "b": 0.25}}, {"scores": {"a": 1.5}}])
    watched = {"prediction.scores.a": np.arange(50.0), "prediction.scores.b": np.arange(50.0)}
    profile = Profile.of({"inputs": {name: np.arange(50.0) for name in NUMBERS}, "answers": watched})
    [part] = lines.read(data, WORKLOAD, 1, lines.of_numbers(profile))
    assert isinstance(lines.asked(part), Table)
    found = lines.answered(part)
    np.testing.assert_array_equal(found["prediction.scores.a"], [0.5, 1.5])
    np.testing.assert_array_equal(found["prediction.scores.b"], [0.25, np.nan])


def test_a_profile_with_words_in_it_is_not_all_numbers() -> None:
    columns = {"a": np.arange(50.0), "b": np.array(["x", "y"] * 25, object)}
    assert Profile.of({"inputs": columns}).numbers("inputs") == ()
    assert Profile.of({"answers": {"a": np.arange(50.0)}}).numbers("inputs") == ()

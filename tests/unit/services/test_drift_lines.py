"""Lines of nothing but numbers are read as a table; whatever else they hold, they are read all the same."""

import json
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
ROWS = ({"width of it": 1.5, "weight": 2}, {"weight": 4.0, "width of it": 3.0})


def log(*rows: dict[str, Any]) -> bytes:
    told = [answered(f"r{place}", row, workload=WORKLOAD) for place, row in enumerate(rows)]
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in told)


def read(data: bytes) -> list[Any]:
    parts = lines.read(data, WORKLOAD, 1, NUMBERS)
    return [lines.instances(part) for part in parts]


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
    profile = Profile.of({"inputs": {name: values[:, place] for place, name in enumerate(NUMBERS)}})
    assert profile.numbers("inputs") == NUMBERS
    rows = [{name: value for name, value in zip(NUMBERS, row, strict=True) if value > -2} for row in values.tolist()]
    monkeypatch.setattr(lines, "PIECE", 4096)

    def counts(numbers: tuple[str, ...]) -> dict[str, Counts]:
        monkeypatch.setattr(Profile, "numbers", lambda *_: numbers)
        counted = Counter(WORKLOAD, 1, profile).count("predictions/01", log(*rows))
        assert counted.rows == 300
        return dict(counted.counts["inputs"])

    as_table, as_mappings = counts(NUMBERS), counts(())
    for name in NUMBERS:
        np.testing.assert_array_equal(as_table[name], as_mappings[name])
        assert as_table[name][-1] == np.count_nonzero(values[:, NUMBERS.index(name)] <= -2)


def test_a_profile_with_words_in_it_is_not_all_numbers() -> None:
    columns = {"a": np.arange(50.0), "b": np.array(["x", "y"] * 25, object)}
    assert Profile.of({"inputs": columns}).numbers("inputs") == ()
    assert Profile.of({"answers": {"a": np.arange(50.0)}}).numbers("inputs") == ()

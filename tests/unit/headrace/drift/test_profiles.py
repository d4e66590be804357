"""Whether a window drifted: never too often where it did not, and surely where it did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace.drift import Alarm, Reference, Window, judged, watched
from headrace.workload import Arrays

ROWS = 20_000
FALSE_ALARMS = 0.01


def loans(rows: int, seed: int) -> dict[str, Any]:
    """Rows of columns that belong together: two amounts, one often missing, one with few values, and a word."""
    random = np.random.default_rng(seed)
    income = random.lognormal(10.8, 0.6, rows)
    debt = np.where(random.random(rows) < 0.3, np.nan, income * random.beta(2, 5, rows))
    grade = random.choice(np.array(["A", "B", "C", "D", "rare"], object), rows, p=[0.4, 0.3, 0.2, 0.099, 0.001])
    return {"income": income, "debt": debt, "term": random.choice([36.0, 60.0], rows), "grade": grade}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference.of(loans(ROWS, seed=0))


def alarms(reference: Reference, columns: Arrays, least_change: float = 0.005) -> list[Alarm]:
    window = Window(reference)
    window.add(columns, len(next(iter(columns.values()))))
    return judged(reference, window, FALSE_ALARMS, least_change)


def test_every_column_is_watched_by_the_rule_of_the_alarms(reference: Reference) -> None:
    columns = loans(2000, seed=1)
    columns["income"] = columns["income"] * 1.3
    window = Window(reference)
    window.add(columns, 2000)
    found = watched(reference, window, FALSE_ALARMS, 0.005)
    assert [each.most.column for each in found if each.is_alarm] == ["income"]
    assert {each.most.column for each in found} == set(columns)
    assert found[0].most == judged(reference, window, FALSE_ALARMS, 0.005)[0]
    assert all((each.most.chance < each.bound) == each.is_alarm for each in found)


@pytest.mark.parametrize("rows", [200, 700, 5000])
def test_windows_without_drift_raise_hardly_more_false_alarms_than_they_may(reference: Reference, rows: int) -> None:
    false = sum(bool(alarms(reference, loans(rows, seed), 0.0)) for seed in range(1, 301))
    assert false <= 9  # of 300; where each has a chance of 1 %, more than 9 have one of 1 in 1000


@pytest.mark.parametrize(
    ("column", "changed", "what"),
    [
        ("income", lambda values: values * 1.3, "shape"),
        ("income", lambda values: np.where(np.arange(len(values)) % 100 == 0, 1e9, values), "unknown"),
        ("income", lambda values: np.where(np.arange(len(values)) % 50 == 0, np.nan, values), "missing"),
        ("income", lambda values: np.where(np.arange(len(values)) % 50 == 0, 45_000.0, values), "part shape"),
        ("debt", lambda values: np.where(np.isnan(values), 1.0, values), "unknown"),
        ("term", lambda values: np.where(np.arange(len(values)) % 100 == 0, 48.0, values), "between"),
        ("grade", lambda values: np.where(np.arange(len(values)) % 100 == 0, "E", values), "unknown"),
        ("grade", lambda values: np.where(values == "A", "B", values), "part shape"),
    ],
)
def test_a_change_is_found_in_its_column_and_in_no_other(
    reference: Reference, column: str, changed: Callable[[Any], Any], what: str
) -> None:
    columns = loans(10_000, seed=1)
    columns[column] = changed(columns[column])
    found = alarms(reference, columns)
    assert [alarm.column for alarm in found] == [column]
    assert found[0].what in what.split()


def test_what_moves_hardly_anything_is_no_alarm_however_certain_it_is(reference: Reference) -> None:
    columns = loans(200_000, seed=1)
    columns["income"][::1000] = 1e9
    assert not alarms(reference, columns)
    assert [alarm.what for alarm in alarms(reference, columns, 0.0005)] == ["unknown"]


def test_a_column_whose_every_row_is_another_word_has_no_new_ones() -> None:
    names = np.array([f"name {place}" for place in range(5000)], object)
    reference = Reference.of({"name": names})
    assert not alarms(reference, {"name": np.array([f"other {place}" for place in range(1000)], object)})


def test_parts_of_a_window_add_up_to_it_in_any_order(reference: Reference) -> None:
    columns = loans(3000, seed=2)
    whole, parts = Window(reference), Window(reference)
    whole.add(columns, 3000)
    for start in (2000, 0, 1000):
        parts.add({name: values[start : start + 1000] for name, values in columns.items()}, 1000)
    assert parts.rows == whole.rows == 3000
    for name, counts in whole.counts.items():
        assert np.array_equal(parts.counts[name], counts)
        assert counts.sum() == 3000


def test_a_reference_is_the_same_after_it_was_kept(reference: Reference, tmp_path: Path) -> None:
    reference.write(tmp_path / "kept.npz")
    again = Reference.read(tmp_path / "kept.npz")
    columns = loans(2000, seed=3)
    columns["income"] = columns["income"] * 1.3
    assert alarms(again, columns) == alarms(reference, columns)
    assert (tmp_path / "kept.npz").stat().st_size < 20_000 * len(reference.grids)


def test_distances_on_the_grid_are_those_of_the_rows_to_a_thousandth(reference: Reference) -> None:
    ours, theirs = loans(ROWS, seed=0)["income"], loans(5000, seed=4)["income"] * 1.1
    both = np.sort(np.concatenate([ours, theirs]))
    exact = np.abs(
        np.searchsorted(np.sort(ours), both, "right") / len(ours)
        - np.searchsorted(np.sort(theirs), both, "right") / len(theirs)
    ).max()
    columns = loans(5000, seed=4)
    columns["income"] = theirs
    (found,) = [alarm for alarm in alarms(reference, columns) if alarm.column == "income"]
    assert found.what == "shape"
    assert found.change == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize(
    "values",
    [
        np.full(100, np.nan),
        np.zeros(100),
        np.array([np.inf, -np.inf, 0.0] * 100),
        np.full(100, "same", object),
        np.full(100, None, object),
    ],
    ids=["all missing", "constant", "infinities", "one word", "no word"],
)
def test_a_column_that_says_nothing_raises_no_alarm_when_it_goes_on_saying_it(
    values: Any,
) -> None:
    reference = Reference.of({"column": values})
    assert not alarms(reference, {"column": values})
    assert not alarms(reference, {"column": values[:50]})


def test_an_alarm_is_put_in_words() -> None:
    words = Alarm("income", "unknown", 1e-12, 0.0123).words
    assert words == "income: it holds values beyond those that the reference had (1.2% of rows; by chance 1e-12)"

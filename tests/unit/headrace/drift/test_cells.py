"""Where values lie among cuts: looked up, as it is when searched."""

import pickle
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headrace.drift.cells import CELLS, Cells
from headrace.drift.columns import Numbers

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NEAR = st.floats(-1, 1).map(lambda x: round(x, 3))

Floats = npt.NDArray[np.float64]


def _searched(cuts: Floats, values: Floats) -> npt.NDArray[np.intp]:
    return np.searchsorted(cuts, values, "left") + np.searchsorted(cuts, values, "right")


@given(st.lists(st.one_of(NUMBERS, NEAR), min_size=1, max_size=60), st.lists(st.one_of(NUMBERS, NEAR), max_size=60))
def test_any_values_lie_where_a_search_finds_them(cuts: list[float], values: list[float]) -> None:
    grid = np.unique(np.array(cuts, np.float64))
    given_values = np.array([*values, *cuts, -np.inf, np.inf], np.float64)
    with np.errstate(over="ignore"):
        near = np.concatenate([given_values, np.nextafter(grid, np.inf), np.nextafter(grid, -np.inf)])
    assert Cells(grid).places(near).tolist() == _searched(grid, near).tolist()


@pytest.mark.parametrize("name", ["normal", "rounded", "lognormal", "cauchy", "pareto", "far off", "two heaps"])
def test_every_distribution_is_counted_exactly(name: str) -> None:
    random = np.random.default_rng(0)
    made: dict[str, Callable[[], Floats]] = {
        "normal": lambda: random.normal(size=20_000),
        "rounded": lambda: random.normal(size=20_000).round(2),
        "lognormal": lambda: random.lognormal(0, 3, 20_000),
        "cauchy": lambda: random.standard_cauchy(20_000),
        "pareto": lambda: random.pareto(0.3, 20_000),
        "far off": lambda: 1e12 + random.normal(size=20_000),
        "two heaps": lambda: random.normal(size=20_000) + 1e9 * random.integers(0, 2, 20_000),
    }
    values = made[name]()
    cuts = np.unique(np.quantile(values[:5000], np.linspace(0, 1, 1025), method="inverted_cdf"))
    assert np.array_equal(Cells(cuts).places(values), _searched(cuts, values))


def test_what_is_missing_is_somewhere_and_warns_nobody() -> None:
    for cuts in (np.array([1.0]), np.array([1.0, 2.0]), np.array([-1e308, 1e308])):
        places = Cells(cuts).places(np.array([np.nan, 0.0, np.nan]))
        assert places[1] == _searched(cuts, np.zeros(1))[0]
        assert len(places) == 3


@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_cuts_that_no_cell_tells_apart_are_searched(cuts: Floats) -> None:
    tiny = np.unique(np.append(cuts * 5e-324, [0.0, 5e-324, CELLS * 5e-324]))
    assert np.array_equal(Cells(tiny).places(tiny), _searched(tiny, tiny))


def test_a_grid_travels_without_its_cells_and_counts_the_same() -> None:
    grid = Numbers.of(np.random.default_rng(0).normal(size=5000))
    there = pickle.dumps(grid)
    values = np.random.default_rng(1).normal(size=1000)
    assert len(there) < CELLS
    assert np.array_equal(pickle.loads(there).counted(values), grid.counted(values))

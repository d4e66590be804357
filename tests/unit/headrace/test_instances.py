from math import nan

import numpy as np
import pytest

from headrace.instances import Spelled, Table, joined


def test_instances_are_spelled_some_at_a_time_and_the_last_are_kept() -> None:
    asked = list[slice]()

    def spell(places: slice) -> list[dict[str, int]]:
        asked.append(places)
        return [{"at": place} for place in range(*places.indices(10))]

    spelled = Spelled(10, spell, chunk=4)
    assert [row["at"] for row in spelled] == [*range(10)]
    assert asked == [slice(0, 4), slice(4, 8), slice(8, 12)]
    assert (spelled[-1], spelled[9], len(asked)) == ({"at": 9}, {"at": 9}, 3)
    assert [row["at"] for row in spelled[2:8:3]] == [2, 5]


def test_there_are_no_more_instances_than_there_are() -> None:
    with pytest.raises(IndexError):
        Spelled(10, lambda _: [{}])[10]


def test_a_table_of_numbers_reads_as_instances_without_what_is_missing() -> None:
    table = Table.of(("a", "b"), [(1.0, 2.5), (nan, 4.0)], 2)
    assert [*table] == [{"a": 1.0, "b": 2.5}, {"b": 4.0}]


def test_the_columns_of_a_table_are_its_numbers_by_name() -> None:
    columns = Table(("a", "b"), np.array([[1, 2.5], [nan, 4]], np.float32)).columns()
    assert [*columns] == ["a", "b"]
    np.testing.assert_array_equal(columns["a"], [1.0, nan])
    assert columns["b"].dtype == np.float64


def test_tables_of_the_same_names_are_joined_to_a_table() -> None:
    ones, twos, other = (Table(names, np.full((2, 1), value)) for names, value in (("a", 1.0), ("a", 2.0), ("b", 3.0)))
    both = joined([ones, twos])
    assert isinstance(both, Table)
    assert [*both] == [{"a": 1.0}] * 2 + [{"a": 2.0}] * 2
    assert joined([ones, other]) == [{"a": 1.0}] * 2 + [{"b": 3.0}] * 2
    assert joined([ones, [{"a": "text"}]]) == [{"a": 1.0}] * 2 + [{"a": "text"}]
    assert joined([]) == []

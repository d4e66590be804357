"""What a workload may say of its search, and what it is told when it says something else."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from headrace import catalogue
from headrace.catalogue import Description
from headrace.options.search import Choice, Float, Integer, Search

SPACE = {"depth": {"int": [2, 6]}, "rate": {"float": [0.01, 0.2], "log": True}, "sizes": {"choice": [[64], [64, 32]]}}


def described(search: Mapping[str, Any]) -> Description:
    """loan_default, with a search of the test's own."""
    known = catalogue.describe("loan_default").model_dump(exclude={"search"})
    return Description.model_validate({**known, "search": {"space": SPACE, **search}})


def test_a_space_has_whole_numbers_numbers_and_choices() -> None:
    space = Search.model_validate({"candidate": "xgboost", "space": SPACE}).space
    assert space["depth"] == Integer(int=(2, 6))
    assert space["rate"] == Float(float=(0.01, 0.2), log=True)
    assert space["sizes"] == Choice(choice=([64], [64, 32]))


@pytest.mark.parametrize(
    ("dimension", "sentence"),
    [
        ({"int": [6, 2]}, r"the bounds are \[6, 2\]; the first must be below the second"),
        ({"float": [1.0, 1.0]}, r"the bounds are \[1.0, 1.0\]; the first must be below the second"),
        ({"float": [0, 1], "log": True}, r"log needs bounds above 0, not \[0.0, 1.0\]"),
        ({"choice": ["a"]}, "at least 2"),
        ({"choice": ["a", "b", "a"]}, r"a choice is between different values, not \['a', 'b', 'a'\]"),
        ({"choice": ["a", "b"], "log": True}, "log"),
        ({"between": [1, 2]}, r"a dimension is \{int: \[1, 9\]\}, \{float: \[0.1, 0.9\]\} or \{choice: \[a, b\]\}"),
        ([1, 2], "a dimension is"),
    ],
)
def test_a_wrong_dimension_is_refused_with_a_sentence(dimension: object, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Search.model_validate({"candidate": "xgboost", "space": {"depth": dimension}})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"metric": ""}, "metric"),
        ({"better": "faster"}, "lower"),
        ({"point": "first"}, "best"),
        ({"trials": 0}, "trials"),
        ({"workers": 0}, "workers"),
        ({"sampler": "oracle"}, "tpe"),
        ({"pruner": "secateurs"}, "median"),
        ({"space": {}}, "space"),
    ],
)
def test_a_wrong_search_is_refused_by_the_name_of_what_is_wrong(wrong: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Search.model_validate({"candidate": "xgboost", "space": SPACE, **wrong})


@pytest.mark.parametrize("search", [{"candidate": "boosting"}, {"candidate": "xgboost", "name": "random_forest"}])
def test_a_search_starts_from_a_candidate_and_has_another_name(search: Mapping[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"search.candidate .* must be one of logistic_regression, .* must not"):
        described(search)


def test_what_a_search_finds_is_a_candidate_of_each_dataset_only_when_it_says_so() -> None:
    assert "tuned" not in described({"candidate": "xgboost"}).trained_on_arrival
    assert "tuned" in described({"candidate": "xgboost", "every_dataset": True}).trained_on_arrival


@pytest.mark.parametrize(
    ("dimension", "inside", "outside"),
    [
        (Integer(int=(2, 6)), [2, 6], [1, 7, 3.5, True, "3", None]),
        (Float(float=(0.1, 2)), [0.1, 1, 2.0], [0.0, 2.1, True, "1", None]),
        (Choice(choice=([64], [64, 32])), [[64, 32]], [64, [32], None]),
    ],
)
def test_a_dimension_knows_what_lies_in_it(
    dimension: Integer | Float | Choice, inside: list[object], outside: list[object]
) -> None:
    assert [dimension.holds(value) for value in inside] == [True] * len(inside)
    assert [dimension.holds(value) for value in outside] == [False] * len(outside)

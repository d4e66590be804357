from typing import Any

import pytest

from headrace.learning import Recipe
from headrace.workload import BadData


def test_parameters_are_split_into_the_recipe_and_the_workloads_own() -> None:
    recipe, own = Recipe.of({"epochs": 3, "learning_rate": 0.1, "clip": None})
    assert recipe == Recipe(epochs=3)
    assert own == {"learning_rate": 0.1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("batch_size", "many"),
        ("accumulate", 0),
        ("clip", -1),
        ("precision", "64-true"),
        ("compile", "perhaps"),
        ("seed", -1),
        ("patience", 0),
        ("checkpoint_seconds", -5),
        ("loaders", -1),
        ("threads", None),
    ],
)
def test_a_wrong_value_is_named(name: str, value: Any) -> None:
    with pytest.raises(BadData, match=rf"a candidate cannot be trained as described: {name} is {value!r}: "):
        Recipe.of({name: value})


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(BadData, match=r"epochs is 0: .*; loaders is -1: "):
        Recipe.of({"epochs": 0, "loaders": -1})

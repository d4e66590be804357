"""Answers and labels as columns, and the profile of a version that has them."""

from pathlib import Path

import numpy as np
import pytest

from headrace.drift import ANSWERS, INPUTS, LABELS, Profile, all_judged, answer_columns, label_columns


def test_answers_are_columns_by_the_kind_of_their_values() -> None:
    answers = [
        {"label": "cat", "sure": True, "cat_probability": 0.9, "words": 3, "image": b"\x89PNG", "box": [1, 2]},
        {"label": "dog", "sure": False, "cat_probability": 0.1, "words": None, "image": b"\x89PNG", "box": []},
    ]
    columns = answer_columns(answers)
    assert list(columns) == [f"prediction.{name}" for name in ("label", "sure", "cat_probability", "words")]
    assert columns["prediction.label"].tolist() == ["cat", "dog"]
    assert columns["prediction.cat_probability"].tolist() == [0.9, 0.1]
    assert columns["prediction.words"].dtype == np.float64
    assert np.isnan(columns["prediction.words"].tolist()).tolist() == [False, True]


def test_a_field_that_some_answers_lack_is_missing_in_them() -> None:
    columns = answer_columns([{"label": "a"}, {"label": "b", "read_words": 400}])
    assert columns["prediction.label"].tolist() == ["a", "b"]
    assert np.isnan(columns["prediction.read_words"].tolist()).tolist() == [True, False]


def test_answers_within_answers_are_columns_too() -> None:
    columns = answer_columns([{"probabilities": {"a": 0.2, "b": 0.8}}, {"probabilities": {"a": 0.5, "b": 0.5}}])
    assert {name: values.tolist() for name, values in columns.items()} == {
        "prediction.probabilities.a": [0.2, 0.5],
        "prediction.probabilities.b": [0.8, 0.5],
    }


@pytest.mark.parametrize(
    ("labels", "column"),
    [
        (np.array([0, 1], np.int8), ["0", "1"]),
        (np.array([0, 1], np.int64), ["0", "1"]),
        (np.array(["cat", "dog"], object), ["cat", "dog"]),
        (np.array([1.5, 2.5]), [1.5, 2.5]),
    ],
    ids=["small numbers", "numbers", "names", "measured"],
)
def test_labels_are_one_column_of_categories_or_of_what_was_measured(labels: np.ndarray, column: list[object]) -> None:
    assert {name: values.tolist() for name, values in label_columns(labels).items()} == {"true label": column}


def test_pictures_that_are_labels_are_no_column() -> None:
    assert label_columns(np.zeros((2, 8, 8))) == {}


def test_a_profile_has_the_parts_that_have_columns_and_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    inputs = {"x": random.normal(size=2000)}
    labels = label_columns(random.integers(0, 2, 900))
    Profile.of({INPUTS: inputs, ANSWERS: {}, LABELS: labels}).write(tmp_path)
    windows = Profile.read(tmp_path).windows()
    assert list(windows) == [INPUTS, LABELS]
    windows[INPUTS].add({"x": random.normal(1, 1, 500)}, 500)
    windows[LABELS].add(label_columns(np.ones(199, int)), 199)
    alarms = all_judged(windows, 0.01, 0.005)
    assert {part: [alarm.column for alarm in found] for part, found in alarms.items()} == {INPUTS: ["x"]}
    windows[LABELS].add(label_columns(np.ones(1, int)), 1)
    assert [alarm.column for alarm in all_judged(windows, 0.01, 0.005)[LABELS]] == ["true label"]

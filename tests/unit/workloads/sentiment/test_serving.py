import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.workload import BadData
from workloads.sentiment.reading import opened
from workloads.sentiment.serving import serving

P = np.array([0.1, 0.4, 0.6, 0.9, 0.5])
Y = np.array([False, True, False, True, True])


def test_examples_are_the_texts_of_a_split_with_their_length_as_a_slice(split: Path) -> None:
    examples = serving.examples(split / "test")
    groups = examples.slices["length"]
    assert len(examples.instances) == len(examples.labels) == len(groups)
    assert set(groups) <= {"1 to 5 words", "6 to 12 words", "13 to 25 words", "26 to 60 words", "more than 60 words"}
    first = examples.instances[0]
    assert examples.instances[:3][0] == first == next(iter(examples.instances))
    assert examples.instances[-1] == list(examples.instances)[-1]
    with pytest.raises(IndexError):
        examples.instances[len(examples.instances)]


def test_scores_are_those_of_the_textbook() -> None:
    scores = serving.metrics({"p": P, "y": Y})
    assert scores["accuracy"] == 0.6
    assert scores["f1"] == pytest.approx(2 / 3)
    assert scores["auc"] == pytest.approx(4 / 6)
    assert scores["log_loss"] == pytest.approx(-np.log([0.9, 0.4, 0.4, 0.9, 0.5]).mean())


def test_scores_do_not_depend_on_the_order_of_rows() -> None:
    turned = serving.metrics({"p": P[::-1], "y": Y[::-1]})
    assert turned == pytest.approx(serving.metrics({"p": P, "y": Y}))


def test_with_one_class_alone_there_is_no_auc_and_nothing_fails() -> None:
    scores = serving.metrics({"p": P, "y": np.ones(5, bool)})
    assert math.isnan(scores["auc"])
    assert scores["accuracy"] == 0.6


def test_described_columns_are_language_neutral_numbers() -> None:
    found = serving.describe([{"text": "GOOD film, 10/10!"}, {"text": "很好。"}, {"text": ""}])
    rows = {name: column.tolist() for name, column in found.items()}
    assert rows["words"] == [5, 3, 0]
    assert rows["characters"] == [17, 3, 0]
    assert rows["letters"] == pytest.approx([8 / 15, 2 / 3, 0])
    assert rows["digits"] == pytest.approx([4 / 15, 0, 0])
    assert rows["punctuation"] == pytest.approx([3 / 15, 1 / 3, 0])
    assert rows["upper_case"] == pytest.approx([0.5, 0, 0])
    assert rows["non_ascii"] == [0, 1, 0]


def test_nothing_is_described_as_empty_columns() -> None:
    assert all(column.shape == (0,) for column in serving.describe([]).values())


def test_what_is_logged_is_the_text() -> None:
    assert serving.loggable([{"text": "well worth seeing"}]) == [{"text": "well worth seeing"}]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
def test_labelled_texts_are_read_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    labels = [("negative", "positive")[place % 2] for place in range(len(texts))]
    path = tmp_path_factory.mktemp("labelled") / "a.csv"
    path.write_bytes(serving.labelled([{"text": text} for text in texts], labels))
    with opened(path) as lines:
        assert list(lines) == [(text.strip(), label) for text, label in zip(texts, labels, strict=True)]


def test_labels_may_be_written_in_any_usual_way() -> None:
    found = serving.labelled([{"text": "a"}, {"text": "b"}, {"text": "c"}], ["1", "NEG", "neutral"])
    assert found.decode().splitlines() == ["text,label", "a,positive", "b,negative", "c,neutral"]


@pytest.mark.parametrize("labels", [["good", "bad", "ugly"], ["positive", "", "negative"]])
def test_labels_that_are_not_of_two_classes_are_refused(labels: list[str]) -> None:
    with pytest.raises(BadData, match="name one of two classes for each text"):
        serving.labelled([{"text": "a"}] * 3, labels)

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.workload import BadData
from workloads.sentiment.codec import TextCodec
from workloads.sentiment.tokenizer import words
from workloads.sentiment.vocabulary import FIRST, LONGEST, PADDING, UNKNOWN, Vocabulary

KNOWN = ("the", "is", "great", "greatly", "charming", "charmed", "n't", "!")
VOCABULARY = Vocabulary(KNOWN)
CODEC = TextCodec(VOCABULARY, ("negative", "positive"))


def tokens(*texts: str) -> list[list[int]]:
    found: list[list[int]] = CODEC.encode([{"text": text} for text in texts])["tokens"].tolist()
    return found


def refused(*instances: Any) -> str:
    with pytest.raises(BadData) as caught:
        CODEC.encode(instances)
    return str(caught.value)


def test_words_are_numbered_as_the_vocabulary_lists_them() -> None:
    assert tokens("The great!") == [[FIRST, FIRST + 2, FIRST + 7]]


def test_a_word_that_is_not_known_is_read_as_what_it_shares_with_those_that_are() -> None:
    ((known, charms, chart, other),) = tokens("charming charms chart unheard")
    assert known == FIRST + 4
    assert charms == chart == VOCABULARY.beginnings()[known] >= FIRST + len(KNOWN)
    assert other == UNKNOWN


def test_a_beginning_that_only_one_word_has_is_none() -> None:
    assert Vocabulary(("charming", "great")).token("charms") == UNKNOWN


def test_the_share_of_words_that_the_vocabulary_lacks_is_watched_for_drift() -> None:
    found = CODEC.describe([{"text": "The great!"}, {"text": "great charms, unheard of"}, {"text": ""}])
    assert {name: column.tolist() for name, column in found.items()} == {"unknown_words": [0, 0.8, 0]}
    assert CODEC.describe([])["unknown_words"].dtype == np.float64


def test_beginnings_of_beginnings_are_padding() -> None:
    beginnings = VOCABULARY.beginnings()
    assert len(beginnings) == len(VOCABULARY)
    assert not beginnings[FIRST + len(KNOWN) :].any()
    assert not beginnings[[PADDING, UNKNOWN]].any()


def test_shorter_texts_are_padded_at_the_end() -> None:
    assert tokens("great", "the the the") == [[FIRST + 2, PADDING, PADDING], [FIRST] * 3]
    assert CODEC.encode([{"text": "great"}])["tokens"].dtype == np.int64


def test_no_texts_are_an_empty_matrix() -> None:
    assert CODEC.encode([])["tokens"].shape == (0, 1)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_an_empty_text_is_refused(text: str) -> None:
    assert refused({"text": text}) == "the text is empty: there is no word or sign in it; send some"


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        (None, "None has no text; send an object"),
        ("great", "'great' has no text"),
        ({}, "{} has no text"),
        ({"txt": "great"}, "{'txt': 'great'} has no text"),
        ({"text": None}, "the text is None; send a string"),
        ({"text": ["great"]}, "the text is ['great']; send a string"),
        ({"text": "great", "id": 3}, "'id' is no field of this model"),
    ],
)
def test_what_is_no_text_is_refused(instance: Any, reason: str) -> None:
    assert reason in refused(instance)


def test_among_many_texts_the_faulty_one_is_named() -> None:
    assert refused({"text": "great"}, {"text": ""}).startswith("row 1: the text is empty")


def test_a_long_text_is_cut_and_the_answer_says_so() -> None:
    instances = [{"text": "great " * count} for count in (LONGEST, LONGEST + 1)]
    assert CODEC.encode(instances)["tokens"].shape == (2, LONGEST)
    whole, cut = CODEC.decode({"probabilities": np.array([[0.25, 0.75]] * 2, np.float32)}, instances)
    assert whole == {"label": "positive", "probability": 0.75}
    assert cut == whole | {"read_words": LONGEST}


def test_a_text_with_much_space_in_it_is_not_cut() -> None:
    (answer,) = CODEC.decode({"probabilities": np.array([[0.5, 0.5]])}, [{"text": "great " + " " * LONGEST + "!"}])
    assert "read_words" not in answer


def test_an_answer_is_the_likelier_class_and_its_probability() -> None:
    probabilities = np.array([[0.75, 0.25], [0.125, 0.875]], np.float32)
    assert CODEC.decode({"probabilities": probabilities}, [{"text": "a"}, {"text": "b"}]) == [
        {"label": "negative", "probability": 0.75},
        {"label": "positive", "probability": 0.875},
    ]


def test_a_codec_is_read_as_it_was_written_and_as_data(tmp_path: Path) -> None:
    CODEC.write(tmp_path)
    again = TextCodec.read(tmp_path)
    text = {"text": "the charming charms of an unheard, great film!"}
    assert again.encode([text])["tokens"].tolist() == CODEC.encode([text])["tokens"].tolist()
    assert all(json.loads(path.read_text("utf-8")) for path in tmp_path.iterdir())


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["text", "id"]), inner, max_size=2),
    max_leaves=3,
)


@given(st.lists(JSON, max_size=3))
def test_whatever_is_sent_is_encoded_or_refused_as_bad_data(instances: list[Any]) -> None:
    try:
        found = CODEC.encode(instances)["tokens"]
    except BadData:
        return
    assert found.shape[0] == len(instances)
    for row, instance in zip(found.tolist(), instances, strict=True):
        assert sum(token != PADDING for token in row) == len(list(words(instance["text"]))) > 0

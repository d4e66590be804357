"""Gathered texts in; each distinct text once, with its class, split for training and test, out."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData

from .gathering import Columns, Gathered
from .labelled import Labelled
from .labels import classes
from .ragged import Ragged

TEST_SHARE = 0.2
MIN_TEXTS = 50
MIN_OF_EACH = 10

_SHARES = (0.1, 0.35)
_LIMIT, _ODD = np.uint64(int(TEST_SHARE * 2**64)), np.uint64(0x9E3779B97F4A7C15)
_NEUTRAL = -1
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Settled:
    """Two splits of distinct texts; the words of the first, commonest first, and its texts as places in them."""

    train: Labelled
    test: Labelled
    words: list[str]
    tokens: Ragged
    aside: Counter[str]


def settle(gathered: Gathered) -> Settled:
    """The dataset that the texts are. Raises BadData when no honest model can come of them."""
    aside, columns = Counter(gathered.aside), gathered.columns()
    names, labels = _classes(gathered.names, columns.labels)
    kept = _distinct(columns, labels, aside)
    if not len(kept):
        raise BadData("no text is left once those without a class are set aside; upload texts of both kinds")
    test = columns.test if gathered.test_files else _by_key(columns.keys, kept)
    parts = {"training": kept[~test[kept]], "test": kept[test[kept]]}
    _check(names, {name: np.bincount(labels[rows], minlength=2) for name, rows in parts.items()})
    train, held = (Labelled(columns.texts.take(rows), labels[rows], names) for rows in parts.values())
    words, tokens = _ranked(list(gathered.words), columns.tokens.take(parts["training"]))
    return Settled(train, held, words, tokens, aside)


def _classes(names: dict[str, int], labels: npt.NDArray[np.int32]) -> tuple[tuple[str, ...], npt.NDArray[np.int8]]:
    """The two classes, and each text's: 0, 1 or neutral."""
    meant = classes(names)
    found = tuple(sorted({name for name in meant.values() if name is not None}))
    places = [_NEUTRAL if (name := meant[plain]) is None else found.index(name) for plain in names]
    return found, np.array(places, np.int8)[labels]


def _distinct(columns: Columns, labels: npt.NDArray[np.int8], aside: Counter[str]) -> npt.NDArray[np.int64]:
    """One row of each text, in the order of their keys. A text of the test is not trained on, whatever its label."""
    order = np.lexsort((columns.spellings, ~columns.test, columns.keys))
    order = order[labels[order] != _NEUTRAL]
    keys, test, chosen = columns.keys[order], columns.test[order], labels[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]
    group = first.cumsum() - 1
    leader = np.flatnonzero(first)[group]
    beside = test == test[leader]
    torn = np.bincount(group, beside & (chosen != chosen[leader]))[group] > 0 if len(group) else first
    aside += Counter(
        {
            "neutral": int((labels == _NEUTRAL).sum()),
            "labelled both ways": int((beside & torn).sum()),
            "said before": int((beside & ~torn & ~first).sum()),
            "also in a test file": int((~beside).sum()),
        }
    )
    rows: npt.NDArray[np.int64] = order[first & ~torn]
    return rows


def _by_key(keys: npt.NDArray[np.uint64], kept: npt.NDArray[np.int64]) -> Marks:
    """A text that is in one dataset's test is in that of any other, so no model was trained on what it is tested on.

    Unless all texts come from there, as those do that a test split was made of: then their keys are mixed anew.
    """
    test = keys < _LIMIT
    if _SHARES[0] <= test[kept].mean() <= _SHARES[1]:
        return test
    mixed: Marks = keys * _ODD < _LIMIT
    return mixed


def _ranked(words: list[str], tokens: Ragged) -> tuple[list[str], Ragged]:
    """The words that `tokens` hold, commonest first, then by alphabet; and the tokens as places in them."""
    counts = np.bincount(tokens.values, minlength=len(words)).tolist()
    order = sorted((place for place, count in enumerate(counts) if count), key=lambda at: (-counts[at], words[at]))
    ranks = np.zeros(len(words), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return [words[place] for place in order], Ragged(ranks[tokens.values], tokens.offsets)


def _check(names: tuple[str, ...], counts: dict[str, npt.NDArray[Any]]) -> None:
    total = np.sum(list(counts.values()), axis=0)
    if total.sum() < MIN_TEXTS or total.min() < MIN_OF_EACH:
        found = " and ".join(f"{count:,} {name}" for count, name in zip(total.tolist(), names, strict=True))
        raise BadData(f"{found} texts are too few; upload at least {MIN_TEXTS}, {MIN_OF_EACH} of each kind")
    for part, each in counts.items():
        if not each.all():
            only = names[int(each.argmax())] if each.any() else "absent"
            raise BadData(f"all texts for {part} are {only}; a model needs both kinds in training and test")

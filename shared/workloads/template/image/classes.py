"""What all classifiers have in common: answers, scores and the choice of a test set. NumPy only."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.workload import Arrays, BadData

from .schema import CLASSES

Array = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.bool_]

_FEWEST = 10
_TEST_SHARE, _LOWEST_SHARE, _HIGHEST_SHARE = 0.2, 0.1, 0.35


def key(content: bytes) -> int:
    """A hash of 64 bits, which sorts examples and splits them the same wherever they come from."""
    return int.from_bytes(blake2b(content, digest_size=8).digest())


def tested(keys: Sequence[int], labels: Labels, notes: Sequence[str]) -> Chosen:
    """Which examples (n,), sorted by their keys, are to test on. Raises BadData when there are too few of a class.

    The key decides, so that an example stays where it is when others are added; where that leaves too few or too many
    of a class, its first fifth is taken.
    """
    test = np.array([each < _TEST_SHARE * 2**64 for each in keys], bool)
    for place, name in enumerate(CLASSES):
        members = np.flatnonzero(labels == place)
        if len(members) < _FEWEST:
            also = f" ({'; '.join(notes)})" if notes else ""
            raise BadData(f"{len(members)} examples of {name!r} are too few; upload {_FEWEST} at least{also}")
        if not _LOWEST_SHARE <= test[members].mean() <= _HIGHEST_SHARE:
            test[members] = np.arange(len(members)) < _TEST_SHARE * len(members)
    return test


def answers(probabilities: Array, classes: Sequence[str]) -> list[dict[str, Any]]:
    """One `{"label": "yes", "no_probability": 0.1, "yes_probability": 0.9}` an example."""
    rows, names = probabilities.tolist(), [f"{name}_probability" for name in classes]
    return [{"label": classes[row.index(max(row))], **dict(zip(names, row, strict=True))} for row in rows]


def outcomes(labels: Array, probabilities: Array) -> Arrays:
    """The true and the predicted class of each example, and the probability that the true one was given.

    By the others, calibration is judged; by `p` and `y`, of the second class of two, fairness is too.
    """
    truth = labels.astype(np.int64)
    given = np.zeros((len(truth), len(CLASSES)))  # nothing for a class that is newer than the model
    given[:, : probabilities.shape[1]] = probabilities
    predicted = given.argmax(1)
    columns = {"truth": truth, "predicted": predicted, "given": given[np.arange(len(truth)), truth]}
    if len(CLASSES) == 2:
        return columns | {"p": given[:, 1], "y": truth == 1}
    return columns | {"sure": given.max(1), "right": predicted == truth}


def scores(outcomes: Arrays) -> dict[str, float]:
    """Accuracy; F1, the mean over classes; log loss; skill: 1 at best, 0 where only the classes' shares are known."""
    truth, predicted, total = outcomes["truth"].astype(np.int64), outcomes["predicted"], len(CLASSES)
    confusion = np.bincount(truth * total + predicted.astype(np.int64), minlength=total**2).reshape(total, total)
    members, called = confusion.sum(1), confusion.sum(0)
    shares = members[members > 0] / len(truth)
    log_loss = float(-np.log(np.maximum(outcomes["given"].astype(np.float64), 1e-7)).mean())
    ignorance = float(-(shares * np.log(shares)).sum())
    present = members + called > 0
    return {
        "accuracy": float(confusion.trace() / len(truth)),
        "f1": float((2 * confusion.diagonal()[present] / (members + called)[present]).mean()),
        "log_loss": log_loss,
        "skill": 1 - log_loss / ignorance if ignorance else float("nan"),
    }


def confusion(outcomes: Arrays) -> bytes:
    """A CSV of what each example was, and what it was taken for."""
    pairs = zip(outcomes["truth"].tolist(), outcomes["predicted"].tolist(), strict=True)
    lines = [f"{CLASSES[was]},{CLASSES[said]}" for was, said in pairs]
    return "\n".join(["actual,predicted", *lines, ""]).encode()


def known(labels: Sequence[str]) -> Sequence[str]:
    """The labels, which are names of classes. Raises BadData when one is not."""
    if unknown := set(labels) - set(CLASSES):
        raise BadData(f"{min(unknown)!r} is not a label; it is one of {', '.join(CLASSES)}")
    return labels

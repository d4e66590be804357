"""CSVs in; their labelled texts, split into two folders of arrays, out; and such a folder read again."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headrace.workload import Dataset, Instance, Prepared

from .classes import Labels, key, tested
from .codec import FIELD, words
from .intake import rows
from .schema import CLASSES

_MOST_NOTES = 6


def prepare(dataset: Dataset, folder: Path) -> Prepared:
    """Write `folder/train` and `folder/test`."""
    notes: Counter[str] = Counter()
    found = sorted(_labelled(dataset, notes))
    labels = np.array([CLASSES.index(label) for _, _, label in found], np.int64)
    said = [f"{what}: {count:,}" for what, count in notes.most_common(_MOST_NOTES)]
    test = tested([hashed for hashed, _, _ in found], labels, said)
    for part, chosen in (("train", ~test), ("test", test)):
        texts = [text.encode() for (_, text, _), taken in zip(found, chosen, strict=True) if taken]
        (folder / part).mkdir(parents=True)
        np.save(folder / part / "texts.npy", np.frombuffer(b"".join(texts), np.uint8))
        np.save(folder / part / "ends.npy", np.cumsum([len(text) for text in texts]))
        np.save(folder / part / "labels.npy", labels[chosen])
    return Prepared(int((~test).sum()), int(test.sum()), said)


def read(folder: Path) -> tuple[list[Instance], Labels]:
    """The texts in a folder that `prepare` wrote, as a client would send them, and the class of each."""
    texts, ends = np.load(folder / "texts.npy"), np.load(folder / "ends.npy")
    return [{FIELD: text.tobytes().decode()} for text in np.split(texts, ends[:-1])], np.load(folder / "labels.npy")


def _labelled(dataset: Dataset, notes: Counter[str]) -> Iterator[tuple[int, str, str]]:
    """A hash of each text, the text and its label."""
    for name in dataset.names:
        path = dataset.path(name)
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in rows(path.name, file):
                if row is None:
                    notes["rows set aside, of more or fewer cells than the header"] += 1
                elif row[1] not in CLASSES:
                    notes[f"rows set aside, labelled {row[1][:60]!r}"] += 1
                elif not words(row[0]):
                    notes["rows set aside, without a word"] += 1
                else:
                    yield key(row[0].encode()), row[0], row[1]

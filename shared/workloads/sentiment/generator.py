"""A number and a seed in; labelled reviews in any of the three forms that are read, the same for the same two, out."""

import argparse
import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from random import Random
from typing import TextIO

from .grammar import Words, review

MISLABELLED = 0.02
"""The share of reviews whose label is wrong, as in every set that people made."""

_CLOSING = {".", ",", "!", "...", ":", ";", "n't"}
_FACES = (":)", ":-(", "<3", ":D", ";)", ":/")
_USERS = ("ana", "film_fan", "bob82", "kino", "jen")

Review = tuple[Words, int]


def reviews(count: int, seed: int = 0, drift: float = 0.0) -> Iterator[Review]:
    """`count` reviews as words, each with a label of 0 or 1. The share `drift` of them is written in a hurry."""
    if not 0 <= drift <= 1:
        raise ValueError(f"drift {drift} is not between 0 and 1")
    random = Random(f"reviews {seed}")  # noqa: S311 - repeatable on purpose, and nobody's secret
    for _ in range(count):
        good = random.random() < 0.52
        words, hurried = review(good, random), random.random() < drift
        label = good != (random.random() < MISLABELLED)
        yield _hurried(words, random) if hurried else words, int(label)


def write_csv(file: TextIO, found: Iterable[Review]) -> None:
    """Two columns, `text` and `label`."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("text", "label"))
    writer.writerows((sentence(words), ("negative", "positive")[label]) for words, label in found)


def write_tsv(file: TextIO, found: Iterable[Review]) -> None:
    """As SST-2: words apart, lower-case, nothing quoted."""
    file.write("sentence\tlabel\n")
    file.writelines(f"{' '.join(words).lower()} \t{label}\n" for words, label in found)


def write_tweets(file: TextIO, found: Iterable[Review]) -> None:
    """As Sentiment140: six quoted cells and no header, 0 for negative and 4 for positive."""
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, (words, label) in enumerate(found):
        user, minute = _USERS[number % len(_USERS)], f"{number // 60 % 24:02d}:{number % 60:02d}"
        date = f"Mon Apr 06 {minute}:00 PDT 2009"
        writer.writerow((4 * label, 1467810369 + number, date, "NO_QUERY", user, sentence(words)))


def sentence(words: Sequence[str]) -> str:
    """The words as people write them."""
    named = ("I" if word == "i" else word for word in words)
    text = "".join(word if word in _CLOSING else f" {word}" for word in named).strip()
    return text[:1].upper() + text[1:]


_FORMS: dict[str, tuple[Callable[[TextIO, Iterable[Review]], None], str, str]] = {
    "csv": (write_csv, ".csv", "utf-8"),
    "tsv": (write_tsv, ".tsv", "utf-8"),
    "tweets": (write_tweets, ".csv", "latin-1"),
}


def write(path: Path, form: str, count: int, seed: int = 0, drift: float = 0.0) -> None:
    """Write `count` reviews in the given form to `path`, compressed if its name ends in `.gz`."""
    put, _, encoding = _FORMS[form]
    with _opened(path, encoding) as file:
        put(file, reviews(count, seed, drift))


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train every candidate: some of each form."""
    write(folder / "reviews.csv", "csv", 1500, seed=1)
    write(folder / "phrases.tsv.gz", "tsv", 1000, seed=2)
    write(folder / "tweets.csv", "tweets", 500, seed=3)


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """A file whose bytes follow from its text alone: no time of writing in it."""
    with path.open("wb") as plain:
        if not path.name.endswith(".gz"):
            with TextIOWrapper(plain, encoding, newline="") as text:
                yield text
            return
        with gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed, TextIOWrapper(packed, encoding) as text:
            yield text


def _hurried(words: Words, random: Random) -> Words:
    """Shouted, without punctuation, to somebody, with a face or an address."""
    kept = [word if word == "n't" else word.upper() for word in words if word not in _CLOSING - {"n't"}]
    ending = random.choice((random.choice(_FACES), f"https://t.co/{random.randrange(16**6):06x}", "#movies", "!!!"))
    return [f"@{random.choice(_USERS)}", *kept, ending]


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads.sentiment.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--form", choices=sorted(_FORMS), default="csv")
    parser.add_argument("--drift", type=float, default=0.0, help="0 (none) to 1: the share that is written in a hurry")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    name = f"reviews-{chosen.seed}{_FORMS[chosen.form][1]}"
    write(chosen.folder / name, chosen.form, chosen.rows, chosen.seed, chosen.drift)


if __name__ == "__main__":
    _main()

"""A seed in; short texts of each class of the schema, the same for the same seed, out."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .intake import COLUMNS
from .schema import CLASSES

_SUBJECTS = "the room|our waiter|this book|the second half|their service|the new lamp|my order|the whole trip".split(
    "|"
)
_TELLING = "awful dull broken late rude|lovely bright quick warm superb|plain usual average common grey".split("|")
_SYLLABLES = "ba ko mi ru ta ven lo sha dri pel".split()
_SLIP = 0.08
"""So often a text speaks in the words of another class."""


def generate(rows: int, seed: int) -> Iterator[tuple[str, str]]:
    """Texts with their class; each class has telling words of its own."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose, and nobody's secret
    for _ in range(rows):
        place = random.randrange(len(CLASSES))
        spoken = random.randrange(len(CLASSES)) if random.random() < _SLIP else place
        telling = random.sample(_words(spoken), 2)
        noise = "".join(random.choices(_SYLLABLES, k=2))
        yield f"{random.choice(_SUBJECTS)} was {telling[0]} and {telling[1]}, said {noise}", CLASSES[place]


def write_csv(path: Path, rows: int, seed: int = 0) -> None:
    """Write a file of labelled texts."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(generate(rows, seed))


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train every candidate."""
    write_csv(folder / "texts.csv", 200 * len(CLASSES))


def _words(place: int) -> list[str]:
    if place < len(_TELLING):
        return _TELLING[place].split()
    return [f"{syllable}{place}" for syllable in _SYLLABLES]


def _main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_csv(chosen.folder / f"texts-{chosen.seed}.csv", chosen.rows, chosen.seed)


if __name__ == "__main__":
    _main()

"""A seed in; rows with the columns of the schema, the same for the same seed, out."""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .intake import COLUMNS
from .schema import CATEGORIES, CLASSES, NUMBERS

_VALUES = ("low", "middle", "high")
_MISSING_SHARE = 0.03


def generate(rows: int, seed: int) -> Iterator[list[object]]:
    """Rows whose numbers are larger, and whose categories are higher, the later their class is in the schema."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose, and nobody's secret
    for _ in range(rows):
        place = random.randrange(len(CLASSES))
        lean = place / (len(CLASSES) - 1)
        numbers = [round(random.gauss(40 + 30 * lean, 12), 1) for _ in NUMBERS]
        categories = random.choices(_VALUES, (2 - lean, 1, 1 + lean), k=len(CATEGORIES))
        cells = ["" if random.random() < _MISSING_SHARE else cell for cell in (*numbers, *categories)]
        yield [*cells, CLASSES[place]]


def write_csv(path: Path, rows: int, seed: int = 0) -> None:
    """Write a file of labelled rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(generate(rows, seed))


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train every candidate."""
    write_csv(folder / "rows.csv", 300 * len(CLASSES))


def _main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_csv(chosen.folder / f"rows-{chosen.seed}.csv", chosen.rows, chosen.seed)


if __name__ == "__main__":
    _main()

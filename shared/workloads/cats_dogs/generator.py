"""Drawn pictures of cats and dogs for demonstrations and tests; `--light` changes them as dusk would.

The two differ in ears, muzzle and whiskers, before any background, in any pose and size. Colours, light and noise are
drawn from the same distributions for both, so that no average tells them apart.
"""

import argparse
from pathlib import Path
from random import Random

from .animals import animal
from .broken import add_broken


def write_pictures(folder: Path, pictures: int, seed: int = 0, light: float = 1.0, broken: bool = False) -> None:
    """Write JPEGs to `folder/cats` and `folder/dogs`, half of them each; a `light` below 1 is darker.

    With `broken` there are damaged and unusual files among them.
    """
    random = Random(seed)  # noqa: S311
    for number in range(pictures):
        dog = number % 2 == 1
        path = folder / (f"dogs/dog.{number // 2}.jpg" if dog else f"cats/cat.{number // 2}.jpg")
        path.parent.mkdir(parents=True, exist_ok=True)
        width, height = (random.randrange(80, 200) for _ in range(2))
        animal(random, dog, width, height, light).save(path, "JPEG", quality=random.randrange(75, 95))
    if broken:
        add_broken(folder, random)


def sample(folder: Path) -> None:
    """Enough pictures for every candidate, divided already, and some that cannot be used."""
    write_pictures(folder / "train", 32, seed=0, broken=True)
    write_pictures(folder / "test", 40, seed=1)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads.cats_dogs.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--light", type=float, default=1.0, help="1 is day, 0.3 dusk")
    parser.add_argument("--broken", action="store_true", help="add damaged and unusual files")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    write_pictures(chosen.folder, chosen.pictures, chosen.seed, chosen.light, chosen.broken)


if __name__ == "__main__":
    _main()

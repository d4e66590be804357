"""A seed in; drawings of each class of the schema, the same for the same seed, out."""

import argparse
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZipFile, ZipInfo

from PIL import Image, ImageDraw

from .schema import CLASSES

_SIZE = 48
_CORNERS = (4, 3, 6, 5)


def generate(pictures: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """PNG files with their class: each has a number of corners and a hue of its own."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose, and nobody's secret
    for number in range(pictures):
        place = number % len(CLASSES)
        stream = BytesIO()
        _drawn(random, place).save(stream, "PNG")
        yield CLASSES[place], stream.getvalue()


def write_zip(path: Path, pictures: int, seed: int = 0) -> None:
    """Write an archive of class folders."""
    with ZipFile(path, "w") as archive:
        for number, (name, content) in enumerate(generate(pictures, seed)):
            archive.writestr(ZipInfo(f"{name}/{seed}-{number}.png"), content)


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough to train every candidate."""
    write_zip(folder / "pictures.zip", 60 * len(CLASSES))


def _drawn(random: Random, place: int) -> Image.Image:
    hue = round(360 * (place + random.uniform(-0.2, 0.2)) / len(CLASSES)) % 360
    image = Image.new("RGB", (_SIZE, _SIZE), f"hsl({random.randrange(360)}, 20%, {random.randrange(60, 95)}%)")
    middle = (random.randrange(18, 30), random.randrange(18, 30), random.randrange(9, 17))
    corners, turn = _CORNERS[place % len(_CORNERS)], random.randrange(360)
    ImageDraw.Draw(image).regular_polygon(middle, corners, turn, f"hsl({hue}, 80%, {random.randrange(30, 60)}%)")
    return image


def _main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_zip(chosen.folder / f"pictures-{chosen.seed}.zip", chosen.pictures, chosen.seed)


if __name__ == "__main__":
    _main()

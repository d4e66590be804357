"""A kind of data in; somebody's own data of that kind, with what they edit in a template for it, out."""

import base64
import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

Edits = Mapping[str, str]


@dataclass(frozen=True)
class Newcomer:
    """`data` writes the data and says where; the model is to answer `instance` with `label`."""

    schema: Edits
    description: Edits
    data: Callable[[Path], Path]
    instance: Mapping[str, Any]
    label: str


def _flowers(folder: Path) -> Path:
    """As a German spreadsheet exports them: semicolons, a number that is none, cells that are empty, a column more."""
    random, path = Random(1), folder / "blumen.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "species", "petal length", "petal width", "soil"])
        for number in range(240):
            size = number % 3
            length = (
                "" if number % 29 == 0 else "unknown" if number == 7 else f"{random.gauss(1.5 + 2 * size, 0.3):.1f}"
            )
            soil = random.choice(("", "dry", ("sand", "loam", "bog")[size]))
            writer.writerow([number, f"iris {'abc'[size]}", length, f"{random.gauss(0.3 + 0.7 * size, 0.1):.1f}", soil])
    return path


def _messages(folder: Path) -> Path:
    random, path = Random(2), folder / "inbox.csv"
    kinds = {
        "ham": "see you at lunch tomorrow dear",
        "spam": "win a free prize now, call!",
        "news": "the council met on roads",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "kind", "message"])
        for number in range(240):
            kind = list(kinds)[number % 3]
            words = random.choices([*kinds[kind].split(), "and", "so", "Zürich"], k=8)
            writer.writerow([f"2024-01-{1 + number % 28:02d}", kind, " ".join(words)])
    return path


def _photos(folder: Path) -> Path:
    """Class folders, with a damaged file among them."""
    random = Random(3)
    for number in range(120):
        path = folder / "photos" / ("night", "day")[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_photo(number % 2, random))
    (folder / "photos" / "day" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return folder / "photos"


def _photo(bright: int, random: Random) -> bytes:
    colour = tuple(random.randrange(120) + 120 * bright for _ in range(3))
    stream = BytesIO()
    Image.new("RGB", (random.randrange(40, 90), random.randrange(40, 90)), colour).save(stream, "JPEG")
    return stream.getvalue()


NEWCOMERS = {
    "tabular": Newcomer(
        {
            'LABEL = "left"': 'LABEL = "species"',
            '("no", "yes")': '("iris a", "iris b", "iris c")',
            '("age", "months", "monthly_fee", "support_calls")': '("petal length", "petal width")',
            '("plan", "region")': '("soil",)',
        },
        {
            "Which customers leave": "Which iris a flower is",
            "  age: 41\n  months: 18\n  monthly_fee: 59.9\n  support_calls: 3\n  plan: middle\n  region: low\n": (
                "  petal length: 5.4\n  petal width: 1.7\n  soil: bog\n"
            ),
        },
        _flowers,
        {"petal length": 1.4, "petal width": 0.2, "soil": None},
        "iris a",
    ),
    "text": Newcomer(
        {
            'TEXT = "text"': 'TEXT = "message"',
            'LABEL = "label"': 'LABEL = "kind"',
            '("negative", "positive")': '("ham", "spam", "news")',
        },
        {
            "Whether a text speaks well of something": "What kind of message it is",
            "The room was lovely and the service warm": "See you at lunch",
        },
        _messages,
        {"text": "Call now to WIN a free prize!"},
        "spam",
    ),
    "image": Newcomer(
        {'("squares", "triangles")': '("night", "day")', "SIDE = 64": "SIDE = 32"},
        {
            "Whether a picture shows a square or a triangle": "Whether a photo was taken by day",
            "width: 16 ": "width: 8  ",
        },
        _photos,
        {"image": base64.b64encode(_photo(1, Random(4))).decode()},
        "day",
    ),
}

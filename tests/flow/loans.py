"""A good file of loans in; files with one fault each out."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

Spoil = Callable[[Path], Path]
WIDTH = 1000


def empty(good: Path) -> Path:
    """Not a byte."""
    return _written(good, b"")


def header_only(good: Path) -> Path:
    """Column names and no loans."""
    return _written(good, good.read_bytes().splitlines(keepends=True)[0])


def wrong_columns(good: Path) -> Path:
    """A table of something else."""
    return _written(good, b"city,population\nBern,134794\nBasel,173863\n")


def utf_16(good: Path) -> Path:
    """Excel's "Unicode text"."""
    return _written(good, good.read_text().encode("utf-16"))


def latin_1(good: Path) -> Path:
    """An encoding of one byte a letter, with letters beyond ASCII on every line."""
    lines = good.read_text().splitlines()
    return _written(good, "\n".join([lines[0] + ",note", *(f"{line},größer" for line in lines[1:])]).encode("latin-1"))


def null_columns_added(good: Path) -> Path:
    """A good table with a thousand empty columns more."""
    lines = good.read_text().splitlines()
    names = "".join(f",empty_{number}" for number in range(WIDTH))
    return _written(good, "\n".join([lines[0] + names, *(line + "," * WIDTH for line in lines[1:])]).encode())


def null_columns_only(good: Path) -> Path:
    """A thousand columns, and nothing in them."""
    names = ",".join(f"empty_{number}" for number in range(WIDTH))
    return _written(good, "\n".join([names, *["," * (WIDTH - 1)] * 300]).encode())


def one_class(good: Path) -> Path:
    """Loans of which every settled one was paid back."""
    with good.open(newline="") as file:
        rows = list(csv.DictReader(file))
    path = good.with_name(f"one-class-{good.name}")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "loan_status": "Fully Paid"} for row in rows)
    return path


def garbage(folder: Path, size: int) -> Path:
    """`size` bytes of noise named .csv."""
    path, block = folder / "garbage.csv", random.Random(0).randbytes(1 << 20)
    with path.open("wb") as file:
        for _ in range(size >> 20):
            file.write(block)
    return path


def _written(good: Path, content: bytes) -> Path:
    path = good.with_name(f"spoilt-{good.name}")
    path.write_bytes(content)
    return path

"""A workload in; a few pictures to try it with, made by its own generator, out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

MOST = 6
_ENDINGS = (".png", ".jpg", ".jpeg")
_SIDE = "s1"


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that may be sent as it is."""

    name: str
    data: bytes


def pictures(workload: str, most: int = MOST) -> tuple[Picture, ...]:
    """Pictures from all parts of what the generator writes; none where the workload has no generator that runs here.

    Of pairs of a radar and an optical image these are the radar's.
    """
    try:
        sample = import_module(f"workloads.{workload}.generator").sample
    except (ImportError, AttributeError):
        return ()
    with TemporaryDirectory(prefix="headrace-gallery-") as scratch:
        folder = Path(scratch)
        sample(folder)
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS)
        paired = [path for path in found if path.parent.name == _SIDE]
        return tuple(Picture(name, path.read_bytes()) for name, path in _named(_spread(paired or found, most)))


def _spread(paths: list[Path], most: int) -> list[Path]:
    return paths[:: max(1, len(paths) // most)][:most]


def _named(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """Each file under the name of its folder and a number."""
    counted: Counter[str] = Counter()
    for path in paths:
        folder = path.parent.parent if path.parent.name == _SIDE else path.parent
        counted[folder.name] += 1
        yield f"{folder.name}-{counted[folder.name]}{path.suffix}", path

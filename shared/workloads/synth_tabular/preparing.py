"""Tables of any size in; two splits as arrays on disk, divided by content, and what was found on the way, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from headrace.workload import BadData, Dataset

from .blocks import blocks
from .dataset import Rows
from .scaling import Scaling
from .sources import Source, sources
from .spool import Records, Spool, is_test

FEWEST_ROWS, FEWEST_OF_CLASS = 100, 10
_SPLITS = ("train", "test")
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Found:
    """What was written, and what was found on the way.

    `unlabelled` counts the rows without a class and `places` says where some of them are, `rare` counts the rows of
    classes that are too rare, `repeats` those that equal another.
    """

    train: Rows
    test: Rows
    scaling: Scaling
    unlabelled: int
    places: Sequence[str]
    rare: dict[str, int]
    repeats: int


def prepare(dataset: Dataset, folder: Path) -> Found:
    """Read the files of `dataset`, write the splits to `folder`. Raises BadData."""
    found = sources(dataset)
    first = next(found)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch, Spool(Path(scratch), len(first.features)) as spool:
        places = [place for source in chain([first], found) for place in _spooled(source, spool)]
        classes = _classes(spool)
        train, test = (_created(folder / name, spool, classes, first, number) for number, name in enumerate(_SPLITS))
        repeats = _fill(spool, classes, (train, test))
    scaling = Scaling.of(train.x)
    scaling.write(folder / "train")
    rare = {name: rows for name, rows in _sizes(spool).items() if name not in classes}
    return Found(train, test, scaling, spool.unlabelled, places, rare, repeats)


def _spooled(source: Source, spool: Spool) -> Iterator[str]:
    """Puts all rows into `spool`; the places of some that have no class."""
    for block in blocks(source):
        spool.add(block)
        for place in np.flatnonzero(block.codes < 0)[:_SHOWN].tolist():
            yield f"row {block.first + place} of {source.name}"


def _sizes(spool: Spool) -> dict[str, int]:
    train, test = spool.counts
    return {name: train[code] + test[code] for name, code in sorted(spool.codes.items())}


def _classes(spool: Spool) -> list[str]:
    """Those that can be learned and tested, sorted."""
    sizes = _sizes(spool)
    classes = [name for name, rows in sizes.items() if rows >= FEWEST_OF_CLASS and spool.counts[0][spool.codes[name]]]
    if not sizes:
        raise BadData("no row has a class: the column 'label' is empty throughout; fill it in")
    if len(sizes) == 1:
        raise BadData(f"every row is of the class {next(iter(sizes))!r}; a model needs rows of others too")
    if len(classes) < 2 or sum(sizes.values()) < FEWEST_ROWS:
        counts = ", ".join(f"{rows:,} of {name!r}" for name, rows in list(sizes.items())[:8])
        raise BadData(
            f"{sum(sizes.values()):,} rows are too few ({counts}); "
            f"upload at least {FEWEST_ROWS}, {FEWEST_OF_CLASS} of each class"
        )
    return classes


def _created(folder: Path, spool: Spool, classes: Sequence[str], source: Source, split: int) -> Rows:
    rows = sum(spool.counts[split][spool.codes[name]] for name in classes)
    if not rows:
        raise BadData(f"the {_SPLITS[split]} split would be empty, as most rows equal one another; upload more")
    return Rows.create(folder, rows, source.features, classes)


def _fill(spool: Spool, classes: Sequence[str], splits: tuple[Rows, Rows]) -> int:
    """Write all rows in the order of their keys; how many are repeats of another."""
    places = np.full(len(spool.codes), -1, np.int32)
    places[[spool.codes[name] for name in classes]] = range(len(classes))
    filled, repeats = [0, 0], 0
    for records in spool.read():
        records = records[places[records["code"]] >= 0]
        repeats += int((records["key"][1:] == records["key"][:-1]).sum())
        of_test = is_test(records["key"])
        for split, mine in enumerate((records[~of_test], records[of_test])):
            _write(splits[split], filled[split], mine, places)
            filled[split] += len(mine)
    return repeats


def _write(rows: Rows, start: int, records: Records, places: npt.NDArray[np.int32]) -> None:
    rows.x[start : start + len(records)] = records["x"]
    rows.y[start : start + len(records)] = places[records["code"]]

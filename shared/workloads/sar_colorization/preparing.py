"""A dataset in; its checked tiles in two splits, and what their owner should know, out."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from headrace.learning.loading import Loader
from headrace.workload import BadData, Dataset, Prepared

from .cache import TileWriter
from .checking import COPY, Checked, check
from .layout import ELSEWHERE, Pair, find_pairs
from .setaside import SetAside
from .split import held_out

LEAST_PAIRS = 4
FEW_PAIRS = 20
"""A terrain with fewer is learned badly."""

MOST_COPIES = 0.1
"""Where more radar images than this are grey copies, the others are copies in a better disguise."""

TWICE = "pairs with the same pixels as another"


def prepare(dataset: Dataset, folder: Path) -> Prepared:
    """Write `folder/train` and `folder/test`. Raises BadData when too little is left, or when the radar is no radar."""
    aside = SetAside()
    pairs = find_pairs(dataset.names, aside)
    if len(pairs) < LEAST_PAIRS:
        raise BadData(f"{len(pairs)} pairs were found, fewer than {LEAST_PAIRS}{_others(aside)}")
    test, rule = held_out(pairs)
    trained, tested = Counter[str](), Counter[str]()
    with TileWriter(folder / "train") as train_writer, TileWriter(folder / "test") as test_writer:
        for checked in _usable(dataset, pairs, aside):
            terrain, held = checked.pair.terrain, checked.pair in test
            (test_writer if held else train_writer).add(terrain, checked.tiles())
            (tested if held else trained)[terrain] += 1
    _refuse(aside, len(pairs), trained, tested)
    notes = [f"{trained.total() + tested.total():,} pairs of radar and optical images can be used", rule]
    notes += [*_terrains(trained, tested), *aside.notes()]
    return Prepared(len(train_writer), len(test_writer), notes)


def _usable(dataset: Dataset, pairs: Sequence[Pair], aside: SetAside) -> Iterator[Checked]:
    """The pairs to learn from, in order, decoded on all cores as they arrive; the others go `aside`."""
    seen: set[bytes] = set()
    with closing(Loader(partial(check, dataset), os.cpu_count() or 1)) as loader:
        for checked in loader.each(pairs):
            fault = checked.fault or (TWICE if checked.digest in seen else None)
            if fault:
                aside.add(fault, [f"{checked.pair.terrain}/{checked.pair.name}"])
            else:
                seen.add(checked.digest)
                yield checked


def _refuse(aside: SetAside, pairs: int, trained: Counter[str], tested: Counter[str]) -> None:
    copies = aside.count(COPY)
    if copies > MOST_COPIES * pairs:
        raise BadData(
            f"{copies} of {pairs} radar images are their own optical image in grey, which teaches nothing about radar; "
            "put Sentinel-1 images into the s1 folders"
        )
    if trained.total() < LEAST_PAIRS - 1 or not tested:
        raise BadData(
            f"{trained.total()} pairs are left to train on and {tested.total()} to test with, too few{_others(aside)}"
        )


def _others(aside: SetAside) -> str:
    notes = aside.notes() or [f"nothing else is there; lay files out as is said here: {ELSEWHERE}"]
    return "; " + "; ".join(notes)


def _terrains(trained: Counter[str], tested: Counter[str]) -> list[str]:
    both = trained + tested
    counts = ", ".join(f"{terrain} {trained[terrain]} + {tested[terrain]}" for terrain in sorted(both))
    notes = [f"pairs to train on + held out, by terrain: {counts}"]
    if few := sorted(terrain for terrain, pairs in both.items() if pairs < FEW_PAIRS):
        notes.append(f"fewer than {FEW_PAIRS} pairs of {', '.join(few)}: expect poor colours there, or upload more")
    if unseen := sorted(set(tested) - set(trained)):
        notes.append(f"tested only, for no scene that is trained on shows it: {', '.join(unseen)}")
    return notes

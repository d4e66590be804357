"""What a dataset turned out to hold, in; sentences that its owner should read, out."""

from collections.abc import Sequence

from .labels import CLASSES
from .reading import Collection, Found
from .split import Split

_SHOWN = 6


def about(collection: Collection, split: Split) -> list[str]:
    """The size, the split, what was special and used all the same, and what was set aside and why."""
    notes = [
        f"{len(split.train) + len(split.test):,} pictures: {_counted(split.train)} to train on, "
        f"{_counted(split.test)} to test on",
        split.rule,
    ]
    if collection.special:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(collection.special.items()))
        notes.append(f"used all the same: {kinds}")
    for reason, names in sorted(collection.aside.items()):
        notes.append(f"{len(names):,} set aside, {reason}: {_few(names)}")
    return notes


def _counted(pictures: Sequence[Found]) -> str:
    return " and ".join(
        f"{sum(one.label == label for one in pictures):,} {name}s" for label, name in enumerate(CLASSES)
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(name[:120] for name in sorted(names)[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")

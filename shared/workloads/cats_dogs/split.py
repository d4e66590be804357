"""Pictures in; each content once, sorted and divided into a train and a frozen test split, out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.workload import BadData

from .labels import CLASSES, Part
from .reading import Collection, Found

TEST_SHARE = 0.2
LEAST_TRAIN, LEAST_TEST = 10, 1
"""Of each class; fewer teach or prove nothing."""

_KEPT_FIRST: dict[Part | None, int] = {"test": 0, "validation": 1, "train": 2, None: 3}
"""Of copies the one in the first of these folders stays: what is tested on must not be trained on."""


@dataclass(frozen=True, slots=True)
class Split:
    """The pictures of both splits, sorted by content, and the rule that divided them."""

    train: Sequence[Found]
    test: Sequence[Found]
    rule: str


def unique(collection: Collection) -> list[Found]:
    """Each content once, sorted by it, whatever the files were called; what shows both classes is set aside."""
    groups = defaultdict(list)
    for one in collection.found:
        groups[one.digest].append(one)
    kept = []
    for _, group in sorted(groups.items()):
        first, *copies = sorted(group, key=lambda one: (_KEPT_FIRST[one.part], one.path))
        if len({one.label for one in group}) > 1:
            collection.set_aside("the same picture as a cat and as a dog", *(one.path for one in group))
        else:
            kept.append(first)
            if copies:
                collection.set_aside("copies of another picture", *(one.path for one in copies))
    return kept


def divided(pictures: Sequence[Found]) -> Split:
    """By the dataset's own folders where it has them, else by content. Raises BadData when a split is too small."""
    held_out = _held_out(pictures)
    by_folder = [held_out is not None and one.part is not None for one in pictures]
    train: list[Found] = []
    test: list[Found] = []
    for one, settled in zip(pictures, by_folder, strict=True):
        tested = one.part == held_out if settled else int.from_bytes(one.digest[:8]) < TEST_SHARE * 2**64
        (test if tested else train).append(one)
    _check("train", train, LEAST_TRAIN)
    _check("test", test, LEAST_TEST)
    return Split(train, test, _rule(held_out, len(pictures) - sum(by_folder)))


def _held_out(pictures: Sequence[Found]) -> Part | None:
    """The folder to test on: the dataset's test folder, or else its validation folder; none without a train folder."""
    present = {part for part in _KEPT_FIRST if {one.label for one in pictures if one.part == part} == {0, 1}}
    if "train" not in present:
        return None
    return next((part for part in ("test", "validation") if part in present), None)


def _check(name: str, pictures: Sequence[Found], least: int) -> None:
    counts = Counter(one.label for one in pictures)
    for label, each in enumerate(CLASSES):
        if counts[label] < least:
            raise BadData(
                f"the {name} split has {counts[label]} usable pictures of {each}s and at least {least} are needed; "
                "upload more"
            )


def _rule(held_out: Part | None, others: int) -> str:
    if held_out is None:
        return f"split by content: about {TEST_SHARE:.0%} of the pictures are the test set"
    rule = f"split as the dataset is: its {held_out} folders are the test set"
    return f"{rule}, and the {others:,} pictures outside its folders are split by content" if others else rule

"""What labels are called in files, in; the two classes of a model, and what is neither, out."""

from collections.abc import Collection

from headrace.workload import BadData

NEGATIVE, POSITIVE, NEUTRAL = "negative", "positive", "neutral"

_KNOWN = {"0": NEGATIVE, "neg": NEGATIVE, "1": POSITIVE, "pos": POSITIVE}
_MOST_SHOWN = 6


def plain(name: str) -> str:
    """A label as it is compared: without case, spaces around it, or the `.0` that tables add to whole numbers."""
    return name.strip().casefold().removesuffix(".0")


def meaning(name: str) -> str:
    """The class that a label names in the usual ways, else the plain label."""
    return _KNOWN.get(plain(name), plain(name))


def classes(names: Collection[str]) -> dict[str, str | None]:
    """For each plain label, the class that it names, or None when it is neutral.

    Two names that are not known are classes by themselves. Raises BadData when there are not two classes.
    """
    meant = {name: meaning(name) for name in names}
    found = set(meant.values()) - {NEUTRAL}
    if found == {NEGATIVE, POSITIVE}:
        return {name: None if which == NEUTRAL else which for name, which in meant.items()}
    if len(found) == 1:
        raise BadData(f"every text is labelled {found.pop()}; a model needs texts of both kinds")
    if len(names) == 2:
        return {name: name for name in names}
    shown = ", ".join(sorted(names)[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")
    raise BadData(f"the labels are {shown or 'absent'}; a model tells two kinds apart, such as negative and positive")

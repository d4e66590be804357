"""Values as Terraform shows them in; the words that a line of expectations is made of out."""

from collections.abc import Mapping
from typing import Any


def only(blocks: Any) -> Mapping[str, Any]:
    """The block that stands there at most once, or nothing."""
    return blocks[0] if blocks else {}


def last(path: str | None) -> str:
    """The last part of a path, and of an account's address its name."""
    return (path or "").rpartition("/")[2].partition("@")[0]


def labelled(label: str, value: Any) -> str:
    """`label value`, or nothing where there is no value."""
    return f"{label} {value}" if value else ""


def plain(value: Any) -> str:
    """A value, or the values of a list, with spaces between."""
    return " ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())


def joined(*parts: str) -> str:
    """The parts that there are, on one line."""
    return "; ".join(filter(None, parts))

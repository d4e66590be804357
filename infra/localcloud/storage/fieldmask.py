"""A JSON resource and a `fields` selector in; the selected parts out (`items(name,metadata/key),nextPageToken`)."""

import re
from typing import Any

from localcloud.storage.errors import invalid

_TOKEN = re.compile(r"[^(),/\s]+|[(),/]")
_Tree = dict[str, Any]


def masked(resource: Any, mask: str) -> Any:
    """The parts of `resource` that `mask` selects; 400 when the mask cannot be read."""
    tokens = _TOKEN.findall(mask)[::-1]
    tree = _selection(tokens, mask)
    if tokens:
        raise invalid(f"Invalid field selection {mask!r}")
    return _selected(resource, tree)


def _selection(tokens: list[str], mask: str) -> _Tree:
    tree: _Tree = {}
    while True:
        level = tree
        while True:
            if not tokens or tokens[-1] in "(),/":
                raise invalid(f"Invalid field selection {mask!r}")
            level = level.setdefault(tokens.pop(), {})
            if not tokens or tokens[-1] != "/":
                break
            tokens.pop()
        if tokens and tokens[-1] == "(":
            tokens.pop()
            level.update(_selection(tokens, mask))
            if not tokens or tokens.pop() != ")":
                raise invalid(f"Invalid field selection {mask!r}")
        if not tokens or tokens[-1] != ",":
            return tree
        tokens.pop()


def _selected(value: Any, tree: _Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_selected(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    rest: _Tree | None = tree.get("*")
    subtrees = {key: tree.get(key, rest) for key in value}
    return {key: _selected(value[key], subtree) for key, subtree in subtrees.items() if subtree is not None}

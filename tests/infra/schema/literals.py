"""A literal and the type and words an attribute takes in; what is wrong with it, in words, out.

Terraform turns numbers and booleans into strings and back where it can, so that is no fault here either.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.infra.hcl import Expression
from tests.infra.schema.model import Attribute


def complaints(attribute: Attribute, value: Any) -> Iterator[str]:
    """What is wrong with giving `value` to `attribute`; what only Terraform can work out passes."""
    wrong = list(_mismatches(attribute.type, value))
    yield from wrong or _strangers(attribute.values, value)


def _mismatches(kind: Any, value: Any) -> Iterator[str]:
    if value is None or isinstance(value, Expression) or kind == "dynamic":
        return
    if isinstance(kind, str):
        if not _SCALARS[kind](value):
            yield f"takes a {kind}, not {_shown(value)}"
        return
    collection, inner = kind
    if collection in ("list", "set"):
        yield from _list(inner, value)
    elif not isinstance(value, dict):
        yield f"takes a map, not {_shown(value)}"
    elif collection == "map":
        for each in value.values():
            yield from _mismatches(inner, each)


def _list(inner: Any, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"takes a list, not {_shown(value)}"
        return
    for each in value:
        yield from _mismatches(inner, each)


def _strangers(words: tuple[str, ...], value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _strangers(words, each)
    elif words and isinstance(value, str) and value not in words:
        yield f"is {_shown(value)}, which is none of {', '.join(words)}"


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value.removeprefix("-").replace(".", "", 1).isdecimal()
    return isinstance(value, int | float)


_SCALARS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str | int | float | bool),
    "number": _is_number,
    "bool": lambda value: isinstance(value, bool) or value in ("true", "false"),
}


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)

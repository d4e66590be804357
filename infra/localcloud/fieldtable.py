"""A request's message in; the first of its fields that a local server cannot honour, with the reason, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Where every field of a message belongs; a field's dotted path stands for all below it.

    `honoured` decides what happens, here as on the service. `stored` is kept and echoed, for it only sizes machines
    that are not here. `output_only` is the service's own and ignored in a request. `refused` would change the
    outcome and cannot be had, for the reason given.
    """

    honoured: frozenset[str]
    stored: frozenset[str]
    output_only: frozenset[str]
    refused: Mapping[str, str]

    def places(self, path: str) -> list[str]:
        """The entries that cover the field at `path`."""
        known = [*self.honoured, *self.stored, *self.output_only, *self.refused]
        return [place for place in known if _within(path, place)]

    def refusal(self, message: Any, called: str) -> str | None:
        """The sentence about the first field of `message` (protobuf) that is not to be had, or None."""
        accepted = self.honoured | self.stored | self.output_only
        for path in _set_fields(message, ""):
            if not any(_within(path, place) or _within(place, path) for place in accepted):
                reasons = [why for place, why in self.refused.items() if _within(path, place)] or ["it is unknown here"]
                return f"localcloud does not implement {called}.{path}: {reasons[0]}"
        return None


def field_paths(descriptor: Any, prefix: str = "") -> Iterator[str]:
    """Dotted paths of all leaves of a message type; maps are leaves."""
    for field in descriptor.fields:
        path = f"{prefix}{field.name.rstrip('_')}"
        if _is_leaf(field) or not field.message_type.fields:
            yield path
        else:
            yield from field_paths(field.message_type, path + ".")


def _set_fields(message: Any, prefix: str) -> Iterator[str]:
    for field, value in message.ListFields():
        path = f"{prefix}{field.name.rstrip('_')}"
        if _is_leaf(field):
            yield path
            continue
        for item in value if field.is_repeated else [value]:
            yield from list(_set_fields(item, path + ".")) or [path]


def _is_leaf(field: Any) -> bool:
    return field.message_type is None or field.message_type.GetOptions().map_entry


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + ".")

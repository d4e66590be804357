"""A block's schema and its values in; what a provider would plan, then answer with, out.

A planned value that is not known yet is UNKNOWN. What is made up is readable: `{pubsub_topic.this-name.id}`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgpack

from tests.infra.schema.literals import complaints
from tests.infra.schema.model import Attribute, Block, Nested

UNKNOWN = msgpack.ExtType(0, b"\0")
Values = dict[str, Any]
Path = tuple[str | int, ...]
MakeUp = Callable[[str, Attribute], Any]


def decoded(packed: bytes) -> Any:
    """The value that Terraform wrote as MessagePack."""
    return msgpack.unpackb(packed, strict_map_key=False)


def encoded(value: Any) -> bytes:
    """The value as Terraform reads it."""
    packed = msgpack.packb(value)
    assert isinstance(packed, bytes)
    return packed


def known(value: Any) -> bool:
    """Whether the value was worked out already."""
    return not isinstance(value, msgpack.ExtType)


def planned(block: Block, proposed: Values | None) -> Values | None:
    """`proposed` with everything that the provider will answer with marked as unknown."""
    return _filled(block, proposed, lambda _name, _attribute: UNKNOWN)


def answered(block: Block, plan: Values | None, make_up: MakeUp) -> Values | None:
    """`plan` with every answer made up."""
    return _filled(block, plan, make_up)


def _filled(block: Block, values: Values | None, fill: MakeUp) -> Values | None:
    if values is None or not known(values):
        return values
    filled: Values = {}
    for name, attribute in block.attributes.items():
        value = values.get(name)
        to_fill = attribute.computed and (value is None or not known(value))
        filled[name] = fill(name, attribute) if to_fill else value
        if attribute.write_only:
            filled[name] = None
    for name, nested in block.blocks.items():
        filled[name] = _filled_blocks(nested, values.get(name), fill)
    return filled


def _filled_blocks(nested: Nested, value: Any, fill: MakeUp) -> Any:
    if isinstance(value, list):
        return [_filled(nested.block, each, fill) for each in value]
    return _filled(nested.block, value, fill)


def refused(block: Block, values: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where in `values` something stands that cannot be set, or a word that is none of its closed list; and why."""
    if not isinstance(values, Mapping):
        return
    for name, attribute in block.attributes.items():
        value = values.get(name)
        if value is not None and not attribute.settable:
            yield (*path, name), "is answered by the provider and cannot be set"
        if attribute.values and _wholly_known(value):
            for complaint in complaints(attribute, value):
                yield (*path, name), complaint
    for name, nested in block.blocks.items():
        inner = values.get(name)
        if isinstance(inner, list):
            for index, each in enumerate(inner):
                yield from refused(nested.block, each, (*path, name, index))
        else:
            yield from refused(nested.block, inner, (*path, name))


def _wholly_known(value: Any) -> bool:
    return all(known(each) for each in value) if isinstance(value, list) else known(value)

"""Terraform files and the providers' schemas in; every fault that the schemas can tell, with file and line, out.

    python -m tests.infra.schema.check infra

Needs no terraform. It reads what is written, not what it comes to: references and computed values pass.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tests.infra.hcl import Block, Expression, all_blocks
from tests.infra.schema import model
from tests.infra.schema.literals import complaints
from tests.infra.schema.model import HERE, KINDS, Nested, Provider, read_provider

PROVIDERS = ("google", "google-beta", "time", "random")
_META_ARGUMENTS = {"count", "for_each", "provider", "depends_on"}
_META_BLOCKS = {"lifecycle", "provisioner", "connection"}
_BUILT_IN = {"terraform"}  # terraform_data and terraform_remote_state are Terraform's own


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that the provider would refuse: where it stands, what it is in, and what is wrong."""

    path: Path
    line: int
    address: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.address}: {self.message}"


def read_providers(folder: Path = HERE) -> dict[str, Provider]:
    """The schemas in `folder`, by the name of their provider."""
    return {name: read_provider(name, folder) for name in PROVIDERS}


def check(infra: Path, providers: Mapping[str, Provider]) -> list[Fault]:
    """Every fault in the .tf files below `infra`."""
    return [
        Fault(path, line, address, message)
        for path, block in all_blocks(infra)
        for line, address, message in _top(block, providers)
    ]


_Found = Iterator[tuple[int, str, str]]


def _top(block: Block, providers: Mapping[str, Provider]) -> _Found:
    if block.kind == "provider":
        yield from _within(block, f"provider {block.labels[0]}", providers[block.labels[0]].config, {"alias"}, set())
        return
    if block.kind not in KINDS:
        return
    kind, name = block.labels
    address = f"{'' if block.kind == 'resource' else block.kind + '.'}{kind}.{name}"
    provider = provider_of(block)
    if provider in _BUILT_IN:
        return
    if provider not in providers:
        yield block.line, address, f"no schema of a provider called {provider} is kept beside these tests"
        return
    types = providers[provider].types[block.kind]
    if kind in types:
        yield from _within(block, address, types[kind], _META_ARGUMENTS, _META_BLOCKS)
    else:
        yield block.line, address, f"there is no {block.kind} {kind} in the schema kept{_alike(kind, types)}"


def provider_of(block: Block) -> str:
    """The provider of a resource: the one it names, else the one that its type begins with."""
    named = block.argument("provider")
    if named is None:
        return block.labels[0].partition("_")[0]
    text = named.value.text if isinstance(named.value, Expression) else str(named.value)
    return text.removeprefix("${").partition(".")[0]


def _within(block: Block, address: str, schema: model.Block, arguments: set[str], blocks: set[str]) -> _Found:
    """The faults of the body of `block`; `arguments` and `blocks` are what Terraform itself understands there."""
    given = [each for each in block.arguments if each.name not in arguments]
    inner = [each for each in block.blocks if each.kind not in blocks]
    for argument in given:
        for message in _argument(argument.name, argument.value, schema):
            yield argument.line, f"{address}.{argument.name}", message
    counts: Counter[str] = Counter()
    for each in inner:
        name, body = _dynamic(each)
        counts[name] += 1
        yield from _inner(each, name, body, address, schema)
    named = {each.name for each in given} | counts.keys()
    yield from _counted(block, address, schema, named, Counter(each.kind for each in inner))


def _argument(name: str, value: object, schema: model.Block) -> Iterator[str]:
    if name in schema.blocks:
        yield f"is a block: write {name} {{ … }}, without ="
    elif name not in schema.attributes:
        yield f"is not an argument there{_alike(name, [*schema.attributes, *schema.blocks])}"
    elif not schema.attributes[name].settable:
        yield "is answered by the provider and cannot be set"
    else:
        yield from complaints(schema.attributes[name], value)


def _inner(block: Block, name: str, body: Block | None, address: str, schema: model.Block) -> _Found:
    where = f"{address}.{name}"
    if name in schema.attributes:
        yield block.line, where, f"is an argument, not a block: write {name} = …"
    elif name not in schema.blocks:
        yield block.line, where, f"is not a block there{_alike(name, [*schema.blocks, *schema.attributes])}"
    elif body is None:
        yield block.line, where, "is dynamic and has no content block"
    else:
        yield from _within(body, where, schema.blocks[name].block, set(), set())


def _dynamic(block: Block) -> tuple[str, Block | None]:
    """The name of the block that stands there, and its body, be it written out or `dynamic`."""
    if block.kind != "dynamic":
        return block.kind, block
    contents = block.inner("content")
    return block.labels[0], contents[0] if len(contents) == 1 else None


def _counted(block: Block, address: str, schema: model.Block, named: set[str], written: Counter[str]) -> _Found:
    for name, attribute in schema.attributes.items():
        if attribute.required and name not in named:
            yield block.line, address, f"lacks {name}, which must be given"
    for name, nested in schema.blocks.items():
        if nested.min_items and name not in named:
            yield block.line, address, f"lacks a {name} block, which must be given"
        if _single(nested) and written[name] > 1:
            yield block.line, address, f"has {written[name]} {name} blocks where one at most may stand"


def _single(nested: Nested) -> bool:
    return nested.nesting == "single" or nested.max_items == 1


def _alike(name: str, names: Mapping[str, object] | list[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def main() -> None:
    """Check the folder on the command line; exit with 1 where there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("infra", type=Path, nargs="?", default=Path("infra"))
    parser.add_argument("--schema", type=Path, default=HERE, help="the folder with the providers' schemas")
    arguments = parser.parse_args()
    faults = check(arguments.infra, read_providers(arguments.schema))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

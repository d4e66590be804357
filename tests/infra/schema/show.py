"""The name of a resource or data source in; what may be written in it, as an outline, out.

    python -m tests.infra.schema.show google_cloud_run_v2_service

A leading `*` marks what must be given, `=` what the provider answers with; a list of words is closed.
"""

import argparse
from collections.abc import Iterator

from tests.infra.schema.derive import EVERYTHING
from tests.infra.schema.model import HERE, KINDS, Attribute, Block, Nested, read_provider


def main() -> None:
    """Print the outline of what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--kind", choices=KINDS, default="resource")
    arguments = parser.parse_args()
    provider = arguments.name.partition("_")[0]
    folder = EVERYTHING if list(EVERYTHING.glob(f"{provider}-[0-9]*.json")) else HERE
    types = read_provider(provider, folder).types[arguments.kind]
    if arguments.name not in types:
        alike = [name for name in types if arguments.name in name or name in arguments.name]
        parser.exit(1, f"no {arguments.kind} {arguments.name} in {folder}; alike: {', '.join(alike) or 'none'}\n")
    print(f"{arguments.kind} {arguments.name}")
    print("\n".join(outline(types[arguments.name])))


def outline(block: Block, depth: int = 1) -> Iterator[str]:
    """The lines for `block`, indented by `depth`."""
    pad = "  " * depth
    for name, attribute in sorted(block.attributes.items(), key=lambda item: (not item[1].settable, item[0])):
        yield f"{pad}{_mark(attribute)}{name}: {_type(attribute.type)}{_words(attribute)}"
    for name, nested in sorted(block.blocks.items()):
        yield f"{pad}{'*' if nested.min_items else ' '}{name} {{}} {_times(nested)}"
        yield from outline(nested.block, depth + 1)


def _mark(attribute: Attribute) -> str:
    return "*" if attribute.required else " " if attribute.optional else "="


def _words(attribute: Attribute) -> str:
    return f"  {' | '.join(attribute.values)}" if attribute.values else ""


def _type(kind: object) -> str:
    if isinstance(kind, str):
        return kind
    assert isinstance(kind, list)
    if kind[0] == "object":
        return "{" + ", ".join(f"{name}: {_type(each)}" for name, each in kind[1].items()) + "}"
    return f"{kind[0]}({_type(kind[1])})"


def _times(nested: Nested) -> str:
    return "at most one" if nested.nesting == "single" or nested.max_items == 1 else f"{nested.nesting}, any number"


if __name__ == "__main__":
    main()

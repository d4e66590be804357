"""Terraform files in; their blocks, with literals as Python values and everything else as text, out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2
from hcl2 import SerializationOptions
from hcl2.rules.base import AttributeRule, BlockRule, BodyRule
from hcl2.utils import process_escape_sequences
from lark.exceptions import LarkError

_AS_WRITTEN = SerializationOptions(with_comments=False, explicit_blocks=False, preserve_heredocs=False)
_MADE_BY_TOOLS = {".terraform"}


@dataclass(frozen=True, slots=True)
class Expression:
    """What only Terraform can work out: a reference, a call, an interpolated string."""

    text: str


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value`, and the line it stands on."""

    name: str
    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """`kind "label" … { }`: its arguments and the blocks inside."""

    kind: str
    labels: tuple[str, ...]
    arguments: tuple[Argument, ...]
    blocks: tuple["Block", ...]
    line: int

    def argument(self, name: str) -> Argument | None:
        """The argument called `name`, if it is given."""
        return next((each for each in self.arguments if each.name == name), None)

    def inner(self, kind: str) -> list["Block"]:
        """The blocks of this kind inside."""
        return [each for each in self.blocks if each.kind == kind]


def terraform_files(root: Path) -> list[Path]:
    """Every .tf below `root`, in order, but for what Terraform itself put there."""
    return sorted(path for path in root.rglob("*.tf") if not _MADE_BY_TOOLS.intersection(path.parts))


def read_blocks(path: Path) -> tuple[Block, ...]:
    """The top-level blocks of the file at `path`."""
    try:
        tree = hcl2.parses(path.read_text(), discard_comments=True)
    except LarkError as error:
        raise ValueError(f"{path} is not Terraform: {str(error).splitlines()[0]}") from error
    return _body(tree.body)[1]


def all_blocks(root: Path) -> Iterator[tuple[Path, Block]]:
    """Every top-level block of every .tf below `root`, with the file it stands in."""
    for path in terraform_files(root):
        for block in read_blocks(path):
            yield path, block


def _body(body: BodyRule) -> tuple[tuple[Argument, ...], tuple[Block, ...]]:
    arguments = tuple(_argument(each) for each in body.children if isinstance(each, AttributeRule))
    blocks = tuple(_block(each) for each in body.children if isinstance(each, BlockRule))
    return arguments, blocks


def _argument(rule: AttributeRule) -> Argument:
    value = rule.expression.serialize(_AS_WRITTEN)
    return Argument(rule.identifier.serialize(_AS_WRITTEN), _value(value), rule._meta.line)


def _block(rule: BlockRule) -> Block:
    kind, *labels = (str(each.serialize(_AS_WRITTEN)).strip('"') for each in rule.labels)
    arguments, blocks = _body(rule.body)
    return Block(kind, tuple(labels), arguments, blocks, rule._meta.line)


def _value(written: Any) -> Any:
    if isinstance(written, list):
        return [_value(each) for each in written]
    if isinstance(written, dict):
        return {str(key).strip('"'): _value(each) for key, each in written.items()}
    if not isinstance(written, str):
        return written
    return _text(written)


def _text(written: str) -> str | Expression:
    quoted = len(written) > 1 and written[0] == written[-1] == '"'
    if not quoted or "${" in written.replace("$${", "") or "%{" in written.replace("%%{", ""):
        return Expression(written)
    return process_escape_sequences(written[1:-1])

"""A provider's schema as `terraform providers schema -json` writes it in; typed resources and blocks out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KINDS = {"resource": "resource_schemas", "data": "data_source_schemas", "ephemeral": "ephemeral_resource_schemas"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One argument or result: its type as Terraform writes it in JSON, and who sets it."""

    type: Any
    required: bool = False
    optional: bool = False
    computed: bool = False
    write_only: bool = False
    values: tuple[str, ...] = ()

    @property
    def settable(self) -> bool:
        """Whether a configuration may name it."""
        return self.required or self.optional


@dataclass(frozen=True, slots=True)
class Block:
    """The attributes of a resource or of a block in it, and the blocks below."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, "Nested"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nested:
    """A block inside another: how often it may stand there, and what it holds."""

    nesting: str
    block: Block
    min_items: int = 0
    max_items: int = 0  # 0: any number


@dataclass(frozen=True, slots=True)
class Provider:
    """Everything one provider offers, by kind ("resource", "data", "ephemeral") and type."""

    config: Block
    types: Mapping[str, Mapping[str, Block]]


def read_provider(name: str, folder: Path = HERE) -> Provider:
    """The schema of the provider called `name`, from the one file in `folder` that begins with it."""
    (path,) = folder.glob(f"{name}-[0-9]*.json")
    (document,) = json.loads(path.read_text())["provider_schemas"].values()
    types = {
        kind: {each: _block(schema.get("block", {})) for each, schema in document.get(key, {}).items()}
        for kind, key in KINDS.items()
    }
    return Provider(config=_block(document["provider"].get("block", {})), types=types)


def _block(document: Mapping[str, Any]) -> Block:
    attributes = {name: _attribute(each) for name, each in document.get("attributes", {}).items()}
    blocks = {name: _nested(each) for name, each in document.get("block_types", {}).items()}
    return Block(attributes, blocks)


def _attribute(document: Mapping[str, Any]) -> Attribute:
    flags = {flag: document.get(flag, False) for flag in ("required", "optional", "computed", "write_only")}
    return Attribute(type=document["type"], values=tuple(document.get("possible_values", ())), **flags)


def _nested(document: Mapping[str, Any]) -> Nested:
    return Nested(
        nesting=document["nesting_mode"],
        block=_block(document.get("block", {})),
        min_items=document.get("min_items", 0),
        max_items=document.get("max_items", 0),
    )

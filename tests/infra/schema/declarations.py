"""The `.jsii` file of a CDK for Terraform provider in; which properties must be set, and to which words, out."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Only this phrase is generated from the list that the provider validates against; looser wordings are prose.
_CLOSED_LIST = re.compile(r"Possible values: \[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an interface: whether it may be left out, and the closed list of words, if it has one."""

    optional: bool
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declarations:
    """The interfaces of one folder of the package, and the one that its construct is configured by."""

    interfaces: Mapping[str, Mapping[str, Property]]
    configs: Mapping[str, str]

    def property(self, owner: str, name: str) -> Property:
        """What is declared of `name` in the interface, or in the construct's configuration, called `owner`."""
        properties = self.interfaces[self.configs.get(owner, owner)]
        return properties.get(name) or properties[f"{name}Attribute"]  # how words that constructs reserve are renamed


def read_declarations(path: Path) -> Mapping[str, Declarations]:
    """The declarations in the file at `path`, by folder below `lib/`."""
    folders: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in json.loads(path.read_bytes())["types"].values():
        folders[Path(each["locationInModule"]["filename"]).parts[1]].append(each)
    return {folder: _declarations(types) for folder, types in folders.items()}


def _declarations(types: list[Mapping[str, Any]]) -> Declarations:
    interfaces, configs = {}, {}
    for each in types:
        if each["kind"] == "interface":
            interfaces[each["name"]] = {one["name"]: _property(one) for one in each.get("properties", ())}
        elif each.get("base", "") in (
            "cdktf.TerraformResource",
            "cdktf.TerraformDataSource",
            "cdktf.TerraformProvider",
        ):
            config = each["initializer"]["parameters"][2]["type"]["fqn"]
            configs[each["name"]] = config.rpartition(".")[2]
    return Declarations(interfaces, configs)


def _property(document: Mapping[str, Any]) -> Property:
    docs = document.get("docs", {})
    listed = _CLOSED_LIST.search(f"{docs.get('summary', '')} {docs.get('remarks', '')}")
    values = tuple(re.findall(r'"([^"]*)"', listed[1])) if listed else ()
    return Property(optional=document.get("optional", False), values=values)

"""The JavaScript of a CDK for Terraform provider in; each construct's arguments, results and nesting out.

The generated code says of every argument its Terraform name, type and whether it is a block (`…ToHclTerraform` and
`synthesizeHclAttributes`), and of every result its type (the getters). It does not say which arguments are required.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SECTION = re.compile(
    r"^(?:function (?P<struct>\w+)ToHclTerraform\("
    r"|class (?P<reference>\w+)OutputReference extends "
    r"|class (?P<construct>\w+) extends cdktf\.Terraform(?P<kind>Resource|DataSource|Provider) )",
    re.MULTILINE,
)
_ARGUMENT = re.compile(
    r"^ +(?P<name>\w+): \{\n"
    r" +value: (?P<value>.+),\n"
    r" +isBlock: (?P<block>true|false),\n"
    r' +type: "(?P<shape>\w+)",\n'
    r' +storageClassType: "(?P<storage>\w+)",',
    re.MULTILINE,
)
_PROPERTY = re.compile(r"\((?:struct|this)\.(?:_(\w+)|(\w+))(?:\.internalValue)?\)$")
_MAPPER = re.compile(r"\b(\w+)ToHclTerraform\b")
_GETTER = re.compile(r"^    get (\w+)\(\) \{\n +return (.+);$", re.MULTILINE)
_FIELD = re.compile(r'this\.(_\w+) = new (?:\w+\.)?(\w+)\(this, "(\w+)"(?:, (true|false))?\)')
_CALL = re.compile(r"this\.get(\w+)Attribute\('(\w+)'\)")
_TYPE = re.compile(r"\bterraformResourceType: '([\w-]+)'")

_RESULTS = {"String": "string", "Number": "number", "Boolean": "bool"}
_LISTS = {"List": ["list", "string"], "NumberList": ["list", "number"], "StringMap": ["map", "string"]}
_LIBRARY = {"StringMap": ["map", "string"], "StringMapList": ["list", ["map", "string"]], "BooleanMap": ["map", "bool"]}


@dataclass(frozen=True, slots=True)
class Argument:
    """What a configuration may say: `property` is its JavaScript name, `struct` the shape of a block."""

    property: str
    block: bool
    shape: str
    storage: str
    struct: str
    many: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a resource answers with: a finished type, or the construct whose results are its fields."""

    type: object = None
    struct: str = ""
    collection: str = "list"


@dataclass(frozen=True, slots=True)
class Module:
    """One folder of the package: everything said of one resource, data source or of the provider itself."""

    kind: str  # Resource, DataSource or Provider
    type: str
    construct: str
    arguments: Mapping[str, Mapping[str, Argument]]
    results: Mapping[str, Mapping[str, Result]]


def read_module(folder: Path) -> Module:
    """What the JavaScript in `folder` says."""
    text = "\n".join(path.read_text() for path in sorted(folder.rglob("*.js")))
    text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    named = _TYPE.search(text)
    if named is None:
        raise ValueError(f"{folder} names no Terraform type; is it a folder of a provider's package?")
    marks = list(_SECTION.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    arguments: dict[str, dict[str, Argument]] = {}
    results: dict[str, dict[str, Result]] = {}
    kind = construct = ""
    for mark, end in zip(marks, ends, strict=True):
        body = text[mark.end() : end]
        if mark["struct"]:
            arguments[_capital(mark["struct"])] = _arguments(body)
        elif mark["reference"]:
            results[mark["reference"]] = _results(body)
        else:
            kind, construct = mark["kind"], mark["construct"]
            arguments[construct], results[construct] = _arguments(body), _results(body)
    return Module(kind, named[1], construct, arguments, results)


def _arguments(text: str) -> dict[str, Argument]:
    return {match["name"]: _argument(match) for match in _ARGUMENT.finditer(text)}


def _argument(match: re.Match[str]) -> Argument:
    value = match["value"]
    named, mapper = _PROPERTY.search(value), _MAPPER.search(value)
    if named is None:
        raise ValueError(f"cannot tell which property {match['name']} is set from: {value}")
    return Argument(
        property=named[1] or named[2],
        block=match["block"] == "true",
        shape=match["shape"],
        storage=match["storage"],
        struct=_capital(mapper[1]) if mapper else "",
        many="listMapper" in value,
    )


def _results(text: str) -> dict[str, Result]:
    fields = {match[1]: (match[3], _built(match[2], match[4] == "true")) for match in _FIELD.finditer(text)}
    results = dict(fields.values())
    for match in _GETTER.finditer(text):
        call = _CALL.search(match[2])
        if call:
            results[call[2]] = _answered(call[1], "tolist" in match[2])
    return results


def _built(construct: str, from_set: bool) -> Result:
    if construct in _LIBRARY:
        return Result(type=_LIBRARY[construct])
    struct = construct.removesuffix("OutputReference").removesuffix("List")
    return Result(struct=struct, collection="set" if from_set else "list")


def _answered(getter: str, from_set: bool) -> Result:
    if getter in _RESULTS:
        return Result(type=_RESULTS[getter])
    collection, element = _LISTS[getter]
    return Result(type=["set" if from_set else collection, element])


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]

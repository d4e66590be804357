"""A provider's CDK for Terraform package, unpacked, in; the schema of what `infra/` uses of it, as committed here, out.

    npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz
    python -m tests.infra.schema.derive package

HashiCorp publishes these packages from `terraform providers schema -json`; they carry names, types, nesting and which
arguments must be set, and in their documentation the closed lists of words. They do not say which optional arguments
the provider fills in (assemble.py names the usual ones), nor anything that the provider checks by code. They leave out
ephemeral resources: by-hand.json describes those that `infra/` uses.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.infra.hcl import all_blocks
from tests.infra.schema.assemble import Document, assemble
from tests.infra.schema.bindings import read_module
from tests.infra.schema.check import provider_of
from tests.infra.schema.declarations import read_declarations
from tests.infra.schema.model import HERE, KINDS
from tests.infra.schema.writing import written

ROOT = Path(__file__).parents[3]
BY_HAND = HERE / "by-hand.json"
EVERYTHING = ROOT / "build/schema"


def main() -> None:
    """Derive the schema of the package on the command line, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked npm package: a folder that holds .jsii and lib/")
    parser.add_argument("--infra", type=Path, default=ROOT / "infra", help="whose resources to keep")
    parser.add_argument("--into", type=Path, default=HERE, help="the folder to write to")
    parser.add_argument(
        "--everything", type=Path, default=EVERYTHING, help="where the whole schema is put, uncommitted"
    )
    arguments = parser.parse_args()
    provider = json.loads((arguments.package / "package.json").read_text())["cdktf"]["provider"]
    everything = derive(arguments.package, provider["name"])
    _write(arguments.everything, provider, everything)
    _write(arguments.into, provider, reduce(everything, used(arguments.infra, _short(provider["name"]))))


def derive(package: Path, source: str) -> Document:
    """The schema of everything in `package`, for the provider at `source`."""
    declared = read_declarations(package / ".jsii")
    found: dict[str, Any] = {"provider": {}, **{key: {} for key in KINDS.values()}}
    for folder in sorted((package / "lib").iterdir()):
        if not folder.is_dir():
            continue
        module = read_module(folder)
        schema = assemble(module, declared[folder.name])
        if module.kind == "Provider":
            found["provider"] = schema
        else:
            key = "data_source_schemas" if module.kind == "DataSource" else "resource_schemas"
            found[key][module.type] = schema
    for key, schemas in json.loads(BY_HAND.read_text()).get(source, {}).items():
        found[key].update(schemas)
    return {"format_version": "1.0", "provider_schemas": {source: found}}


def used(infra: Path, provider: str) -> Mapping[str, set[str]]:
    """The provider's types that the .tf files below `infra` use, by the key that a schema file keeps them under."""
    names: dict[str, set[str]] = defaultdict(set)
    for _, block in all_blocks(infra):
        if block.kind in KINDS and provider_of(block) == provider:
            names[KINDS[block.kind]].add(block.labels[0])
    return names


def reduce(document: Document, names: Mapping[str, set[str]]) -> Document:
    """`document` with only the types in `names`."""
    ((source, schemas),) = document["provider_schemas"].items()
    kept = {"provider": schemas["provider"]}
    for key in KINDS.values():
        kept[key] = {name: schema for name, schema in sorted(schemas[key].items()) if name in names.get(key, set())}
    return {**document, "provider_schemas": {source: kept}}


def _write(folder: Path, provider: Mapping[str, str], document: Document) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name, version = _short(provider["name"]), provider["version"].rpartition(".")[0]
    path = folder / f"{name}-{version}.json"
    path.write_text(written(document) + "\n")
    counts = " and ".join(_counts(document))
    print(f"{path}: {counts}, {path.stat().st_size / 1024:.0f} kB")


def _short(source: str) -> str:
    return source.rpartition("/")[2]


def _counts(document: Document) -> Iterator[str]:
    (schemas,) = document["provider_schemas"].values()
    yield f"{len(schemas['resource_schemas'])} resources"
    yield f"{len(schemas['data_source_schemas'])} data sources"


if __name__ == "__main__":
    main()

"""Cloud Build's discovery document in; a JSON schema of what a build file may say out.

The document is `googleapiclient/discovery_cache/documents/cloudbuild.v1.json` of the package google-api-python-client:
`python -m tests.infra.cloudbuild.derive path/to/cloudbuild.v1.json > tests/infra/cloudbuild/schema.json`
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = "Build"

Schema = dict[str, Any]


def derived(document: Schema) -> Schema:
    """Every kind that a build names, closed: what the document does not know is refused."""
    kinds = document["schemas"]
    used = sorted(_reached(kinds, ROOT))
    return {
        "title": f"Cloud Build v1, revision {document['revision']}",
        "$ref": f"#/$defs/{ROOT}",
        "$defs": {name: _kind(kinds[name]) for name in used},
    }


def _reached(kinds: Schema, name: str, found: set[str] | None = None) -> set[str]:
    found = set() if found is None else found
    if name not in found:
        found.add(name)
        for settable in _settable(kinds[name]).values():
            for other in _references(settable):
                _reached(kinds, other, found)
    return found


def _references(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield schema["$ref"]
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from _references(schema[inner])


def _settable(kind: Schema) -> Schema:
    """Less what Cloud Build says of a build and nobody tells it."""
    properties = kind.get("properties", {}).items()
    return {name: each for name, each in properties if not each.get("readOnly")}


def _kind(kind: Schema) -> Schema:
    settable = _settable(kind)
    required = [name for name, each in settable.items() if each.get("description", "").startswith("Required.")]
    return {
        "type": "object",
        "properties": {name: _value(each) for name, each in sorted(settable.items())},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _value(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    value: Schema = {"type": schema.get("type", "object")}
    if "enum" in schema:
        value["enum"] = schema["enum"]
    if schema.get("format") == "google-duration":
        value["pattern"] = r"^[0-9]+(\.[0-9]+)?s$"
    if schema.get("format") == "int64":
        value = {"type": ["string", "integer"]}
    if "items" in schema:
        value["items"] = _value(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        value["additionalProperties"] = _value(schema["additionalProperties"])
    return value


if __name__ == "__main__":
    print(json.dumps(derived(json.loads(Path(sys.argv[1]).read_text())), indent=1))

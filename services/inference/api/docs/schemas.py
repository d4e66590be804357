"""A model's fields and answers in; their JSON schemas out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.workload import Field
from services.inference.hosting.models import Served, Workload

Schema = dict[str, Any]

ERROR: Schema = {
    "type": "object",
    "description": "What is wrong, in a sentence that says what to send instead.",
    "required": ["error", "request_id"],
    "properties": {"error": {"type": "string"}, "request_id": {"type": "string"}},
}

_KINDS: Mapping[str, Schema] = {
    "number": {"type": "number"},
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "image": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/*"},
}
_BOUNDS = {"minimum": "least", "maximum": "most", "multipleOf": "steps", "default": "usual"}
"""OpenAPI's names of what a field may say of its values."""

_ORIGIN: Mapping[str, Schema] = {
    "model": {"type": "string"},
    "version": {"type": "integer"},
    "alias": {"type": "string"},
    "request_id": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Model:
    """A workload as it is described: its example and, where a version is loaded, its fields and what it answered."""

    name: str
    title: str
    example: Mapping[str, Any]
    draws: bool
    max_rows: int
    fields: tuple[Field, ...] = ()
    answer: Mapping[str, Any] | None = None
    version: str = ""
    loaded: tuple[int, ...] = ()


def described(workload: Workload, loaded: Sequence[Served]) -> Model:
    """The workload, and what the first of its loaded versions says to its example."""
    description = workload.description
    draws, most = description.task == "image", description.serving.max_rows
    if not loaded:
        return Model(workload.name, description.title, description.example, draws, most)
    served, numbers = loaded[0], tuple(each.version for each in loaded)
    fields = tuple(served.codec.fields)
    example = _tidy(description.example, fields)
    (answer,) = served.predict([example])
    version = f"version {served.version}, {served.alias}"
    return Model(workload.name, description.title, example, draws, most, fields, answer, version, numbers)


def instance(model: Model) -> Schema:
    """One thing to predict."""
    schema: Schema = {"type": "object", "title": f"{model.name} instance", "examples": [model.example]}
    if not model.fields:
        return schema
    schema["properties"] = {each.name: field(each) for each in model.fields}
    schema["additionalProperties"] = False
    return schema | _required(each.name for each in model.fields if each.required)


def form(model: Model) -> Schema:
    """The parts of a multipart form: files, and each other field as text."""
    pictures: Schema = {"type": "array", "minItems": 1, "items": {"contentMediaType": "application/octet-stream"}}
    parts = {each.name: pictures if each.kind == "image" else field(each, optional=False) for each in model.fields}
    schema: Schema = {"type": "object", "properties": parts}
    return schema | _required(each.name for each in model.fields if each.required)


def field(described: Field, optional: bool = True) -> Schema:
    """What one field holds; null stands for a value that is not known."""
    schema = dict(_KINDS[described.kind])
    if described.about:
        schema["description"] = described.about
    if described.choices:
        schema["examples"] = list(described.choices)
    said = {name: getattr(described, given) for name, given in _BOUNDS.items()}
    schema |= {name: value for name, value in said.items() if value is not None}
    if optional and not described.required:
        schema["type"] = [schema["type"], "null"]
    return schema


def prediction(model: Model) -> Schema:
    """One answer of the model, as its answer to the example shows it."""
    answer = model.answer or {}
    schema: Schema = {"type": "object", "title": f"{model.name} prediction"}
    schema["properties"] = {name: kind(value) for name, value in answer.items()}
    return schema | _required(answer)


def answered(one: str) -> Schema:
    """What `predict` answers: the prediction of one instance or a list, and who made it. `one` is a reference."""
    origin: Schema = {"type": "object", "properties": dict(_ORIGIN), "required": list(_ORIGIN)}
    single = {"allOf": [{"$ref": one}, origin]}
    many = {"type": "array", "items": {"$ref": one}}
    several = {"allOf": [{"type": "object", "properties": {"predictions": many}, "required": ["predictions"]}, origin]}
    return {"anyOf": [several, single]}


def asked(one: str, most: int) -> Schema:
    """What `predict` is asked as JSON: an instance, a list of them, or an object with that list."""
    many = {"type": "array", "minItems": 1, "maxItems": most, "items": {"$ref": one}}
    wrapped = {
        "type": "object",
        "properties": {"instances": many},
        "required": ["instances"],
        "additionalProperties": False,
    }
    return {"anyOf": [{"$ref": one}, many, wrapped]}


def kind(value: Any) -> Schema:
    """The schema of values like this one."""
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case bytes():
            return {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}
        case str():
            return {"type": "string"}
        case list() | tuple():
            return {"type": "array", "items": kind(value[0]) if value else {}}
        case Mapping():
            return {"type": "object", "properties": {name: kind(each) for name, each in value.items()}}
    return {}


def _required(names: Any) -> Schema:
    listed = list(names)
    return {"required": listed} if listed else {}


def _tidy(example: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """Without the line breaks that base64 has in a YAML file."""
    pictures = {each.name for each in fields if each.kind == "image"}
    return {name: "".join(value.split()) if name in pictures else value for name, value in example.items()}

"""A model in; how it is asked by the Open Inference Protocol, as OpenAPI says it, out."""

from typing import Any

from services.inference.api.docs.predicting import HEADERS, about
from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import PREDICTING, answer, refused, said
from services.inference.api.tensors.datatypes import OF_FIELD

_TEXT: Schema = {"type": "string"}
_LIST: Schema = {"type": "array", "items": {"type": "string"}}
_SHAPE: Schema = {"type": "array", "items": {"type": "integer"}}
_PARAMETERS: Schema = {"type": "object"}
_DESCRIBED: Schema = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": _TEXT, "datatype": _TEXT, "shape": _SHAPE}},
}
_TENSOR: Schema = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": _TEXT,
        "datatype": _TEXT,
        "shape": _SHAPE,
        "data": {"type": "array"},
        "parameters": _PARAMETERS,
    },
}
_WANTED: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": _TEXT, "parameters": _PARAMETERS},
}
_REQUEST: Schema = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": _TEXT,
        "inputs": {"type": "array", "minItems": 1, "items": _TENSOR},
        "outputs": {"type": "array", "items": _WANTED},
        "parameters": _PARAMETERS,
    },
}
_RESPONSE: Schema = {
    "type": "object",
    "required": ["model_name", "model_version", "outputs"],
    "properties": {
        "model_name": _TEXT,
        "model_version": _TEXT,
        "id": _TEXT,
        "outputs": {"type": "array", "items": _TENSOR},
    },
}
_METADATA: Schema = {
    "type": "object",
    "required": ["name", "versions", "platform", "inputs", "outputs"],
    "properties": {
        "name": _TEXT,
        "versions": _LIST,
        "platform": _TEXT,
        "inputs": _DESCRIBED,
        "outputs": _DESCRIBED,
    },
}


def infer(model: Model) -> Schema:
    """`POST /v2/models/{name}/infer`."""
    content = {"schema": _REQUEST, "examples": {"one": {"summary": "One row", "value": {"inputs": _inputs(model)}}}}
    answered = {
        "application/json": {"schema": _RESPONSE},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    return {
        "summary": f"Predict with {model.name}, by tensors",
        "description": f"{model.title}. {about(model)} A tensor is a field, and has a value for each row.",
        "parameters": list(HEADERS),
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {"200": answer("An output tensor for each part of the answer.", answered)}
        | refused(404, 415, *PREDICTING),
    }


def metadata(model: Model) -> Schema:
    """`GET /v2/models/{name}`."""
    return {
        "summary": f"The tensors of {model.name}",
        "description": "What it takes and gives, by name, datatype and shape.",
        "responses": said("The tensors.", _METADATA, 404, 503),
    }


def ready(model: Model) -> Schema:
    """`GET /v2/models/{name}/ready`."""
    schema = {"type": "object", "properties": {"name": _TEXT, "ready": {"type": "boolean"}}, "required": ["ready"]}
    return {
        "summary": f"Whether {model.name} answers",
        "description": "Answered once a version is loaded and warm.",
        "responses": said("It does.", schema, 404, 503),
    }


def _inputs(model: Model) -> list[dict[str, Any]]:
    """The example as tensors of one row."""
    return [
        {"name": field.name, "shape": [1], "datatype": OF_FIELD[field.kind], "data": [model.example[field.name]]}
        for field in model.fields
        if model.example.get(field.name) is not None
    ]

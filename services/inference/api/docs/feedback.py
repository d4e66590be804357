"""A model in; how one says what was true of its answers, and what that adds up to, as OpenAPI says it, out."""

from typing import Any

import msgspec

from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import said
from services.inference.api.feedback import Many
from services.inference.telling.feedback import Feedback


def collected(model: Model) -> Schema:
    """`POST …/feedback`."""
    known: dict[str, Any] = {"request_id": "0f4c", "label": "what turned out to be true"}
    thought = {"request_id": "0f4c", "rating": 2, "comment": "not what one sees there"}
    examples = {
        "label": {"summary": "The true label", "value": known},
        "rating": {"summary": "A rating and a comment", "value": thought},
        "several": {"summary": "Several rows of one request", "value": {"feedback": [known, known | {"index": 1}]}},
    }
    schema = {"anyOf": [_schema(Feedback), _schema(Many)]}
    told = {"type": "object", "properties": {"accepted": {"type": "integer"}, "request_id": {"type": "string"}}}
    return {
        "summary": f"Say what was true of an answer of {model.name}",
        "description": "A label, a rating from 1 to 5 or a comment, by the request's id. What is told again changes "
        "nothing; what becomes known joins the prediction, and models are judged by it.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}},
        "responses": said("Taken.", told, 400, 413, status=202),
    }


def stats(model: Model) -> Schema:
    """`GET …/feedback/stats`."""
    return {
        "summary": f"What was said of {model.name}",
        "description": "Counts by label and rating, and how often the answers were right.",
        "responses": said("The counts.", {"type": "object", "required": ["model", "rows"]}),
    }


def _schema(kind: type) -> Schema:
    """The JSON schema of what is decoded to `kind`, with everything that it refers to inside it."""
    (schema,), parts = msgspec.json.schema_components([kind], ref_template="{name}")
    found: Schema = _whole(schema, parts)
    return found


def _whole(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _whole(parts[schema["$ref"]], parts)
        return {name: _whole(each, parts) for name, each in schema.items()}
    return [_whole(each, parts) for each in schema] if isinstance(schema, list) else schema

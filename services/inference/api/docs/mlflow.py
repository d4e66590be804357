"""A model in; how MLflow's clients ask it, as OpenAPI says it, out."""

import csv
from io import StringIO
from typing import Any

from services.inference.api.docs.predicting import HEADERS, about
from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import PREDICTING, answer, refusal

_ERROR: Schema = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {name: {"type": "string"} for name in ("error_code", "message", "request_id")},
}
_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


def invocations(model: Model) -> Schema:
    """`POST …/invocations`."""
    one = {"$ref": f"#/components/schemas/{model.name}.prediction"}
    answered: Schema = {
        "type": "object",
        "required": ["predictions"],
        "properties": {"predictions": {"type": "array", "items": one}},
    }
    return {
        "summary": f"Predict with {model.name}, as MLflow's clients do",
        "description": f"{model.title}. {about(model)}",
        "parameters": list(HEADERS),
        "requestBody": {"required": True, "content": _asked(model)},
        "responses": {"200": answer("A prediction for each row.", {"application/json": {"schema": answered}})}
        | refused(*PREDICTING, 500)
        | {"415": refusal(415, {"text/plain": {"schema": {"type": "string"}}})},
    }


def refused(*statuses: int) -> Schema:
    """Refusals as MLflow's clients read them."""
    return {str(status): refusal(status, {"application/json": {"schema": _ERROR}}) for status in statuses}


def _asked(model: Model) -> Schema:
    example = dict(model.example)
    split = {"columns": list(example), "data": [list(example.values())]}
    forms: Schema = {form: {} for form in _FORMS}
    schema = {"type": "object", "properties": forms | {"params": {"type": "object"}}, "minProperties": 1}
    examples = {
        "records": {"summary": "Rows as objects", "value": {"dataframe_records": [example]}},
        "split": {"summary": "Columns, and rows as lists", "value": {"dataframe_split": split}},
    }
    asked: dict[str, Any] = {"application/json": {"schema": schema, "examples": examples}}
    if all(field.kind != "image" for field in model.fields):
        table = {"table": {"summary": "A table", "value": _csv(example)}}
        asked["text/csv"] = {"schema": {"type": "string"}, "examples": table}
    return asked


def _csv(example: dict[str, Any]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(example), list(example.values())])
    return text.getvalue()

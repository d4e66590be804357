"""A model in; how `predict` is asked and what it answers, as OpenAPI says it, out."""

from base64 import b64encode
from typing import Any

from services.inference.api import contents
from services.inference.api.docs import schemas
from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import PREDICTING, answer, refused

_ID = {
    "name": "x-request-id",
    "in": "header",
    "description": "An id of your own for the request, of up to 128 visible characters; feedback refers to it.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
_TIMEOUT = {
    "name": "x-request-timeout",
    "in": "header",
    "description": "Seconds after which an answer is of no more use to you.",
    "schema": {"type": "string", "pattern": "^[1-9][0-9]{0,2}([.][0-9]{1,3})?$"},
}
_STICKY = {
    "name": "x-sticky-key",
    "in": "header",
    "description": "Whom you ask for: while a challenger is tried, requests with the same key get the same version.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
_TWICE = " Of two fields with one name the last counts."
HEADERS = (_ID, _TIMEOUT, _STICKY)


def predict(model: Model) -> Schema:
    """`POST …/predict`."""
    answered: dict[str, Any] = {"application/json": _json_answered(model)}
    if model.draws:
        answered["image/png"] = {"schema": {"type": "string", "format": "binary"}}
    return {
        "summary": f"Predict with {model.name}",
        "description": f"{model.title}. {about(model)} Send one instance, or up to {model.max_rows} in a list.{_TWICE}",
        "parameters": list(HEADERS),
        "requestBody": {"required": True, "content": _asked(model)},
        "responses": {"200": answer("The prediction.", answered)} | refused(406, 415, *PREDICTING),
    }


def about(model: Model) -> str:
    """Which version answers."""
    return f"Answered by {model.version}." if model.version else "No version is loaded yet."


def _asked(model: Model) -> Schema:
    """The content types that the model is asked with."""
    fields = model.fields
    asked: dict[str, Any] = {"application/json": _json_asked(model)}
    if fields:
        asked["multipart/form-data"] = {"schema": schemas.form(model)}
    if image := contents.only(fields, "image"):
        asked["image/*"] = {"schema": {"type": "string", "format": "binary", "title": f"A file: {image}"}}
    if text := contents.only(fields, "text"):
        asked["text/plain"] = {
            "schema": {"type": "string"},
            "examples": {"text": {"value": model.example.get(text, "")}},
        }
    return asked


def _json_asked(model: Model) -> Schema:
    examples = {
        "one": {"summary": "One instance", "value": model.example},
        "several": {"summary": "Several instances", "value": {"instances": [model.example, model.example]}},
    }
    one = f"#/components/schemas/{model.name}.instance"
    return {"schema": schemas.asked(one, model.max_rows), "examples": examples}


def _json_answered(model: Model) -> Schema:
    content: Schema = {"schema": schemas.answered(f"#/components/schemas/{model.name}.prediction")}
    if model.answer:
        shown = {name: _shown(value) for name, value in model.answer.items()}
        origin = {"model": model.name, "version": 1, "alias": "champion", "request_id": "0f4c"}
        content["examples"] = {"one": {"value": shown | origin}}
    return content


def _shown(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value

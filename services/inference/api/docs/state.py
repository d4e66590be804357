"""What every service tells of itself, whatever it hosts, as OpenAPI says it."""

from collections.abc import Callable, Mapping

from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import answer, refused, said

_TEXT: Schema = {"type": "string"}
_TRUTH: Schema = {"type": "boolean"}
_LIST: Schema = {"type": "array", "items": _TEXT}
_PUSH: Schema = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {
            "type": "object",
            "properties": {
                "data": {"type": "string", "contentEncoding": "base64"},
                "attributes": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "subscription": _TEXT,
    },
}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _get(summary: str, description: str, schema: Schema) -> Callable[[Model | None], Schema]:
    return lambda _: {"summary": summary, "description": description, "responses": said(description, schema)}


def _page(summary: str, content: str) -> Callable[[Model | None], Schema]:
    shown = {"200": answer(summary, {content: {"schema": _TEXT}})}
    return lambda _: {"summary": summary, "responses": shown | refused()}


def _ready(summary: str, content: Schema) -> Callable[[Model | None], Schema]:
    waiting = _object(ready=_TRUTH, reason=_TEXT)
    not_yet = answer("Not yet; `reason` says why.", {"application/json": {"schema": waiting}})
    return lambda _: {
        "summary": summary,
        "description": "Ready when a version of every workload that has a champion is loaded and warm.",
        "responses": {"200": answer("Ready.", {"application/json": content}), "503": not_yet} | refused(),
    }


def _events(_: Model | None) -> Schema:
    return {
        "summary": "Take an event",
        "description": "Where Pub/Sub delivers that a model was promoted; it answers once that model does.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _PUSH}}},
        "responses": {"204": {"description": "Taken, or not for this service."}} | refused(400, 401, 413, 503),
    }


OPERATIONS: Mapping[str, Callable[[Model | None], Schema]] = {
    "POST events": _events,
    "GET ready": _ready("Whether models answer", {"schema": _object(ready=_TRUTH)}),
    "GET ping": _ready("Whether models answer, as MLflow's clients ask", {"schema": {}}),
    "GET version": _page("The service's version, as MLflow's clients ask", "application/json"),
    "GET server": _get(
        "What serves, as the Open Inference Protocol asks",
        "Its name, its version and the extensions of the protocol that it has.",
        _object(name=_TEXT, version=_TEXT, extensions=_LIST),
    ),
    "GET live": _get(
        "Whether the process answers, as the Open Inference Protocol asks",
        "Says nothing of models.",
        _object(live=_TRUTH),
    ),
    "GET health": _get("Whether the process answers", "Says nothing of models.", _object(status=_TEXT)),
    "GET models": _get(
        "What is hosted",
        "The versions that answer, since when, and what went wrong last.",
        _object(models={"type": "array", "items": {"type": "object"}}),
    ),
    "GET index": _get("Where things are", "Every route.", _object(service=_TEXT, routes=_LIST)),
    "GET metrics": _page("What happened, as Prometheus reads it", "text/plain"),
    "GET docs": _page("The page on which all this is read and tried", "text/html"),
    "GET openapi": _get(
        "This document", "OpenAPI 3.1, as it is with the versions that are loaded.", {"type": "object"}
    ),
}
"""By method and name of the route."""

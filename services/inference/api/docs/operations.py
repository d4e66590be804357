"""A route and the model behind it in; what OpenAPI calls an operation out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.inference.api import invocations
from services.inference.api.docs import feedback, mlflow, predicting, state, tensors
from services.inference.api.docs.schemas import Model, Schema
from services.inference.api.docs.statuses import refused
from services.inference.web import answers
from services.inference.web.answers import Refusal
from services.inference.web.routing import VERSION, Route

_OF_MODELS: Mapping[str, Callable[[Model], Schema]] = {
    "POST predict": predicting.predict,
    "POST invocations": mlflow.invocations,
    "POST feedback": feedback.collected,
    "GET feedback": feedback.stats,
    "POST infer": tensors.infer,
    "GET metadata": tensors.metadata,
    "GET ready": tensors.ready,
}
_REFUSED: Mapping[Refusal, Callable[..., Schema]] = {answers.refusal: refused, invocations.refusal: mlflow.refused}
"""Responses for statuses, by how a route says errors."""


def operation(method: str, path: str, route: Route, model: Model | None, keys: bool) -> Schema:
    """The operation. With `keys`, a guarded one needs one."""
    said = _described(f"{method} {route.api}", model)
    if VERSION in path:
        said["parameters"] = [_version(model), *said.get("parameters", ())]
        said["responses"] = said["responses"] | refused(404)
    if keys and route.guarded:
        said["security"] = [{"key": []}, {"bearer": []}]
        said["responses"] = _REFUSED[route.refusal](401, 429) | said["responses"]
    name = re.sub(r"\W+", "_", path).strip("_") or "index"
    return {"operationId": f"{method.lower()}_{name}", "tags": [route.workload or "service"], **said}


def _version(model: Model | None) -> Schema:
    loaded = [str(number) for number in model.loaded] if model else []
    about = "The number of a version that is loaded."
    schema = {"type": "string", "enum": loaded} if loaded else {"type": "string", "pattern": "^[0-9]{1,9}$"}
    return {"name": "version", "in": "path", "required": True, "description": about, "schema": schema}


def _described(name: str, model: Model | None) -> dict[str, Any]:
    found = _OF_MODELS[name](model) if model else state.OPERATIONS[name](None)
    return dict(found)

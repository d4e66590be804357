"""Routes and what is loaded behind them in; an OpenAPI 3.1 document out."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from services.inference.api.docs import schemas, statuses
from services.inference.api.docs.operations import operation
from services.inference.api.docs.schemas import Model
from services.inference.web.routing import Routes

_ABOUT = (
    "Predictions by the models that the registry calls champions. Every answer names the version that gave it; every "
    "refusal is a sentence that says what was expected."
)
_KEYS = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def document(routes: Routes, models: Iterable[Model], keys: bool) -> dict[str, Any]:
    """Every method of every route, with its examples and every status that it answers with."""
    known = {model.name: model for model in models}
    components: dict[str, Any] = {"schemas": {"Error": schemas.ERROR}, "responses": statuses.refusals()}
    for name, model in known.items():
        components["schemas"][f"{name}.instance"] = schemas.instance(model)
        components["schemas"][f"{name}.prediction"] = schemas.prediction(model)
    if keys:
        components["securitySchemes"] = _KEYS
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headrace inference", "version": version("headrace"), "description": _ABOUT},
        "tags": [*({"name": name, "description": model.title} for name, model in known.items()), {"name": "service"}],
        "paths": {
            path: {
                method.lower(): operation(method, path, route, known.get(route.workload), keys)
                for method, route in methods.items()
            }
            for path, methods in routes.items()
        },
        "components": components,
    }

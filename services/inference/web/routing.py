"""A method and a path in; the handler that answers them, or a refusal that names the way, out."""

from collections.abc import Mapping
from typing import NamedTuple

from services.inference.web import answers
from services.inference.web.answers import Answer, Refusal, Refused
from services.inference.web.request import Handler, Request


class Route(NamedTuple):
    """What answers a request, and under which workload and name it is counted.

    Who calls a `guarded` one must show a key where the service has keys. A body has `limit` bytes at most. Errors are
    said as `refusal` does.
    """

    handler: Handler
    api: str
    workload: str = ""
    guarded: bool = True
    limit: int = 1 << 20
    refusal: Refusal = answers.refusal


Routes = Mapping[str, Mapping[str, Route]]
"""Routes by method by path. A path may have VERSION where requests have the number of a version."""

VERSION = "/versions/{version}"


class Router:
    """Looks up `routes`; `models` are the workloads that are hosted."""

    def __init__(self, routes: Routes, models: tuple[str, ...]) -> None:
        self._routes = {**routes, "/": {"GET": Route(self._index, "index", guarded=False)}}
        self._models = models

    def find(self, method: str, path: str) -> Route:
        """The route of a request. Raises Refused."""
        methods = self._routes.get(path) or self._routes.get(_of_any_version(path))
        if methods is None:
            raise self._unknown(path)
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            allowed = ", ".join(methods)
            raise Refused(405, f"{path} takes {allowed}, not {method}", ((b"allow", allowed.encode()),))
        return route

    async def _index(self, _: Request) -> Answer:
        routes = [f"{method} {path}" for path, methods in self._routes.items() for method in methods]
        return answers.says({"service": "headrace inference", "routes": routes})

    def _unknown(self, path: str) -> Refused:
        match path.split("/"):
            case ["", "models", name, *_] | ["", "v2", "models", name, *_] if name not in self._models:
                return Refused(404, f"no model named {name[:100]!r}; there are {', '.join(self._models)}")
            case ["", "predict" | "invocations"]:
                ways = ", ".join(f"/models/{name}{path}" for name in self._models)
                return Refused(404, f"several models are served here; ask one of {ways}")
        return Refused(404, f"nothing is at {path[:200]}; GET / names what there is")


def _of_any_version(path: str) -> str:
    model, found, rest = path.partition("/versions/")
    _, slash, action = rest.partition("/")
    return f"{model}{VERSION}{slash}{action}" if found else ""

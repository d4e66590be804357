"""A method and a path in; the handler that answers them, or a refusal that names the way, out."""

from collections.abc import Mapping

from services.inference import answers
from services.inference.answers import Answer, Refused
from services.inference.request import Handler, Request

Routes = Mapping[str, Mapping[str, Handler]]


class Router:
    """Looks up `routes`: handlers by method by path."""

    def __init__(self, routes: Routes, models: tuple[str, ...]) -> None:
        self._routes = {**routes, "/": {"GET": self._index}}
        self._models = models

    def find(self, method: str, path: str) -> Handler:
        """The handler of a request. Raises Refused."""
        methods = self._routes.get(path)
        if methods is None:
            raise self._unknown(path)
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            allowed = ", ".join(methods)
            raise Refused(405, f"{path} takes {allowed}, not {method}", ((b"allow", allowed.encode()),))
        return handler

    async def _index(self, _: Request) -> Answer:
        routes = [f"{method} {path}" for path, methods in self._routes.items() for method in methods]
        return answers.says({"service": "headrace inference", "routes": routes})

    def _unknown(self, path: str) -> Refused:
        match path.split("/"):
            case ["", "models", name, "predict" | "feedback"] if name not in self._models:
                return Refused(404, f"no model named {name[:100]!r}; there are {', '.join(self._models)}")
            case ["", "predict"]:
                ways = ", ".join(f"/models/{name}/predict" for name in self._models)
                return Refused(404, f"several models are served here; ask one of {ways}")
        return Refused(404, f"nothing is at {path[:200]}; GET / names what there is")

"""The routes of a service in; `GET /openapi.json`, and `GET /docs` on which it is read and tried, out."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from services.inference.answering.engine import Engine
from services.inference.web import answers
from services.inference.web.answers import Answer, Headers
from services.inference.web.request import Request
from services.inference.web.routing import Route, Routes

_PAGE = Path(__file__).with_name("page.html")
_HTML = b"text/html; charset=utf-8"


class Docs:
    """Describes `routes` and its own. The document is written anew when other versions are loaded than before."""

    def __init__(self, routes: Routes, engines: Mapping[str, Engine], keys: bool) -> None:
        own = {
            "/openapi.json": {"GET": Route(self.openapi, "openapi", guarded=False)},
            "/docs": {"GET": Route(self.page, "docs", guarded=False)},
        }
        self.routes: Routes = {**routes, **own}
        self._described = {"/": {"GET": Route(self.page, "index", guarded=False)}, **self.routes}  # "/" is the router's
        self._engines, self._keys = engines, keys
        self._loaded: list[tuple[str, int]] | None = None
        self._written = b""

    async def openapi(self, _: Request) -> Answer:
        """The document."""
        loaded = [(name, served.version) for name, engine in self._engines.items() for served in engine.hosted.loaded]
        if loaded != self._loaded:
            self._written = await asyncio.to_thread(self._write)
            self._loaded = loaded
        return Answer(200, self._written)

    async def page(self, _: Request) -> Answer:
        """The page; it asks for the document."""
        body, headers = _page()
        return Answer(200, body, headers, _HTML)

    def _write(self) -> bytes:
        from services.inference.api.docs import document, schemas  # not before somebody asks: it takes time to import

        hosted = [engine.hosted for engine in self._engines.values()]
        models = [schemas.described(each.workload, each.loaded) for each in hosted]
        return answers.encode(document.document(self._described, models, self._keys))


@cache
def _page() -> tuple[bytes, Headers]:
    """The page and its policy: its own script and style run, and nothing comes from elsewhere."""
    text = _PAGE.read_text("utf-8")
    script, style = (_between(text, f"<{tag}>", f"</{tag}>") for tag in ("script", "style"))
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; connect-src 'self'; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = ((b"content-security-policy", policy.encode()), (b"x-content-type-options", b"nosniff"))
    return text.encode(), headers


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

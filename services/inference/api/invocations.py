"""A request as MLflow's clients send it in; MLflow's answer to it out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from services.inference.answering.engine import Engine
from services.inference.answering.rows import Rows
from services.inference.api import contents
from services.inference.api.tables import delimited, frames, parquet
from services.inference.api.tables.rows import Empty
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

JSON = b"application/json"
TYPES = "application/json, text/csv or application/vnd.apache.parquet"
TEXT = b"text/plain; charset=utf-8"
UNSUPPORTED = 415

_CODES: Mapping[int, str] = {
    401: "UNAUTHENTICATED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_USUAL_CODE = "BAD_REQUEST"


@dataclass(slots=True)
class Invocations:
    """`POST …/invocations` of one workload. `params` are taken, and used by no model of the platform."""

    engine: Engine

    async def invoke(self, request: Request) -> Answer:
        """Answer `{"predictions": [...]}`, an object for each row, whatever form they came in."""
        try:
            reader = await self._reader(request)
            predicted, _ = await self.engine.answer(request, reader, packed=reader.func is parquet.read)
        except Empty:
            return answers.says({"predictions": []})
        return answers.says({"predictions": predicted.predictions})

    async def _reader(self, request: Request) -> partial[Rows]:
        """How to read the body. Raises Refused."""
        hosted = self.engine.hosted
        fields, most = hosted.choose().codec.fields, hosted.workload.description.serving.max_rows
        header = request.headers.get(b"content-type", b"")
        if header == JSON:
            return partial(frames.read, fields, most)
        content = contents.parsed(header)
        if content.charset.lower() not in ("utf-8", "utf8"):
            raise Refused(UNSUPPORTED, f"the charset is {content.charset[:40]!r}; send UTF-8")
        if others := [option for option in header.lower().split(b";")[1:] if b"charset=" not in option]:
            shown = others[0].strip()[:40].decode("latin-1")
            raise Refused(UNSUPPORTED, f"content-type has {shown!r}; nothing but a charset may follow the type")
        match content.kind:
            case "application/json":
                return partial(frames.read, fields, most)
            case "text/csv":
                return partial(delimited.read, fields, most)
            case "application/vnd.apache.parquet":
                await asyncio.to_thread(parquet.load)
                return partial(parquet.read, most)
        raise Refused(UNSUPPORTED, f"content-type is {content.kind[:60]!r}; send {TYPES}")


def pinged(ready: Callable[[Request], Awaitable[Answer]]) -> Callable[[Request], Awaitable[Answer]]:
    """`GET /ping`: an empty line once `ready` says so."""

    async def ping(request: Request) -> Answer:
        answer = await ready(request)
        return Answer(200, b"\n") if answer.status == 200 else answer

    return ping


async def versioned(_: Request) -> Answer:
    """`GET /version`: the platform's own version, as bare text."""
    return Answer(200, version("headrace").encode())


def refusal(error: Refused, request_id: str) -> Answer:
    """The error as MLflow's clients read it: 400 for whatever is wrong with an instance, and plain text for a 415."""
    if error.status == UNSUPPORTED:
        return Answer(UNSUPPORTED, str(error).encode(), content=TEXT)
    status = 400 if error.status == 422 else error.status
    said = {"error_code": _CODES.get(status, _USUAL_CODE), "message": str(error), "request_id": request_id}
    return Answer(status, answers.encode(said), error.headers)

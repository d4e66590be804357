"""ASGI messages in; a service started and stopped with the process, and an answer to every request, out."""

import logging
from collections.abc import Callable
from time import monotonic

from headrace.errors import HeadraceError
from services.inference.service import Inference
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Disconnected, Receive, Request, Scope, Send
from services.inference.web.routing import Route

log = logging.getLogger("headrace.inference")

CLIENT_LEFT = 499
"""How a request is counted whose client did not wait for the answer; nobody reads it."""


class Application:
    """The ASGI application of the service that `compose` makes when the server starts."""

    def __init__(self, compose: Callable[[], Inference]) -> None:
        self._compose = compose
        self._service: Inference | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run from the server's start to its end."""
        if scope["type"] == "http" and self._service:
            await _respond(self._service, scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            raise RuntimeError(f"the service does not speak {scope['type']}, or was not started")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._service = self._compose()
            await self._service.start()
        except Exception as error:
            log.critical("the service cannot start: %s", error, exc_info=not isinstance(error, HeadraceError))
            await send({"type": "lifespan.startup.failed"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._service.stop()
        await send({"type": "lifespan.shutdown.complete"})


async def _respond(service: Inference, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    workload, api = "", "unknown"
    try:
        route = service.router.find(request.method, request.path)
    except Refused as error:
        answer = answers.refusal(error, request.id)
    else:
        workload, api = route.workload, route.api
        service.meters[workload].in_flight += 1
        answer = await _answer(route, request)
        service.meters[workload].in_flight -= 1
    service.meters[workload].answered(api, answer.status, monotonic() - request.arrived)
    if answer.status != CLIENT_LEFT:
        await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer, request)})
        await send({"type": "http.response.body", "body": answer.body})


async def _answer(route: Route, request: Request) -> Answer:
    """What the route says; whatever goes wrong, there is an answer."""
    try:
        return await route.handler(request)
    except Refused as error:
        return answers.refusal(error, request.id)
    except Disconnected:
        return Answer(CLIENT_LEFT, b"")
    except Exception:
        log.exception("request %s failed", request.id)
        return answers.failure(request.id)


def _headers(answer: Answer, request: Request) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-request-id", request.id.encode()),
        (b"traceparent", request.trace.traceparent.encode()),
        *answer.headers,
    ]
    if answer.body:
        headers += [(b"content-type", answer.content), (b"content-length", b"%d" % len(answer.body))]
    return headers

"""Requests in; a service started and stopped with the process, and an answer to every request, out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

from headrace.errors import HeadraceError
from services.inference.service import Inference
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.bodies import Bodies
from services.inference.web.request import Disconnected, Request
from services.inference.web.routing import Route

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

log = logging.getLogger("headrace.inference")

CLIENT_LEFT = 499
"""How a request is counted whose client did not wait for the answer; nobody reads it."""


class Application:
    """The service that `compose` makes when the server starts; its one ASGI conversation is that of start and end."""

    def __init__(self, compose: Callable[[], Inference]) -> None:
        self._compose = compose
        self._service: Inference

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Run from the server's start to its end."""
        if scope["type"] != "lifespan":
            raise RuntimeError(f"the service does not speak {scope['type']} by ASGI; see web/connection.py")
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

    @property
    def bodies(self) -> Bodies:
        """What connections hold of large bodies."""
        return self._service.bodies

    def route(self, request: Request) -> Route | Refused:
        """What answers the request, known before its body has come."""
        try:
            route = self._service.router.find(request.method, request.path)
            request.counted, request.refusal = (route.workload, route.api), route.refusal
            if (guard := self._service.doors.guard) and route.guarded:
                guard.admit(request)
            return route
        except Refused as error:
            return error

    async def answer(self, request: Request, route: Route | Refused) -> Answer:
        """The answer to a whole request, counted."""
        if isinstance(route, Refused):
            return self.refuse(request, route)
        meter = self._service.meters[route.workload]
        meter.in_flight += 1
        answer = await _answer(route, request)
        meter.in_flight -= 1
        meter.answered(route.api, answer.status, monotonic() - request.arrived)
        return answer

    def refuse(self, request: Request, error: Refused) -> Answer:
        """The answer to what no route takes, counted."""
        workload, api = request.counted
        self._service.meters[workload].answered(api, error.status, monotonic() - request.arrived)
        return request.refusal(error, request.id)


async def _answer(route: Route, request: Request) -> Answer:
    """What the route says; whatever goes wrong, there is an answer."""
    try:
        return await route.handler(request)
    except Refused as error:
        return route.refusal(error, request.id)
    except asyncio.CancelledError:  # the server stops, and will not wait longer
        sentence = "the service is stopping and could not answer in time; ask again"
        return route.refusal(Refused(503, sentence, ((b"retry-after", b"1"),)), request.id)
    except Disconnected:
        return Answer(CLIENT_LEFT, b"")
    except Exception:
        log.exception("request %s failed", request.id)
        return route.refusal(answers.failure(request.id), request.id)

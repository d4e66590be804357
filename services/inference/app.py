"""ASGI messages in; a service started and stopped with the process, and an answer to every request, out."""

import logging
from collections.abc import Callable

from headrace.errors import HeadraceError
from services.inference import answers
from services.inference.answers import Answer, Refused
from services.inference.request import Disconnected, Receive, Request, Scope, Send
from services.inference.service import Inference

log = logging.getLogger("headrace.inference")

_JSON = (b"content-type", b"application/json")


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
    try:
        answer = await service.router.find(scope["method"], scope["path"])(request)
    except Refused as error:
        answer = answers.refusal(error, request.id)
    except Disconnected:
        return
    except Exception:
        log.exception("request %s failed", request.id)
        answer = answers.failure(request.id)
    await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer, request)})
    await send({"type": "http.response.body", "body": answer.body})


def _headers(answer: Answer, request: Request) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"x-request-id", request.id.encode()),
        (b"traceparent", request.trace.traceparent.encode()),
        *answer.headers,
    ]
    if answer.body:
        headers += [_JSON, (b"content-length", b"%d" % len(answer.body))]
    return headers

"""Routes in; a loopback JSON server that names whatever it does not implement out."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_HTTP = {
    "INVALID_ARGUMENT": HTTPStatus.BAD_REQUEST,
    "FAILED_PRECONDITION": HTTPStatus.BAD_REQUEST,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "ALREADY_EXISTS": HTTPStatus.CONFLICT,
    "ABORTED": HTTPStatus.CONFLICT,
    "UNIMPLEMENTED": HTTPStatus.NOT_IMPLEMENTED,
}


class _IdConvertor(Convertor[str]):
    regex = "[^/:]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", _IdConvertor())


class RestError(Exception):
    """A status, by Google's name for it, that a handler answers with."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def rest_app(routes: Sequence[Route]) -> Starlette:
    """An application of `routes`; any other request is answered UNIMPLEMENTED with its method and path.

    In a route, `{name:id}` is one part of a resource name, up to the colon before a verb.
    """
    anything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    other = Route("/{path:path}", _unimplemented, methods=anything)
    return Starlette(routes=[*routes, other], exception_handlers={RestError: _answer})


def bound(port: int = 0) -> socket.socket:
    """A socket bound to 127.0.0.1:`port`, or to a free port."""
    # asyncio switches Nagle's algorithm off only for sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; choose another port") from error
    return listener


async def serve_app(app: Starlette, listener: socket.socket) -> None:
    """Serve `app` where `listener` is bound until cancelled."""
    config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve([listener]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the command line."""
        yield


async def _answer(_: Request, error: Exception) -> JSONResponse:
    refused = cast(RestError, error)  # the type this handler is registered for
    code = _HTTP[refused.status]
    return JSONResponse({"error": {"code": code, "message": refused.message, "status": refused.status}}, code)


async def _unimplemented(request: Request) -> JSONResponse:
    raise RestError("UNIMPLEMENTED", f"localcloud does not implement {request.method} {request.url.path}")

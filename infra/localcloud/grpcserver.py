"""A table of handlers in; a loopback gRPC server that names whatever it does not implement out."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio

Unary = Callable[[Any], Awaitable[Any]]
Stream = Callable[[AsyncIterator[Any]], AsyncIterator[Any]]

MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class StatusError(Exception):
    """A gRPC status that a handler answers with."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC: its handler, and how requests are read and replies are written.

    `request` and `reply` are proto-plus classes or protobuf message classes; a streaming method
    takes an async iterator of requests and yields replies.
    """

    handler: Unary | Stream
    request: Any
    reply: Any
    streaming: bool = False


def grpc_server(services: Mapping[str, Mapping[str, Method]]) -> grpc.aio.Server:
    """A server for `{service full name: {method name: Method}}` that listens nowhere yet.

    Any other method of any service is answered UNIMPLEMENTED with its own name in the message.
    """
    options = [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.http2.max_ping_strikes", 0),  # Google's clients ping idle streams more often than gRPC allows by default
        ("grpc.so_reuseport", 0),  # two servers on one port would take each other's calls
    ]
    server = grpc.aio.server(options=[*options, ("grpc.so_reuseport", 0)])
    for service, methods in services.items():
        handlers = {name: _rpc(method) for name, method in methods.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_generic_rpc_handlers((_Unimplemented(),))
    return server


def listen(server: grpc.aio.Server, port: int = 0) -> int:
    """Have a server listen on 127.0.0.1:`port`, or on a free port, once it is started; the port."""
    address = f"127.0.0.1:{port}"
    try:
        return int(server.add_insecure_port(address))
    except RuntimeError as error:
        raise OSError(f"cannot listen on {address}; choose another port") from error


def _rpc(method: Method) -> grpc.RpcMethodHandler:
    read, write = _reader(method.request), _writer(method.reply)
    if method.streaming:
        return grpc.stream_stream_rpc_method_handler(_stream(method.handler), read, write)
    return grpc.unary_unary_rpc_method_handler(_unary(method.handler), read, write)


def _reader(message: Any) -> Any:
    return message.deserialize if hasattr(message, "deserialize") else message.FromString


def _writer(message: Any) -> Any:
    return message.serialize if hasattr(message, "serialize") else message.SerializeToString


def _unary(handler: Any) -> Any:
    async def call(request: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            return await handler(request)
        except StatusError as error:
            return await context.abort(error.code, error.message)

    return call


def _stream(handler: Any) -> Any:
    async def call(requests: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        try:
            async for reply in handler(requests):
                yield reply
        except StatusError as error:
            await context.abort(error.code, error.message)

    return call


class _Unimplemented(grpc.GenericRpcHandler):
    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        async def refuse(_: bytes, context: grpc.aio.ServicerContext) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"localcloud does not implement {call.method}")

        return grpc.unary_unary_rpc_method_handler(refuse)

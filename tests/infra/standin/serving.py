"""Providers' schemas in; the environment variables that make terraform ask their stand-ins out."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc

from tests.infra.schema.model import Provider
from tests.infra.standin.protocol import MESSAGES, METHODS
from tests.infra.standin.provider import StandIn

_MAX_BYTES = 64 * 1024 * 1024
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@contextmanager
def stand_ins(providers: Mapping[str, Provider]) -> Iterator[dict[str, str]]:
    """Serve `providers` on loopback while the block runs; what it yields goes into terraform's environment."""
    with ExitStack() as stack:
        attached = {
            f"registry.terraform.io/hashicorp/{name}": {
                "Protocol": "grpc",
                "ProtocolVersion": 5,
                "Pid": os.getpid(),
                "Test": True,  # terraform leaves the process alone when it is done
                "Addr": {"Network": "tcp", "String": f"127.0.0.1:{stack.enter_context(_served(provider))}"},
            }
            for name, provider in providers.items()
        }
        yield {
            "TF_REATTACH_PROVIDERS": json.dumps(attached),
            "TF_CLI_CONFIG_FILE": os.devnull,  # a person's own settings may name providers too
            "CHECKPOINT_DISABLE": "1",
        }


@contextmanager
def _served(provider: Provider) -> Iterator[int]:
    server = grpc.server(
        ThreadPoolExecutor(max_workers=8),
        options=[("grpc.max_send_message_length", _MAX_BYTES), ("grpc.max_receive_message_length", _MAX_BYTES)],
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin5.Provider", _handlers(provider)),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()


def _handlers(provider: Provider) -> dict[str, Any]:
    stand_in = StandIn(provider)
    return {
        method: grpc.unary_unary_rpc_method_handler(
            _ignoring_context(getattr(stand_in, _CAPITAL.sub("_", method).lower())),
            request_deserializer=MESSAGES[request].FromString,
            response_serializer=MESSAGES[response].SerializeToString,
        )
        for method, (request, response) in METHODS.items()
    }


def _ignoring_context(handler: Any) -> Any:
    return lambda request, _context: handler(request)

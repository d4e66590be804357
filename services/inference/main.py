"""A port in; the champions of every workload, answering on it, out."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvicorn

from headrace import catalogue, loading
from headrace.errors import HeadraceError
from headrace.wiring import on_gcp
from services.inference.access.doors import doors
from services.inference.hosting.models import Workload
from services.inference.hosting.sources import CHAMPION, FORMS, PinRefused, Source, pin
from services.inference.service import Inference
from services.inference.web.app import Application
from services.inference.web.connection import Connection

REQUEST_SECONDS = 3
KEEP_ALIVE_SECONDS = 75
SWITCH_SECONDS = 0.001
REGISTRY_RETRIES = 1
"""Who follows asks again by itself, and a start must not wait for a registry that is down."""


def compose(cache: Path | None = None, only: Sequence[str] = (), pins: Sequence[tuple[str, Source]] = ()) -> Inference:
    """The service for every workload of the catalogue, or `only` some, on this process's platform."""
    platform = on_gcp("mlflow_url", registry_retries=REGISTRY_RETRIES)
    workloads = hosted(only or loading.names(), dict(pins))
    return Inference(platform, workloads, cache, doors=doors(platform.settings, lambda: platform.tokens))


def hosted(names: Sequence[str], pins: Mapping[str, Source]) -> list[Workload]:
    """The workloads of those names, each served as it is pinned, or else its champion. Raises Rejected, PinRefused."""
    for name in pins:
        if name not in names:
            raise PinRefused(f"{name!r} is pinned, but not served here; there are {', '.join(names)}")
    return [
        Workload(catalogue.describe(name), partial(loading.serving, name), pins.get(name, CHAMPION)) for name in names
    ]


app = Application(compose)


def configured(application: Application, host: str, port: int) -> uvicorn.Config:
    """How the server is set up: its logs are the platform's, and Cloud Run's front end may keep connections."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )


def serve(application: Application, host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT; then finish what is in flight, publish what was logged, and end."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(configured(application, host, port)).run()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Answer with the champion of every workload.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 in a container")
    parser.add_argument("--cache", type=Path, help="keep downloaded models here, for the next start")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="a workload to serve; repeatable")
    parser.add_argument(
        "--pin",
        action="append",
        default=[],
        metavar="NAME=URI",
        help=f"serve {FORMS} instead of the champion; repeatable",
    )
    given = parser.parse_args()
    try:
        pins = [pin(text) for text in given.pin]
        hosted(given.only or loading.names(), dict(pins))
    except HeadraceError as error:
        parser.error(str(error))
    serve(Application(partial(compose, given.cache, given.only, pins)), given.host, given.port)


if __name__ == "__main__":
    main()

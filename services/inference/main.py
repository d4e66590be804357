"""A port in; the champions of every workload, answering on it, out."""

import argparse
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvicorn

from headrace import catalogue
from headrace.wiring import on_gcp
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from services.inference.web.app import Application

REQUEST_SECONDS = 3
KEEP_ALIVE_SECONDS = 75
SWITCH_SECONDS = 0.001


def compose(cache: Path | None = None) -> Inference:
    """The service for every workload of the catalogue, on this process's platform."""
    workloads = [Workload(catalogue.describe(name), partial(catalogue.serving, name)) for name in catalogue.names()]
    return Inference(on_gcp("mlflow_url"), workloads, cache)


app = Application(compose)


def configured(application: Application, host: str, port: int) -> uvicorn.Config:
    """How the server is set up: its logs are the platform's, and Cloud Run's front end may keep connections."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
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
    given = parser.parse_args()
    serve(Application(partial(compose, given.cache)), given.host, given.port)


if __name__ == "__main__":
    main()

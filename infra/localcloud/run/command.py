"""The Cloud Run server's command line in; the server run until cancelled out."""

import argparse
from pathlib import Path

from localcloud.processes.images import add_image_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m localcloud run`."""
    parser.add_argument("--port", type=int, default=8088, help="HTTP port on 127.0.0.1 (default 8088)")
    parser.add_argument("--state", type=Path, default=Path(".headrace/run"), help="folder of jobs and task logs")
    add_image_arguments(parser)
    parser.add_argument(
        "--stop-grace", type=float, default=10.0, metavar="SECONDS", help="from SIGTERM to SIGKILL of a task"
    )


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; then stop what runs, to be started again by the next server on the same state."""
    from localcloud.run.server import serve_run  # the client library is slow to import

    await serve_run(options)

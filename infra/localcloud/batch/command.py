"""The Batch server's command line in; the server run until cancelled out."""

import argparse
import os
from pathlib import Path

from localcloud.processes.images import add_image_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m localcloud batch`."""
    parser.add_argument("--port", type=int, default=8087, help="gRPC port on 127.0.0.1 (default 8087)")
    parser.add_argument("--state", type=Path, default=Path(".headrace/batch"), help="folder of jobs and task logs")
    add_image_arguments(parser)
    parser.add_argument("--pubsub", metavar="HOST:PORT", help="where jobs' notifications are published")
    parser.add_argument(
        "--cpus",
        type=float,
        default=float(os.cpu_count() or 1),
        help="cores that running tasks may ask for together (default: this machine's)",
    )
    parser.add_argument(
        "--preemption-grace", type=float, default=30.0, metavar="SECONDS", help="from SIGTERM to SIGKILL of a Spot VM"
    )
    parser.add_argument(
        "--stop-grace", type=float, default=10.0, metavar="SECONDS", help="the same when a task is stopped otherwise"
    )


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; then stop what runs, to be started again by the next server on the same state."""
    from localcloud.batch.server import serve_batch  # the client library is slow to import

    await serve_batch(options)

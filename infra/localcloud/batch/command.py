"""The command line of the Batch server in; the server, running until cancelled, out."""

import argparse
import os
from pathlib import Path

from localcloud.processes.images import add_image_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the server's options."""
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder of jobs and task logs")
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
    from localcloud.batch import server

    await server.serve(options)

"""The Scheduler server's command line in; the server run until cancelled out."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m localcloud scheduler`."""
    parser.add_argument("--port", type=int, default=8089, help="HTTP port on 127.0.0.1 (default 8089)")
    parser.add_argument("--state", type=Path, default=Path(".headrace/scheduler"), help="folder of the SQLite database")


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled, then close cleanly."""
    from localcloud.scheduler.server import serve_scheduler  # its HTTP libraries are slow to import

    await serve_scheduler(options)

"""The Logging server's command line in; the server run until cancelled out."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m localcloud logging`."""
    parser.add_argument("--port", type=int, default=8090, help="HTTP port on 127.0.0.1 (default 8090)")
    parser.add_argument("--batch", type=Path, default=Path(".headrace/batch"), help="the Batch server's folder")
    parser.add_argument("--run", type=Path, default=Path(".headrace/run"), help="the Cloud Run server's folder")


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled."""
    from localcloud.logging.api import EntriesApi
    from localcloud.restserver import bound, rest_app, serve_app

    await serve_app(rest_app(EntriesApi(options.batch, options.run).routes()), bound(options.port))

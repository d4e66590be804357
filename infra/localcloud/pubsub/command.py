"""The Pub/Sub server's command line in; the server run until cancelled out."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m localcloud pubsub`."""
    parser.add_argument("--port", type=int, default=8085, help="port of both gRPC and REST on 127.0.0.1 (default 8085)")
    parser.add_argument("--state", type=Path, default=Path(".headrace/pubsub"), help="folder of the SQLite database")
    parser.add_argument(
        "--storage-endpoint",
        metavar="URL",
        help="base URL of the Cloud Storage JSON API that Cloud Storage subscriptions write to",
    )


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled, then close cleanly."""
    from localcloud.pubsub.server import serve_pubsub  # gRPC is slow to import, and `--help` does without

    await serve_pubsub(options.port, options.state, options.storage_endpoint)

"""Command-line options in; a Cloud Storage server on the loopback interface out, until it is cancelled."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the storage server's options."""
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, help="directory for bytes and metadata; made when missing")
    parser.add_argument(
        "--trigger",
        action="append",
        default=[],
        metavar="BUCKET=URL",
        help="POST every finalized object of BUCKET to URL as a CloudEvent; may be repeated",
    )


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled, then finish the requests in progress and close."""
    from localcloud.storage.server import serve_storage

    await serve_storage(options.port, options.state, options.trigger)

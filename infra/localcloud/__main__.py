"""The laptop's Google Cloud from the command line: `python -m localcloud SERVER …` runs one server until stopped."""

import argparse
import asyncio
import importlib
import signal
import sys
from types import ModuleType

SERVERS = {
    "pubsub": "Pub/Sub over gRPC, publishing over REST too: topics, push, pull and Cloud Storage subscriptions",
    "storage": "the Cloud Storage JSON API, with finalized events delivered as Eventarc delivers them",
    "batch": "Batch over gRPC: each task a local process",
    "run": "Cloud Run jobs over REST: each task a local process",
    "scheduler": "Cloud Scheduler: HTTP targets called on a cron schedule",
    "logging": "Cloud Logging over REST: what the tasks of the local Batch and Cloud Run wrote",
}


def main() -> None:
    """Parse the command line and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    commands = parser.add_subparsers(dest="server", required=True, metavar="SERVER")
    for name, summary in SERVERS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        _module(name).add_arguments(command)
    options = parser.parse_args()
    try:
        asyncio.run(_until_stopped(_module(options.server), options))
    except OSError as error:
        sys.exit(f"{options.server} cannot start: {error}")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"localcloud.{name}.command")


async def _until_stopped(module: ModuleType, options: argparse.Namespace) -> None:
    task = asyncio.ensure_future(module.serve(options))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    main()

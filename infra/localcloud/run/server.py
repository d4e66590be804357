"""The Cloud Run server's options in; jobs of the Admin API v2 served on 127.0.0.1 until cancelled out."""

import argparse
import contextlib

from localcloud.processes import Images, StateFolder, end_orphans
from localcloud.restserver import bound, rest_app, serve_app
from localcloud.run.api import JobsApi
from localcloud.run.host import Host
from localcloud.run.record import Record
from localcloud.run.runs import Runs
from localcloud.run.store import Store


async def serve_run(options: argparse.Namespace) -> None:
    """Serve until cancelled, then stop every task's processes."""
    with StateFolder(options.state) as folder, contextlib.closing(Store(folder.path / "run.sqlite")) as store:
        host = Host(folder.path, Images(options.image), dict(options.env), options.stop_grace)
        await end_orphans(host.owner)
        record = Record(store)
        runs = Runs(store, record, host)
        runs.resume()
        try:
            await serve_app(rest_app(JobsApi(store, record, runs).routes()), bound(options.port))
        finally:
            await runs.close()

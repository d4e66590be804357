"""The Scheduler's options in; cloudscheduler v1 served on 127.0.0.1, and its jobs dispatched, until cancelled out."""

import argparse
import contextlib

import aiohttp

from localcloud.processes import StateFolder
from localcloud.restserver import bound, rest_app, serve_app
from localcloud.scheduler.api import JobsApi
from localcloud.scheduler.attempts import Dispatcher
from localcloud.scheduler.store import Store
from localcloud.scheduler.ticker import Ticker


async def serve_scheduler(options: argparse.Namespace) -> None:
    """Serve and tick until cancelled."""
    with StateFolder(options.state) as folder, contextlib.closing(Store(folder.path / "scheduler.sqlite")) as store:
        async with aiohttp.ClientSession(skip_auto_headers=["User-Agent", "Content-Type"]) as session:
            ticker = Ticker(store, Dispatcher(store, session))
            ticker.resume()
            try:
                await serve_app(rest_app(JobsApi(store, ticker).routes()), bound(options.port))
            finally:
                await ticker.close()

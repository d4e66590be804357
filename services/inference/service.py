"""A platform and the workloads to host in; the routes of a running inference service out."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from services.inference import feedback, prediction_log
from services.inference.batching import TickBatcher
from services.inference.cache import Cache
from services.inference.feedback import Collector
from services.inference.follower import Follower
from services.inference.hosting import Hosted
from services.inference.models import Workload
from services.inference.needs import Platform
from services.inference.outbox import Outbox
from services.inference.predict import Predictor
from services.inference.pushes import Inbox
from services.inference.request import Handler
from services.inference.routing import Router
from services.inference.status import Status

POLL_SECONDS = 10.0
FLUSH_SECONDS = 4.0


class Inference:
    """Everything of one process: what it hosts, what follows the registry, what logs, and the way in.

    Artifacts are kept in `cache`; without one, in a folder that goes when the service does.
    """

    def __init__(
        self,
        platform: Platform,
        workloads: Sequence[Workload],
        cache: Path | None = None,
        poll: float = POLL_SECONDS,
    ) -> None:
        folder = cache or Path(mkdtemp(prefix="headrace-models-"))
        self._temporary = None if cache else folder
        self._hosted = {workload.name: Hosted(workload) for workload in workloads}
        self._follower = Follower(platform, self._hosted, Cache(folder), poll)
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "predict")
        self._predictions = Outbox(prediction_log.TOPIC, platform)
        self._feedback = Outbox(feedback.TOPIC, platform)
        self._following: asyncio.Task[None] | None = None
        self.router = Router(self._routes(platform), tuple(self._hosted))

    async def start(self) -> None:
        """Follow the registry from now on; models load while the service is already listening."""
        self._following = asyncio.create_task(self._follower.run())

    async def stop(self) -> None:
        """Publish what was logged and leave nothing behind."""
        if self._following:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        self._follower.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        boxes = (self._predictions, self._feedback)
        await asyncio.gather(*(asyncio.to_thread(box.close, FLUSH_SECONDS) for box in boxes))
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _routes(self, platform: Platform) -> dict[str, dict[str, Handler]]:
        status = Status(self._hosted, self._follower, (self._predictions, self._feedback))
        routes: dict[str, dict[str, Handler]] = {
            "/health": {"GET": status.health},
            "/ready": {"GET": status.ready},
            "/models": {"GET": status.models},
            "/events": {"POST": Inbox(self._follower, frozenset(self._hosted)).receive},
        }
        for name, hosted in self._hosted.items():
            predictor = Predictor(hosted, TickBatcher(hosted), self._predictions, platform.clock, self._threads)
            collector = Collector(name, self._feedback, platform.clock)
            routes[f"/models/{name}/predict"] = {"POST": predictor.predict}
            routes[f"/models/{name}/feedback"] = {"POST": collector.collect}
            if len(self._hosted) == 1:
                routes["/predict"] = {"POST": predictor.predict}
        return routes

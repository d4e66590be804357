"""A platform and the workloads to host in; the routes of a running inference service out."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from services.inference.answering.engine import Engine
from services.inference.api import feedback
from services.inference.api.feedback import Collector
from services.inference.api.metrics import Metrics
from services.inference.api.predict import Predict
from services.inference.api.pushes import Inbox
from services.inference.api.status import Status
from services.inference.hosting.cache import Cache
from services.inference.hosting.follower import Follower
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.models import Workload
from services.inference.needs import Platform
from services.inference.telling import prediction_log
from services.inference.telling.metrics import Meter
from services.inference.telling.outbox import Outbox
from services.inference.web.routing import Route, Router

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
        width = min(4, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(width, "predict")
        self._predictions = Outbox(prediction_log.TOPIC, platform)
        self._feedback = Outbox(feedback.TOPIC, platform)
        self._following: asyncio.Task[None] | None = None
        self.meters = {name: Meter() for name in ("", *self._hosted)}
        self._engines = {name: self._engine(hosted, platform, width) for name, hosted in self._hosted.items()}
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

    def _engine(self, hosted: Hosted, platform: Platform, width: int) -> Engine:
        meter = self.meters[hosted.workload.name]
        return Engine(hosted, self._predictions, platform.clock, self._threads, width, meter)

    def _routes(self, platform: Platform) -> dict[str, dict[str, Route]]:
        boxes = (self._predictions, self._feedback)
        status = Status(self._hosted, self._follower, boxes)
        inbox = Inbox(self._follower, frozenset(self._hosted))
        metrics = Metrics(self._engines, self.meters, boxes)
        routes = {
            "/health": {"GET": Route(status.health, "health", guarded=False)},
            "/ready": {"GET": Route(status.ready, "ready", guarded=False)},
            "/metrics": {"GET": Route(metrics.page, "metrics", guarded=False)},
            "/models": {"GET": Route(status.models, "models")},
            "/events": {"POST": Route(inbox.receive, "events", guarded=False)},
        }
        for name, engine in self._engines.items():
            own = _routes_of(engine, Collector(name, self._feedback, platform.clock))
            routes |= {f"/models/{name}{path}": methods for path, methods in own.items()}
            if len(self._engines) == 1:
                routes |= own
        return routes


def _routes_of(engine: Engine, collector: Collector) -> dict[str, dict[str, Route]]:
    """What one workload answers, below its own path."""
    name = engine.hosted.workload.name
    return {
        "/predict": {"POST": Route(Predict(engine).predict, "predict", name)},
        "/feedback": {"POST": Route(collector.collect, "feedback", name)},
    }

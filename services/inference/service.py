"""A platform and the workloads to host in; the routes of a running inference service out."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from services.inference.access.doors import EVENTS, OPEN, Doors
from services.inference.answering.engine import Engine
from services.inference.answering.threads import Threads
from services.inference.api import invocations
from services.inference.api.docs.pages import Docs
from services.inference.api.feedback import Collector
from services.inference.api.invocations import Invocations, pinged, versioned
from services.inference.api.metrics import Metrics
from services.inference.api.predict import Predict
from services.inference.api.pushes import Inbox
from services.inference.api.status import Status
from services.inference.api.tensors import models as tensor_models
from services.inference.api.tensors.infer import Infer
from services.inference.api.tensors.models import Models
from services.inference.hosting.cache import Cache
from services.inference.hosting.follower import Follower
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.models import Workload
from services.inference.needs import Platform
from services.inference.telling import feedback, prediction_log
from services.inference.telling.metrics import Meter
from services.inference.telling.outbox import Outbox
from services.inference.telling.prediction_log import PredictionLog
from services.inference.telling.tally import Tally
from services.inference.web import answers
from services.inference.web.answers import Answer, Refusal
from services.inference.web.bodies import Bodies
from services.inference.web.request import Handler, Request
from services.inference.web.routing import VERSION, Route, Router, Routes

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
        doors: Doors = OPEN,
    ) -> None:
        folder = cache or Path(mkdtemp(prefix="headrace-models-"))
        self._temporary = None if cache else folder
        self._hosted = {workload.name: Hosted(workload) for workload in workloads}
        self._follower = Follower(platform, self._hosted, Cache(folder), poll, self._asked)
        width = min(4, os.cpu_count() or 1)
        self._threads = Threads(width)
        self._predictions = Outbox(prediction_log.TOPIC, platform)
        self._feedback = Outbox(feedback.TOPIC, platform)
        self._following: asyncio.Task[None] | None = None
        self.doors, self.bodies = doors, Bodies()
        self._logs = {name: self._log(hosted, platform) for name, hosted in self._hosted.items()}
        self.meters = {name: Meter() for name in ("", *self._hosted)}
        self._engines = {name: self._engine(hosted, width) for name, hosted in self._hosted.items()}
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
        if self.doors.pushers:
            self.doors.pushers.close()
        boxes = (self._predictions, self._feedback)
        await asyncio.gather(*(asyncio.to_thread(box.close, FLUSH_SECONDS) for box in boxes))
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _asked(self) -> int:
        return sum(meter.asked for meter in self.meters.values())

    def _log(self, hosted: Hosted, platform: Platform) -> PredictionLog:
        share = hosted.workload.description.serving.log_share
        return PredictionLog(self._predictions, platform.clock, lambda: self._threads.busy, share)

    def _engine(self, hosted: Hosted, width: int) -> Engine:
        name, each = hosted.workload.name, hosted.workload.description.serving.threads
        return Engine(hosted, self._logs[name], self._threads, max(1, width // each), self.meters[name])

    def _routes(self, platform: Platform) -> Routes:
        boxes = (self._predictions, self._feedback)
        status = Status(self._hosted, self._follower, boxes)
        inbox = Inbox(self._follower, frozenset(self._hosted), self.doors.pushers)
        metrics = Metrics(self._engines, self.meters, boxes, self._logs, self.bodies)
        routes = {
            "/health": {"GET": Route(status.health, "health", guarded=False)},
            "/ready": {"GET": Route(status.ready, "ready", guarded=False)},
            "/ping": {"GET": Route(pinged(status.ready), "ping", guarded=False)},
            "/version": {"GET": Route(versioned, "version", guarded=False)},
            "/v2": {"GET": Route(tensor_models.server, "server", guarded=False)},
            "/v2/health/live": {"GET": Route(tensor_models.live, "live", guarded=False)},
            "/v2/health/ready": {"GET": Route(status.ready, "ready", guarded=False)},
            "/metrics": {"GET": Route(metrics.page, "metrics", guarded=False)},
            "/models": {"GET": Route(status.models, "models")},
            EVENTS: {"POST": Route(inbox.receive, "events", guarded=False)},
        }
        for name, engine in self._engines.items():
            tally = Tally(self._logs[name].memory, platform.clock.now())
            models = Models(engine)
            own = _routes_of(engine, models, Collector(name, self._feedback, platform.clock, tally))
            routes |= {f"/models/{name}{path}": methods for path, methods in own.items()}
            routes |= _tensor_routes(f"/v2/models/{name}", engine, models)
            if len(self._engines) == 1:
                routes |= own
        return Docs(routes, self._engines, bool(self.doors.guard)).routes


def _routes_of(engine: Engine, models: Models, collector: Collector) -> dict[str, dict[str, Route]]:
    """What one workload answers, below its own path."""
    name, predict = engine.hosted.workload.name, Predict(engine, models)
    return {
        "/predict": {"POST": _asking(engine, predict.predict, "predict")},
        f"{VERSION}/predict": {"POST": _asking(engine, predict.predict_by_version, "predict")},
        "/invocations": {"POST": _asking(engine, Invocations(engine).invoke, "invocations", invocations.refusal)},
        "/feedback": {"POST": Route(collector.collect, "feedback", name)},
        "/feedback/stats": {"GET": Route(collector.stats, "feedback", name)},
    }


def _tensor_routes(path: str, engine: Engine, models: Models) -> dict[str, dict[str, Route]]:
    """What one workload answers in the Open Inference Protocol, below its path there."""
    name = engine.hosted.workload.name
    own = {
        "": {"GET": Route(models.metadata, "metadata", name)},
        "/ready": {"GET": Route(models.ready, "ready", name, guarded=False)},
        "/infer": {"POST": _asking(engine, Infer(engine, models).infer, "infer")},
    }
    return {f"{path}{part}{action}": methods for part in ("", VERSION) for action, methods in own.items()}


def _asking(engine: Engine, handler: Handler, api: str, refusal: Refusal = answers.refusal) -> Route:
    """What asks a workload's model: a request that comes before the first one waits for it."""
    hosted = engine.hosted

    async def answer(request: Request) -> Answer:
        if not hosted.is_settled:
            await hosted.settled(request.deadline(hosted.workload.description.serving.timeout_seconds))
        return await handler(request)

    return Route(answer, api, hosted.workload.name, limit=engine.most_bytes, refusal=refusal)

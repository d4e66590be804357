"""The registry's aliases in; every workload answered by the version its alias names, out."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from random import uniform

from headrace.ports import Version
from services.inference.hosting import models
from services.inference.hosting.cache import Cache
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.models import CHAMPION
from services.inference.needs import Platform

log = logging.getLogger("headrace.inference.follower")

FIRST_LOOK_SECONDS = 1.0


class Follower:
    """Looks at the registry about every `poll` seconds and whenever it is told to, on one thread of its own.

    While the registry is down or a version does not load, what answers goes on answering.
    """

    def __init__(self, platform: Platform, hosted: Mapping[str, Hosted], cache: Cache, poll: float) -> None:
        self._platform = platform
        self._hosted = hosted
        self._cache = cache
        self._poll = poll
        self._thread = ThreadPoolExecutor(1, "follower")
        self.has_looked = False

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(self._thread, self._look)
            await asyncio.sleep(self._pause())

    async def refresh(self, workload: str) -> None:
        """Return when the version that the champion alias names is answering. Raises what keeps it from that."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, copy_context().run, self._refresh, self._hosted[workload])

    def close(self) -> None:
        """Let the thread end with what it is doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _pause(self) -> float:
        longest = self._poll if self.has_looked else min(FIRST_LOOK_SECONDS, self._poll)
        return uniform(0.6, 1.0) * longest  # noqa: S311 - many instances must not ask at once; nothing secret

    def _look(self) -> None:
        try:
            aliases = self._platform.registry.workloads()
        except Exception as error:
            log.warning("the registry does not answer, so what is served stays: %s", error)
            return
        for name, hosted in self._hosted.items():
            hosted.champion = aliases.get(name, {}).get(CHAMPION)
            if hosted.champion is not None and hosted.is_due(hosted.champion):
                self._try(hosted)
        self.has_looked = True

    def _try(self, hosted: Hosted) -> None:
        try:
            self._refresh(hosted)
        except Exception as error:
            log.warning("the champion of %s is tried again later: %s", hosted.workload.name, error)

    def _refresh(self, hosted: Hosted) -> None:
        version = self._platform.registry.alias(hosted.workload.name, CHAMPION)
        hosted.champion = version.number if version else None
        if version is None or (hosted.served and hosted.served.version == version.number):
            return
        try:
            self._load(hosted, version)
        except Exception as error:
            hosted.failed(version.number, f"{type(error).__name__}: {error}", self._platform.clock.now())
            log.exception("version %d of %s did not load", version.number, version.workload)
            raise

    def _load(self, hosted: Hosted, version: Version) -> None:
        folder = self._cache.fetch(self._platform.registry, version)
        try:
            served = models.load(hosted.workload, version, folder, self._platform.clock.now())
        except BaseException:
            self._cache.discard(version)
            raise
        hosted.swap(served)
        self._cache.prune(version.workload)
        log.info("version %d of %s answers", version.number, version.workload)

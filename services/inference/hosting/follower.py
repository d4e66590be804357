"""The registry's aliases in; every workload answered by the version its source names, out."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from random import uniform
from threading import Lock

from headrace.events import ModelUnserved
from headrace.ports import Version
from headrace.promotion.trials import CHALLENGER
from services.inference.hosting import loader
from services.inference.hosting.cache import Cache
from services.inference.hosting.challengers import Challengers
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.loader import Unservable
from services.inference.hosting.models import Served
from services.inference.needs import Platform
from services.inference.telling.announcements import Announcements

log = logging.getLogger("headrace.inference.follower")

FIRST_LOOK_SECONDS = 1.0
IDLE_SECONDS = 1.0
"""After the first request in a while the next look is as near as that."""
PATIENCE_SECONDS = 2.0
"""How long a start waits for a registry that hangs before it serves what the cache knows."""


class Follower:
    """Looks at the registry about every `poll` seconds and whenever it is told to, on one thread of its own.

    While the registry is down or a version does not load, what answers goes on answering. A start without the registry
    serves what the cache says answered last. While `asked` counts no more requests, nobody would see a change, and the
    registry is let sleep.
    """

    def __init__(
        self,
        platform: Platform,
        hosted: Mapping[str, Hosted],
        cache: Cache,
        poll: float,
        asked: Callable[[], int] = lambda: 0,
    ) -> None:
        self._platform = platform
        self._hosted = hosted
        self._cache = cache
        self._poll, self._asked, self._seen = poll, asked, -1
        self._thread = ThreadPoolExecutor(1, "follower")
        self._swapping = Lock()
        self._announcements = Announcements(platform)
        self._challengers = Challengers(platform, cache, self._announcements)
        self.has_looked = False
        self.outage: str | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        look = loop.run_in_executor(self._thread, self._look)
        if not (await asyncio.wait({look}, timeout=PATIENCE_SECONDS))[0]:
            await asyncio.to_thread(self._recall)
        while True:
            await look
            await asyncio.sleep(self._pause())
            while self._is_idle():  # noqa: ASYNC110 - an event set by every request would cost every request
                await asyncio.sleep(min(IDLE_SECONDS, self._poll))
            look = loop.run_in_executor(self._thread, self._look)

    async def refresh(self, workload: str) -> None:
        """Return when what the registry names for the workload is answering. Raises what keeps it from that."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, copy_context().run, self._refresh, self._hosted[workload])

    def close(self) -> None:
        """Let the threads end with what they are doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._challengers.close()

    def _pause(self) -> float:
        longest = self._poll if self.has_looked else min(FIRST_LOOK_SECONDS, self._poll)
        return uniform(0.6, 1.0) * longest  # noqa: S311 - many instances must not ask at once; nothing secret

    def _is_idle(self) -> bool:
        """Whether nobody asked since the last look, and nothing is left to be done."""
        before, self._seen = self._seen, self._asked()
        is_quiet = self._seen == before and not self._announcements.waiting
        return (
            is_quiet and self.has_looked and self.outage is None and all(each.ready for each in self._hosted.values())
        )

    def _look(self) -> None:
        self._announcements.send()
        for hosted in self._hosted.values():
            if hosted.served and (fault := hosted.watch.fault):
                self._unserved(hosted, hosted.served.version, fault)
        try:
            named = self._platform.registry.workloads()
        except Exception as error:
            log.warning("the registry does not answer, so what is served stays: %s", error)
            self.outage = str(error)
            self._recall()
            for hosted in self._hosted.values():
                hosted.is_settled = True
            return
        for name, hosted in self._hosted.items():
            try:
                self._follow(hosted, named.get(name, {}))
            except Exception as error:
                log.warning("%s is followed again later: %s", name, error)
        self.has_looked, self.outage = True, None

    def _follow(self, hosted: Hosted, aliases: Mapping[str, int]) -> None:
        hosted.name(hosted.workload.source.number(aliases))
        if hosted.champion is None:
            self._cache.remember(hosted.workload.name, hosted.workload.uri, None)
        elif hosted.is_due(hosted.champion):
            self._refresh_champion(hosted)
        if hosted.tries:
            self._challengers.follow(hosted, aliases.get(CHALLENGER))

    def _refresh(self, hosted: Hosted) -> None:
        self._refresh_champion(hosted)
        if hosted.tries:
            challenger = self._platform.registry.alias(hosted.workload.name, CHALLENGER)
            self._challengers.follow(hosted, challenger.number if challenger else None)

    def _refresh_champion(self, hosted: Hosted) -> None:
        source = hosted.workload.source
        version = source.version(self._platform.registry, hosted.workload.name)
        hosted.name(version.number if version else None)
        if version is not None and not (hosted.served and hosted.served.version == version.number):
            self._swap(hosted, version)

    def _recall(self) -> None:
        """Serve what the cache says answered last, where nothing was heard of the registry yet."""
        for hosted in self._hosted.values():
            name, source = hosted.workload.name, hosted.workload.uri
            if self.has_looked or hosted.ready or not self._cache.knows(name, source):
                continue
            version = self._cache.recall(name, source)
            if version is None:
                hosted.name(None)
            elif self._cache.has(version) and hosted.is_due(version.number):
                self._try_recalled(hosted, version)

    def _try_recalled(self, hosted: Hosted, version: Version) -> None:
        try:
            served = self._loaded(hosted, version)
        except Exception as error:
            log.warning("the cache has no model of %s that answers: %s", version.workload, error)
            return
        with self._swapping:
            if hosted.served is None:
                hosted.name(version.number)
                hosted.swap(served)
                log.info("version %d of %s answers, as the cache knows it", version.number, version.workload)

    def _swap(self, hosted: Hosted, version: Version) -> None:
        served = self._challengers.promoted(hosted, version) or self._loaded(hosted, version)
        with self._swapping:
            hosted.swap(served)
        self._cache.remember(version.workload, hosted.workload.uri, version)
        self._cache.prune(version.workload)
        log.info("version %d of %s answers", version.number, version.workload)

    def _loaded(self, hosted: Hosted, version: Version) -> Served:
        try:
            return loader.load(self._cache, self._platform, hosted.workload, version, hosted.workload.source.alias)
        except Exception as error:
            self._failed(hosted, version, error)
            raise

    def _failed(self, hosted: Hosted, version: Version, error: Exception) -> None:
        hosted.failed(version.number, str(error), self._platform.clock.now())
        log.error("version %d of %s did not load", version.number, version.workload, exc_info=error)
        if isinstance(error, Unservable):
            self._unserved(hosted, version.number, f"it does not load: {error}"[:1000])

    def _unserved(self, hosted: Hosted, version: int, reason: str) -> None:
        name, alias = hosted.workload.name, hosted.workload.source.alias
        self._announcements.tell(ModelUnserved(workload=name, version=version, alias=alias, reason=reason))

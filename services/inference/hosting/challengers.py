"""What the alias challenger names in; a trial of it, where it was judged fit for one, out."""

import logging
from dataclasses import replace
from functools import partial

from headrace.events import ChallengerTried
from headrace.ports import Version
from headrace.promotion import trials
from headrace.promotion.trials import ABORTED, CHALLENGER
from services.inference.hosting import loader
from services.inference.hosting.cache import Cache
from services.inference.hosting.hosted import Hosted
from services.inference.hosting.loader import Unservable
from services.inference.hosting.models import Served
from services.inference.needs import Platform
from services.inference.telling.announcements import Announcements
from services.inference.trying.copies import Copies
from services.inference.trying.trial import Trial

log = logging.getLogger("headrace.inference.challengers")


class Challengers:
    """Begins trials and ends them; how each one ended is announced."""

    def __init__(self, platform: Platform, cache: Cache, announcements: Announcements) -> None:
        self._platform = platform
        self._cache = cache
        self._announcements = announcements
        self._copies = Copies()

    def follow(self, hosted: Hosted, number: int | None) -> None:
        """Try version `number` if that is to be; without one, or when it is champion itself, nothing is tried."""
        champion = hosted.served
        if champion is None or number is None or number == champion.version:
            hosted.withdraw()
            return
        is_tried = hosted.tried is not None and hosted.tried.version == number
        if is_tried or (hosted.challenger and hosted.challenger.version == number):
            return
        hosted.withdraw()
        version = self._platform.registry.version(hosted.workload.name, number)
        if trials.is_fit(version, champion.version):
            self._begin(hosted, champion, version)

    def promoted(self, hosted: Hosted, version: Version) -> Served | None:
        """The challenger as champion, if it is that version: it needs no loading."""
        loaded = hosted.challenger
        return (
            replace(loaded, alias=hosted.workload.source.alias) if loaded and loaded.version == version.number else None
        )

    def close(self) -> None:
        """Copy no more requests."""
        self._copies.close()

    def _begin(self, hosted: Hosted, champion: Served, version: Version) -> None:
        rule = hosted.workload.description.serving.challenger
        try:
            served = loader.load(self._cache, self._platform, hosted.workload, version, CHALLENGER)
        except Unservable as error:
            reason = f"it does not load: {error}"[:1000]
            hosted.failed(version.number, str(error), self._platform.clock.now())
            log.error("version %d of %s cannot be tried", version.number, version.workload, exc_info=error)
            self._end(
                hosted,
                ChallengerTried(
                    workload=version.workload,
                    version=version.number,
                    mode=rule.mode,
                    outcome=ABORTED,
                    reasons=(reason,),
                ),
            )
            return
        trial = Trial(rule, champion, served, self._copies, partial(self._over, hosted))
        hosted.challenge(trial)
        log.info("version %d of %s is tried: %s of %g", version.number, version.workload, rule.mode, rule.share)

    def _over(self, hosted: Hosted, trial: Trial, fact: ChallengerTried) -> None:
        if hosted.trial is trial:
            self._end(hosted, fact)

    def _end(self, hosted: Hosted, fact: ChallengerTried) -> None:
        hosted.end(fact)
        self._announcements.tell(fact)
        log.info("the trial of version %d of %s: %s, %s", fact.version, fact.workload, fact.outcome, fact.reasons)

"""A version that was judged fit in; its trial on real traffic, as the registry has it from beginning to end, out."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from headrace.events import ChallengerTried
from headrace.options.challenger import Challenger
from headrace.ports import Platform, Registry, Version
from headrace.promotion.promotions import VERDICT
from headrace.promotion.rejections import AGAINST

CHALLENGER = "challenger"
ON_TRIAL = "on trial"
"""The verdict on a version that passed the offline judgement and is tried on traffic before it is promoted."""
SINCE = "headrace.trial.since"
PASSED, ABORTED = "passed", "aborted"


def begin(platform: Platform, version: Version) -> None:
    """Put a version that was judged fit on trial; the verdict comes last, so that one cut short begins again."""
    registry, workload = platform.registry, version.workload
    registry.tag(workload, version.number, {SINCE: platform.clock.now().isoformat()})
    registry.set_alias(workload, CHALLENGER, version.number)
    registry.tag(workload, version.number, {VERDICT: ON_TRIAL})


def under_way(registry: Registry, workload: str) -> Version | None:
    """The version that is on trial, if any; while it is, no other is judged."""
    challenger = registry.alias(workload, CHALLENGER)
    return challenger if challenger and challenger.tags.get(VERDICT) == ON_TRIAL else None


def is_fit(version: Version, champion: int) -> bool:
    """Whether traffic may be given to a challenger: it was judged fit to be tried against this very champion."""
    return version.tags.get(VERDICT) == ON_TRIAL and version.tags.get(AGAINST) == str(champion)


def over(platform: Platform, versions: Iterable[Version], rule: Challenger) -> Iterator[ChallengerTried]:
    """Tell of every one of a workload's `versions` whose trial cannot come to its end by itself any more."""
    for version in versions:
        if version.tags.get(VERDICT) == ON_TRIAL:
            aliases = platform.registry.workloads().get(version.workload, {})
            reason = _obstacle(version, aliases.get("champion"), aliases.get(CHALLENGER), rule, platform.clock.now())
            if reason:
                yield ChallengerTried(
                    workload=version.workload,
                    version=version.number,
                    mode=rule.mode,
                    outcome=ABORTED,
                    reasons=(reason,),
                )


def _obstacle(
    version: Version, champion: int | None, challenger: int | None, rule: Challenger, now: datetime
) -> str | None:
    if champion == version.number:
        return "it was made champion before its trial was over"
    if str(champion) != version.tags.get(AGAINST):
        return f"version {champion} became champion while this one was tried against {version.tags.get(AGAINST)}"
    if challenger != version.number:
        return f"somebody took the alias {CHALLENGER} from it during its trial"
    if rule.mode == "off":
        return "serving.challenger was switched off during its trial"
    if now - datetime.fromisoformat(version.tags[SINCE]) > timedelta(hours=rule.hours):
        return f"no instance saw {rule.requests} requests of its trial within {rule.hours:g} hours"
    return None

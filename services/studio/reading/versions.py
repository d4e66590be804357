"""The registry's versions of a workload in; what each is and what was found of it, as its tags say, out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from headrace.errors import NotFound
from headrace.policy.verdict import Interval, Measured, Verdict
from headrace.ports import Platform, Version
from headrace.promotion import rejections, trials
from headrace.promotion.decisions import AWAITING
from headrace.promotion.promotions import PROMOTED, ROLLED_BACK, VERDICT
from headrace.promotion.rejections import AGAINST
from headrace.promotion.releases import SEMVER

SCORES, POLICY = "headrace.scores", "headrace.policy"
CARD = "card"
"""Where the evaluator puts a version's card and its verdict, among the files of the run."""

_INTERVAL, _MEASURED, _VERDICT = TypeAdapter(Interval), TypeAdapter(Measured), TypeAdapter(Verdict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A version, and what its tags say; `verdict` is empty while it is not judged."""

    workload: str
    number: int
    created: datetime
    run_id: str
    aliases: tuple[str, ...]
    verdict: str
    reasons: tuple[str, ...]
    semver: str
    candidate: str
    dataset: str
    testset: str
    job: str
    against: int | None
    scores: Mapping[str, float]
    champion_scores: Mapping[str, float]
    gain: Interval | None
    measured: Measured
    tried: Mapping[str, Any] | None

    @property
    def state(self) -> tuple[str, int, str]:
        """What all that is kept of it follows from."""
        return self.workload, self.number, self.verdict

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.semver} (version {self.number})" if self.semver else f"version {self.number}"

    @property
    def found(self) -> Verdict:
        """As much of the verdict as fits the tags: no intervals but the gain's, no groups."""
        passed = self.verdict in (PROMOTED, ROLLED_BACK, AWAITING, trials.ON_TRIAL)
        return Verdict(
            passed, self.reasons, self.scores, self.champion_scores or None, self.gain, measured=self.measured
        )


def of(platform: Platform, workload: str) -> list[Seen]:
    """Every version of the workload, newest first."""
    named = platform.registry.workloads().get(workload, {})
    return [seen(version, named) for version in reversed(platform.registry.versions(workload))]


def seen(version: Version, named: Mapping[str, int]) -> Seen:
    """One version; `named` are its workload's aliases."""
    tags, said = version.tags, _object(version.tags.get(SCORES))
    return Seen(
        workload=version.workload,
        number=version.number,
        created=version.created,
        run_id=version.run_id,
        aliases=tuple(alias for alias, number in named.items() if number == version.number),
        verdict=tags.get(VERDICT, ""),
        reasons=rejections.reasons(version),
        semver=tags.get(SEMVER, ""),
        candidate=tags.get("headrace.candidate", ""),
        dataset=tags.get("headrace.dataset", ""),
        testset=tags.get("headrace.testset", ""),
        job=tags.get("headrace.job", ""),
        against=int(tags[AGAINST]) if AGAINST in tags else None,
        scores=said.get("challenger", {}),
        champion_scores=said.get("champion", {}),
        gain=_INTERVAL.validate_python(said["gain"]) if said.get("gain") else None,
        measured=_MEASURED.validate_python(said.get("measured", {})),
        tried=_object(tags.get(rejections.TRIAL)) or None,
    )


def verdict(platform: Platform, version: Seen) -> Verdict:
    """All that was found of it; where its run keeps no verdict, what the tags have of it. Raises Unavailable."""
    try:
        return _VERDICT.validate_json(platform.registry.attachment(_asked(version), f"{CARD}/verdict.json"))
    except (NotFound, ValidationError):
        return version.found


def card(platform: Platform, version: Seen, ending: str) -> bytes:
    """The model card, `md` or `html`. Raises NotFound where there is none, and Unavailable."""
    return platform.registry.attachment(_asked(version), f"{CARD}/model.{ending}")


def slots(found: Sequence[Seen]) -> dict[str, Seen]:
    """Who stands beside whom: the champion, who challenges it, and the champion before; as far as there are any.

    The challenger is the version that is on trial, else the newest that waits for a person, else the newest judged one.
    """
    by_alias = {alias: each for each in found for alias in each.aliases}
    champion, previous = by_alias.get("champion"), by_alias.get("previous")
    others = [each for each in found if each not in (champion, previous) and each.verdict]
    waiting = [each for each in others if each.verdict == AWAITING]
    challenger = by_alias.get(trials.CHALLENGER) or next(iter([*waiting, *others]), None)
    placed = {"champion": champion, "challenger": challenger, "previous": previous}
    return {slot: each for slot, each in placed.items() if each}


def _asked(version: Seen) -> Version:
    return Version(version.workload, version.number, version.run_id, "", version.created)


def _object(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}

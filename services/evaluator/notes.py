"""A judgement in; the tags that a model version carries of it out."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from headrace import catalogue
from headrace.policy.verdict import Verdict
from headrace.ports import Objects, Version
from headrace.promotion import releases
from headrace.promotion.rejections import AGAINST, REASONS
from services.evaluator.gate import Judgement

SCORES, POLICY = "headrace.scores", "headrace.policy"


def tags(store: Objects, version: Version, champion: Version | None, judgement: Judgement) -> Mapping[str, str]:
    """Why, on which numbers, by which policy, against whom, and the version's number among the releases."""
    verdict = judgement.verdict
    noted = {
        REASONS: json.dumps(verdict.reasons),
        SCORES: json.dumps(_numbers(verdict)),
        POLICY: catalogue.describe(version.workload).promotion.hash,
    }
    if champion:
        noted[AGAINST] = str(champion.number)
    if judgement.fields:
        noted[releases.SEMVER] = releases.release(store, version, judgement.fields)
    return noted


def _numbers(verdict: Verdict) -> Mapping[str, Any]:
    """Every number that fits a tag; groups and gaps are in the model card."""
    return {
        "challenger": dict(verdict.scores),
        "champion": dict(verdict.champion_scores or {}),
        "gain": asdict(verdict.gain) if verdict.gain else None,
        "measured": asdict(verdict.measured),
    }

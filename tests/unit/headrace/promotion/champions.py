"""A platform in; its champions promoted, observed and named out."""

from headrace.events import ModelPromoted
from headrace.promotion import promotions
from headrace.promotion.promotions import Change
from tests.fakes import FakePlatform

W = "loan_default"


def three_versions() -> FakePlatform:
    """Three versions, none champion."""
    platform = FakePlatform()
    for _ in range(3):
        platform.registry.register(W, "run", "nowhere", {})
    return platform


def promote(platform: FakePlatform, version: int) -> Change:
    """Promote as the evaluator does: after the change it has seen."""
    after = len(promotions.history(platform.store, W))
    return promotions.promote(platform, W, version, "evaluator", "it is better", after=after)


def observe(platform: FakePlatform) -> list[ModelPromoted]:
    return list(promotions.observe(platform, W))


def champion(platform: FakePlatform) -> int | None:
    return platform.registry.workloads()[W].get("champion")

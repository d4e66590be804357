"""What a retraining would cost, by what its candidates took when they were trained last."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from headrace import catalogue
from headrace.costs import prices, training
from headrace.ports import Logged, Version
from services.drift import price
from tests.fakes import FakePlatform, FakeRegistry

W = "loan_default"
DESCRIPTION = catalogue.describe(W)
HOUR = training.hour(DESCRIPTION.resources, prices.load(price.ROOT))


class Timed(FakeRegistry):
    """A registry whose runs took so many minutes, by candidate."""

    minutes: dict[str, float]

    def training(self, version: Version) -> Logged:
        logged = super().training(version)
        took = self.minutes.get(version.tags["headrace.candidate"])
        return logged if took is None else replace(logged, ended=logged.started + timedelta(minutes=took))


@pytest.fixture
def platform() -> FakePlatform:
    platform = FakePlatform()
    registry = Timed(platform.clock)
    registry.minutes = {"logistic_regression": 56, "random_forest": 26}
    for candidate in ("logistic_regression", "random_forest", "xgboost"):
        registry.register(W, "run", "", {"headrace.candidate": candidate})
    platform.registry = registry
    return platform


def test_each_candidate_takes_what_it_took_last_and_what_its_machine_needs_to_start(platform: FakePlatform) -> None:
    unknown = DESCRIPTION.resources.max_minutes * 0.25 + 4
    found = price.of_retraining(platform, W)
    assert found.usd == pytest.approx(HOUR * (60 + 30 + unknown) / 60, abs=1e-4)
    assert str(found).startswith("about $0.")


def test_what_was_never_trained_takes_a_share_of_what_it_may_take() -> None:
    found = price.of_retraining(FakePlatform(), W)
    minutes = len(DESCRIPTION.candidates) * (DESCRIPTION.resources.max_minutes * 0.25 + 4)
    assert found.usd == pytest.approx(HOUR * minutes / 60, abs=1e-4)


def test_a_machine_that_nobody_knows_the_price_of_is_said_to_be_one(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = DESCRIPTION.resources.model_copy(update={"gpu": "nvidia-b200"})
    monkeypatch.setattr(catalogue, "describe", lambda _: DESCRIPTION.model_copy(update={"resources": resources}))
    found = price.of_retraining(platform, W)
    assert found.usd is None
    assert "has no price 'nvidia-b200_spot'" in str(found)


def test_without_a_list_of_prices_nobody_knows(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(price, "ROOT", tmp_path)
    assert price.of_retraining(platform, W).usd is None

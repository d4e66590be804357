"""What the memory of drift checks says."""

from datetime import timedelta

import pytest

from headrace import loading
from headrace.events import DriftDetected
from headrace.options.drift import Budget, Drift
from headrace.records.driftlog import Column
from services.studio.embedding import framed
from services.studio.reading import drift, versions
from tests.fakes import FakePlatform

from .checked import REPORT, W, history, keep
from .judged import DATASET, FOUND, OTHER, add, loans
from .keeping import told

RULE = Drift(cooldown_minutes=360, budget=Budget(retrainings=3, usd=1.0))


@pytest.fixture
def platform() -> FakePlatform:
    platform = loans()
    history(platform)
    return platform


def read(platform: FakePlatform, most: int = 100) -> list[str]:
    since = platform.clock.now() - timedelta(days=1)
    return [entry.check for entry in drift.checks(platform.store, W, since, most)]


def test_checks_are_read_in_their_order_and_no_more_than_asked_for(platform: FakePlatform) -> None:
    assert read(platform) == ["c1", "c2", "c3", "c4"]
    assert read(platform, 2) == ["c3", "c4"]
    platform.clock.advance(days=2)
    assert read(platform) == []


def test_what_is_left_of_the_week_follows_from_what_drift_has_caused(platform: FakePlatform) -> None:
    found = drift.checks(platform.store, W, platform.clock.now() - timedelta(days=1), 100)
    now = platform.clock.now()
    left = drift.allowance(RULE, found, now)
    assert (left.retrainings, left.of_retrainings, left.usd) == (2, 3, 0.75)
    assert left.until == found[1].at + timedelta(hours=6)
    assert drift.allowance(RULE, found, now + timedelta(hours=6)).until is None
    rested = drift.allowance(RULE, found, now + timedelta(days=8))
    assert (rested.retrainings, rested.usd) == (3, 1.0)


@pytest.mark.parametrize(("chance", "said"), [(1.0, 0.0), (0.01, 2.0), (0.0, 300.0)])
def test_surprise_counts_the_decimal_places_of_a_chance(chance: float, said: float) -> None:
    assert drift.surprise(chance) == pytest.approx(said)


def test_a_columns_strength_is_one_at_the_threshold(platform: FakePlatform) -> None:
    column = Column(name="dti", part="inputs", what="shape", chance=1e-3, change=0.1, bound=1e-3, alarm=False)
    assert drift.strength(column) == 1.0
    assert drift.strength(column.model_copy(update={"chance": 1e-6})) == pytest.approx(2.0)


def test_columns_are_ordered_by_how_far_they_ever_went(platform: FakePlatform) -> None:
    keep(platform, "c5", "steady", "steady", (("grade", 1e-40), ("term", 0.9)))
    found = drift.checks(platform.store, W, platform.clock.now() - timedelta(days=1), 100)
    assert drift.strongest(found, 3) == ["int_rate", "grade", "dti"]


def test_what_followed_is_the_dataset_that_was_told_of_and_the_versions_trained_on_it(platform: FakePlatform) -> None:
    found = drift.checks(platform.store, W, platform.clock.now() - timedelta(days=1), 100)
    caused, waited = found[1], found[2]
    now = platform.clock.now()
    assert drift.followed(platform, caused, versions.of(platform, W), now).dataset == ""
    told(
        platform, DriftDetected(workload=W, check="c2", version=2, columns=("dti",), dataset=OTHER), "drift", caused.at
    )
    told(platform, DriftDetected(workload=W, check="c9", version=2, columns=("dti",), dataset=DATASET), "drift", now)
    fourth = add(platform, FOUND, "rejected", 2, {"headrace.dataset": OTHER})
    followed = drift.followed(platform, caused, versions.of(platform, W), platform.clock.now())
    assert (followed.dataset, [each.number for each in followed.versions]) == (OTHER, [fourth])
    assert drift.followed(platform, waited, versions.of(platform, W), now).dataset == ""


def test_the_last_check_of_each_workload_is_known(platform: FakePlatform) -> None:
    latest = drift.latest(platform.store, loading.names())
    assert {name: entry.check for name, entry in latest.items()} == {W: "c4"}


def test_a_report_is_put_into_a_frame_that_has_no_origin_and_cannot_break_out_of_it() -> None:
    page = framed(REPORT.decode() + '"></iframe><script>parent.stolen = 1</script>', 'a "title"')
    assert 'sandbox="allow-scripts allow-popups"' in page
    assert "allow-same-origin" not in page
    assert page.count("<iframe") == page.count("</iframe>") == 1
    assert "<script" not in page
    assert 'title="a &quot;title&quot;"' in page

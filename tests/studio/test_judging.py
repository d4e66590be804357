"""Models and Drift in a browser: what is compared, what is decided, and Evidently's page in its frame."""

import getpass
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from headrace.drift.reference import Reference
from headrace.promotion import promotions
from headrace.records import driftlog
from headrace.records.driftlog import Column, Entry, Held
from services.drift import page as evidently
from services.studio.pages.models import SECONDS
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.waiting import eventually
from tests.studio.conftest import Shot
from tests.studio.looking import assert_sound, fits, settle, visit

pytestmark = pytest.mark.slow

MODELS, DRIFT = f"models?workload={WORKLOAD}", f"drift?workload={WORKLOAD}"


def decide(page: Page, verb: str, reason: str) -> None:
    page.get_by_role("button", name=verb).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill(reason)
    dialog.get_by_role("button", name=verb).click()


def test_the_champion_is_compared_with_every_number_that_was_found(page: Page, site: Loop, shot: Shot) -> None:
    visit(page, MODELS)
    expect(page.get_by_test_id("stMain").get_by_text("Champion").first).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"0\.\d{4}"))
    expect(page.get_by_role("heading", name="Calibration")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg").first).to_be_visible()
    shot(page, "models")
    assert_sound(page)


@pytest.mark.parametrize(
    ("part", "words"),
    [("Model card", "Purpose"), ("Lineage", "Dataset version"), ("History", "became champion")],
)
def test_each_part_is_there_under_its_own_address(page: Page, part: str, words: str) -> None:
    visit(page, f"{MODELS}&part={part}")
    expect(page.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel").get_by_text(words).first).to_be_visible()
    assert_sound(page)


def test_a_rollback_is_confirmed_with_a_reason_and_seen_at_once(page: Page, site: Loop, shot: Shot) -> None:
    champion = site.champion()
    assert champion is not None
    other = next(each.number for each in site.versions() if each.number != champion)
    last = promotions.last(site.platform.store, WORKLOAD)
    assert last is not None
    promotions.promote(site.platform, WORKLOAD, other, "a test", "to be taken back", after=last.change)
    eventually(lambda: site.champion() == other, "the other champion")
    page.wait_for_timeout(1000 * (SECONDS + 1))  # until what pages have read before is read again
    visit(page, MODELS)
    decide(page, "Roll back", "  ")
    expect(page.get_by_text("Say why, in a few words")).to_be_visible()
    assert site.champion() == other
    page.get_by_role("dialog").get_by_label("Why").fill("it was only a test")
    shot(page, "models-roll-back")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text(f"Version {champion} of {WORKLOAD} is champion again")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    change = promotions.last(site.platform.store, WORKLOAD)
    assert change is not None
    assert (change.version, change.actor) == (champion, getpass.getuser())
    assert change.reason == f"rolled back from version {other}: it was only a test"
    assert_sound(page)


def test_what_is_asked_in_a_dialog_is_left_by_the_keyboard_and_nothing_happens(page: Page, site: Loop) -> None:
    before = len(site.platform.jobs.list())
    visit(page, MODELS)
    retrain = page.get_by_role("button", name="Retrain")
    retrain.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    assert len(site.platform.jobs.list()) == before


@pytest.fixture(scope="module")
def checked(site: Loop, tmp_path_factory: pytest.TempPathFactory) -> Entry:
    """Two drift checks, the second with a page that Evidently made."""
    random, folder = np.random.default_rng(0), tmp_path_factory.mktemp("report")
    usual, moved = ({"dti": random.normal(at, 5.0, 500)} for at in (20.0, 30.0))
    assert Reference.of(usual).rows == 500
    evidently.draw(usual, moved, folder)
    entry = Entry(
        at=site.platform.clock.now(),
        workload=WORKLOAD,
        check="browser",
        version=site.champion() or 0,
        rows=1500,
        verdict="drifted",
        outcome="dti drifted, but only in 1 of the 2 checks in a row that it takes",
        alarms=("dti: its values are distributed otherwise (40.0% of rows; by chance 1e-40)",),
        columns=(Column(name="dti", part="inputs", what="shape", chance=1e-40, change=0.4, bound=1e-4, alarm=True),),
        held=Held(metric="auc", now=(0.61, 0.59, 0.63), then=(0.71, 0.69, 0.73), decayed=True),
        rate=1500.0,
    )
    quiet = entry.columns[0].model_copy(update={"chance": 0.2, "change": 0.01, "alarm": False})
    before = {"at": entry.at - timedelta(hours=1), "check": "before", "verdict": "steady", "outcome": "steady"}
    for each in (entry.model_copy(update={**before, "columns": (quiet,), "alarms": ()}), entry):
        driftlog.record(site.platform.store, each)
    site.platform.store.upload(f"reports/{WORKLOAD}/browser/report.html", folder / "report.html")
    return entry


def test_drift_is_drawn_over_time_with_the_decision_and_why(page: Page, checked: Entry, shot: Shot) -> None:
    visit(page, DRIFT)
    for title in ("Surprise over time", "Which columns, in which window", "Performance in use"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(4)
    for place in range(4):
        expect(charts.nth(place).locator("canvas, svg").first).to_be_visible()
    expect(page.get_by_text("but only in 1 of the 2 checks in a row").first).to_be_visible()
    shot(page, "drift")
    assert_sound(page)


def test_evidentlys_page_is_fetched_on_demand_and_cannot_reach_the_studio(
    page: Page, checked: Entry, shot: Shot, tmp_path: Path
) -> None:
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if "127.0.0.1" not in request.url else None)
    visit(page, DRIFT)
    assert page.locator("iframe").count() == 0
    page.get_by_text("Show Evidently's report").click()
    inner = page.frame_locator("iframe").frame_locator("iframe")
    expect(inner.get_by_text("dti").first).to_be_visible(timeout=60_000)
    settle(page)
    frame = page.frames[-1]
    assert frame.evaluate("self.origin") == "null"
    with pytest.raises(Exception, match=r"Blocked a frame|cross-origin|SecurityError"):
        frame.evaluate("top.document.title")
    assert [url for url in outside if not url.startswith(("data:", "blob:", "about:"))] == []
    shot(page, "drift-report")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download it").click()
    assert Path(started.value.path()).read_bytes().lstrip().startswith(b"<!DOCTYPE html>")
    assert_sound(page)


@pytest.mark.parametrize("path", [MODELS, DRIFT])
def test_they_fit_a_telephone(phone: Page, checked: Entry, path: str, shot: Shot) -> None:
    visit(phone, path)
    shot(phone, f"{path.partition('?')[0]}-phone")
    assert fits(phone)
    assert_sound(phone)

"""The page Loop in a browser, over a platform on which one month of loans was settled."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from headrace.events import DatasetReady, RetrainRequested
from headrace.training import pausing
from headrace.training.failures import FINAL
from tests.flow.loop import WORKLOAD, Loop
from tests.flow.waiting import eventually
from tests.studio.conftest import Shot
from tests.studio.looking import PATIENCE_MS, assert_sound, fits, settle, visit

pytestmark = pytest.mark.slow

DRAWN = "[data-testid='stGraphVizChart'] svg g.graph"


def drawn(page: Page) -> Locator:
    """The picture, when the browser has laid it out."""
    expect(page.locator(DRAWN)).to_be_visible(timeout=PATIENCE_MS)
    return page.locator(DRAWN)


def part(page: Page, name: str) -> None:
    """Scroll to a part of the page."""
    page.get_by_role("heading", name=name, exact=True).scroll_into_view_if_needed()


def metric(page: Page, label: str) -> str:
    found = page.get_by_test_id("stMetric").filter(has_text=label)
    return found.get_by_test_id("stMetricValue").inner_text()


def test_the_picture_has_the_way_round_with_what_was_told_on_each_hop(page: Page, site: Loop, shot: Shot) -> None:
    visit(page)
    picture = drawn(page)
    shot(page, "loop-picture")
    for name in ("ingest", "trainer", "training", "mlflow", "evaluator", "inference", "drift"):
        expect(picture.locator("g.node title", has_text=re.compile(f"^{name}$"))).to_have_count(1)
    ready = picture.locator("g.edge").filter(has=page.locator("title", has_text="ingest->trainer"))
    expect(ready).to_contain_text(f"×{len(site.facts(DatasetReady))}")
    assert metric(page, "Training is") == "on"
    assert_sound(page)


def test_what_stands_beside_the_loop_is_drawn_when_it_is_asked_for(page: Page) -> None:
    visit(page)
    drawn(page)
    page.get_by_text("Everything beside the loop, too").click()
    expect(page.locator(DRAWN).locator("g.node title", has_text="notify")).to_have_count(1, timeout=PATIENCE_MS)


def test_the_picture_goes_with_the_machines_light(page: Page, shot: Shot) -> None:
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit(page)
        words = drawn(page).locator("g.node text").first
        colours.add(words.get_attribute("fill"))
        shot(page, f"loop-{scheme}")
    assert len(colours) == 2


def test_on_a_telephone_the_picture_is_a_list(phone: Page, site: Loop, shot: Shot) -> None:
    visit(phone)
    told = f"ingest → trainer: DatasetReady ×{len(site.facts(DatasetReady))}"
    expect(phone.locator(".st-key-loop_list")).to_contain_text(told)
    expect(phone.locator(".st-key-loop_picture")).to_be_hidden()
    shot(phone, "loop-phone")
    assert fits(phone)


def test_a_dataset_versions_story_goes_from_its_upload_to_its_champions_first_answer(page: Page, shot: Shot) -> None:
    visit(page)
    part(page, "From upload to champion")
    for words in ("written", "is ready", "submitted for", "is champion"):
        expect(page.get_by_text(words, exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.get_by_role("link", name="data").first.get_attribute("href")
    assert "/#/models/" in (page.get_by_role("link", name="MLflow", exact=True).first.get_attribute("href") or "")
    shot(page, "loop-story")


@pytest.fixture
def trained(site: Loop) -> Iterator[None]:
    """Afterwards, nothing trains any more."""
    yield
    eventually(lambda: all(job.state in FINAL for job in site.platform.jobs.list()), "no training under way")


@pytest.mark.usefixtures("trained")
def test_an_operator_retrains_and_watches_its_progress_and_its_log(page: Page, site: Loop, shot: Shot) -> None:
    visit(page)
    part(page, "Decide")
    choose(page, "Workload", WORKLOAD, last=True)
    page.get_by_role("button", name="Retrain").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("every candidate")
    dialog.get_by_role("textbox", name="Why").fill("new prices")
    dialog.get_by_role("button", name="Retrain").click()
    expect(dialog).to_contain_text("Asked for training on")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    settle(page)
    asked = eventually(lambda: site.facts(RetrainRequested), "the request in the audit trail")
    assert asked[-1].reason == "new prices"
    page.goto("/")
    expect(page.get_by_test_id("stProgress").first).to_be_visible(timeout=60_000)
    part(page, "Trainings")
    expect(page.get_by_test_id("stCode").first).to_contain_text("%", timeout=60_000)
    shot(page, "loop-training")
    assert_sound(page)


def test_training_is_paused_and_resumed_by_hand_with_a_reason(page: Page, site: Loop) -> None:
    visit(page)
    for verb, then in (("Pause", "paused"), ("Resume", "on")):
        page.get_by_role("button", name=verb, exact=False).last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("textbox", name="Why").fill("the holidays")
        dialog.get_by_role("button", name=verb).click()
        expect(dialog.get_by_test_id("stAlert")).to_be_visible()
        dialog.get_by_role("button", name="Close", exact=True).last.click()
        settle(page)
        expect(page.get_by_test_id("stMetric").filter(has_text="Training is")).to_contain_text(then)
    (pause,) = pausing.history(site.platform.store)
    assert pause.reason == "the holidays"
    assert pausing.current(site.platform.store) is None


def choose(page: Page, label: str, option: str, last: bool = False) -> None:
    """Open the list of a box and take one of it; a page that still grows may move from under the first click."""
    boxes, wanted = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option, exact=True)

    def opened() -> bool:
        (boxes.last if last else boxes.first).click()
        page.wait_for_timeout(500)
        return wanted.is_visible()

    eventually(opened, f"{option} in the list of {label}")
    wanted.click()
    settle(page)

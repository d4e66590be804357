"""The page "Data" as an operator uses it: what there is, and a new month dropped into the browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flow.loop import WORKLOAD, Loop
from tests.studio.conftest import Shot
from tests.studio.looking import PATIENCE_MS, assert_sound, fits, settle, visit
from workloads.loan_default.generator import write_csv

pytestmark = pytest.mark.slow

TRAINING_MS = 180_000


@pytest.fixture
def months(tmp_path: Path) -> Path:
    """A folder with two files of loans."""
    folder = tmp_path / "spring"
    folder.mkdir()
    for month in (4, 5):
        write_csv(folder / f"{month}.csv", 300, f"2024-{month:02d}", seed=month)
    return folder


def test_the_versions_that_there_are_are_shown_with_their_card_and_files(page: Page, shot: Shot) -> None:
    visit(page, f"data?workload={WORKLOAD}")
    expect(page.get_by_role("heading", name="dataset version")).to_be_visible()
    expect(page.get_by_text("Models are judged on test set")).to_be_visible()
    expect(page.get_by_text("What it is", exact=True)).to_be_visible()
    page.get_by_role("tab", name=re.compile("Files")).click()
    expect(page.get_by_text(f"headrace dataset pull {WORKLOAD}")).to_be_visible()
    assert_sound(page)
    shot(page, "data-versions")


def test_what_cannot_be_used_is_refused_in_a_sentence_before_it_is_uploaded(
    page: Page, site: Loop, tmp_path: Path
) -> None:
    before = [stat.name for stat in site.platform.data.list(f"{WORKLOAD}/")]
    bad = tmp_path / "bad.csv"
    bad.write_text("not,loans\n1,2\n")
    visit(page, f"data?workload={WORKLOAD}")
    page.get_by_text("Upload data").click()
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("It cannot be used: bad.csv has no column")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    assert [stat.name for stat in site.platform.data.list(f"{WORKLOAD}/")] == before


def test_a_folder_is_uploaded_and_followed_until_every_candidate_has_its_verdict(
    page: Page, site: Loop, months: Path, shot: Shot
) -> None:
    visit(page, f"data?workload={WORKLOAD}")
    page.get_by_text("Upload data").click()
    page.get_by_role("radio", name="A folder").click()
    settle(page)
    page.locator("input[type=file]").set_input_files(months)
    button = page.get_by_role("button", name="Send")
    expect(button).to_be_enabled(timeout=PATIENCE_MS)
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("logistic_regression, random_forest, xgboost train")
    dialog.get_by_label("Why").fill("two more months")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_contain_text("in the data bucket", timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("every candidate has its verdict")).to_be_visible(timeout=TRAINING_MS)
    settle(page)
    assert_sound(page)
    shot(page, "data-uploaded")
    told = [stat.metadata.get("reason") for stat in site.platform.data.list(f"{WORKLOAD}/studio-")]
    assert told.count("two more months") == 3  # two files and the marker


def test_the_page_is_used_on_a_telephone(phone: Page, shot: Shot) -> None:
    visit(phone, f"data?workload={WORKLOAD}")
    phone.get_by_text("Upload data").tap()
    settle(phone)
    expect(phone.get_by_text("Drop it here")).to_be_visible()
    assert fits(phone)
    shot(phone, "data-upload-phone")

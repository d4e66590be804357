"""Predict and Colorize in a browser: what is asked, what comes back, and what is downloaded."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.flow.loop import Loop
from tests.studio.conftest import DESK, PHONE, Shot
from tests.studio.looking import PATIENCE_MS, assert_sound, fits, settle, visit
from tests.studio.test_starting import LAPTOP, running
from tests.unit.inference.running import Client
from tests.unit.services.studio.models import answering

pytestmark = pytest.mark.slow

SCENE = np.random.default_rng(3).integers(0, 256, (300, 500), np.uint8)


def saved(pixels: object, path: Path, **options: object) -> Path:
    Image.fromarray(np.asarray(pixels)).save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An inference service that hosts every kind of workload."""
    folder = tmp_path_factory.mktemp("models")
    with answering(folder, "cats_dogs", "loan_default", "sar_colorization", "sentiment") as client:
        yield client


@pytest.fixture(scope="module")
def trying(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio that asks it."""
    where = LAPTOP | {"HEADRACE_INFERENCE_URL": client.url}
    with running(["services.studio.main"], where, tmp_path_factory.mktemp("studio") / "log") as (url, _):
        yield url


@pytest.fixture
def tab(browser: Browser, trying: str) -> Iterator[Page]:
    with browser.new_context(base_url=trying, viewport=DESK, accept_downloads=True) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()


def upload(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(files)
    for file in files:
        expect(page.get_by_text(file.name).first).to_be_visible()
    settle(page)


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=label).click()
    return Path(started.value.path()).read_bytes()


def test_a_row_is_asked_over_the_whole_platform_and_what_is_said_of_it_is_counted(page: Page, site: Loop) -> None:
    visit(page, "predict")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Answered by")).to_contain_text(f"version {site.champion()}, champion")
    expect(page.get_by_test_id("stMetricValue")).to_contain_text("fully paid")
    page.get_by_label("Comment").fill("as expected")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_text("Taken. This instance of the service has counted feedback on")).to_be_visible()
    assert_sound(page)


def test_a_refusal_is_read_beside_its_field_and_leaves_what_was_typed(tab: Page, shot: Shot) -> None:
    visit(tab, "predict?workload=loan_default")
    month = tab.get_by_role("textbox", name="earliest_cr_line")
    month.fill("yesterday")
    month.press("Enter")
    expect(tab.get_by_text("'yesterday' is not a month")).to_be_visible()
    expect(month).to_have_value("yesterday")
    shot(tab, "predict-refused")
    month.fill("Jan-2010")
    month.press("Enter")
    expect(tab.get_by_text("Answered by")).to_be_visible()


def test_a_table_comes_back_with_an_answer_for_every_row(tab: Page, tmp_path: Path, shot: Shot) -> None:
    table = tmp_path / "loans.csv"
    table.write_text("loan_amnt,grade\n" + "1000,A\n39000,B\nmany,C\n" * 300)
    visit(tab, "predict?workload=loan_default")
    tab.get_by_role("tab", name="A table").click()
    upload(tab, table)
    tab.get_by_role("button", name="Score every row").click()
    expect(tab.get_by_text("600 of 900 rows answered by version 1, champion")).to_be_visible(timeout=PATIENCE_MS)
    shot(tab, "predict-table")
    lines = download(tab, "Download CSV").decode().splitlines()
    assert len(lines) == 901
    assert lines[1].split(",")[1] == "fully_paid"
    assert "is not a number" in lines[3]


def test_a_photo_of_the_gallery_is_asked_with_one_click(tab: Page, shot: Shot) -> None:
    visit(tab, "predict?workload=cats_dogs")
    tab.get_by_role("radio", name="Gallery").click()
    settle(tab)
    tab.get_by_role("button", name="cats 1").first.click()
    expect(tab.get_by_text("Answered by")).to_be_visible()
    shot(tab, "predict-photo")
    assert_sound(tab)


def test_a_scene_is_colored_slid_over_with_the_keyboard_and_downloaded(tab: Page, tmp_path: Path, shot: Shot) -> None:
    visit(tab, "colorize")
    upload(tab, saved(SCENE, tmp_path / "scene.png"))
    tab.get_by_role("button", name="Colorize").click()
    slider = tab.get_by_role("slider", name="scene.png: radar on the left, colorized on the right")
    expect(slider).to_be_visible()
    slider.focus()
    for _ in range(10):
        tab.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("40")
    expect(slider).to_have_attribute("aria-valuetext", "40 % radar")
    shot(tab, "colorize-desk")
    with Image.open(BytesIO(download(tab, "Download PNG"))) as colored:
        assert np.array_equal(np.asarray(colored)[:, :, 0], SCENE)


def test_several_scenes_are_one_zip_and_a_geotiff_keeps_its_place(tab: Page, tmp_path: Path) -> None:
    decibels = ((SCENE / 255 - 1) * 25).astype(np.float32)
    place = {33550: (10.0, 10.0, 0.0), 33922: (0.0, 0.0, 0.0, 500_000.0, 5_500_000.0, 0.0)}
    radar = saved(decibels, tmp_path / "radar.tif", tiffinfo=place)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing")
    visit(tab, "colorize")
    upload(tab, radar, saved(SCENE, tmp_path / "scene.png"), broken)
    tab.get_by_role("button", name="Colorize").click()
    expect(tab.get_by_text("2 of 3 images in")).to_be_visible()
    expect(tab.get_by_text("broken.png: the image is no picture")).to_be_visible()
    with ZipFile(BytesIO(download(tab, "All 2 as ZIP"))) as file:
        assert file.namelist() == ["radar-colored.png", "scene-colored.png"]
    with Image.open(BytesIO(download(tab, "Download GeoTIFF"))) as colored:
        assert {tag: tuple(colored.tag_v2[tag]) for tag in place} == place  # type: ignore[attr-defined]


def test_both_pages_are_used_on_a_telephone(browser: Browser, trying: str, tmp_path: Path, shot: Shot) -> None:
    with browser.new_context(base_url=trying, viewport=PHONE, has_touch=True, is_mobile=True) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        phone = context.new_page()
        visit(phone, "colorize")
        upload(phone, saved(SCENE, tmp_path / "scene.png"))
        phone.get_by_role("button", name="Colorize").tap()
        slider = phone.get_by_role("slider")
        expect(slider).to_be_visible()
        box = slider.bounding_box()
        assert box
        phone.touchscreen.tap(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"])
        assert 75 <= int(slider.input_value()) <= 85
        assert fits(phone)
        shot(phone, "colorize-phone")
        visit(phone, "predict?workload=sentiment")
        phone.get_by_role("button", name="Ask").tap()
        expect(phone.get_by_text("Answered by")).to_be_visible()
        assert fits(phone)
        shot(phone, "predict-phone")

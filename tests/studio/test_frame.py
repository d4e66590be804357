"""What every page of the studio stands in: its menu, its looks, its address, a telephone, a keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.studio.conftest import Shot
from tests.studio.looking import PATHS, assert_sound, fits, settle, visit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("path", PATHS)
def test_a_page_opened_by_its_address_is_drawn_and_asks_nobody_but_the_studio(
    page: Page, path: str, studio_url: str, shot: Shot
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, path)
    assert_sound(page)
    shot(page, f"{path or 'loop'}-desk")
    elsewhere = [url for url in asked if not url.startswith((studio_url, "data:", "blob:"))]
    assert elsewhere == []


def test_the_menu_leads_to_every_page_and_names_who_looks(page: Page) -> None:
    visit(page)
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(PATHS))
    for place, path in enumerate(PATHS):
        links.nth(place).click()
        page.wait_for_url(f"**/{path}")
        settle(page)
        assert_sound(page)
    expect(page.get_by_text(", operator")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_a_telephone(phone: Page, path: str, shot: Shot) -> None:
    visit(phone, path)
    shot(phone, f"{path or 'loop'}-phone")
    assert fits(phone)


def test_on_a_telephone_the_menu_opens_leads_on_and_closes(phone: Page) -> None:
    visit(phone)
    phone.get_by_test_id("stExpandSidebarButton").tap()
    phone.get_by_role("link", name="Models").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Models")
    expect(phone.get_by_role("link", name="Drift")).not_to_be_in_viewport()


def test_the_menu_is_used_with_the_keyboard_alone(page: Page) -> None:
    visit(page)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").strip().endswith("Models"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_light_and_dark_follow_the_machine(page: Page) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        visit(page)
        colours[scheme] = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert colours == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 22, 28)"}


def test_there_is_no_button_to_deploy_and_a_menu_for_the_theme(page: Page) -> None:
    visit(page)
    assert page.get_by_test_id("stAppDeployButton").count() == 0
    page.get_by_test_id("stMainMenu").click()
    expect(page.get_by_text("About")).to_be_visible()
    assert page.get_by_text("Clear cache").count() == 0

"""A page of the studio in a browser; looked at as a person would, when it has drawn itself."""

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

PATIENCE_MS = 30_000
PATHS = ("", "models", "predict", "colorize", "drift", "data", "health")
"""Every page of the studio; the loop is what one sees first."""

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> Path | None:
    """The browser of this machine, if it has one."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return Path(found) if found else None


def visit(page: Page, path: str = "") -> None:
    """Go to a page of the studio and wait until it is drawn."""
    page.goto(f"/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the script has ended, after whatever was clicked."""
    page.wait_for_timeout(100)  # for the browser to have said that something was clicked
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for(timeout=PATIENCE_MS)


def assert_sound(page: Page) -> None:
    """Nothing on the page says that its own code failed."""
    assert page.get_by_test_id("stException").count() == 0, page.get_by_test_id("stException").all_inner_texts()
    failed = page.get_by_text("the studio's log says how")
    assert failed.count() == 0, failed.all_inner_texts()
    assert page.get_by_text("Traceback").count() == 0


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways to be read."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth"))

"""One platform with a champion, its studio, and a browser to look at it: for all tests of the studio together."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.flow.loop import Loop, turning
from tests.studio.looking import CHROMIUMS, FLAGS, PATIENCE_MS, chromium_path

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
TELEPHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Mobile Safari/537.36"
"""By this name Streamlit closes the menu after each choice, as one does on a small screen."""

SCHEDULES = {"reconcile": "*/5 * * * * *", "drift": "0 0 1 1 *"}

Shot = Callable[[Page, str], Path]


@pytest.fixture(scope="package")
def chromium() -> Path:
    """The browser of this machine; tests that need it are skipped where there is none, before anything is started."""
    path = chromium_path()
    if path is None:
        pytest.skip(f"there is no Chromium on this machine (none of {', '.join(CHROMIUMS)} is in PATH)")
    return path


@pytest.fixture(scope="package")
def site(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """A running platform on which one month of loans has been settled."""
    with turning(tmp_path_factory.mktemp("studio"), SCHEDULES, without=()) as loop:
        loop.turn()
        yield loop


@pytest.fixture(scope="package")
def studio_url(site: Loop) -> str:
    """Where its studio answers."""
    return site.stack.url("studio")


@pytest.fixture(scope="package")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium. It ends with this package: Playwright's event loop would be in the way of others' own."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, studio_url: str) -> Iterator[Page]:
    """An empty tab on a desk, in which addresses are the studio's."""
    with browser.new_context(base_url=studio_url, viewport=DESK) as context:  # type: ignore[arg-type]
        yield _tab(context)


@pytest.fixture
def phone(browser: Browser, studio_url: str) -> Iterator[Page]:
    """An empty tab on a telephone held upright."""
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "user_agent": TELEPHONE}
    with browser.new_context(base_url=studio_url, **options) as context:  # type: ignore[arg-type]
        yield _tab(context)


@pytest.fixture(scope="package")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    """Keeps a picture of a whole page, in the folder that HEADRACE_SHOTS names where somebody wants to look."""
    folder = Path(os.environ.get("HEADRACE_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)

    def shoot(page: Page, name: str) -> Path:
        path = folder / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return shoot


def _tab(context: BrowserContext) -> Page:
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()

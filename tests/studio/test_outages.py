"""Every page while a service hangs or is gone: sentences in place of what it would show, and all of it afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import requests
from playwright.sync_api import Page, expect

from headrace.adapters.hasty import REST_SECONDS
from localcloud.stack.stack import HEALTH, Stack
from services.studio.outages import AGAIN_SECONDS
from tests.flow.loop import Loop
from tests.flow.processes import answering, away, stopped
from tests.flow.waiting import eventually
from tests.studio.conftest import Shot
from tests.studio.looking import PATHS, assert_sound, settle

pytestmark = pytest.mark.slow

MISSING = "cannot be shown just now"
BACK_MS = 1000 * (AGAIN_SECONDS + REST_SECONDS) * 4
HELD_SECONDS = 25
"""A service that hangs holds a page for some three seconds, and would for half a minute; the machine may be busy."""

Outage = Callable[[Stack, str], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def up(site: Loop) -> Iterator[None]:
    """Everything answers again before the next test."""
    yield
    for name in ("mlflow", "storage", "inference"):
        eventually(lambda name=name: _answers(site.stack, name), f"{name} back")  # type: ignore[misc]


def _answers(stack: Stack, name: str) -> bool:
    if name in HEALTH:
        return requests.get(stack.url(name) + HEALTH[name], timeout=5).ok
    return answering(stack, name)


@pytest.mark.parametrize("outage", [stopped, away], ids=["hangs", "is gone"])
@pytest.mark.parametrize("service", ["mlflow", "storage", "inference"])
def test_while_a_service_is_down_pages_say_so_and_show_the_rest(
    page: Page, site: Loop, service: str, outage: Outage, shot: Shot
) -> None:
    with outage(site.stack, service):
        for path in PATHS:
            page.goto("about:blank")
            began = time.monotonic()
            page.goto(f"/{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            settle(page)
            held = time.monotonic() - began
            shot(page, f"{path or 'loop'}-without-{service}-{outage.__name__}")
            missing = page.get_by_text(MISSING).count()
            print(f"{service} {outage.__name__}: {path or 'loop'} drawn after {held:.1f} s, {missing} missing")
            assert_sound(page)
            assert held < HELD_SECONDS


@pytest.mark.parametrize(("service", "path"), [("mlflow", "models"), ("storage", "data")])
def test_what_was_missing_is_shown_by_itself_when_the_service_is_back(
    page: Page, site: Loop, service: str, path: str
) -> None:
    def missing() -> bool:
        page.goto(f"/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
        return page.get_by_text(MISSING).count() > 0

    with away(site.stack, service):
        eventually(missing, f"{path} without {service}, when what was read before is too old")
    expect(page.get_by_text(MISSING)).to_have_count(0, timeout=BACK_MS)
    settle(page)
    assert_sound(page)

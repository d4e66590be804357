"""The page "Cost and health" over a running platform."""

import json

import pytest
import requests
from playwright.sync_api import Page, expect

from localcloud.stack.stack import TARGETS
from tests.flow.loop import Loop
from tests.studio.conftest import Shot
from tests.studio.looking import PATIENCE_MS, assert_sound, fits, settle, visit

pytestmark = pytest.mark.slow


def test_prometheus_finds_the_inference_service_of_a_running_platform(site: Loop) -> None:
    (told,) = json.loads((site.stack.plan.state / TARGETS).read_text())
    (target,) = told["targets"]
    assert "headrace_in_flight" in requests.get(f"http://{target}/metrics", timeout=10).text


def test_every_service_of_a_running_platform_answers(page: Page) -> None:
    visit(page, "health")
    page.get_by_text("All 7 services answer").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("every message was handled")).to_be_visible(timeout=PATIENCE_MS)
    assert_sound(page)


def test_the_month_is_added_up_with_what_was_really_trained(page: Page, shot: Shot) -> None:
    visit(page, "health")
    expect(page.get_by_text("would have cost")).to_be_visible(timeout=PATIENCE_MS)
    until_now = page.get_by_test_id("stMetric").filter(has_text="Until now")
    expect(until_now).to_contain_text("$")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    settle(page)
    shot(page, "health-month")


def test_another_environment_has_another_price(page: Page) -> None:
    visit(page, "health")
    until_now = page.get_by_test_id("stMetric").filter(has_text="Until now")
    expect(until_now).to_contain_text("$", timeout=PATIENCE_MS)
    before = until_now.inner_text()
    page.get_by_role("combobox", name="As deployed by").click()
    page.get_by_role("option", name="infra/environments/prod.tfvars").click()
    settle(page)
    expect(until_now).not_to_have_text(before, timeout=PATIENCE_MS)


def test_the_page_fits_a_telephone_with_its_charts(phone: Page, shot: Shot) -> None:
    visit(phone, "health")
    expect(phone.get_by_text("would have cost")).to_be_visible(timeout=PATIENCE_MS)
    assert fits(phone)
    shot(phone, "health-phone")

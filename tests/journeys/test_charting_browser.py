"""The body chart and the places in a real browser: by pointer, by keyboard alone, and without the script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rls_module.assessment.models import Finding
from tests import clock
from tests import factories as make
from tests.journeys.test_pages import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(settings, live_server) -> Iterator[Callable[[BrowserContext], Page]]:
    """Opens a case's assessment page for its therapist."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "BASE_URL": live_server.url}
    clock.put(make.NOW)
    user = make.therapist()
    address = f"{live_server.url}/rls/cases/{make.case(user).uuid}/assessment/"

    def opens(context: BrowserContext) -> Page:
        page = sign_in(context, user, live_server.url)
        page.goto(address)
        return page

    yield opens
    clock.clear()


def keep(page: Page) -> None:
    page.locator("[name=nerve_vessel][value=all_normal]").check()
    page.locator("[name=red_flags][value=none]").check()
    page.get_by_role("button", name="Keep the assessment").last.click()
    expect(page.get_by_text("Assessment kept.")).to_be_visible()


def found() -> list[tuple[str, str, str]]:
    return list(Finding.objects.order_by("position").values_list("place", "side", "kind"))


def test_a_region_is_picked_with_the_pointer_and_rows_grow_with_it(context, opened):
    page = opened(context)
    for number, name in enumerate(("Calf, left", "Heel, right", "Shin, left", "Sacrum")):
        page.get_by_role("button", name=name, exact=True).first.click()
        expect(page.locator(f"[name=finding-{number}-kind]")).to_be_focused()
        page.locator(f"[name=finding-{number}-kind]").select_option("tender")
    keep(page)
    assert found() == [
        ("calf", "L", "tender"),
        ("heel", "R", "tender"),
        ("shin", "L", "tender"),
        ("sacrum", "M", "tender"),
    ]


def test_the_keyboard_alone_finds_a_region_and_a_muscle(context, opened):
    """WCAG 2.1.1: one stop in the tab order for each figure, arrows inside, Enter picks."""
    page = opened(context)
    figure = page.get_by_role("group", name="Soles. Arrow keys")
    expect(figure.locator("[tabindex='0']")).to_have_count(1)
    figure.locator("[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(figure.get_by_role("button", name="Heel, left")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("t")  # "trigger point" in the list of kinds, which has the focus now
    page.locator("[name=finding-1-place]").focus()
    page.keyboard.type("gastroc med l")
    expect(page.get_by_role("option", name="gastrocnemius caput mediale L")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=finding-1-place]")).to_have_attribute(
        "aria-activedescendant", "id_finding-1-place-list-0"
    )
    page.keyboard.press("Enter")
    expect(page.locator("[name=finding-1-place]")).to_have_value("gastrocnemius caput mediale L")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.locator("[name=finding-1-kind]").select_option("dense")
    keep(page)
    assert found() == [("heel", "L", "trigger_point"), ("gastrocnemius_caput_mediale", "L", "dense")]


def test_without_the_script_the_rows_hold_the_same(browser: Browser, opened):
    with browser.new_context(java_script_enabled=False) as plain:
        page = opened(plain)
        expect(page.get_by_role("img", name="Front: 0 marks", exact=True)).to_be_visible()
        page.locator("[name=finding-0-place]").fill("heel r")
        page.locator("[name=finding-0-kind]").select_option("scar")
        page.get_by_role("button", name="More rows").last.click()
        page.locator("[name=finding-4-place]").fill("ta sx")
        page.locator("[name=finding-4-kind]").select_option("trigger_point")
        keep(page)
    assert found() == [("heel", "R", "scar"), ("tibialis_anterior", "L", "trigger_point")]

"""The survey in a real browser: without JavaScript on a narrow phone, and page by page for eyes and screen readers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from rls_module.cases.models import Task
from rls_module.followups import queries
from rls_module.followups.models import Occurrence
from tests import clock
from tests import factories as make
from tests.rls_module.knowledge.instruments.samples import mixed

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

DUE = make.NOW + make.days(42)
NARROW = {"width": 320, "height": 640}
PICTURES = os.environ.get("PICTURES")  # a folder: pictures of the pages are left there
# The kinds of question, by the page that shows one: numbers, a list, several picks with words, bands, choices, writing.
ANSWERS = {
    "nights": [("nights", "3")],
    "strength": [("worst", "5"), ("usual", "4")],
    "start": [],
    "places": [("places", "lower_legs")],
    "awake": [("awake", "2")],
    "days": [("rested", "4"), ("tired", "2")],
    "activities": [("activity.1", "6")],
    "new_problem": [("new_problem", "none")],
    "medicines": [("med_change", "no")],
    "change": [("change", "2")],
    "closing": [("call_me", "no")],
}


@pytest.fixture
def asked(settings, live_server) -> Iterator[Occurrence]:
    """A check-in that is due."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "BASE_URL": live_server.url}
    clock.put(make.NOW)
    case = make.planned(make.therapist())
    clock.put(DUE)
    yield Occurrence.objects.get(chart=case.chart, step="week_6")
    clock.clear()


def phone(browser: Browser, **more: object) -> BrowserContext:
    context = browser.new_context(viewport=NARROW, **more)
    context.set_default_timeout(8000)
    return context


def watched(page: Page) -> list[str]:
    """What goes wrong in this page from now on: what the console says, errors, what could not be loaded.

    Left out: a page's own status, which the console repeats, and the icon that browsers ask the host for by themselves.
    """
    wrong: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith("Failed to load resource"):
            wrong.append(said.text)

    def check(response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document" and "/favicon" not in response.url:
            wrong.append(f"{response.status}: {response.url}")

    page.on("console", hear)
    page.on("response", check)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    return wrong


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def too_wide(page: Page) -> list[str]:
    """The elements that stand out of a page 320 pixels wide; asked of the layout, so that it works without scripts."""
    found = []
    for element in page.locator("body *:visible").all():
        box = element.bounding_box()
        if box and box["width"] > 1 and (box["x"] < -0.5 or box["x"] + box["width"] > NARROW["width"] + 0.5):
            found.append(element.evaluate("one => one.outerHTML.slice(0, 120)"))
    return found


def scrolls_sideways(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def key_of(page: Page) -> str:
    return page.url.partition("page=")[2].partition("&")[0]


def answer(page: Page) -> None:
    for question, value in ANSWERS[key_of(page)]:
        page.locator(f'input[name="{question}"][value="{value}"]').check()
    if key_of(page) == "start":
        page.locator("select").select_option("1260")
    page.get_by_role("button", name="Next").click()


def survey_url(live_server, asked: Occurrence, purpose: str = "survey") -> str:
    way = "u/" if purpose == "unsubscribe" else ""
    return f"{live_server.url}/q/{way}{queries.link_token(asked, purpose)}/"


def test_without_javascript_on_a_narrow_phone_the_survey_is_answered(browser, live_server, asked):
    """TK-19 part: JavaScript off, 320 px wide, and nothing stands out of the page."""
    context = phone(browser, java_script_enabled=False)
    page = context.new_page()
    wrong = watched(page)
    page.goto(survey_url(live_server, asked))
    assert too_wide(page) == []
    page.get_by_role("button", name="Start").click()
    for key in ANSWERS:
        page.wait_for_url(f"**?page={key}*")
        assert too_wide(page) == [], key
        answer(page)
    expect(page.get_by_role("heading", name="Please check before you send.")).to_be_visible()
    assert too_wide(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers have arrived.")).to_be_visible()
    assert too_wide(page) == []
    asked.refresh_from_db()
    assert asked.state == "answered"
    assert wrong == []
    context.close()


def test_with_cookies_refused_the_survey_is_answered_in_a_browser(browser, live_server, asked):
    """TK-12 part: a browser that keeps no cookie."""
    context = phone(browser)
    page = context.new_page()
    page.goto(survey_url(live_server, asked))
    context.clear_cookies()
    page.get_by_role("button", name="Start").click()
    for key in ANSWERS:
        page.wait_for_url(f"**?page={key}*")
        context.clear_cookies()
        assert queries.link_token(asked, "survey") in page.url
        answer(page)
    page.wait_for_url("**?page=review*")
    context.clear_cookies()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers have arrived.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_sound_for_eyes_and_screen_readers(  # noqa: PLR0915  one walk past every page
    browser, live_server, asked, scheme
):
    """TK-19 part, TK-13: axe, console, policy and own origin on each kind of page; nothing scrolls sideways."""
    context = phone(browser, color_scheme=scheme)
    context.add_init_script(
        "addEventListener('securitypolicyviolation', event => console.error('policy: ' + event.violatedDirective))"
    )
    page = context.new_page()
    wrong = watched(page)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        picture(page, f"{scheme}_{name}")
        results = Axe().run(page)
        seen = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in results.response["violations"]]
        found[name] = [*seen, *(["scrolls sideways"] if scrolls_sideways(page) else []), *wrong]
        wrong.clear()

    page.goto(survey_url(live_server, asked))
    look("first")
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_role("button", name="Tomorrow")).to_be_visible()
    look("preferences")
    page.goto(survey_url(live_server, asked))
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("refused")
    for key in ANSWERS:
        page.wait_for_url(f"**?page={key}*")
        if key == "new_problem":
            look(key)
            for one in ("chest", "drive", "mind", "sore"):
                page.locator(f'input[value="{one}"]').check()
            page.get_by_role("button", name="Next").click()
            page.wait_for_url("**?page=advice*")
            look("advice")
            page.get_by_role("link", name="Stop here").click()
            expect(page.get_by_role("heading", name="You can stop here.")).to_be_visible()
            look("paused")
            page.goto(f"{live_server.url}/q/{asked.selector}/?page=medicines")
            continue
        look(key)
        if key == "strength":
            page.locator('input[name="worst"][value="2"]').check()
            page.locator('input[name="usual"][value="6"]').check()
            page.get_by_role("button", name="Next").click()
            expect(page.get_by_role("alert")).to_be_visible()
            look("notice")
        if key == "medicines":
            page.locator('input[name="med_change"][value="yes"]').check()
            page.get_by_role("button", name="Next").click()
            expect(page.locator('textarea[name="med_what"]')).to_be_visible()
            look("medicine_text")
        answer(page)
    page.wait_for_url("**?page=review*")
    look("review")
    page.get_by_role("link", name="Please call me").click()
    expect(page.get_by_role("button", name="Yes, please call me")).to_be_visible()
    look("call")
    page.get_by_role("button", name="Yes, please call me").click()
    expect(page.get_by_role("heading", name="We will call you.")).to_be_visible()
    look("call_asked")
    page.goto(f"{live_server.url}/q/{asked.selector}/?page=review")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers have arrived.")).to_be_visible()
    look("thanks")
    page.goto(survey_url(live_server, asked, "unsubscribe"))
    look("preferences_sent_in")
    page.get_by_role("button", name="No more forms by mail").click()
    expect(page.get_by_role("status")).to_be_visible()
    look("preferences_off")
    page.goto(f"{live_server.url}/q/nothing/")
    look("gone")

    assert {name: what for name, what in found.items() if what} == {}
    assert [url for url in requested if not url.startswith(live_server.url)] == []
    assert Task.objects.filter(rule="urgent_symptom").count() == 1
    context.close()


def test_help_opens_by_a_tap_and_with_the_keyboard(browser, live_server, asked):
    """TK-19 part: the way to help is never out of reach."""
    context = phone(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(survey_url(live_server, asked))
    page.get_by_text("Need help now?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="911")).to_be_visible()
    context.close()


@pytest.fixture
def mixed_kinds(settings, live_server) -> Iterator[Occurrence]:
    """A questionnaire from FHIR with everything that can be typed, due."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "BASE_URL": live_server.url}
    clock.put(make.NOW)
    make.instrument(mixed())
    make.asking("x-mixed")
    case = make.planned(make.therapist())
    clock.put(DUE)
    yield Occurrence.objects.get(chart=case.chart, step="week_6")
    clock.clear()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_what_is_typed_is_answered_on_a_narrow_phone_and_sound(browser, live_server, mixed_kinds, has_scripts):
    """TK-19 part: numbers with a unit, days, hours, several lines, an address; and what was refused."""
    context = phone(browser, java_script_enabled=has_scripts)
    page = context.new_page()
    wrong = watched(page)

    def look(name: str) -> None:
        picture(page, f"typed_{name}")
        assert too_wide(page) == [], name
        if has_scripts:
            assert [one["id"] for one in Axe().run(page).response["violations"]] == [], name

    page.goto(survey_url(live_server, mixed_kinds))
    page.get_by_role("button", name="Start").click()
    page.get_by_label("1. About coffee?").fill("many")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("refused")
    page.get_by_label("1. About coffee?").fill("3")
    page.get_by_label("About dose?").fill("7.5")
    page.get_by_label("About since?").fill("2026-02-03")
    page.get_by_label("About asleep?").fill("23:30")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("About last_cup?").fill("2026-10-18T16:05")
    look("numbers")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Answer 2").fill("A walk")
    page.get_by_label("About page?").fill("https://example.org")
    look("lines")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("7.5 mg")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers have arrived.")).to_be_visible()
    mixed_kinds.refresh_from_db()
    assert mixed_kinds.response.answers["x-mixed.helps"] == ["A walk"]
    assert wrong == []
    context.close()

"""The whole path in a real browser: a sore heel, restless legs at night, and six weeks later whether it changed."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from clinic.models import Visit as HostVisit
from rls_module.audit.models import AuditEvent
from rls_module.visits.models import Visit
from tests import clock
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MONDAY = datetime(2026, 9, 7, 14, 0, tzinfo=UTC)
PICTURES = os.environ.get("PICTURES")  # a folder: the journey then leaves pictures of its pages there


@pytest.fixture
def at(settings, live_server):
    """The clinic under a clock that can be moved; its mails lead to the live server."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "BASE_URL": live_server.url}
    settings.BASE_URL = live_server.url
    clock.put(MONDAY)
    yield clock.put
    clock.clear()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def pick(page: Page, question: str, answer: str) -> None:
    """Tap the answer `answer` of the question or field `question`, as its value stands in the form."""
    page.locator(f'input[name="{question}"][value="{answer}"]').check()


def test_the_whole_path(page: Page, browser, live_server, smtp_server, at):
    """TK-12, FE-1, EM-8, DI-3: screen, case, baseline, visit, refused and signed, mail, answer on a phone, change."""
    page.set_default_timeout(6000)
    therapist = make.therapist(username="dana")
    person = make.patient(therapist, given="Moira", family="Kowalski")
    HostVisit.objects.create(
        clinic=person.clinic, patient=person, therapist=therapist, starts_at=MONDAY, reason="heel pain"
    )
    call_command("rls_setup")

    page.goto(live_server.url)
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    picture(page, "home")
    page.goto(f"{live_server.url}/patients/{person.pk}/")
    page.get_by_role("link", name="RLS chart").click()
    picture(page, "no_chart")
    screen(page)
    baseline(page)
    picture(page, "chart_before")
    note(page)
    page.goto(f"{live_server.url}/rls/")
    picture(page, "worklist")

    at(MONDAY + make.days(42))
    call_command("rls_followups", "run", "--once")
    [mail] = smtp_server.messages
    link = re.search(r"http://\S+/q/[\w-]{65}/", mail.message.get_body(("plain",)).get_content())[0]
    answer_on_a_phone(browser, link)

    page.goto(f"{live_server.url}/rls/patients/{person.pk}/")
    cells = page.get_by_role("row", name=re.compile("^Nights")).locator("td")
    assert [" ".join(text.split()) for text in cells.all_inner_texts()] == [
        "6",
        "3",
        "",
        "\N{MINUS SIGN}3 (counts from 2) counts",
    ]
    picture(page, "chart_after")
    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, "chart_phone")
    assert AuditEvent.objects.filter(verb="chart.view", patient=str(person.pk), outcome="done").exists()


def screen(page: Page) -> None:
    page.get_by_role("button", name="Screen for restless legs").click()
    for question, answer in (
        ("s1_urge", "yes"), ("s2_rest", "still"), ("s3_move", "eases"), ("s4_clock", "evening"), ("s5_nights", "6"),
    ):  # fmt: skip
        pick(page, question, answer)
    picture(page, "screen")
    page.get_by_role("button", name="Save, open a case if it fits").click()


def baseline(page: Page) -> None:
    expect(page.get_by_role("heading", name="Baseline")).to_be_visible()
    page.get_by_role("button", name="Save the baseline").click()  # too early: nothing is lost, and it says what lacks
    expect(page.get_by_role("alert").first).to_contain_text("Please choose an answer")
    for question, answer in (
        ("nights", "6"), ("worst", "8"), ("usual", "6"), ("awake", "4"), ("rested", "1"), ("tired", "5"),
        ("activity1-score", "3"), ("agrees", "yes"),
    ):  # fmt: skip
        pick(page, question, answer)
    page.locator('input[name="places"][value="lower_legs"]').check()
    page.get_by_label(re.compile("what time")).select_option("1200")
    page.locator('input[name="activity1-text"]').fill("sit through a film")
    picture(page, "baseline")
    page.get_by_role("button", name="Save the baseline").click()
    expect(page.get_by_text("Baseline saved.")).to_be_visible()


def consent(page: Page) -> None:
    """Needling asks for it; what was typed in the note so far is kept meanwhile."""
    page.get_by_role("button", name="Save and record consent").click()
    pick(page, "method", "signed")
    picture(page, "consent")
    page.get_by_role("button", name="Record consent").click()
    expect(page.get_by_text("Consent to needling recorded.")).to_be_visible()
    page.get_by_role("link", name="Open").first.click()


def note(page: Page) -> None:
    page.get_by_role("button", name="Chart today's visit").click()
    consent(page)
    for field, answer in (("since_last", "same"), ("nights", "6"), ("reaction", "first"), ("safety", "unchanged")):
        pick(page, field, answer)
    page.locator('input[name="site-0-muscle"]').fill("sol l")
    page.locator('input[name="site-0-needles_in"]').fill("3")
    page.get_by_role("button", name="Add another muscle").click()
    page.locator('input[name="site-1-muscle"]').fill("gastroc med l")
    page.locator('input[name="site-1-needles_in"]').fill("2")
    page.locator('textarea[name="response"]').fill("Calf softer, stands easier.")
    page.locator('input[name="timed_minutes"]').fill("25")
    page.locator('input[name="total_minutes"]').fill("45")
    page.locator('textarea[name="next_time"]').fill("Same sites, look at the foot.")
    page.locator('input[name="needles_out"]').fill("4")
    picture(page, "note")
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_role("alert")).to_contain_text("Fewer needles came out than went in")
    assert Visit.objects.get().is_draft
    picture(page, "note_refused")
    page.locator('input[name="needles_out"]').fill("5")
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed. The note can't be changed any more.")).to_be_visible()
    page.get_by_role("link", name=re.compile("Visit: 5 needles")).click()
    picture(page, "note_signed")


def answer_on_a_phone(browser, link: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    picture(page, "survey_start")
    page.get_by_role("button", name="Start").click()
    assert link.rstrip("/").rpartition("/")[2] not in page.url  # the token has left the address
    answers = [
        {"nights": "3"}, {"worst": "5", "usual": "4"}, {}, {"places": "lower_legs"}, {"awake": "2"},
        {"rested": "4", "tired": "2"}, {"activity.1": "6"}, {"new_problem": "none"}, {"med_change": "no"},
        {"change": "2"}, {"call_me": "no"},
    ]  # fmt: skip
    for number, given in enumerate(answers):
        if number == 2:
            page.locator("select").select_option("1260")
        for question, answer in given.items():
            pick(page, question, answer)
        picture(page, f"survey_{number:02}")
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Please check before you send.")).to_be_visible()
    picture(page, "survey_review")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers have arrived.")).to_be_visible()
    picture(page, "survey_thanks")
    own = link.partition("/q/")[0]
    assert [url for url in asked if not url.startswith(own)] == []  # no third party sees anything
    context.close()

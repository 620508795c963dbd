"""The therapist's pages in a real browser: readable to all, on a phone, in the dark, and without JavaScript."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rls_module.cases.models import Case, Response
from rls_module.followups.models import Occurrence
from rls_module.intake import actions as intake_actions
from rls_module.visits import actions as visit_actions
from rls_module.visits.models import Visit
from tests import clock
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PATIENCE = 15_000  # ms; the machine may be busy
PAGES = ["worklist", "chart", "chart without a case", "note", "note refused", "signed note", "screen", "screen refused"]
PAGES += ["intake", "intake section", "criteria", "iron", "medicines", "assessment", "assessment refused", "places"]
PAGES += ["augmentation"]
PAGES += ["what was answered", "screen result", "baseline", "baseline refused", "task", "no chart", "nothing here"]
PAGES += ["referrals", "referrals refused", "referral", "letter", "leaflets", "leaflet"]
PAGES += ["adverse events", "adverse event", "addendum"]
PAGES += ["billing", "billing of a patient", "notices", "certification"]


@pytest.fixture
def at(settings):
    """The clinic under a clock that can be moved."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now"}
    clock.put(make.NOW)
    yield clock.put
    clock.clear()


@pytest.fixture
def story(at):
    """A therapist with patients at every place of the path, twelve weeks on."""
    user = make.therapist()
    case = make.planned(user, person=make.patient(user, given="Wilhelmina-Alexandra", family="Featherstonehaugh"))
    make.signed(case, user, on=make.TODAY + make.days(3))
    for step, weeks, nights in (("week_6", 6, 4), ("week_12", 12, 2)):
        row = Occurrence.objects.get(enrolment__case=case, step=step)
        make.answered(row, now=make.NOW + make.days(7 * weeks), nights=nights, **{"activity.1": 6})
    signed = Visit.objects.filter(case=case).first()
    fresh = make.case(user)
    empty = visit_actions.open_draft(case=fresh, visit_date=make.TODAY, actor=make.actor(user), now=make.NOW)
    unscreened = make.chart(make.patient(user))
    make.everything_before_treatment(case, user)
    make.assessment(case, user)
    make.notice(case, user)
    make.certification_date(make.plan(case, user), user)
    intake_actions.begin_intake(case=case, language="en", actor=make.actor(user), now=make.NOW)
    at(make.NOW + make.days(85))
    return SimpleNamespace(
        user=user,
        case=case,
        fresh=fresh,
        empty=empty,
        signed=signed,
        sitting=Response.objects.filter(case=case).latest("pk"),
        unscreened=unscreened,
        newcomer=make.patient(user),
        draft=make.draft(case, user, on=make.TODAY + make.days(85)),
        task=make.task(case, due_at=make.NOW),
        referral=make.referral(case, user),
        event=make.adverse_event(case, user),
    )


def sign_in(context: BrowserContext, user, url: str) -> Page:
    """A page in which `user` is signed in, by the session's cookie."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def go(page: Page, url: str, story, name: str) -> None:
    """Open the page that is called `name`."""
    here = {
        "worklist": "/rls/",
        "chart": f"/rls/charts/{story.case.chart.uuid}/",
        "chart without a case": f"/rls/charts/{story.unscreened.uuid}/",
        "note": f"/rls/visits/{story.draft.uuid}/",
        "note refused": f"/rls/visits/{story.empty.uuid}/",
        "signed note": f"/rls/visits/{story.signed.uuid}/",
        "screen": f"/rls/charts/{story.unscreened.uuid}/screen/",
        "screen refused": f"/rls/charts/{story.unscreened.uuid}/screen/",
        "screen result": f"/rls/charts/{story.unscreened.uuid}/screen/",
        "baseline": f"/rls/cases/{story.fresh.uuid}/baseline/",
        "baseline refused": f"/rls/cases/{story.fresh.uuid}/baseline/",
        "task": f"/rls/tasks/{story.task.uuid}/",
        "what was answered": f"/rls/responses/{story.sitting.uuid}/",
        "intake": f"/rls/cases/{story.case.uuid}/intake/",
        "intake section": f"/rls/cases/{story.case.uuid}/intake/safety/",
        "criteria": f"/rls/cases/{story.case.uuid}/criteria/",
        "iron": f"/rls/cases/{story.case.uuid}/labs/",
        "medicines": f"/rls/cases/{story.case.uuid}/medications/",
        "assessment": f"/rls/cases/{story.case.uuid}/assessment/",
        "assessment refused": f"/rls/cases/{story.case.uuid}/assessment/",
        "places": "/rls/places/?q=tib",
        "augmentation": f"/rls/cases/{story.case.uuid}/augmentation/",
        "referrals": f"/rls/cases/{story.case.uuid}/referrals/",
        "referrals refused": f"/rls/cases/{story.case.uuid}/referrals/",
        "addendum": f"/rls/visits/{story.signed.uuid}/addendum/",
        "billing": "/rls/billing/?first=2026-09-01&last=2026-10-31",
        "billing of a patient": f"/rls/charts/{story.case.chart.uuid}/billing/",
        "notices": f"/rls/charts/{story.case.chart.uuid}/notices/",
        "certification": f"/rls/cases/{story.case.uuid}/certification/",
        "adverse events": f"/rls/cases/{story.case.uuid}/adverse-events/",
        "adverse event": f"/rls/adverse-events/{story.event.uuid}/",
        "referral": f"/rls/referrals/{story.referral.uuid}/",
        "letter": f"/rls/referrals/{story.referral.uuid}/letter/",
        "leaflets": f"/rls/cases/{story.case.uuid}/leaflets/",
        "leaflet": f"/rls/cases/{story.case.uuid}/leaflets/restless_legs/",
        "no chart": f"/rls/patients/{story.newcomer.pk}/",
        "nothing here": "/rls/charts/00000000-0000-4000-8000-000000000000/",
    }
    page.goto(url + here[name])
    if name == "note refused":
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Before you can sign:")
    elif name == "screen refused":
        page.get_by_role("button", name="Save and see").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    elif name == "screen result":
        answer_screen(page, rest="unsure")
        page.get_by_role("button", name="Save and see").click()
        expect(page.get_by_text("Not clear yet.")).to_be_visible()
    elif name == "assessment":
        for summary in page.locator("details > summary").all():
            summary.click()
        page.get_by_role("button", name="Calf, left").first.click()
    elif name == "assessment refused":
        page.locator("[name=finding-0-place]").fill("elbowish")
        page.get_by_role("button", name="Keep the assessment").last.click()
    elif name == "referrals refused":
        page.get_by_role("button", name="Keep the referral").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    elif name == "baseline refused":
        page.get_by_role("button", name="Save the baseline").click()
        expect(page.get_by_role("alert").first).to_be_visible()


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def answer_screen(page: Page, *, rest: str = "still") -> None:
    for name, value in (
        ("s1_urge", "yes"), ("s2_rest", rest), ("s3_move", "eases"), ("s4_clock", "evening"), ("s5_nights", "6"),
    ):  # fmt: skip
        pick(page, name, value)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_readable_to_all(browser: Browser, live_server, story, scheme):
    """WCAG 2.2 AA as far as axe sees it, in both schemes, on a desk and on a phone; nothing the policy refused."""
    found = {}
    context = browser.new_context(color_scheme=scheme)
    page = sign_in(context, story.user, live_server.url)
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    for name in PAGES:
        go(page, live_server.url, story, name)
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            result = Axe().run(page)
            for one in result.response["violations"]:
                where = [node["target"] for node in one["nodes"]][:3]
                found.setdefault(f"{one['id']} ({one['impact']})", []).append(f"{name} at {width}: {where}")
    context.close()
    assert (found, refused) == ({}, [])


def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, live_server, story):
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = sign_in(context, story.user, live_server.url)
    wide = {}
    for name in PAGES:
        go(page, live_server.url, story, name)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    context.close()
    assert wide == {}


def test_the_path_works_without_javascript(browser: Browser, live_server, story):
    """Host contract 3, requirement 25: screen, baseline, note, refusal and signature, by forms alone."""
    context = browser.new_context(java_script_enabled=False)
    page = sign_in(context, story.user, live_server.url)
    page.goto(f"{live_server.url}/rls/patients/{story.newcomer.pk}/")
    page.get_by_role("button", name="Screen for restless legs").click()
    answer_screen(page)
    page.get_by_role("button", name="Save, open a case if it fits").click()
    expect(page.get_by_role("heading", name="Baseline")).to_be_visible()
    page.locator('input[name="activity1-text"]').fill("sit through a film")
    page.get_by_role("button", name="Save the baseline").click()
    expect(page.get_by_role("alert").first).to_contain_text("Nothing you typed was lost.")
    expect(page.locator('input[name="activity1-text"]')).to_have_value("sit through a film")
    for name, value in (("nights", "6"), ("worst", "8"), ("usual", "6"), ("rested", "1"), ("tired", "5")):
        pick(page, name, value)
    page.get_by_role("button", name="Save the baseline").click()
    expect(page.get_by_text("Baseline saved.")).to_be_visible()
    page.get_by_role("button", name="Chart a visit").click()
    page.get_by_role("button", name="Save and record consent").click()
    pick(page, "method", "verbal")
    page.get_by_role("button", name="Record consent").click()
    page.get_by_role("link", name="Open").first.click()
    for name, value in (("since_last", "same"), ("reaction", "first"), ("safety", "unchanged"), ("site-0-side", "L")):
        pick(page, name, value)
    page.locator('input[name="site-0-muscle"]').fill("soleus")
    page.locator('input[name="site-0-needles_in"]').fill("3")
    page.locator('input[name="timed_minutes"]').fill("25")
    page.locator('input[name="total_minutes"]').fill("45")
    page.locator('textarea[name="next_time"]').fill("Add the foot.")
    page.locator('input[name="needles_out"]').fill("3")
    page.get_by_role("button", name="Sign", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Write how the patient responded.")
    summary.get_by_role("link").first.click()
    assert page.url.endswith("#id_response")
    page.locator('textarea[name="response"]').fill("Softer.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. The note can't be changed any more.")).to_be_visible()
    context.close()
    case = Case.objects.get(chart__patient=story.newcomer)
    assert Visit.objects.get(case=case).status == "signed"
    assert Response.objects.filter(case=case, phase="baseline").count() == 1


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("note", 'textarea[name="response"]'),
        ("baseline", 'input[name="activity1-text"]'),
        ("task", 'textarea[name="outcome"]'),
        ("screen result", 'input[name="note"]'),
    ],
)
def test_leaving_a_changed_form_asks_first(browser: Browser, live_server, story, name, control):
    context = browser.new_context()
    page = sign_in(context, story.user, live_server.url)
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    go(page, live_server.url, story, name)
    here = page.url
    page.locator(control).press_sequentially("Something typed.")
    page.get_by_role("link", name="Worklist").first.click(no_wait_after=True)
    expect(page.locator(control)).to_have_value(re.compile("Something typed."))
    page.wait_for_function("() => true")
    assert (asked, page.url) == (["beforeunload"], here)
    context.close()


@pytest.mark.parametrize("name", ["note", "baseline", "task", "screen"])
def test_leaving_an_untouched_form_asks_nothing(browser: Browser, live_server, story, name):
    context = browser.new_context()
    page = sign_in(context, story.user, live_server.url)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    go(page, live_server.url, story, name)
    page.get_by_role("link", name="Worklist").first.click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    context.close()
    assert asked == []


def test_saving_a_changed_form_asks_nothing(browser: Browser, live_server, story):
    context = browser.new_context()
    page = sign_in(context, story.user, live_server.url)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    go(page, live_server.url, story, "note")
    page.locator('textarea[name="findings"]').press_sequentially("Tender.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator('textarea[name="findings"]')).to_have_value("Tender.")
    page.goto(f"{live_server.url}/rls/")
    context.close()
    assert asked == []
    assert Visit.objects.get(pk=story.draft.pk).findings == "Tender."


def test_a_page_that_came_back_starts_at_its_summary_and_leads_to_the_control(browser: Browser, live_server, story):
    context = browser.new_context()
    page = sign_in(context, story.user, live_server.url)
    go(page, live_server.url, story, "note refused")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Write how the patient responded.").click()
    expect(page.locator("#id_response")).to_be_focused()
    context.close()

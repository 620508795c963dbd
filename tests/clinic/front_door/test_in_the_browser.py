"""Signing in as people do: an app's code on a phone, a passkey that a real browser makes and uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from clinic.models import Role, Staff
from tests import factories as make
from tests.clinic.front_door import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PICTURES = os.environ.get("PICTURES")  # a folder: pictures of the pages are left there


@pytest.fixture
def dana(settings) -> User:
    settings.REQUIRE_MFA = True
    user = people.account()
    Staff.objects.create(user=user, clinic=make.clinic(), role=Role.THERAPIST, printed_name="Dana Whitfield PT")
    return user


@pytest.fixture
def wrong(page: Page) -> list[str]:
    """What the console says of these pages: a breach of the policy would stand here."""
    page.set_default_timeout(10_000)
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def looked_at(page: Page, name: str) -> None:
    """Hold the page against WCAG at both widths, see that nothing is wider than the screen, keep a picture."""
    for width, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, (name, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        if PICTURES:
            page.screenshot(path=Path(PICTURES, f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size(WIDE)


def password(page: Page, address: str, user: User) -> None:
    page.goto(f"{address}/")
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_an_app_is_set_up_and_asked_for(page, live_server, dana, wrong):
    """AN-2, HD-3: from the first password to the day's visits, and in again with a code."""
    page.goto(f"{live_server.url}/")
    looked_at(page, "sign-in")
    password(page, live_server.url, dana)
    expect(page.get_by_role("status")).to_contain_text("Set up an authenticator app or a passkey")
    looked_at(page, "factors")
    page.get_by_role("link", name="Activate").click()
    looked_at(page, "app")
    phone = people.Phone(page.get_by_label("Authenticator secret").input_value())
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect code")
    page.get_by_label("Authenticator code").fill(phone.code())
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()
    looked_at(page, "recovery")
    page.get_by_role("link", name="Where you are signed in").click()
    looked_at(page, "sessions")
    page.get_by_role("link", name="Password").click()
    looked_at(page, "password")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    people.forget_codes()
    password(page, live_server.url, dana)
    looked_at(page, "code")
    page.get_by_label("Code").fill(phone.code())
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    assert wrong == []


def with_passkey(page: Page, address: str, user: User) -> None:
    """Sign in and set up a passkey; the browser's own authenticator stands in for a fingerprint."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    password(page, address, user)
    page.get_by_role("link", name="Add").click()
    page.get_by_label("Name").fill("Front desk laptop")
    page.get_by_label("Passwordless").check()
    looked_at(page, "passkey")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()


def test_a_passkey_is_made_and_opens_without_a_password(page, live_server, dana, wrong):
    """Issue 4: passkeys."""
    with_passkey(page, live_server.url, dana)
    page.get_by_role("link", name="Today").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{live_server.url}/patients/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/patients/")
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    assert wrong == []


def test_signing_asks_for_the_passkey_and_loses_no_line(page, live_server, dana, settings):
    """AN-8, AN-11: on the page of the note itself, with what was typed, line breaks and all."""
    case = make.case(dana)
    make.baseline(case, dana)
    note = make.draft(case, dana)
    with_passkey(page, live_server.url, dana)
    settings.STEP_UP_MINUTES = 0  # never fresh
    page.goto(f"{live_server.url}/rls/visits/{note.uuid}/")
    page.get_by_label("Findings today").fill("First line.\nSecond <b>line</b>.")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    looked_at(page, "step-up")
    page.get_by_role("button", name="Confirm with a passkey").click()
    page.wait_for_url("**/rls/charts/**")
    note.refresh_from_db()
    assert note.status == "signed"
    assert note.findings.splitlines() == ["First line.", "Second <b>line</b>."]

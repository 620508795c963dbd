"""In a real browser: an examination is kept while it is typed, goes on elsewhere, and outlives the session."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from rls_module.assessment.models import Assessment, AssessmentDraft
from tests import factories as make
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at")]


@pytest.fixture
def examination(page: Page, live_server) -> str:
    """The address of a case's assessment, in a browser whose therapist is signed in."""
    user = make.therapist()
    case = make.case(user)
    session = signed_in(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_default_timeout(10000)
    return f"{live_server.url}/rls/cases/{case.uuid}/assessment/"


def finish(page: Page) -> None:
    page.locator("[name=nerve_vessel][value=all_normal]").check()
    page.locator("[name=red_flags][value=none]").check()
    page.get_by_role("button", name="Keep the assessment").last.click()
    expect(page.get_by_text("Assessment kept.")).to_be_visible()


def test_what_is_picked_and_typed_is_kept_by_itself_and_goes_on_in_another_window(page: Page, examination):
    """DI-1."""
    page.goto(examination)
    page.get_by_role("button", name="Calf, left", exact=True).first.click()
    page.locator("[name=finding-0-kind]").select_option("tender")
    expect(page.locator("[data-autosave-status]")).to_have_text("Kept.")
    expect(page.locator("form[data-guard=changed]")).to_have_count(0)
    assert AssessmentDraft.objects.get().typed["finding-0-kind"] == ["tender"]
    other = page.context.new_page()
    other.goto(examination)
    expect(other.locator("[name=finding-0-place]")).to_have_value("Calf L")
    finish(other)
    assert Assessment.objects.get().findings.get().place == "calf"
    assert not AssessmentDraft.objects.exists()


def test_two_windows_tell_each_other_and_nothing_typed_is_lost(page: Page, examination):
    """DI-1."""
    page.goto(examination)
    other = page.context.new_page()
    other.goto(examination)
    other.locator("[name=note]").fill("Left calf is warm.")
    expect(other.locator("[data-autosave-status]")).to_have_text("Kept.")
    page.locator("[name=note]").fill("Left calf is tight.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved somewhere else")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.locator("[name=note]")).to_have_value("Left calf is tight.")
    page.get_by_label("Left calf is warm.").check()
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_text("Draft kept.")).to_be_visible()
    assert AssessmentDraft.objects.get().typed["note"] == ["Left calf is warm."]

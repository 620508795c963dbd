"""In a real browser: what is typed in a section is kept by itself, and two tabs lose nothing of each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from rls_module.intake import actions
from rls_module.intake.models import Intake
from tests import factories as make
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at")]


@pytest.fixture
def family(page: Page, live_server) -> str:
    """The address of a section, in a browser whose therapist is signed in."""
    user = make.therapist()
    case = make.case(user)
    actions.begin_intake(case=case, language="en", actor=make.actor(user), now=make.NOW)
    session = signed_in(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_default_timeout(10000)
    return f"{live_server.url}/rls/cases/{case.uuid}/intake/family/"


def test_what_is_typed_is_kept_without_a_button_and_leaving_asks_no_more(page: Page, family):
    page.goto(family)
    page.locator('textarea[name="injuries"]').fill("Ankle, 2011")
    expect(page.locator("form[data-guard=changed]")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("Kept.")
    expect(page.locator("form[data-guard=changed]")).to_have_count(0)
    intake = Intake.objects.get()
    assert (intake.answers, intake.saved) == ({"injuries": "Ankle, 2011"}, [])
    page.get_by_role("button", name="Save and back to the list").click()
    page.wait_for_url("**/intake/")
    assert Intake.objects.get().saved == ["family"]


def test_the_second_tab_is_told_and_keeps_what_it_typed(page: Page, family):
    """DI-1."""
    page.goto(family)
    other = page.context.new_page()
    other.goto(family)
    other.locator('textarea[name="injuries"]').fill("Ankle, 2011")
    expect(other.get_by_role("status")).to_have_text("Kept.")
    page.locator('textarea[name="injuries"]').fill("Knee, 2015")
    expect(page.get_by_role("status")).to_contain_text("Saved somewhere else")
    page.get_by_role("button", name="Save and back to the list").click()
    expect(page.locator('textarea[name="injuries"]')).to_have_value("Knee, 2015")
    page.get_by_label("Ankle, 2011").check()
    page.get_by_role("button", name="Save and back to the list").click()
    page.wait_for_url("**/intake/")
    assert Intake.objects.get().answers == {"injuries": "Ankle, 2011"}

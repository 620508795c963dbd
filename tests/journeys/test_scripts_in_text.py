"""Text that wants to be a script, in every field that takes text: no page, mail or admin page ever runs it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import Page

from clinic.models import Clinic
from rls_module.followups import actions
from rls_module.followups.models import Delivery, Occurrence, Protocol
from rls_module.library.models import Exercise
from tests import factories as make
from tests.contracts.filled import fill
from tests.contracts.matrix import DOORS
from tests.contracts.test_matrix import world
from tests.rls_module.host.pages import at, signed_in

__all__ = ["at", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "'-alert(3)-'",
    "</textarea><svg onload=alert(4)>",
    "{{ 7|add:7 }}<b>",
)


def test_no_page_runs_what_was_typed(page: Page, world, live_server, at, record_property):
    """AP-4, HD-3: stored scripts in every text column, opened as therapist and as admin: none is executed, and nothing
    on any page has to be refused by its policy.
    """
    users, keys = world
    spoiled = fill(PAYLOADS)
    in_words()
    assert spoiled >= 40
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    broken = breaches(page)
    opened = 0
    for role in ("therapist", "admin"):
        user = users[role]
        page.context.clear_cookies()
        page.context.add_cookies([cookie_of(user, live_server.url)])
        for door in (one for one in DOORS if one.method == "get" and "/api/v1/c" not in one.address):
            response = page.goto(f"{live_server.url}/{door.address.format(key=keys.get(door.of, ''))}")
            opened += response is not None and response.ok
            assert page.locator("img[src='x'], svg[onload]").count() == 0, door.address
    assert ran == []
    assert broken == []
    assert opened >= 50
    record_property("text columns with a script", spoiled)
    record_property("pages opened with scripts in them", opened)


def breaches(page: Page) -> list[str]:
    """What the policies of the pages opened from now on refuse."""
    refused: list[str] = []
    page.expose_function("refused", lambda what: refused.append(what))  # noqa: PLW0108  Playwright marks a function
    page.add_init_script(
        "addEventListener('securitypolicyviolation', one => refused(`${one.violatedDirective} ${one.documentURI}`))"
    )
    return refused


def test_an_inline_script_is_refused_on_every_kind_of_page(page: Page, world, live_server, at):
    """HD-3: staff's page, admin's page, patient's page: each policy holds against a script that got in."""
    users, _keys = world
    broken = breaches(page)
    page.context.add_cookies([cookie_of(users["admin"], live_server.url)])
    pages = ("patients/", "rls/", "admin/", "q/" + "a" * 65 + "/")
    for address in pages:
        page.goto(f"{live_server.url}/{address}")
        page.evaluate(
            """() => {
                const script = document.createElement('script')
                script.textContent = 'document.title = "ran"'
                document.body.append(script)
            }"""
        )
        assert page.title() != "ran", address
    page.wait_for_function("() => true")
    assert len(broken) == len(pages), broken


@transaction.atomic
def in_words() -> None:
    """What is kept as language -> words."""
    Protocol.objects.update(name={"en": PAYLOADS[1], "es": PAYLOADS[0]})
    Exercise.objects.update(name={"en": PAYLOADS[0], "es": PAYLOADS[1]}, cues={"en": PAYLOADS[3]})


def cookie_of(user, url: str) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": signed_in(user).cookies[name].value, "url": url}


def test_a_mail_holds_it_as_text(world, at, mailoutbox):
    """AP-4: in the HTML of a mail, the clinic's name and words included."""
    with transaction.atomic():
        Clinic.objects.update(mail_name=PAYLOADS[0])
    mail = Delivery.objects.filter(state="scheduled").first()
    Occurrence.objects.filter(pk=mail.occurrence_id).update(state="open")
    actions.resume_mail(chart=mail.chart, source="test", actor=make.actor(world[0]["therapist"]), now=make.NOW)
    actions.tick(now=mail.due_at)
    [sent] = mailoutbox
    html = sent.alternatives[0][0]
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_the_script_would_run_where_it_is_not_escaped(page: Page):
    """The browser of these tests does run what it is given."""
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.set_content(PAYLOADS[0])
    page.wait_for_function("() => document.images[0].complete")
    assert ran == ["1"]

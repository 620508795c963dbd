"""Sending in: never by a robot, once by a patient, whoever else presses at the same time."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Response, Task
from rls_module.followups.models import Occurrence
from rls_module.surveys.models import Draft
from tests import factories as make
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import ANSWERS, Phone, link

LAYOUT = Path(__file__).parents[3] / "rls_module" / "templates" / "rls_module" / "layouts" / "patient.html"
SCRIPTS = sorted((Path(__file__).parents[3] / "rls_module" / "static").rglob("*.js"))
RECEIPT = "Thank you. Your answers have arrived."
THREADS = 20


def events(occurrence: Occurrence, verb: str) -> int:
    return AuditEvent.objects.filter(verb=verb, object_id=str(occurrence.uuid)).count()


def answered_but_not_sent(occurrence: Occurrence) -> Phone:
    phone = Phone()
    phone.start(occurrence)
    phone.answer_until("review")
    return phone


@pytest.mark.both
@pytest.mark.django_db
class TestRobots:
    def test_a_robot_that_sends_every_form_as_it_stands_completes_nothing(self, asked):
        """TK-7 part: start, questions, review, "please call me" and nothing answered."""
        robot = Phone()
        robot.start(asked)
        for key in (*ANSWERS, "review"):
            robot.get(f"/q/{asked.selector}/?page={key}")
            for form in robot.page.forms:
                robot.press(form.buttons[0], form=form)
        asked.refresh_from_db()
        assert asked.state == "open"
        assert not Response.objects.filter(phase="followup").exists()
        robot.get(f"/q/{asked.selector}/?page=review")
        assert robot.press("send").status == 422
        assert RECEIPT in Phone().send_in(asked).text

    @pytest.mark.parametrize("page", ["nights", "new_problem"])
    def test_answers_without_the_pages_own_token_are_not_kept(self, asked, page):
        """TK-7 part: the form's own token; what was typed comes back."""
        phone = Phone()
        phone.start(asked)
        phone.answer_until(page)
        kept = Draft.objects.count()
        for token in ("", phone.get(f"/q/{asked.selector}/?page=review").form.fields["form_token"][0]):
            back = phone.post(f"/q/{asked.selector}/?page={page}", ANSWERS[page] | {"form_token": token, "do": "next"})
            assert back.status == 422
            assert "This page was open for a long time." in back.text
            assert back.picked != []
        assert Draft.objects.count() == kept
        assert phone.answer().status == 200

    def test_a_review_without_its_own_token_is_refused(self, asked):
        """TK-7 part: review, then send; what comes from elsewhere is not a yes, and the answer says so."""
        phone = answered_but_not_sent(asked)
        page = phone.post(f"/q/{asked.selector}/?page=review", {"do": "send"})
        assert not Response.objects.filter(phase="followup").exists()
        assert page.status == 422

    def test_no_script_sends_a_form(self):
        """TK-7 part: no auto-submit."""
        sends = re.compile(r"\.(?:submit|requestSubmit|click|sendBeacon)\(|\bfetch\(|XMLHttpRequest")
        assert sends.search("form.requestSubmit()")
        read = re.findall(r"rls_module/js/(\w+\.js)", LAYOUT.read_text())
        assert read == ["rls.js"], "what stands on a patient's pages"
        assert [path.name for path in SCRIPTS if path.name in read and sends.search(path.read_text())] == []
        elsewhere = [path for path in LAYOUT.parents[1].glob("surveys/*.html") if "rls_module/js/" in path.read_text()]
        assert elsewhere == []

    def test_asking_for_a_call_takes_the_pages_own_token(self, asked):
        phone = Phone()
        phone.start(asked)
        phone.post(f"/q/{asked.selector}/?page=call", {"do": "call"})
        assert not Task.objects.exists()


@pytest.mark.both
@pytest.mark.django_db
class TestTwice:
    def test_the_same_form_sent_twice_is_one_response_and_the_same_receipt(self, asked):
        """TK-8 part: double click, retry, back button; F-32 part: the captured POST again the next day."""
        phone = answered_but_not_sent(asked)
        form = phone.page.form
        first = phone.press("send", form=form)
        again = phone.post(f"/q/{asked.selector}/?page=review", form.fields | {"do": "send"})
        assert (first.status, again.status) == (200, 200)
        assert RECEIPT in first.text
        assert again.text == first.text
        assert Response.objects.filter(phase="followup").count() == 1
        assert events(asked, "response.submit") == 1

    def test_a_captured_post_is_worth_nothing_the_next_day(self, asked, at):
        """F-32: neither a page nor the review can be replayed without a sitting."""
        phone = answered_but_not_sent(asked)
        form, cookies = phone.page.form, phone.client.cookies
        phone.press("send", form=form)
        at(DUE + make.days(1))
        client = Client()
        client.cookies = cookies
        url = f"/q/{asked.selector}/?page="
        assert client.post(url + "review", form.fields | {"do": ["send"]}).status_code == 404
        assert client.post(url + "nights", {"nights": "7", "do": "next"}).status_code == 404
        assert Response.objects.filter(phase="followup").count() == 1

    def test_a_second_tab_with_other_answers_is_told_and_changes_nothing(self, asked):
        """TK-9 part: 409, and the first answers are kept."""
        phone = answered_but_not_sent(asked)
        tab = phone.get(f"/q/{asked.selector}/?page=nights").form
        phone.get(f"/q/{asked.selector}/?page=review")
        phone.press("send")
        late = phone.post(f"/q/{asked.selector}/?page=nights", tab.fields | {"nights": ["7"], "do": ["next"]})
        assert late.status == 409
        assert "Your answers have already arrived. To change something, call 555-0100." in late.text
        asked.refresh_from_db()
        assert asked.response.answers["rls_checkin.nights"] == 3
        assert not Draft.objects.exists()

    def test_an_answer_after_the_receipt_leaves_a_trace(self, asked):
        """TK-9 part: the attempt is audited."""
        phone = Phone()
        phone.send_in(asked)
        before = AuditEvent.objects.count()
        phone.post(f"/q/{asked.selector}/?page=nights", {"nights": "7", "do": "next"})
        assert AuditEvent.objects.count() == before + 1

    def test_pressing_start_again_begins_once(self, asked):
        for _ in range(3):
            Phone().start(asked)
        asked.refresh_from_db()
        assert asked.begun_at == DUE
        assert events(asked, "response.begin") == 1

    def test_drafts_are_not_audited(self, asked):
        """Decision 9: first post and submit are, drafts are not."""
        phone = Phone()
        phone.start(asked)
        before = AuditEvent.objects.count()
        phone.answer_until("review", {"closing": {"call_me": "no"}})
        assert AuditEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """On PostgreSQL: the barrier releases them all together."""

    def test_twenty_taps_on_send_are_one_response_and_twenty_receipts(self, asked):
        """TK-8: one response per occurrence, one audit event, everyone gets the same receipt; F-30 part."""
        phone = answered_but_not_sent(asked)
        url, fields = phone.page.url, phone.page.form.fields | {"do": ["send"]}
        outcomes = make.at_once(*[partial(self.post, phone, url, fields)] * THREADS)
        assert {status for status, _ in outcomes} == {200}
        assert all(RECEIPT in html for _, html in outcomes)
        assert Response.objects.filter(phase="followup").count() == 1
        assert events(asked, "response.submit") == 1
        assert Task.objects.filter(rule="read_comment").count() == 1
        assert not Draft.objects.exists()

    def test_twenty_tabs_that_save_one_page_leave_one_answer_of_it(self, asked):
        """TK-8 part: the unique key of a page."""
        phone = Phone()
        phone.start(asked)
        url, fields = phone.page.url, phone.page.form.fields
        outcomes = make.at_once(
            *(partial(self.post, phone, url, fields | {"nights": [str(number % 8)]}) for number in range(THREADS))
        )
        assert {status for status, _ in outcomes} == {303}
        assert Draft.objects.get().answers["nights"] in range(8)

    def test_twenty_tabs_that_tick_a_danger_open_one_task(self, asked):
        phone = Phone()
        phone.start(asked)
        phone.answer_until("new_problem")
        url, fields = phone.page.url, phone.page.form.fields | {"new_problem": ["chest"]}
        outcomes = make.at_once(*[partial(self.post, phone, url, fields)] * THREADS)
        assert {status for status, _ in outcomes} == {303}
        assert Task.objects.get().rule == "urgent_symptom"

    @pytest.mark.parametrize("values", [{"state": "cancelled"}, {"link_version": 2}], ids=["cancelled", "revoked"])
    def test_sending_while_staff_close_the_form_has_one_outcome(self, asked, values):
        """F-31 part: never stored but told failed."""
        phone = answered_but_not_sent(asked)
        url, fields = phone.page.url, phone.page.form.fields | {"do": ["send"]}
        of_it = Occurrence.objects.filter(pk=asked.pk, state="open")
        *sent, closed = make.at_once(*[partial(self.post, phone, url, fields)] * 6, partial(of_it.update, **values))
        asked.refresh_from_db()
        receipts = [status for status, html in sent if RECEIPT in html]
        assert {status for status, _ in sent} <= {200, 404}
        assert closed in (0, 1)
        if receipts:
            assert asked.response_id is not None
        if asked.state == "cancelled":
            assert (receipts, asked.response_id) == ([], None)

    @staticmethod
    def post(phone: Phone, url: str, fields: dict) -> tuple[int, str]:
        client = Client(enforce_csrf_checks=True)
        client.cookies = phone.client.cookies
        response = client.post(url, fields)
        return response.status_code, response.content.decode()


@pytest.mark.both
@pytest.mark.django_db
def test_a_form_link_survives_a_storm_of_robots(asked):
    """F-35 part: two hundred looks and presses without an answer, then the patient sends in."""
    robot = Phone()
    robot.start(asked)
    for _ in range(100):
        robot.client.get(link(asked))
        robot.client.post(f"/q/{asked.selector}/?page=nights", {"do": "next"})
    assert RECEIPT in Phone().send_in(asked).text

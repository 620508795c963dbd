"""Who takes consent back gets no more mail and no link opens; also where a mail is in the air at that moment."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from django.db import connections
from django.test import Client

from clinic.models import Role
from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Chart
from rls_module.followups import actions
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host.actor import system
from rls_module.surveys.models import Draft
from tests import factories as make
from tests.rls_module.followups import hosts, wire
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.surveys.conftest import DUE, asked, at
from tests.rls_module.surveys.phone import Phone, link

__all__ = ["asked", "at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

ACTOR = replace(system("test"), name="Dana Whitfield PT")


def opens(address: str) -> bool:
    return Client().get(address).status_code == 200


def fresh(occurrence: Occurrence) -> Occurrence:
    return Occurrence.objects.get(pk=occurrence.pk)


def withdraw(occurrence: Occurrence, purpose: str = "email") -> None:
    actions.withdraw_consent(chart=occurrence.chart, purpose=purpose, actor=ACTOR, now=DUE)


def agree(occurrence: Occurrence, purpose: str) -> None:
    about = {"text_version": "1", "language": "en", "actor": ACTOR, "now": DUE}
    case_actions.give_consent(chart=occurrence.chart, purpose=purpose, **about)


def events(verb: str) -> int:
    return AuditEvent.objects.filter(verb=verb, outcome="done").count()


# --- The patient, by a link


def test_no_more_forms_closes_the_link_the_sitting_and_not_the_way_back(asked, smtp_server):
    """PV-9, TK-5: unsent mail stops at once, what is being answered is not stored; mail can be had back."""
    phone, address, way_out = Phone(), link(asked), link(asked, "unsubscribe")
    phone.start(asked)
    for _twice in range(2):
        assert Client().post(way_out, {"do": "all"}).status_code == 200
    assert not opens(address)
    assert phone.answer().status == 404
    assert not Draft.objects.exists()
    assert actions.tick(now=DUE) == 0
    assert events("link.revoke") == 1
    assert Client().post(way_out, {"do": "resume"}).status_code == 200
    assert not opens(address), "what was closed stays closed"
    assert opens(link(fresh(asked))), "the next mail's link opens"


def test_fewer_reminders_leave_the_link_open(asked):
    """PV-9: only a withdrawal closes it."""
    Client().post(link(asked, "unsubscribe"), {"do": "reminders"})
    assert opens(link(asked))


# --- Staff, and the host


def test_a_consent_taken_back_on_the_chart_closes_the_links_and_nothing_is_mailed(asked, smtp_server):
    """PV-9: by the therapist, for a patient who called."""
    user, address = asked.chart.patient.therapists.get(), link(asked)
    signed_in(user).post(f"/rls/charts/{asked.chart.uuid}/consent/", {"agrees": "no"})
    assert not opens(address)
    assert actions.tick(now=DUE) == 0
    assert smtp_server.messages == []
    assert events("link.revoke") == 1


def test_who_will_not_be_asked_at_all_has_no_link_until_consent_is_given_again(asked, smtp_server):
    """PV-9: consent to surveys; a patient who was never asked about it has not taken it back."""
    assert opens(link(asked))
    agree(asked, "survey")
    withdraw(asked, "survey")
    assert not opens(link(fresh(asked)))
    assert actions.tick(now=DUE) == 0
    assert Delivery.objects.get(occurrence=asked, kind="invite").state_reason == "no_consent"
    agree(asked, "survey")
    assert opens(link(fresh(asked)))


@pytest.mark.parametrize(("answer", "is_open"), [(True, True), (False, False), (None, True), ("yes", False)])
def test_a_host_that_keeps_consent_closes_links_by_its_answer(asked, settings, monkeypatch, answer, is_open):
    """PV-9, TK-5: asked at each opening."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.Consents"}
    monkeypatch.setattr(hosts.Consents, "answer", answer)
    assert opens(link(asked)) == is_open


# --- While a mail is in the air


def in_the_air(deed, when: str):
    """A server that does `deed` while it takes a mail: before the body, or when it has the whole."""

    def do() -> None:
        deed()
        connections.close_all()

    def script(server: wire.HandPlayed, line: wire.Line) -> None:
        line.envelope(before_354=do if when == "before the body" else None)
        server.accepted.append(line.hear(b"\r\n.\r\n"))
        if when == "after the dot":
            do()
        line.say("250 taken")
        line.hear()
        line.say("221 bye")

    return script


@pytest.mark.parametrize("when", ["before the body", "after the dot"])
def test_a_withdrawal_while_the_mail_is_spoken_lets_one_go_at_most_and_tells(asked, settings, when):
    """PV-9: it was decided already; it is on record, its link is dead, and no other follows."""
    address = link(asked)
    with wire.playing(in_the_air(partial(withdraw, asked), when)) as server:
        wire.mail_to(settings, server.port, timeout=30)
        assert actions.tick(now=DUE) == len(server.accepted) == 1
    assert events("delivery.sent") == 1
    assert not opens(address)
    assert actions.tick(now=DUE + make.days(7)) == 0


@pytest.mark.parametrize(("when", "gone"), [("before the body", 0), ("after the dot", 1)])
def test_a_patient_released_while_the_mail_is_spoken(asked, settings, when, gone):
    """PV-9, DI-11: before the final dot it does not go any more; after it, its event is there though the row is not."""
    chart = asked.chart
    release = partial(case_actions.release, chart=chart, reason="asked to be forgotten", actor=ACTOR)
    with wire.playing(in_the_air(release, when)) as server:
        wire.mail_to(settings, server.port, timeout=30)
        actions.tick(now=DUE)
    assert (len(server.accepted), events("delivery.sent")) == (gone, gone)
    assert not Chart.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.only_postgresql
def test_withdrawing_and_sending_at_once_ends_well_either_way(at, smtp_server):
    """PV-9, F-31: released together by a barrier, ten times: as many mails as events, and no link that opens."""
    make.protocol()
    for _round in range(10):
        [row] = make.queued(1)
        sent, told = len(smtp_server.messages), events("delivery.sent")
        make.at_once(partial(withdraw, row.occurrence), partial(actions.tick, now=make.NOW))
        assert len(smtp_server.messages) - sent == events("delivery.sent") - told <= 1
        actions.tick(now=make.NOW + make.days(1))
        assert len(smtp_server.messages) - sent == events("delivery.sent") - told <= 1
        assert not opens(link(row.occurrence))


# --- Closing links by hand


def test_a_therapist_closes_one_link_and_the_next_mail_has_another(asked, smtp_server):
    """TK-5, AZ-1: by the chart's list; the mail that goes out afterwards opens."""
    user, address = asked.chart.patient.therapists.get(), link(asked)
    browser = signed_in(user)
    page = f"/rls/occurrences/{asked.uuid}/link/"
    assert page in Page(browser.get(f"/rls/charts/{asked.chart.uuid}/")).links
    assert opens(address)
    assert browser.get(page).status_code == 200
    assert opens(address), "to look is not to close"
    browser.post(page)
    assert not opens(address)
    assert actions.tick(now=DUE) == 1
    [mail] = smtp_server.messages
    body = mail.message.get_body(("plain",)).get_content()
    assert link(fresh(asked)) in body
    assert opens(link(fresh(asked)))
    event = AuditEvent.objects.get(
        verb="link.revoke", outcome="done", object_kind="occurrence", fields=["link_version"]
    )
    assert (event.actor, event.patient) == (f"user:{user.pk}", str(asked.chart.patient_id))


def admin():
    user = make.therapist(role=Role.CLINIC_ADMIN)
    user.is_staff = True
    user.save()
    return signed_in(user)


def test_a_clinic_admin_closes_one_link_from_its_mail_and_says_why(asked):
    """TK-5: without seeing the chart; without a reason nothing happens."""
    address, mail = link(asked), Delivery.objects.get(occurrence=asked, kind="invite")
    page, browser = f"/admin/rls_module/delivery/{mail.pk}/change/", admin()
    assert browser.post(page, {"revoke": "1"}).status_code == 422
    assert opens(address)
    assert browser.post(page, {"revoke": "1", "reason": "sent to the neighbour"}).status_code == 302
    assert not opens(address)
    assert AuditEvent.objects.get(purpose="sent to the neighbour").verb == "link.revoke"


def test_an_emergency_closes_every_link_of_the_clinic_and_of_no_other(asked, at):
    """TK-18: with a reason, behind the gate's clinic-wide question; who stopped all mail still can."""
    elsewhere = make.therapist(make.clinic("hillside"))
    other = make.planned(elsewhere, person=make.patient(elsewhere, make.clinic("hillside")))
    theirs = link(Occurrence.objects.get(chart=other.chart, step="week_6"))
    ours, browser = link(asked), admin()
    browser.post("/admin/rls_module/delivery/engine/", {"revoke_all": "1", "reason": "  "})
    assert opens(ours)
    browser.post("/admin/rls_module/delivery/engine/", {"revoke_all": "1", "reason": "a key was stolen"})
    assert not opens(ours)
    assert opens(theirs)
    assert opens(link(asked, "unsubscribe"))
    event = AuditEvent.objects.get(verb="link.revoke_all", purpose="a key was stolen")
    assert (event.scope, event.patient) == ("riverside", "")


def test_answers_sent_while_the_link_is_closed_are_not_kept(asked):
    """TK-5, F-31: the sitting came in by the old link, and waits for the lock when it is revoked."""
    came_in = fresh(asked)
    actions.revoke_link(occurrence=asked, actor=ACTOR)
    with pytest.raises(actions.Closed):
        make.answered(came_in, now=DUE)
    assert fresh(asked).response_id is None

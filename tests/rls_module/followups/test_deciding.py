"""What may still go is asked again inside the claim, from the live state; and no turn of the engine makes a burst."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from clinic.models import Patient
from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Task
from rls_module.followups import actions, emails, queries, queue
from rls_module.followups.models import Delivery, EngineState, Occurrence, Preference
from rls_module.host.actor import system
from rls_module.host.clock import database_now, lease_end
from tests import factories as make
from tests.rls_module.followups import hosts, wire

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

NOW = make.NOW
ACTOR = system("test")


def later(**more: float):
    return NOW + timedelta(**more)


def claimed() -> Delivery:
    [row] = queue.claim("riverside", NOW, 50)
    return Delivery.objects.select_related("occurrence__enrolment__case", "chart__patient").get(pk=row.pk)


def archive(row: Delivery) -> None:
    Patient.objects.filter(pk=row.chart.patient_id).update(archived=True)


def die(row: Delivery) -> None:
    Patient.objects.filter(pk=row.chart.patient_id).update(died_on=make.TODAY)


def opt_out(row: Delivery) -> None:
    Preference.objects.create(chart=row.chart, mail_off_at=NOW, source="mail", created_at=NOW)


def withdraw(row: Delivery) -> None:
    case_actions.withdraw_consent(chart=row.chart, purpose="email", actor=ACTOR, now=NOW)


def lose_address(row: Delivery) -> None:
    Patient.objects.filter(pk=row.chart.patient_id).update(email="")


def occurrence_is(state: str):
    def change(row: Delivery) -> None:
        Occurrence.objects.filter(pk=row.occurrence_id).update(state=state)

    return change


def close_window(row: Delivery) -> None:
    Occurrence.objects.filter(pk=row.occurrence_id).update(due_at=later(days=-21), window_end=NOW)


CHANGES = [
    (archive, "suppressed", "inactive"),
    (die, "suppressed", "inactive"),
    (opt_out, "suppressed", "opted_out"),
    (withdraw, "suppressed", "no_consent"),
    (lose_address, "suppressed", "no_address"),
    *((occurrence_is(state), "cancelled", state) for state in ("answered", "late", "missed", "cancelled", "skipped")),
    (close_window, "cancelled", "window_closed"),
]
IDS = [f"{state}-{reason}-{change.__name__}" for change, state, reason in CHANGES]


@pytest.mark.parametrize(("change", "state", "reason"), CHANGES, ids=IDS)
def test_whatever_changed_since_the_claim_stops_the_mail(smtp_server, change, state, reason):
    """EM-4, F-38: asked when the row is already `sending`; nothing leaves, and the day is free again."""
    make.queued(1)
    row = claimed()
    change(row)
    assert queue.deliver([row], NOW) == 0
    row.refresh_from_db()
    assert (row.state, row.state_reason, row.lease_token, row.day_slot) == (state, reason, None, None)
    assert smtp_server.messages == []


@pytest.mark.parametrize(("change", "state", "reason"), CHANGES, ids=IDS)
def test_decide_says_why(change, state, reason):
    """EM-4, EM-11: the same questions, as a value."""
    make.queued(1)
    row = claimed()
    change(row)
    fresh = Delivery.objects.select_related("occurrence", "chart__patient").get(pk=row.pk)
    assert queue.decide(fresh, NOW) == queue.Drop(state, reason)


def test_nothing_changed_means_send():
    """EM-4."""
    make.queued(1)
    row = claimed()
    assert queue.decide(row, NOW) == queue.Send(row.chart.patient.email, "en")


def test_an_address_that_changed_after_the_claim_is_the_one_that_is_used(smtp_server):
    """EM-4, F-38."""
    make.queued(1)
    row = claimed()
    Patient.objects.update(email="new@example.org")
    queue.deliver([row], NOW)
    assert [mail.recipients for mail in smtp_server.messages] == [("new@example.org",)]


@pytest.mark.parametrize(("answer", "goes"), [(True, True), (False, False), (None, True), ("yes", False), (1, False)])
def test_a_host_that_keeps_consent_itself_decides_and_only_true_is_a_yes(settings, answer, goes, monkeypatch):
    """EM-4: None leaves it to our own record, which says yes here."""
    make.queued(1)
    row = claimed()
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.Consents"}
    monkeypatch.setattr(hosts.Consents, "answer", answer)
    assert isinstance(queue.decide(row, NOW), queue.Send if goes else queue.Drop)


BAD = {
    "header-injection": "a@b.example\r\nBcc:x@evil.example",
    "newline": "a@b.example\n",
    "nul": "a\x00b@c.example",
    "rtl-local": "a\u202eb@c.example",
    "rtl-domain": "a@c\u202e.example",
    "zero-width": "a@c\u200bd.example",
    "321-characters": "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".b" * 4 + ".example",
    "two-addresses": "a@b.example,c@d.example",
    "two-addresses-semicolon": "a@b.example;c@d.example",
    "display-name": "Alma <a@b.example>",
    "angle": "<a@b.example>",
    "no-at": "alma",
    "two-ats": "a@b@c.example",
    "space": "a b@c.example",
    "tab": "a\t@c.example",
    "no-host": "a@",
    "cr": "a\r@c.example",
    "line-separator": "a@c\u2028.example",
}


@pytest.mark.parametrize("address", BAD.values(), ids=BAD.keys())
def test_an_address_with_a_trick_in_it_gets_no_mail_and_is_shown_as_such(smtp_server, settings, address, monkeypatch):
    """EM-3, EM-11."""
    assert emails.is_sendable(address) is False
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.AnyAddress"}
    monkeypatch.setattr(hosts.AnyAddress, "address", address)
    make.queued(1)
    assert actions.tick(now=NOW) == 0
    row = Delivery.objects.get()
    assert (row.state, row.state_reason) == ("suppressed", "bad_address")
    assert smtp_server.messages == []


def test_the_long_address_of_the_table_is_too_long_and_one_that_just_fits_is_not():
    """EM-3: 320 characters and no more."""
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 4) + "." + "c" * 11
    assert len(longest) == 320
    assert emails.is_sendable(longest) is True
    assert emails.is_sendable(longest + "c") is False
    assert len(BAD["321-characters"]) > 320


@pytest.mark.parametrize("address", [None, ""])
def test_no_address_is_a_normal_state(settings, address, monkeypatch):
    """EM-11."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.AnyAddress"}
    monkeypatch.setattr(hosts.AnyAddress, "address", address)
    make.queued(1)
    actions.tick(now=NOW)
    assert Delivery.objects.get().state_reason == "no_address"


# One patient whose host answers badly


@pytest.mark.parametrize("host", ["NoAddressOf", "NoZoneOf"])
def test_a_patient_the_host_cannot_answer_for_does_not_hold_up_the_others(smtp_server, settings, host, monkeypatch):
    """F-25, F-26: the oldest of three raises; the two others go in the same turn, and lose no attempt by it."""
    rows = make.queued(3)
    Delivery.objects.filter(pk=rows[0].pk).update(next_attempt_at=later(hours=-1))
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.{host}"}
    monkeypatch.setattr(getattr(hosts, host), "patient_pk", rows[0].chart.patient_id)
    actions.tick(now=NOW)
    others = Delivery.objects.exclude(pk=rows[0].pk).values_list("state", "attempts")
    assert list(others) == [("sent", 1), ("sent", 1)]
    assert {mail.recipients for mail in smtp_server.messages} >= {(row.chart.patient.email,) for row in rows[1:]}


@pytest.mark.parametrize("host", ["NoAddressOf", "NoZoneOf"])
def test_a_patient_the_host_never_answers_for_is_mailed_or_called(smtp_server, settings, host, monkeypatch):
    """F-25, EM-11: it goes in the zone it was planned in, or ends with a call; it does not lie there for ever."""
    [row] = make.queued(1)
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.{host}"}
    monkeypatch.setattr(getattr(hosts, host), "patient_pk", row.chart.patient_id)
    moment = NOW
    for _ in range(12):
        Delivery.objects.filter(state="sending").update(lease_until=lease_end(-1))
        actions.tick(now=moment)
        moment = max(moment, Delivery.objects.get().next_attempt_at) + timedelta(hours=1)
    assert Delivery.objects.get().state == ("dead" if host == "NoAddressOf" else "sent")
    calls = list(Task.objects.exclude(rule="no_answer").values_list("rule", flat=True))
    assert calls == (["undeliverable"] if host == "NoAddressOf" else [])


# A patient who moves to the other clinic


def test_a_patient_who_moves_before_the_first_mail_is_asked_by_the_new_clinic(smtp_server):
    """AZ-16: chart and unsent rows follow, once, with an event."""
    [row] = make.queued(1)
    Patient.objects.update(clinic=make.clinic("lakeside", mail_name="Lakeside PT"))
    sent = [actions.tick(now=later(minutes=minute)) for minute in range(3)]
    assert sum(sent) == 1
    assert "Lakeside PT" in smtp_server.messages[0].message["Subject"]
    assert Delivery.objects.get(pk=row.pk).scope == "lakeside"
    assert AuditEvent.objects.filter(verb="chart.move").count() == 1


def test_a_patient_who_moves_between_invite_and_reminder_is_not_forgotten(smtp_server):
    """AZ-16, FE-10: the reminder goes or is called off; it does not lie there due for ever, with an event each turn."""
    make.queued(1, each=2)
    Delivery.objects.filter(kind="reminder").update(next_attempt_at=later(days=3))
    assert actions.tick(now=NOW) == 1
    Patient.objects.update(clinic=make.clinic("lakeside"))
    for hour in range(5):
        actions.tick(now=later(days=3, hours=hour))
    assert Delivery.objects.get(kind="reminder").state in ("sent", "cancelled")
    assert AuditEvent.objects.filter(verb="chart.move").count() == 1


# A day has one mail


def test_two_mails_due_for_one_patient_go_on_two_days(smtp_server):
    """EM-12, FE-10, F-23: the second waits for tomorrow's send hour on the patient's wall."""
    make.queued(1, each=2)
    assert actions.tick(now=NOW) == 1
    waiting = Delivery.objects.get(state="scheduled")
    there = waiting.next_attempt_at.astimezone(ZoneInfo("America/New_York"))
    assert there.isoformat() == "2026-09-08T09:00:00-04:00"
    assert waiting.due_at == NOW
    assert actions.tick(now=later(hours=12)) == 0
    assert actions.tick(now=waiting.next_attempt_at) == 1
    assert len(smtp_server.messages) == 2


def test_the_day_is_the_patients_and_not_the_servers(smtp_server):
    """EM-12: 02:30 UTC on the 8th is still the 7th in New York."""
    make.queued(1, each=2)
    Delivery.objects.filter(kind="reminder").update(next_attempt_at=later(hours=12))
    assert actions.tick(now=NOW) == 1
    assert actions.tick(now=later(hours=12.5)) == 0
    assert actions.tick(now=later(hours=23)) == 1


def test_after_an_outage_of_three_days_each_patient_gets_one_mail(smtp_server):
    """EM-12, FE-10, F-23."""
    make.queued(20, each=3)
    assert actions.tick(now=later(days=3)) == 20
    assert actions.tick(now=later(days=3, minutes=5)) == 0
    recipients = [mail.recipients for mail in smtp_server.messages]
    assert len(set(recipients)) == len(recipients) == 20


def test_a_patient_whose_day_is_taken_does_not_end_the_turn_for_the_others(smtp_server, settings):
    """F-26: also where a whole batch has to wait for tomorrow."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"SEND_BATCH": 2}
    make.queued(2, each=2)
    assert actions.tick(now=NOW) == 2
    Delivery.objects.filter(state="scheduled").update(next_attempt_at=NOW)
    make.queued(2, now=later(minutes=1))
    assert actions.tick(now=later(minutes=2)) == 2


def test_a_mail_that_was_dropped_gives_its_day_back(smtp_server):
    """EM-12: the reminder that may go is not kept waiting by the one that may not."""
    first, second = make.queued(1, each=2)
    Delivery.objects.filter(pk=second.pk).update(next_attempt_at=later(hours=2))
    Patient.objects.update(email="")
    actions.tick(now=NOW)
    assert Delivery.objects.get(pk=first.pk).state == "suppressed"
    Patient.objects.update(email="back@example.org")
    assert actions.tick(now=later(hours=2)) == 1


# Turns of the engine


def test_nothing_leaves_while_dispatch_is_paused_and_everything_afterwards(smtp_server, settings):
    """FE-5, DI-12: claims nothing, burns nothing."""
    make.queued(2)
    settings.RLS_MODULE = settings.RLS_MODULE | {"DISPATCH_PAUSED": True}
    assert actions.tick(now=NOW) == 0
    assert set(Delivery.objects.values_list("state", "tries", "attempts")) == {("scheduled", 0, 0)}
    settings.RLS_MODULE = settings.RLS_MODULE | {"DISPATCH_PAUSED": False}
    assert actions.tick(now=NOW) == 2


@pytest.mark.parametrize("down", ["lakeside", "riverside"])
def test_a_scope_that_raises_does_not_stop_the_other(smtp_server, settings, down, monkeypatch, caplog):
    """AZ-16: whichever comes first; and it is reported."""
    [up] = {"lakeside", "riverside"} - {down}
    make.queued(1, scope=down)
    make.queued(1, scope=up)
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.OneScopeDown"}
    monkeypatch.setattr(hosts.OneScopeDown, "down", down)
    assert actions.tick(now=NOW) == 1
    assert dict(Delivery.objects.values_list("scope", "state")) == {down: "scheduled", up: "sent"}
    assert f"the engine's turn failed for scope {down}" in caplog.text


def test_a_turn_leaves_its_time_by_the_databases_clock():
    """FE-4, FE-9, FE-14: what is due is asked of the clinic's clock, whether the engine lives of the real one."""
    make.queued(1)
    actions.tick(now=NOW - make.days(1))
    state = EngineState.objects.get(scope="riverside")
    assert abs((state.last_tick_at - database_now()).total_seconds()) < 60
    assert queries.status(NOW, database_now()).due == 1


def test_a_clock_that_went_back_sends_nothing_until_it_has_caught_up(smtp_server, caplog):
    """FE-4, F-18, F-19: the highest tick is kept; 30 seconds are forgiven, and it is said."""
    make.queued(1)
    highest = database_now() + timedelta(hours=1)
    EngineState.objects.create(scope="riverside", last_tick_at=highest)
    assert actions.tick(now=NOW) == 0
    assert "behind the last tick" in caplog.text
    assert EngineState.objects.get().last_tick_at == highest
    assert set(Delivery.objects.values_list("state", "tries")) == {("scheduled", 0)}
    EngineState.objects.update(last_tick_at=database_now() + timedelta(seconds=15))
    assert actions.tick(now=NOW) == 1


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(settings):
    """FE-2: on SQLite it would block every writer."""
    make.queued(1)
    ours = connections["default"]  # of this thread, looked at from the server's
    seen: list[bool] = []

    def looking(server: wire.HandPlayed, line: wire.Line) -> None:
        answer = line.say

        def say(reply: str) -> None:  # the client waits for every one of these
            seen.append(ours.in_atomic_block)
            answer(reply)

        line.say = say
        wire.well(server, line)

    with wire.playing(looking) as server:
        wire.mail_to(settings, server.port, timeout=5)
        assert actions.tick(now=NOW) == 1
    assert len(seen) > 4
    assert not any(seen)


def test_a_busy_clinic_keeps_no_other_one_waiting(smtp_server, settings):
    """FE-13: batches go in rounds, one of each clinic, until nothing is due anywhere."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"SEND_BATCH": 2}
    make.queued(5, scope="lakeside")
    make.queued(2, scope="riverside")
    assert actions.tick(now=NOW) == 7
    scopes = dict(Delivery.objects.values_list("chart__patient__email", "scope"))
    order = [scopes[mail.recipients[0]] for mail in smtp_server.messages]
    assert order == ["lakeside"] * 2 + ["riverside"] * 2 + ["lakeside"] * 3

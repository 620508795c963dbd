"""The table of SMTP outcomes: what each answer of a mail server, or its silence, makes of a delivery."""

from __future__ import annotations

from datetime import timedelta

import dj_email_url
import pytest

from clinic import environment
from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.followups import actions, queries, queue
from rls_module.followups.models import Delivery, EngineState
from tests import factories as make
from tests.rls_module.followups import wire
from tests.services import certificate
from tests.services.smtp import HANG_UP, LOSE_ANSWER, SmtpServer

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

NOW = make.NOW


def later(**more: float) -> object:
    return NOW + timedelta(**more)


def one() -> Delivery:
    return Delivery.objects.get()


def tasks() -> list[tuple[str, str]]:
    return list(Task.objects.order_by("pk").values_list("kind", "rule"))


def test_a_mail_that_the_server_takes_is_sent(smtp_server):
    """FE-5, EM-7, EM-14: with what is remembered of it, and no address in clear."""
    make.queued(1)
    assert actions.tick(now=NOW) == 1
    row = one()
    assert (row.state, row.sent_at, row.smtp_code, row.attempts, row.phase) == ("sent", NOW, 250, 1, "data")
    assert (row.lease_token, row.lease_until, row.language) == (None, None, "en")
    assert len(row.address_hash) == 64
    assert "@" not in row.address_hash
    assert actions.tick(now=later(days=2)) == 0
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(
    ("verb", "reply", "code"),
    [
        ("MAIL", "451 4.3.0 try later", 451),
        ("MAIL", "421 4.3.2 closing", 421),
        ("RCPT", "450 4.2.0 greylisted", 450),
        ("RCPT", "421 4.3.2 closing", 421),
        ("RCPT", "552 5.2.2 mailbox full", 552),
        ("DATA", "451 4.3.0 try later", 451),
        ("DATA", "421 4.3.2 closing", 421),
        ("DATA", "452 4.3.1 no space", 452),
    ],
)
def test_not_now_is_tried_again_and_burns_no_attempt(smtp_server, verb, reply, code):
    """EM-7, FE-7, FE-11, F-06: a 4xx at MAIL, RCPT or DATA, and a full mailbox."""
    make.queued(1)
    smtp_server.answer_next(verb, reply)
    assert actions.tick(now=NOW) == 0
    row = one()
    assert (row.state, row.state_reason, row.smtp_code, row.attempts, row.tries) == ("retry", "deferred", code, 0, 1)
    assert (row.lease_token, row.due_at) == (None, NOW)
    assert later(seconds=47) < row.next_attempt_at < later(seconds=73)
    assert smtp_server.messages == []
    assert tasks() == []
    assert actions.tick(now=later(seconds=40)) == 0
    assert actions.tick(now=row.next_attempt_at) == 1
    assert len(smtp_server.messages) == 1
    assert (one().state, one().attempts, one().tries) == ("sent", 1, 2)


def test_the_waits_grow_along_the_steps_with_a_fifth_of_jitter_and_then_repeat(smtp_server):
    """FE-11, F-06: 1, 5, 15, 60 minutes, then hourly; `due_at` never moves."""
    make.queued(1)
    smtp_server.answer_next("RCPT", *["450 4.2.0 greylisted"] * 12)
    moment, waits = NOW, []
    for _ in range(12):
        actions.tick(now=moment)
        row = one()
        assert (row.state, row.attempts, row.due_at) == ("retry", 0, NOW)
        waits.append((row.next_attempt_at - moment).total_seconds())
        moment = row.next_attempt_at
    steps = [60, 300, 900] + [3600] * 9
    assert all(0.8 * step <= wait <= 1.2 * step for step, wait in zip(steps, waits, strict=True))
    assert len(set(waits)) == len(waits)
    assert actions.tick(now=moment) == 1


def test_a_retry_never_passes_the_end_of_the_window(smtp_server):
    """EM-7, FE-11: what could only go after the close is dead, and somebody calls."""
    make.queued(1)
    end = one().occurrence.window_end
    Delivery.objects.update(next_attempt_at=end - timedelta(seconds=30), tries=5)
    smtp_server.answer_next("RCPT", "450 4.2.0 greylisted")
    actions.tick(now=end - timedelta(seconds=30))
    row = one()
    assert (row.state, row.state_reason, row.smtp_code, row.day_slot) == ("dead", "window_closed", 450, None)
    assert ("call", "undeliverable") in tasks()
    assert actions.tick(now=end + timedelta(hours=2)) == 0
    assert smtp_server.messages == []


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "551 5.1.6 moved", "553 5.1.3 bad mailbox"])
def test_an_address_that_is_refused_for_good_is_a_bounce_and_a_call(smtp_server, reply):
    """EM-7, EM-11, F-07: 5xx at RCPT."""
    make.queued(1)
    smtp_server.answer_next("RCPT", reply)
    assert actions.tick(now=NOW) == 0
    row = one()
    assert (row.state, row.state_reason, row.smtp_code, row.day_slot) == (
        "bounced",
        "refused_address",
        int(reply[:3]),
        None,
    )
    task = Task.objects.get()
    assert (task.kind, task.rule, task.chart, task.due_at) == ("call", "undeliverable", row.chart, NOW)
    assert task.params == {"step": "week_6", "delivery": str(row.uuid)}
    assert actions.tick(now=later(days=1)) == 0
    assert len(tasks()) == 1


def test_a_mailbox_that_stays_full_is_no_address_when_the_window_ends(smtp_server):
    """EM-7, EM-11: 552 at RCPT, soft and then hard: somebody calls."""
    [row] = make.queued(1)
    end = row.occurrence.window_end
    for at in (NOW, end - timedelta(minutes=40), end - timedelta(minutes=1)):
        smtp_server.answer_next("RCPT", "552 5.2.2 mailbox full")
        assert actions.tick(now=at) == 0
    row.refresh_from_db()
    assert (row.state, row.smtp_code) == ("bounced", 552)
    assert len(tasks()) == 1
    assert smtp_server.messages == []


@pytest.mark.parametrize("reply", ["554 5.7.1 refused by policy", "552 5.3.4 too big", "550 5.7.1 looks like spam"])
def test_content_that_is_refused_for_good_is_dead_and_a_call(smtp_server, reply):
    """EM-7, F-07: 5xx at DATA is about us, not about the address."""
    make.queued(1)
    smtp_server.answer_next("DATA", reply)
    assert actions.tick(now=NOW) == 0
    row = one()
    assert (row.state, row.state_reason, row.smtp_code) == ("dead", "refused_content", int(reply[:3]))
    assert tasks() == [("call", "undeliverable")]
    assert actions.tick(now=later(days=1)) == 0
    assert smtp_server.messages == []


def test_a_bounce_of_one_patient_does_not_hold_up_the_next(smtp_server):
    """F-26."""
    make.queued(3)
    smtp_server.answer_next("RCPT", "550 5.1.1 no such user")
    assert actions.tick(now=NOW) == 2
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["bounced", "sent", "sent"]


# Refusals that are about us: pause


def assert_paused(number: int) -> None:
    state = queries.engine_state("riverside")
    assert state.paused_at is not None
    assert state.pause_reason
    rows = Delivery.objects.values_list("state", "state_reason", "attempts", "lease_token")
    assert list(rows) == [("retry", "paused", 0, None)] * number
    assert tasks() == []


def test_a_refused_login_pauses_the_scope_and_burns_nothing(settings):
    """EM-7, FE-11, F-07: 535; the server is not asked again for every row, nor at the next tick."""
    make.queued(3)
    with wire.playing(wire.refuse_login) as server:
        wire.mail_to(settings, server.port, login="clinic:wrong@")
        assert actions.tick(now=NOW) == 0
        assert_paused(3)
        assert actions.tick(now=later(hours=1)) == 0
        assert server.connections == 1


@pytest.mark.parametrize("reply", ["530 5.7.0 authentication required", "550 5.7.1 sender refused", "553 5.1.8 sender"])
def test_a_refused_sender_pauses_the_scope_and_burns_nothing(smtp_server, reply):
    """EM-7, F-07: 5xx at MAIL would be the same for everybody."""
    make.queued(3)
    smtp_server.answer_next("MAIL", reply)
    assert actions.tick(now=NOW) == 0
    assert_paused(3)
    assert actions.tick(now=later(hours=1)) == 0
    assert smtp_server.messages == []


def test_a_pause_of_one_clinic_leaves_the_other_sending(smtp_server):
    """AZ-16: scopes are walked by name; the first one is refused, the second one sends."""
    make.queued(1, scope="lakeside")
    make.queued(1, scope="riverside")
    smtp_server.answer_next("MAIL", "550 5.7.1 sender refused")
    assert actions.tick(now=NOW) == 1
    assert dict(Delivery.objects.values_list("scope", "state")) == {"lakeside": "retry", "riverside": "sent"}


def test_a_pause_in_the_middle_of_a_batch_keeps_what_went_out(smtp_server):
    """EM-7, FE-3."""
    make.queued(3)
    smtp_server.answer_next("MAIL", "", "550 5.7.1 sender refused")
    assert actions.tick(now=NOW) == 1
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("retry", 0), ("retry", 0), ("sent", 1)]


def test_when_the_pause_is_over_everything_goes(smtp_server):
    """EM-7: nothing was lost by waiting."""
    make.queued(2)
    smtp_server.answer_next("MAIL", "550 5.7.1 sender refused")
    actions.tick(now=NOW)
    EngineState.objects.update(paused_at=None, pause_reason="")
    assert actions.tick(now=later(hours=1)) == 2
    assert len(smtp_server.messages) == 2


# No connection, or none that holds


def test_a_server_that_is_not_there_is_tried_again_and_burns_no_attempt(settings):
    """EM-7, FE-7: nobody listens on port 1."""
    make.queued(2)
    wire.mail_to(settings, 1)
    assert actions.tick(now=NOW) == 0
    rows = Delivery.objects.values_list("state", "state_reason", "attempts")
    assert list(rows) == [("retry", "no_connection", 0)] * 2
    assert tasks() == []


@pytest.mark.parametrize("script", [wire.busy_at_banner, wire.cut_at_banner, wire.hang_at_banner])
def test_a_server_that_never_gets_to_talk_burns_no_attempt(settings, script):
    """EM-7, FE-7, EM-6: refused, 421 or silent at the banner is a failure of the connection, not of the mail."""
    make.queued(1)
    with wire.playing(script) as server:
        wire.mail_to(settings, server.port)
        assert actions.tick(now=NOW) == 0
    row = one()
    assert (row.state, row.attempts, row.tries, row.phase) == ("retry", 0, 1, "")
    assert tasks() == []


@pytest.mark.parametrize("script", [wire.busy_at_banner, wire.cut_at_banner, wire.hang_at_banner])
def test_a_batch_waits_for_a_server_that_is_not_to_be_had_only_once(settings, script):
    """FE-13, EM-6: fifty rows behind a silent server would wait fifty times; given back, none is burned or lost."""
    make.queued(5)
    with wire.playing(script) as server:
        wire.mail_to(settings, server.port)
        assert actions.tick(now=NOW) == 0
        assert server.connections == 1
    rows = Delivery.objects.values_list("state", "state_reason", "attempts", "lease_token")
    assert list(rows) == [("retry", "no_connection", 0, None)] * 5
    assert tasks() == []


def test_a_server_that_stays_silent_for_a_day_makes_no_mail_dead(settings):
    """EM-7, FE-7: retried to the end of the window, however often the connection fails."""
    make.queued(1)
    moment = NOW
    with wire.playing(*[wire.cut_at_banner] * 12) as server:
        wire.mail_to(settings, server.port)
        for _ in range(12):
            actions.tick(now=moment)
            moment = max(moment, one().next_attempt_at)
    assert (one().state, one().attempts) == ("retry", 0)
    assert tasks() == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_line_cut_in_the_envelope_is_tried_again(smtp_server, verb):
    """EM-7, FE-6, FE-7: no reply, so the attempt counts."""
    make.queued(1)
    smtp_server.answer_next(verb, HANG_UP)
    assert actions.tick(now=NOW) == 0
    row = one()
    assert (row.state, row.state_reason, row.attempts, row.phase) == ("retry", "no_answer", 1, "")
    assert actions.tick(now=later(seconds=73)) == 1
    assert len(smtp_server.messages) == 1


def test_a_line_cut_before_the_dot_is_tried_again_and_arrives_once(settings):
    """EM-7, FE-6, F-10: only the mark can tell it from a line cut after the dot."""
    make.queued(1)
    with wire.playing(wire.cut_in_data, wire.well) as server:
        wire.mail_to(settings, server.port, timeout=5)
        assert actions.tick(now=NOW) == 0
        row = one()
        assert (row.state, row.attempts, row.phase, row.uncertain_count) == ("retry", 1, "", 0)
        assert actions.tick(now=later(seconds=73)) == 1
        assert len(server.accepted) == 1
    assert one().state == "sent"


# After the dot: uncertain


@pytest.mark.parametrize("script", [wire.cut_after_dot, wire.hang_after_dot])
def test_silence_after_the_dot_is_uncertain(settings, script):
    """EM-7, FE-5, F-08, F-09: cut or hung; the worker is free again after its timeout."""
    make.queued(1)
    with wire.playing(script) as server:
        wire.mail_to(settings, server.port)
        assert actions.tick(now=NOW) == 0
        assert len(server.accepted) == 1
    row = one()
    assert (row.state, row.state_reason, row.phase, row.uncertain_count) == (
        "uncertain",
        "no_reply_after_dot",
        "data",
        1,
    )
    assert row.next_attempt_at == later(seconds=900)
    assert tasks() == []


@pytest.mark.parametrize("script", [wire.cut_at_quit, wire.busy_at_quit, wire.hang_at_quit])
def test_whatever_happens_at_quit_the_mail_is_sent(settings, script):
    """EM-7: the 250 was there."""
    make.queued(1)
    with wire.playing(script) as server:
        wire.mail_to(settings, server.port)
        assert actions.tick(now=NOW) == 1
        assert len(server.accepted) == 1
    assert (one().state, one().smtp_code) == ("sent", 250)


def test_an_uncertain_mail_is_sent_once_more_after_its_wait_with_the_same_id_and_link(smtp_server):
    """FE-5, EM-5, F-08: one copy more at the most, and it is the same mail."""
    make.queued(1)
    smtp_server.answer_next("DATA", LOSE_ANSWER)
    assert actions.tick(now=NOW) == 0
    assert one().state == "uncertain"
    assert actions.tick(now=later(seconds=899)) == 0
    assert one().state == "uncertain"
    assert actions.tick(now=later(seconds=900)) == 1
    assert one().state == "sent"
    first, second = (mail.message for mail in smtp_server.messages)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["List-Unsubscribe"] == second["List-Unsubscribe"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()
    assert actions.tick(now=later(days=1)) == 0
    assert len(smtp_server.messages) == 2
    assert tasks() == []


def test_a_mail_that_is_uncertain_twice_goes_to_staff_and_not_to_the_patient(smtp_server):
    """FE-5: never a third copy, one task."""
    make.queued(1)
    smtp_server.answer_next("DATA", LOSE_ANSWER, LOSE_ANSWER)
    actions.tick(now=NOW)
    actions.tick(now=later(seconds=900))
    for hours in (1, 2, 24):
        assert actions.tick(now=later(hours=hours)) == 0
    row = one()
    assert (row.state, row.state_reason, row.uncertain_count) == ("uncertain", "staff_told", 2)
    assert tasks() == [("call", "mail_uncertain")]
    assert len(smtp_server.messages) == 2


def test_a_clinic_that_never_wants_a_second_copy_gets_a_task_instead(smtp_server, settings):
    """FE-5: UNCERTAIN_POLICY at_most_once."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"UNCERTAIN_POLICY": "at_most_once"}
    make.queued(1)
    smtp_server.answer_next("DATA", LOSE_ANSWER)
    for hours in (0, 1, 24):
        assert actions.tick(now=later(hours=hours)) == 0
    assert (one().state, one().state_reason) == ("uncertain", "staff_told")
    assert tasks() == [("call", "mail_uncertain")]
    assert len(smtp_server.messages) == 1


def test_an_answer_that_comes_meanwhile_stops_the_second_copy(smtp_server):
    """FE-5, EM-4: the resend is decided from the live state like any other."""
    make.queued(1)
    smtp_server.answer_next("DATA", LOSE_ANSWER)
    actions.tick(now=NOW)
    occurrence = one().occurrence
    type(occurrence).objects.filter(pk=occurrence.pk).update(state="answered")
    assert actions.tick(now=later(seconds=900)) == 0
    assert (one().state, one().state_reason) == ("cancelled", "answered")
    assert len(smtp_server.messages) == 1


def test_a_mail_sent_again_on_the_same_day_keeps_its_day(smtp_server):
    """EM-12: its own retries do not count as a second mail of the day."""
    make.queued(1)
    smtp_server.answer_next("RCPT", "450 4.2.0 greylisted")
    actions.tick(now=NOW)
    slot = one().day_slot
    assert actions.tick(now=later(seconds=73)) == 1
    assert one().day_slot == slot == f"{one().chart_id}:2026-09-07"


# The cap


def test_a_mail_that_the_line_drops_with_eight_times_is_dead_and_a_call(smtp_server):
    """FE-7, F-25: attempts without a reply are counted, at the claim."""
    make.queued(1)
    smtp_server.answer_next("RCPT", *[HANG_UP] * 20)
    moment, seen = NOW, []
    for _ in range(12):
        actions.tick(now=moment)
        seen.append((one().state, one().attempts))
        moment = max(moment, one().next_attempt_at) + timedelta(seconds=1)
    assert seen[:8] == [("retry", number) for number in range(1, 9)]
    assert seen[8:] == [("dead", 8)] * 4
    assert one().state_reason == "too_many_attempts"
    assert tasks() == [("call", "undeliverable")]
    assert smtp_server.messages == []


def test_a_mail_that_kills_its_worker_is_dead_in_the_end_and_a_call(settings):
    """FE-7, F-25: claimed eight times and never finished."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": -1}
    make.queued(1)
    for _ in range(8):
        [_row] = queue.claim("riverside", NOW, 50)
        queue.sweep("riverside", NOW)
    assert (one().state, one().state_reason, one().attempts) == ("dead", "too_many_attempts", 8)
    assert queue.claim("riverside", NOW, 50) == []
    assert tasks() == [("call", "undeliverable")]


def test_a_mail_whose_link_key_is_gone_is_dead_in_the_end_and_does_not_hold_up_the_others(smtp_server):
    """F-25, F-39: it cannot be composed; the rest goes out."""
    rows = make.queued(3)
    broken = rows[0].occurrence
    type(broken).objects.filter(pk=broken.pk).update(link_kid="lost")
    assert actions.tick(now=NOW) == 2
    moment = NOW
    for _ in range(9):
        row = Delivery.objects.get(pk=rows[0].pk)
        moment = max(moment, row.next_attempt_at) + timedelta(seconds=1)
        actions.tick(now=moment)
    row = Delivery.objects.get(pk=rows[0].pk)
    assert (row.state, row.state_reason) == ("dead", "too_many_attempts")
    assert tasks() == [("call", "undeliverable")]
    assert len(smtp_server.messages) == 2


def test_every_end_of_a_delivery_leaves_an_event_without_an_address(smtp_server):
    """AU-2, AU-6, F-07: sent, deferred, bounced, dead and uncertain alike."""
    make.queued(5)
    smtp_server.answer_next("RCPT", "", "450 4.2.0 greylisted", "550 5.1.1 no such user")
    smtp_server.answer_next("DATA", "", "554 5.7.1 refused", LOSE_ANSWER)
    actions.tick(now=NOW)
    verbs = AuditEvent.objects.filter(object_kind="delivery").values_list("verb", flat=True)
    assert sorted(verbs) == [
        "delivery.bounced",
        "delivery.dead",
        "delivery.retry",
        "delivery.sent",
        "delivery.uncertain",
    ]
    told = " ".join(str(list(event.values())) for event in AuditEvent.objects.values())
    assert "example.org" not in told


def test_a_mail_server_that_cannot_show_who_it_is_gets_no_mail(tmp_path, settings):
    """EM-6: a certificate that only its owner has signed; the row waits, no attempt is burned."""
    server = SmtpServer()
    server.start(tls=certificate.self_signed(tmp_path))
    try:
        address = dj_email_url.parse(f"submission://localhost:{server.port}")
        for name, value in environment.mail(address, timeout=5).items():
            setattr(settings, name, value)
        make.queued(1)
        assert actions.tick(now=make.NOW) == 0
    finally:
        server.stop()
    row = Delivery.objects.get()
    assert (row.state, row.state_reason, row.attempts) == ("retry", "no_connection", 0)
    assert server.messages == []

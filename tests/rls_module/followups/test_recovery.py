"""Dead, frozen and slow workers: the sweep brings their rows back, and the mark keeps them from sending late."""

from __future__ import annotations

import queue as queue_module
import select
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.followups import actions, emails, queue
from rls_module.followups.models import Delivery
from rls_module.followups.queue import sending
from rls_module.host.clock import lease_end
from tests import factories as make
from tests.rls_module.followups import wire

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

NOW = make.NOW


@pytest.fixture
def leases_are_over(settings):
    """Claims whose lease has run out by the time anybody looks."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": -1}


def claimed() -> Delivery:
    [row] = queue.claim("riverside", NOW, 50)
    return row


def test_a_worker_that_died_before_the_mark_leaves_a_plain_retry(leases_are_over, smtp_server, settings):
    """FE-6, F-01, F-02: nothing can have gone out."""
    make.queued(1)
    claimed()
    queue.sweep("riverside", NOW)
    row = Delivery.objects.get()
    assert (row.state, row.state_reason, row.lease_token, row.uncertain_count) == ("retry", "worker_died", None, 0)
    assert (row.next_attempt_at, row.attempts) == (NOW, 1)
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": 120}
    assert actions.tick(now=NOW) == 1
    assert len(smtp_server.messages) == 1


def test_a_worker_that_died_after_the_mark_leaves_an_uncertain_row(leases_are_over):
    """FE-6, F-03, F-04: the mail may be out; it waits UNCERTAIN_WAIT_S."""
    make.queued(1)
    Delivery.objects.filter(pk=claimed().pk).update(phase="data")
    queue.sweep("riverside", NOW)
    row = Delivery.objects.get()
    assert (row.state, row.state_reason, row.uncertain_count) == ("uncertain", "worker_died", 1)
    assert (row.lease_token, row.next_attempt_at) == (None, NOW + timedelta(seconds=900))
    queue.sweep("riverside", NOW + timedelta(seconds=899))
    assert Delivery.objects.get().state == "uncertain"
    queue.sweep("riverside", NOW + timedelta(seconds=900))
    assert Delivery.objects.get().state == "retry"
    assert not Task.objects.exists()


def test_a_second_death_after_the_mark_goes_to_staff(leases_are_over):
    """FE-5."""
    make.queued(1)
    for moment in (NOW, NOW + timedelta(seconds=900)):
        queue.sweep("riverside", moment)
        [row] = queue.claim("riverside", moment, 50)
        Delivery.objects.filter(pk=row.pk).update(phase="data")
        queue.sweep("riverside", moment)
    for days in (1, 2):
        queue.sweep("riverside", NOW + make.days(days))
    row = Delivery.objects.get()
    assert (row.state, row.state_reason, row.uncertain_count) == ("uncertain", "staff_told", 2)
    assert list(Task.objects.values_list("kind", "rule")) == [("call", "mail_uncertain")]


@pytest.mark.parametrize("phase", ["", "data"])
def test_a_worker_that_lives_keeps_its_rows(phase):
    """FE-2: the sweep takes only what has run out, by the database's clock."""
    make.queued(1)
    row = claimed()
    Delivery.objects.filter(pk=row.pk).update(phase=phase)
    queue.sweep("riverside", NOW + make.days(365))
    stored = Delivery.objects.get()
    assert (stored.state, stored.lease_token) == ("sending", row.lease_token)


def test_a_sweep_keeps_to_its_scope(leases_are_over):
    """AZ-16."""
    make.queued(1, scope="lakeside")
    queue.claim("lakeside", NOW, 50)
    queue.sweep("riverside", NOW)
    assert Delivery.objects.get().state == "sending"


def test_eight_sweeps_at_once_recover_a_row_once(leases_are_over):
    """FE-2: the same compare-and-set, behind a barrier."""
    make.queued(5)
    for row in queue.claim("riverside", NOW, 50):
        Delivery.objects.filter(pk=row.pk).update(phase="data")
    outcomes = make.at_once(*[lambda: queue.sweep("riverside", NOW)] * 8)
    assert outcomes == [None] * 8
    assert list(Delivery.objects.values_list("state", "uncertain_count").distinct()) == [("uncertain", 1)]


def test_a_worker_frozen_past_its_lease_stops_before_the_dot(leases_are_over, smtp_server):
    """FE-6, F-24: the mark refuses, the line is cut, and the server has no mail."""
    make.queued(1)
    assert actions.tick(now=NOW) == 0
    assert smtp_server.messages == []
    row = Delivery.objects.get()
    assert (row.state, row.phase) == ("sending", "")
    queue.sweep("riverside", NOW)
    assert (Delivery.objects.get().state, Delivery.objects.get().state_reason) == ("retry", "worker_died")


def test_a_worker_whose_lease_runs_out_in_the_body_stops_before_the_dot(settings):
    """FE-6, F-24: frozen between 354 and dot; the server never hears the dot, the next worker sends once."""
    make.queued(1)
    heard: list[str] = []

    def freeze_the_worker(server: wire.HandPlayed, line: wire.Line) -> None:
        Delivery.objects.update(lease_until=lease_end(-1))
        connections.close_all()
        line.envelope()
        try:
            server.accepted.append(line.hear(b"\r\n.\r\n"))
        except ConnectionError:
            heard.append("hung up before the dot")

    with wire.playing(freeze_the_worker, wire.well) as server:
        wire.mail_to(settings, server.port, timeout=5)
        assert actions.tick(now=NOW) == 0
        assert (heard, server.accepted) == (["hung up before the dot"], [])
        assert actions.tick(now=NOW + timedelta(minutes=1)) == 1
        assert len(server.accepted) == 1
    assert Delivery.objects.get().state == "sent"


def test_a_worker_that_lost_one_row_goes_on_with_the_next(settings):
    """FE-6: the line it cut is opened anew."""
    rows = make.queued(2)

    def take_the_first_away(server: wire.HandPlayed, line: wire.Line) -> None:
        Delivery.objects.filter(pk=rows[0].pk).update(lease_until=Now() - timedelta(seconds=1))
        connections.close_all()
        line.envelope()
        line.hear(b"\r\n.\r\n")

    with wire.playing(take_the_first_away, wire.well) as server:
        wire.mail_to(settings, server.port, timeout=5)
        assert actions.tick(now=NOW) == 1
        assert len(server.accepted) == 1
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["sending", "sent"]


def test_a_slow_server_does_not_let_the_lease_of_a_whole_batch_run_out(settings):
    """FE-2, FE-3, F-11: each mail takes most of a lease; the last of the batch is still ours and goes once."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": 2}
    make.queued(4)

    def slow(server: wire.HandPlayed, line: wire.Line) -> None:
        for place in range(4):
            if place == 0:
                line.envelope()
            else:
                for verb in ("MAIL", "RCPT"):
                    assert line.hear().upper().startswith(verb)
                    line.say("250 OK")
                assert line.hear().upper() == "DATA"
                line.say("354 go on")
            server.accepted.append(line.hear(b"\r\n.\r\n"))
            select.select([line.peer], [], [], 1)  # the client waits for our answer and says nothing
            line.say("250 taken")
        line.hear()
        line.say("221 bye")

    with wire.playing(slow) as server:
        wire.mail_to(settings, server.port, timeout=5)
        assert actions.tick(now=NOW) == 4
        assert len(server.accepted) == 4
    assert list(Delivery.objects.values_list("state", "tries").distinct()) == [("sent", 1)]


def test_a_lease_that_ran_out_is_not_renewed(leases_are_over):
    """FE-3, F-24: renewing never takes back what another worker may have by now."""
    make.queued(1)
    row = claimed()
    before = Delivery.objects.get().lease_until
    sending._renew([row])
    assert Delivery.objects.get().lease_until == before


def test_dots_at_the_start_of_a_line_arrive_as_they_were_written(smtp_server):
    """FE-6: data() is ours, so is RFC 5321 4.5.2; a lone dot in the text must not end the mail."""
    backend = emails.mailer()
    message = mail.EmailMessage("dots", "..two\n.one\n.\nend", "clinic@example.org", ["a@b.example"])
    marks: list[str] = []
    with sending._marked(backend, lambda: marks.append("mark")):
        backend.send_messages([message])
    backend.close()
    [received] = smtp_server.messages
    assert received.message.get_content().replace("\r\n", "\n").rstrip("\n") == "..two\n.one\n.\nend"
    assert marks == ["mark"]


@pytest.mark.parametrize(("phase", "attempts", "state"), [("", 1, "retry"), ("data", 1, "uncertain"), ("", 8, "dead")])
def test_what_the_sweep_makes_of_a_row_is_an_event_like_any_other_end(leases_are_over, phase, attempts, state):
    """AU-2: the queue records each of its writes."""
    make.queued(1)
    Delivery.objects.filter(pk=claimed().pk).update(phase=phase, attempts=attempts)
    queue.sweep("riverside", NOW)
    assert Delivery.objects.get().state == state
    assert AuditEvent.objects.filter(verb=f"delivery.{state}", actor="system:followups").count() == 1


@pytest.mark.only_postgresql  # on SQLite one writer waits for the other to end
def test_a_mark_that_is_being_written_while_the_sweep_looks_is_not_overlooked(leases_are_over):
    """FE-6, F-24: the sweep read "no mark", then waits for the row; the mail may be out by the time it goes on."""
    make.queued(1)
    key = claimed().pk
    pids: queue_module.Queue[int] = queue_module.Queue()

    def sweep() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.put(cursor.fetchone()[0])
            queue.sweep("riverside", NOW)
        finally:
            connections.close_all()

    sweeper = threading.Thread(target=sweep)
    with transaction.atomic():
        Delivery.objects.filter(pk=key).update(phase="data")
        sweeper.start()
        pid = pids.get(timeout=30)
        assert any(is_waiting(pid) or not sweeper.is_alive() for _ in range(100_000))
    sweeper.join(timeout=30)
    queue.sweep("riverside", NOW)
    row = Delivery.objects.get()
    assert (row.state, row.uncertain_count) == ("uncertain", 1)


def is_waiting(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]

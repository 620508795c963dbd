"""Claims: each due row goes to one worker, under a lease and a token that a latecomer does not have."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rls_module.audit.models import AuditEvent
from rls_module.followups import queue
from rls_module.followups.models import Delivery
from rls_module.followups.queue import claiming
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

NOW = make.NOW
WORKERS = 8


def claimed(limit: int = 50, *, scope: str = "riverside", now=NOW) -> list[Delivery]:
    return queue.claim(scope, now, limit)


def drained(limit: int) -> list[int]:
    """Claim until there is nothing left, as a worker does; return the keys."""
    keys: list[int] = []
    while rows := claimed(limit):
        keys += [row.pk for row in rows]
    return keys


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [50, 7])
def test_eight_workers_claim_three_hundred_rows_once_each(limit):
    """FE-2, F-22: behind a barrier, on both databases."""
    rows = make.queued(300)
    outcomes = make.at_once(*[lambda: drained(limit)] * WORKERS)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    keys = [key for one in outcomes for key in one]
    assert Counter(keys) == Counter(row.pk for row in rows)
    stored = Delivery.objects.values_list("state", "tries", "attempts", "phase").distinct()
    assert list(stored) == [("sending", 1, 1, "")]
    assert Delivery.objects.values("lease_token").distinct().count() == 300


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_at_two_mails_of_one_patient_send_one_and_never_lock_each_other_out():
    """EM-12, FE-2, F-27: forty patients with two mails due each, stored in opposite orders."""
    make.queued(40, each=2)
    outcomes = make.at_once(*[lambda: drained(40)] * WORKERS)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    keys = [key for one in outcomes for key in one]
    per_chart = Counter(Delivery.objects.filter(pk__in=keys).values_list("chart_id", flat=True))
    assert (len(keys), set(per_chart.values())) == (40, {1})
    waiting = Delivery.objects.exclude(pk__in=keys)
    assert set(waiting.values_list("state", "lease_token", "tries")) == {("scheduled", None, 0)}
    assert all(row.next_attempt_at > NOW for row in waiting)


def test_a_claim_takes_what_is_due_in_order_and_no_more_than_asked():
    """FE-2."""
    rows = make.queued(5)
    late, early = rows[3], rows[1]
    Delivery.objects.filter(pk=early.pk).update(next_attempt_at=NOW - make.days(1))
    Delivery.objects.filter(pk=late.pk).update(next_attempt_at=NOW + make.days(0.001))
    assert [row.pk for row in claimed(2)] == [early.pk, rows[0].pk]
    assert [row.pk for row in claimed()] == [rows[2].pk, rows[4].pk]
    assert claimed() == []
    assert [row.pk for row in claimed(now=NOW + make.days(0.001))] == [late.pk]


def test_a_claim_keeps_to_its_scope():
    """AZ-16."""
    here = make.queued(2)
    there = make.queued(2, scope="lakeside")
    assert {row.pk for row in claimed()} == {row.pk for row in here}
    assert {row.pk for row in claimed(scope="lakeside")} == {row.pk for row in there}


@pytest.mark.parametrize("state", ["sending", "sent", "uncertain", "bounced", "suppressed", "dead", "cancelled"])
def test_only_scheduled_rows_and_retries_are_due(state):
    """FE-5: `due` is a question, and these states answer no."""
    [row] = make.queued(1)
    Delivery.objects.filter(pk=row.pk).update(state=state, lease_token=uuid4())
    assert claimed() == []


def test_a_lease_runs_by_the_databases_clock_and_never_by_the_clinics(settings):
    """FE-4: the clinic's clock stands at 2026 or anywhere; the lease ends LEASE_S after the real now."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": 120}
    make.queued(1)
    before = timezone.now()
    [row] = claimed()
    row.refresh_from_db()
    left = (row.lease_until - before).total_seconds()
    assert 115 < left < 180
    assert abs((row.claimed_at - before).total_seconds()) < 60


def test_a_row_cannot_be_sending_without_a_token():
    """DI-10."""
    [row] = make.queued(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(state="sending")


def test_two_rows_cannot_hold_the_same_day_of_a_patient():
    """DI-10, EM-12: the key that keeps two workers apart."""
    one, other = make.queued(1, each=2)
    Delivery.objects.filter(pk=one.pk).update(day_slot="7:2026-09-07")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=other.pk).update(day_slot="7:2026-09-07")


def test_an_unknown_state_cannot_be_stored():
    """DI-5, DI-10."""
    [row] = make.queued(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(state="lost")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "sending", "lease_token": uuid4()},
        {"state": "retry"},
        {"state": "cancelled"},
        {"lease_token": uuid4()},
    ],
    ids="-".join,
)
def test_a_row_that_changed_since_it_was_read_is_not_ours(change):
    """FE-2: the compare of every compare-and-set; locks only make it rare that it is needed."""
    [row] = make.queued(1)
    assert claiming.as_seen(row).count() == 1
    Delivery.objects.filter(pk=row.pk).update(**change)
    assert claiming.as_seen(row).update(state="dead") == 0


# Fencing


def test_a_finish_with_an_old_token_writes_nothing():
    """FE-3: also no event, so that the audit never tells what did not happen."""
    make.queued(1)
    [row] = claimed()
    old = row.lease_token
    Delivery.objects.filter(pk=row.pk).update(lease_token=uuid4())
    events = AuditEvent.objects.count()
    assert queue.finish(row, old, "sent", sent_at=NOW) is False
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("sending", None)
    assert AuditEvent.objects.count() == events


def test_a_finish_after_the_row_was_finished_writes_nothing():
    """FE-3."""
    make.queued(1)
    [row] = claimed()
    token = row.lease_token
    assert queue.finish(row, token, "sent", sent_at=NOW) is True
    assert queue.finish(row, token, "dead", state_reason="late") is False
    row.refresh_from_db()
    assert (row.state, row.state_reason, row.lease_token, row.lease_until) == ("sent", "", None, None)


def test_a_finish_and_its_event_are_one():
    """AU-2, AU-3, AU-6: the event says which fields, not what stands in them."""
    [made] = make.queued(1)
    [row] = claimed()
    queue.finish(row, row.lease_token, "sent", sent_at=NOW, address_hash="f" * 64)
    event = AuditEvent.objects.get(verb="delivery.sent")
    assert (event.actor, event.object_id, event.patient, event.scope) == (
        "system:followups",
        str(made.uuid),
        str(row.chart.patient_id),
        "riverside",
    )
    assert event.fields == ["address_hash", "sent_at", "state"]


@pytest.mark.django_db(transaction=True)
def test_of_two_finishes_at_the_same_time_one_counts():
    """FE-3: a takeover in mid-finish, behind a barrier."""
    make.queued(1)
    for _ in range(10):
        Delivery.objects.update(state="scheduled", lease_token=None, next_attempt_at=NOW, day_slot=None)
        [row] = claimed()
        token = row.lease_token
        outcomes = make.at_once(
            lambda row=row, token=token: queue.finish(row, token, "sent"),
            lambda row=row, token=token: queue.finish(row, token, "dead"),
        )
        assert sorted(outcomes) == [False, True]
        assert Delivery.objects.get().state == ("sent" if outcomes[0] else "dead")


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_row_was_taken_over_neither_sends_it_nor_ends_the_others_claim(smtp_server, settings):
    """FE-2, FE-3, F-24: slow worker A comes to a row of its batch that B has claimed meanwhile."""
    make.queued(1)
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": -1}
    of_a = claimed()
    queue.sweep("riverside", NOW)
    settings.RLS_MODULE = settings.RLS_MODULE | {"LEASE_S": 120}
    [of_b] = claimed()
    assert of_b.lease_token != of_a[0].lease_token

    assert queue.deliver(of_a, NOW) == 0
    assert smtp_server.messages == []
    stored = Delivery.objects.get()
    assert (stored.state, stored.lease_token, stored.phase) == ("sending", of_b.lease_token, "")

    assert queue.deliver([of_b], NOW) == 1
    assert len(smtp_server.messages) == 1


@pytest.mark.only_postgresql  # SQLite has no row locks
@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_worker_holds_locked_is_passed_over():
    """FE-2: SKIP LOCKED; the rest of the queue does not wait."""
    rows = make.queued(3)
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=rows[0].pk)
        [keys] = make.at_once(lambda: drained(50))
    assert keys == [rows[1].pk, rows[2].pk]

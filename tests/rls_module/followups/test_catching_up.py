"""After an outage: the newest of what was missed, once, never mail after mail; and a clock that nobody can trust."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.followups import actions
from rls_module.followups.actions import engine
from rls_module.followups.models import Delivery, EngineState, Occurrence
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)


@pytest.fixture
def case():
    return make.planned(make.therapist())


def step(case, name: str) -> Occurrence:
    return Occurrence.objects.get(enrolment__case=case, step=name)


def overlap(case) -> tuple[Occurrence, Occurrence]:
    """A protocol whose second time of asking falls into the window of the first."""
    first, second = step(case, "week_6"), step(case, "week_12")
    at = first.due_at + 2 * DAY
    Occurrence.objects.filter(pk=second.pk).update(due_at=at)
    Delivery.objects.filter(occurrence=second).update(due_at=at + 30 * DAY, next_attempt_at=at + 30 * DAY)
    Delivery.objects.filter(occurrence=second, kind="invite").update(due_at=at, next_attempt_at=at)
    return step(case, "week_6"), step(case, "week_12")


def turns(*, begin: datetime, days: int) -> list[int]:
    """How many mails each day brings, from the day on which the engine is there again."""
    return [actions.tick(now=begin + number * DAY) for number in range(days)]


def test_of_two_that_were_missed_the_newer_goes_and_the_older_is_let_go(case, smtp_server):
    """FE-10."""
    first, second = overlap(case)
    assert turns(begin=second.due_at + DAY, days=3) == [1, 0, 0]
    first, second = step(case, "week_6"), step(case, "week_12")
    assert (first.state, first.state_reason) == ("skipped", "late")
    assert second.state == "open"
    assert set(first.deliveries.values_list("state", "state_reason")) == {("cancelled", "late")}
    assert AuditEvent.objects.filter(verb="enrolment.missed", object_id=str(first.uuid)).count() == 1
    assert len(smtp_server.messages) == 1


def test_one_that_was_asked_stays_though_a_later_one_is_due(case, smtp_server):
    """FE-10: the patient may have it open."""
    first, second = overlap(case)
    assert actions.tick(now=first.due_at) == 1
    assert turns(begin=second.due_at + DAY, days=1) == [1]
    assert step(case, "week_6").state == "open"


def test_a_mail_that_is_late_within_its_window_goes_once_and_brings_no_reminder_the_day_after(case, smtp_server):
    """FE-10: an outage over the invite and its reminders."""
    first = step(case, "week_6")
    last = max(first.deliveries.filter(kind="reminder").values_list("due_at", flat=True))
    assert last < first.window_end
    assert turns(begin=last + timedelta(hours=1), days=4) == [1, 0, 0, 0]
    said = dict(first.deliveries.filter(kind="reminder").values_list("state", "state_reason"))
    assert said == {"cancelled": "late"}


def test_of_two_reminders_that_were_missed_the_newer_goes(case, smtp_server):
    """FE-10."""
    first = step(case, "week_6")
    assert actions.tick(now=first.due_at) == 1
    last = max(first.deliveries.filter(kind="reminder").values_list("due_at", flat=True))
    assert turns(begin=last + timedelta(hours=1), days=3) == [1, 0, 0]
    states = first.deliveries.filter(kind="reminder").order_by("due_at").values_list("state", flat=True)
    assert list(states) == ["cancelled", "sent"]


def test_each_goes_on_its_day_where_the_engine_was_there(case, smtp_server):
    """FE-10: catching up takes nothing from a patient whose mails were never late."""
    first = step(case, "week_6")
    assert sum(turns(begin=first.due_at, days=(first.window_end - first.due_at).days)) == first.deliveries.count()


@pytest.mark.parametrize("hours", [24, -24])
def test_a_machine_whose_clock_is_not_the_databases_plans_closes_and_sends_nothing(
    monkeypatch, smtp_server, caplog, hours
):
    """FE-4, F-18: it is said, and the turn has failed."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=hours)

    make.queued(1)
    monkeypatch.setattr(engine, "datetime", Wrong)
    assert actions.tick(now=make.NOW) == 0
    assert "this machine's clock and the database's differ" in caplog.text
    assert "the engine's turn failed for scope riverside (WrongClock)" in caplog.text
    assert not EngineState.objects.exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"scheduled"}

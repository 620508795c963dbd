"""Two clocks: the clinic's, which a demo may move, and the database's own, which nobody may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from rls_module.audit import log
from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Case
from rls_module.host import clock as host_clock
from rls_module.host.actor import system
from tests import clock
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

LONG_AGO = datetime(1999, 12, 31, 23, 30, tzinfo=UTC)


def is_real(instant: datetime) -> bool:
    return abs(instant - datetime.now(UTC)) < timedelta(minutes=1)


def test_without_a_clock_now_is_the_databases_time(settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": None}
    now = host_clock.now()
    assert is_real(now)
    assert now.utcoffset() == timedelta(0)


def test_a_clock_that_is_set_decides(at):
    at(LONG_AGO)
    assert host_clock.now() == LONG_AGO


def test_a_clock_of_another_zone_is_answered_in_utc(at):
    at(LONG_AGO.astimezone(timezone(timedelta(hours=-5))))
    now = host_clock.now()
    assert (now, now.tzinfo) == (LONG_AGO, UTC)


def test_the_clock_is_read_live(at):
    at(LONG_AGO)
    assert host_clock.now() == LONG_AGO
    at(LONG_AGO + timedelta(days=1))
    assert host_clock.now() == LONG_AGO + timedelta(days=1)


def test_the_databases_clock_does_not_follow(at):
    at(LONG_AGO)
    assert is_real(host_clock.database_now())


def test_an_audit_event_is_timed_by_the_database(at):
    """AU-1, part: nobody moves the time of a witness."""
    at(LONG_AGO)
    log.record(actor=system("test"), verb="chart.view")
    assert is_real(AuditEvent.objects.latest("pk").at)


def test_the_end_of_a_lease_is_the_databases_now_and_some_seconds(at):
    at(LONG_AGO)
    case = make.case(make.therapist())
    Case.objects.update(replan_at=host_clock.lease_end(3600))
    assert is_real(Case.objects.get(pk=case.pk).replan_at - timedelta(hours=1))


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("America/New_York", 3, date(2026, 9, 6)),
        ("America/New_York", 4, date(2026, 9, 7)),
        ("Pacific/Auckland", 11, date(2026, 9, 7)),
        ("Pacific/Auckland", 12, date(2026, 9, 8)),
    ],
)
def test_the_clinics_day_is_the_date_on_its_own_wall(zone, hour, day):
    make.clinic("faraway", zone=zone)
    assert host_clock.clinic_day(datetime(2026, 9, 7, hour, 0, tzinfo=UTC), "faraway") == day


def test_without_a_put_instant_the_tests_clock_is_the_real_one(at):
    clock.clear()
    assert is_real(host_clock.now())

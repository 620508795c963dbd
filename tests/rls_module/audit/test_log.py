"""Who an event names, by whichever door the deed came in; and that the report of one patient is one index."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from clinic.models import Role
from rls_module import engine
from rls_module.audit import log
from rls_module.audit.models import AuditEvent
from rls_module.followups.models import Occurrence
from rls_module.host.actor import Actor
from rls_module.outcomes import queries
from tests import factories as make
from tests.rls_module.host.pages import at, signed_in
from tests.rls_module.surveys.phone import Phone

__all__ = ["at"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


def actors_of(deed) -> set[str]:
    """Who the events name that `deed` leaves."""
    before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    deed()
    return set(AuditEvent.objects.filter(pk__gt=before).values_list("actor", flat=True))


@pytest.fixture
def case():
    return make.planned(make.therapist())


def test_an_event_without_an_actor_is_refused_by_the_database():
    """AU-7: the constraint."""
    with pytest.raises(IntegrityError), transaction.atomic():
        log.record(actor=Actor(""), verb="chart.view")


def test_a_page_names_who_is_signed_in(case):
    """AU-7."""
    user = case.chart.patient.therapists.get()
    assert actors_of(lambda: signed_in(user).get(f"/rls/charts/{case.chart.uuid}/")) == {f"user:{user.pk}"}


def test_the_api_names_who_a_session_belongs_to(case):
    """AU-7."""
    user = case.chart.patient.therapists.get()
    assert actors_of(lambda: signed_in(user).get(f"/rls/api/v1/charts/{case.chart.uuid}/")) == {f"user:{user.pk}"}


def test_the_api_names_who_a_token_belongs_to(case, settings):
    """AU-7: after authentication, where a middleware sees nobody yet; a session beside it changes nothing."""
    user, other = case.chart.patient.therapists.get(), make.therapist()
    named = {"AUTHENTICATION_CLASSES": ["tests.rls_module.api.tokens.NameToken"]}
    settings.RLS_MODULE = settings.RLS_MODULE | named
    headers = {"Authorization": f"Token {user.username}"}
    for client in (Client(), signed_in(other)):
        found = actors_of(lambda c=client: c.get(f"/rls/api/v1/charts/{case.chart.uuid}/", headers=headers))
        assert found == {f"user:{user.pk}"}


def test_admin_names_who_is_signed_in(case):
    """AU-7."""
    admin = make.therapist(role=Role.CLINIC_ADMIN)
    admin.is_staff = True
    admin.save()
    assert actors_of(lambda: signed_in(admin).get("/admin/rls_module/auditevent/")) == {f"user:{admin.pk}"}


def test_a_command_names_itself(case):
    """AU-7."""
    words = ("rls_followups", "pause", "--reason", "x", "--scope", "riverside")
    assert actors_of(lambda: call_command(*words, stdout=StringIO())) == {"system:rls_followups"}


def test_the_engine_names_itself(case):
    """AU-7."""
    after = make.NOW + make.days(200)
    assert actors_of(lambda: engine.turn(now=after)) == {"system:followups"}


def test_a_survey_names_the_public_half_of_its_link(case, at):
    """AU-7: not the therapist whose browser it is, and of the link only what opens nothing."""
    occurrence = Occurrence.objects.get(chart=case.chart, step="week_6")
    at(make.NOW + make.days(42))
    assert actors_of(lambda: Phone().send_in(occurrence)) == {f"token:{occurrence.selector[:8]}"}


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_threads_never_swap_their_actors():
    """AU-11: the actor is an argument; a thousand writes, each by whom it says."""

    def writes(name: str) -> None:
        for number in range(500):
            log.record(actor=Actor(f"user:{name}", request_id=name), verb="chart.view", patient=name, ref=number)

    assert make.at_once(lambda: writes("1"), lambda: writes("2")) == [None, None]
    found = AuditEvent.objects.values_list("actor", "patient", "request_id")
    assert sorted(found) == [("user:1", "1", "1")] * 500 + [("user:2", "2", "2")] * 500


@pytest.mark.both
def test_the_report_of_one_patient_is_a_walk_through_one_index(case):
    """AU-10: newest first out of (patient, at), however many events there are; no sort of the whole, no scan."""
    AuditEvent.objects.bulk_create(
        AuditEvent(actor="system:x", verb="chart.view", patient=str(number % 500)) for number in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE rls_module_auditevent")
    asked = AuditEvent.objects.filter(patient="7").order_by("-at", "-pk")[: queries.MOST_EVENTS]
    plan = asked.explain()
    assert "rls_audit_patient_at" in plan
    assert "Seq Scan" not in plan
    assert "SCAN" not in plan

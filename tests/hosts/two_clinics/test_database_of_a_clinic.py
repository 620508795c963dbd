"""Transactions, witnesses and clocks in a host whose databases follow the clinic, and whose `default` is nobody's."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connections

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions
from rls_module.cases.models import Case, Chart
from rls_module.host import database, identity, transaction
from rls_module.host.clock import database_now
from tests import factories as make
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.world import BOTH, person, staff

pytestmark = BOTH
LABELS = list(CLINICS)
NO_EVENT = {
    "postgresql": "ALTER TABLE rls_module_auditevent ADD CONSTRAINT no_event CHECK (verb = '') NOT VALID",
    "sqlite": "CREATE TRIGGER no_event BEFORE INSERT ON rls_module_auditevent BEGIN SELECT RAISE(ABORT, 'no'); END",
}


@pytest.mark.parametrize("label", LABELS)
def test_our_rows_are_in_the_clinics_database(label):
    with inside(label):
        assert (database.alias(), database.connection().alias) == (label, label)


def test_outside_of_a_clinic_nothing_can_be_read():
    assert database.alias() == "default"
    with pytest.raises(ImproperlyConfigured):
        Chart.objects.exists()


@pytest.mark.parametrize("label", LABELS)
def test_a_transaction_is_one_of_the_clinics_database(label):
    with inside(label), transaction.atomic():
        assert [one.alias for one in connections.all(initialized_only=True) if one.savepoint_ids] == [label]


@pytest.mark.parametrize("label", LABELS)
def test_what_cannot_be_witnessed_is_not_written(label):
    """AU-3: write and event roll back together, whichever database they are in."""
    therapist = staff("therapist")["therapist"]
    with inside(label):
        chart = make.chart(person(label, therapist))
        with connections[label].cursor() as cursor:
            cursor.execute(NO_EVENT[connections[label].vendor])
        with pytest.raises(IntegrityError):
            actions.open_case(
                chart=chart, reason="incidental", on=make.TODAY, actor=make.actor(therapist), now=make.NOW
            )
        assert not Case.objects.exists()


def test_what_follows_a_commit_follows_the_clinics(django_capture_on_commit_callbacks):
    with inside("beta"), django_capture_on_commit_callbacks(using="beta") as calls, transaction.atomic():
        transaction.on_commit(make.clinic)
    assert calls == [make.clinic]


def test_each_clinic_is_asked_whether_it_is_the_right_hosts():
    """Host contract 2: one database verified says nothing about the other."""
    with inside("alpha"):
        identity.verify()
    with connections["beta"].cursor() as cursor:
        cursor.execute("UPDATE rls_module_hostidentity SET patient_label = 'other.model'")
    identity._verified.discard(("beta", "practice.Person"))
    with inside("beta"):
        assert not identity.is_verified()
    with inside("alpha"):
        assert identity.is_verified()


@pytest.mark.parametrize("label", LABELS)
def test_events_of_a_clinic_stand_in_its_database(label):
    """AU-1: the witness is where the record is, and nowhere else."""
    therapist = staff("therapist")["therapist"]
    with inside(label):
        make.chart(person(label, therapist))
    assert {one for one in LABELS if AuditEvent.objects.using(one).exists()} == {label}


def test_a_job_outside_of_every_clinic_still_knows_the_time():
    assert database_now().tzinfo is not None

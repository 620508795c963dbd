"""Whose patients these rows are: recorded with the tables, compared before anything is read."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.followups.models import Occurrence
from rls_module.followups.queries import link_token
from rls_module.host import identity
from rls_module.host.models import HostIdentity
from tests import factories as make
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def other_host(settings):
    """The setting points at another model than the rows were written for."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MODEL": "auth.User"}


def test_the_migration_records_the_host_once():
    assert HostIdentity.objects.values_list("patient_label", "patient_table", "key_type", "user_label").get() == (
        "clinic.patient",
        "clinic_patient",
        "BigAutoField",
        "auth.user",
    )
    assert identity.mismatch() == ""


def test_a_mismatch_is_said_fact_by_fact(other_host):
    assert identity.mismatch() == (
        "patient_label was clinic.patient, is auth.user; patient_table was clinic_patient, is auth_user; "
        "key_type was BigAutoField, is AutoField"
    )


def test_recording_again_changes_the_one_row(other_host):
    class Editor:
        pass

    Editor.connection = connection
    from django.apps import apps

    identity.record(apps, Editor)
    assert (HostIdentity.objects.count(), identity.mismatch()) == (1, "")


def test_a_process_asks_once(django_assert_num_queries):
    identity.is_verified()
    with django_assert_num_queries(0):
        assert identity.is_verified()


def test_staff_pages_answer_503_and_read_nothing(other_host):
    user = make.therapist()
    chart = make.chart(make.patient(user))
    events = AuditEvent.objects.count()
    for address in ("/rls/", f"/rls/charts/{chart.uuid}/", f"/rls/charts/{chart.uuid}/screen/", "/rls/patients/1/"):
        response = signed_in(user).get(address)
        assert response.status_code == 503
        assert "Nothing could be read or stored safely" in response.content.decode()
        assert "Abbott" not in response.content.decode()
    assert AuditEvent.objects.count() == events


def test_staff_pages_answer_503_where_the_host_was_never_recorded(settings):
    """The label differs from every one that this process has verified."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MODEL": "clinic.Clinic"}
    HostIdentity.objects.all().delete()
    assert signed_in(make.therapist()).get("/rls/").status_code == 503


def test_a_patients_link_answers_503(settings, at):
    """Host contract 2: on mismatch requests answer 503; an answer would be written for somebody else's chart."""
    make.planned(make.therapist())
    at(make.NOW + make.days(42))
    token = link_token(Occurrence.objects.get(step="week_6"), "survey")
    assert Client().get(f"/q/{token}/").status_code == 200
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MODEL": "auth.User"}
    assert Client().get(f"/q/{token}/").status_code == 503


def test_the_engine_sends_nothing(other_host):
    """Host contract 2: compared at the start of each job; on mismatch the command fails."""
    make.clinic()
    with pytest.raises(CommandError):
        call_command("rls_followups", "run", "--once")


def test_a_patient_model_that_is_missing_answers_503(settings, monkeypatch):
    monkeypatch.delenv("RLS_MODULE_PATIENT_MODEL", raising=False)
    user = make.therapist()
    settings.RLS_MODULE = {name: value for name, value in settings.RLS_MODULE.items() if name != "PATIENT_MODEL"}
    assert signed_in(user).get("/rls/").status_code == 503


def test_the_right_host_is_let_in_again_after_a_wrong_one(settings):
    user, sound = make.therapist(), settings.RLS_MODULE
    settings.RLS_MODULE = sound | {"PATIENT_MODEL": "auth.User"}
    assert signed_in(user).get("/rls/").status_code == 503
    settings.RLS_MODULE = sound
    assert signed_in(user).get("/rls/").status_code == 200

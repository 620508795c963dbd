"""Who saw this chart: the page and the command tell it from the audit, and looking is itself on record."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from clinic.models import Role
from rls_module.audit.models import AuditEvent
from rls_module.followups import actions
from rls_module.host.actor import of_token, system
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def case():
    return make.planned(make.therapist())


def page(user, case) -> Page:
    response = signed_in(user).get(f"/rls/charts/{case.chart.uuid}/audit/")
    assert response.status_code == 200
    return Page(response)


def test_it_names_who_was_there_and_who_was_refused(case):
    """AU-10, part; AU-5, part."""
    user = case.chart.patient.therapists.get()
    signed_in(user).get(f"/rls/charts/{case.chart.uuid}/")
    stranger = make.therapist(make.clinic("hillside"))
    signed_in(stranger).get(f"/rls/charts/{case.chart.uuid}/")
    actions.stop_mail(chart=case.chart, source="mail", actor=of_token("abcdefghijk"), now=make.NOW)
    actions.resume_mail(chart=case.chart, source="staff", actor=system("test"), now=make.NOW, reason="Called us.")
    words = page(user, case).words
    assert "Dana Whitfield chart.view chart" in words
    assert "chart.view refused" in words
    assert "the patient, by a link preference.edit" in words
    assert "the follow-up engine preference.edit chart Called us." in words


def test_looking_is_on_record_too(case):
    user = case.chart.patient.therapists.get()
    page(user, case)
    event = AuditEvent.objects.get(verb="audit.report")
    assert (event.actor, event.patient) == (f"user:{user.pk}", str(case.chart.patient_id))


def test_a_clinic_admin_may_ask_without_seeing_the_chart(case):
    """The matrix: an access list of the clinic's patients, and nothing clinical."""
    admin = make.therapist(role=Role.CLINIC_ADMIN)
    seen = page(admin, case)
    assert f"/rls/charts/{case.chart.uuid}/" not in seen.links
    assert signed_in(admin).get(f"/rls/charts/{case.chart.uuid}/").status_code == 404


def test_the_chart_leads_there(case):
    user = case.chart.patient.therapists.get()
    chart = Page(signed_in(user).get(f"/rls/charts/{case.chart.uuid}/"))
    assert f"/rls/charts/{case.chart.uuid}/audit/" in chart.links


def test_the_command_tells_the_same(case):
    user = case.chart.patient.therapists.get()
    signed_in(user).get(f"/rls/charts/{case.chart.uuid}/")
    said = io.StringIO()
    call_command("rls_audit", "report", "--patient", str(case.chart.patient_id), "--json", stdout=said)
    found = json.loads(said.getvalue())
    assert ("Dana Whitfield", "chart.view", False) in {(one["who"], one["verb"], one["is_refused"]) for one in found}
    plain = io.StringIO()
    call_command("rls_audit", "report", "--patient", str(case.chart.patient_id), stdout=plain)
    assert f"{len(found)} events" in plain.getvalue()


@pytest.mark.parametrize("key", ["999999", "x"])
def test_a_patient_who_is_not_there_is_said_so(key):
    with pytest.raises(CommandError, match="no such patient"):
        call_command("rls_audit", "report", "--patient", key)

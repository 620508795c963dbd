"""One patient's rows go, all of them and no others; a hold keeps them; the audit stays."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import ProtectedError
from django.test import Client, RequestFactory

from clinic.models import Patient, Role
from rls_module.audit.models import AuditEvent, Erasure
from rls_module.cases import actions, queries
from rls_module.cases.models import Chart, Hold, HoldLift
from rls_module.followups import actions as followup_actions
from rls_module.followups.models import Occurrence
from rls_module.host.rows import Stale
from rls_module.surveys import actions as survey_actions
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.surveys import phone

__all__ = ["at"]

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


def treated(user) -> Chart:
    """A patient with rows in every room, signed ones and a survey that was begun."""
    case = make.planned(user)
    make.everything_before_treatment(case, user)
    make.assessment(case, user)
    make.referral(case, user)
    make.plan(case, user)
    make.prescription(case, user)
    make.draft(case, user)
    make.task(case)
    occurrence = Occurrence.objects.get(chart=case.chart, step="week_6")
    survey_actions.save_page(occurrence=occurrence, page="nights", answers={}, sitting="s", now=make.NOW)
    followup_actions.stop_mail(chart=case.chart, source="mail", actor=make.actor(user), now=make.NOW)
    return case.chart


def left(chart_id: int) -> dict[str, int]:
    found = {}
    for model, path in queries.paths_to_chart().items():
        count = model._base_manager.filter(**{path: chart_id}).count()
        if count:
            found[model.__name__] = count
    return found


def released(person, *options: str, reason: str = "asked to be forgotten") -> str:
    out = StringIO()
    call_command("rls_release", str(person.pk), "--reason", reason, *options, stdout=out)
    return out.getvalue()


def test_everything_of_one_patient_goes_and_nothing_of_another():
    """DI-11, DI-4: signed rows too, through the one door, which is closed afterwards."""
    user = make.therapist()
    mine, other = treated(user), treated(user)
    before, person = left(other.pk), mine.patient
    assert len(left(mine.pk)) >= 18
    said = released(person)
    assert left(mine.pk) == {}
    assert left(other.pk) == before
    assert not Erasure.objects.exists()
    assert "erased; the host may delete the patient now" in said
    connection.check_constraints()
    person.delete()
    assert not Patient.objects.filter(pk=person.pk).exists()


def test_the_release_is_on_record_and_older_events_stay():
    """AU-2, DI-4: with why and how many, and no value."""
    user = make.therapist()
    chart = treated(user)
    key, before = str(chart.patient_id), AuditEvent.objects.filter(patient=str(chart.patient_id)).count()
    released(chart.patient)
    event = AuditEvent.objects.get(verb="patient.release")
    assert (event.patient, event.object_id, event.purpose) == (key, str(chart.uuid), "asked to be forgotten")
    assert "visit 2" in event.fields
    assert AuditEvent.objects.filter(patient=key).count() == before + 1


def test_a_dry_run_counts_and_erases_nothing():
    chart = treated(make.therapist())
    before = left(chart.pk)
    said = released(chart.patient, "--dry-run")
    assert left(chart.pk) == before
    assert "would be erased" in said
    assert "2  visit" in said


def test_the_host_is_refused_its_patient_before_and_may_undo_a_release_with_its_own_transaction():
    """Host contract 1, A12: from code, inside the host's own transaction."""
    chart = treated(make.therapist())
    person, before = chart.patient, left(chart.pk)
    with pytest.raises(ProtectedError, match="rls_release erases it"):
        person.delete()
    admin = ModelAdmin(Patient, AdminSite())
    told = admin.get_deleted_objects([person], RequestFactory().get("/"))[-1]
    assert "rls_release erases it" in " ".join(told), "so does Django's own page for deleting"
    with transaction.atomic():
        released(person)
        transaction.set_rollback(True)
    assert left(chart.pk) == before


def test_a_link_of_somebody_released_opens_nothing(at):
    """DI-11: the one page that every dead link has."""
    chart = treated(make.therapist())
    address = phone.link(Occurrence.objects.get(chart=chart, step="week_6"))
    at(make.NOW + make.days(42))
    assert Client().get(address).status_code == 200
    released(chart.patient)
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    ("key", "reason", "words"),
    [("999999", "why not", "no chart"), ("nonsense", "why not", "no chart"), ("1", "   ", "Say why")],
)
def test_a_mistake_is_told_in_words(key, reason, words):
    make.clinic()
    with pytest.raises(CommandError, match=words):
        call_command("rls_release", key, "--reason", reason)


def test_every_table_that_hangs_from_a_chart_is_known():
    """DI-11: read from the tables: one of tomorrow is not forgotten. What is left has nothing of a patient."""
    from django.apps import apps

    known = {model.__name__ for model in queries.paths_to_chart()}
    others = {model.__name__ for model in apps.get_app_config("rls_module").get_models()} - known
    assert others == {
        *("AuditEvent", "ClinicPolicy", "EngineState", "Erasure", "Exercise", "HostIdentity", "Licence", "MailText"),
        *("BillingTable", "ImportedInstrument", "PlanTemplate"),
        *("Protocol", "ProtocolVersion", "Seal", "Tally", "Touchpoint"),
    }


def test_a_table_that_only_hangs_by_a_way_round_is_found():
    """DI-11, seeded: a model whose one key leads over another to the chart."""
    from rls_module.surveys.models import Draft

    direct = [field for field in Draft._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    assert Chart not in {field.related_model for field in direct}
    assert queries.paths_to_chart()[Draft] == "occurrence__chart"


# --- Holds


def test_a_hold_keeps_everything_until_it_is_lifted():
    """DI-11: refused in words, nothing erased, the door stays shut."""
    user = make.therapist()
    chart = treated(user)
    hold = actions.put_hold(chart=chart, reason="court order", actor=make.actor(user), now=make.NOW)
    before = left(chart.pk)
    with pytest.raises(CommandError, match="A legal hold stands on this patient: nothing was erased"):
        released(chart.patient)
    assert left(chart.pk) == before
    assert not Erasure.objects.exists()
    refused = AuditEvent.objects.get(verb="patient.release", outcome="refused")
    assert (refused.patient, refused.purpose) == (str(chart.patient_id), "asked to be forgotten")
    assert queries.held_patients() == {str(chart.patient_id)}
    actions.lift_hold(hold=hold, reason="case closed", actor=make.actor(user), now=make.NOW)
    assert queries.held_patients() == set()
    released(chart.patient)
    assert left(chart.pk) == {}


def test_a_hold_is_lifted_once_and_never_changed():
    """DI-4, DI-10: lifting is a row of its own."""
    user = make.therapist()
    chart = make.chart(make.patient(user))
    hold = actions.put_hold(chart=chart, reason="court order", actor=make.actor(user), now=make.NOW)
    actions.lift_hold(hold=hold, reason="case closed", actor=make.actor(user), now=make.NOW)
    with pytest.raises(Stale):
        actions.lift_hold(hold=hold, reason="again", actor=make.actor(user), now=make.NOW)
    for model in (Hold, HoldLift):
        with pytest.raises(Exception, match="signed or witnessed"), transaction.atomic():
            model.objects.update(reason="other")
        with pytest.raises(Exception, match="signed or witnessed"), transaction.atomic():
            model.objects.filter(chart=chart)._raw_delete(model.objects.db)


@pytest.fixture
def lena():
    return make.therapist(role=Role.CLINIC_ADMIN)


def test_the_clinics_admin_puts_and_lifts_a_hold_without_seeing_the_chart(lena):
    """AZ-1: hold.create and hold.lift; the therapist sees that one stands."""
    user = make.therapist()
    chart = make.chart(make.patient(user))
    address = f"/rls/charts/{chart.uuid}/holds/"
    admin = signed_in(lena)
    short = admin.post(address, {"do": "put", "reason": "because"})
    assert (short.status_code, "at least 10 characters" in Page(short).words) == (422, True)
    assert Page(short).sends["reason"] == ["because"]
    assert admin.post(address, {"do": "put", "reason": "Letter of the court, 2 May"}).status_code == 302
    theirs = Page(signed_in(user).get(f"/rls/charts/{chart.uuid}/"))
    assert "Under legal hold" in theirs.words
    page = signed_in(user).get(address)
    assert "Letter of the court" in Page(page).words
    assert Page(page).buttons == []
    assert signed_in(user).post(address, {"do": "put", "reason": "Letter of the court"}).status_code == 403
    hold = Hold.objects.get()
    lift = {"do": "lift", "hold": str(hold.uuid), "reason": "The case is closed"}
    assert admin.post(address, lift).status_code == 302
    again = admin.post(address, lift)
    assert (again.status_code, "lifted this hold in the meantime" in Page(again).words) == (409, True)
    assert "The case is closed" in Page(admin.get(address)).words


def test_the_clinics_admin_gets_there_by_clicking(lena):
    """Whoever may not open a chart is not led to it, but to who has seen it and from there to the hold."""
    user = make.therapist()
    chart = make.chart(make.patient(user, family="Zofiaclick"))
    bare = make.patient(user, family="Zofiabare")
    admin = signed_in(lena)
    found = Page(admin.post("/rls/find/", {"text": "Zofia"}))
    assert "Zofiabare" in found.words
    assert [link for link in found.links if "/patients/" in link] == []
    [seen] = [link for link in found.links if link.endswith("/audit/")]
    [holds] = [link for link in Page(admin.get(seen)).links if link.endswith("/holds/")]
    assert admin.get(holds).status_code == 200
    theirs = Page(signed_in(user).post("/rls/find/", {"text": "Zofia"}))
    assert {f"/rls/patients/{one}/" for one in (chart.patient_id, bare.pk)} <= set(theirs.links)


def test_a_hold_of_another_chart_is_not_lifted_here(lena):
    """AZ-6: own parent, foreign child."""
    user = make.therapist()
    charts = [make.chart(make.patient(user)) for _ in range(2)]
    hold = actions.put_hold(chart=charts[1], reason="court order", actor=make.actor(user), now=make.NOW)
    sent = {"do": "lift", "hold": str(hold.uuid), "reason": "The case is closed"}
    assert signed_in(lena).post(f"/rls/charts/{charts[0].uuid}/holds/", sent).status_code == 409
    assert queries.is_held(charts[1])

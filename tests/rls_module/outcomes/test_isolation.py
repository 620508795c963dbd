"""Two clinics in one database: whoever works in the one gets nothing of the other, wherever they ask."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from clinic.models import Role
from clinic.models import Visit as HostVisit
from rls_module.cases.models import Case, Chart, Response, Task
from rls_module.followups.models import Delivery, Occurrence
from rls_module.intake import actions as intake_actions
from rls_module.intake.models import LabPanel, Medication, Referral, Screen
from rls_module.outcomes.models import Export
from rls_module.plans.models import Plan, Prescription
from rls_module.visits.models import AdverseEvent, Visit
from tests import factories as make
from tests.rls_module.host.pages import signed_in
from tests.rls_module.outcomes import exporting

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

CANARY = "Zofiacanary"
# Every address of staff, and whose uuid it takes. A new one without a line here fails below.
ROUTES = {
    "worklist": None,
    "find": None,
    "places": None,
    "chart": Chart,
    "billing": None,
    "billing_of_chart": Chart,
    "notices": Chart,
    "certification": Case,
    "witnessed": Chart,
    "holds": Chart,
    "emergency": Chart,
    "exports": None,
    "export_patient": Chart,
    "export_fetch": Export,
    "patient": "key",
    "screen": Chart,
    "screen_result": Screen,
    "mail_consent": Chart,
    "intake_send": Case,
    "papers_send": Case,
    "link": Occurrence,
    "needling_consent": Chart,
    "baseline": Case,
    "paper_forms": Case,
    "paper_form": "irls",
    "intake": Case,
    "intake_section": "safety",
    "criteria": Case,
    "labs": Case,
    "lab_void": LabPanel,
    "medications": Case,
    "augmentation": Case,
    "medication": Medication,
    "referrals": Case,
    "referral": Referral,
    "referral_letter": Referral,
    "iron_letter": Case,
    "prescriber_letter": Case,
    "leaflets": Case,
    "leaflet": "iron",
    "assessment": Case,
    "plan": Case,
    "plan_edit": Plan,
    "handout": Plan,
    "programme": Case,
    "prescription_stop": Prescription,
    "visit_start": Case,
    "visit": Visit,
    "addendum": Visit,
    "adverse_events": Case,
    "adverse_event": AdverseEvent,
    "task": Task,
    "response": Response,
    "answers": Occurrence,
    "status": None,
    "api_charts": None,
    "api_chart": Chart,
    "api_summary": Chart,
    "api_cases": None,
    "api_case": Case,
    "api_visits": None,
    "api_visit": Visit,
    "api_followups": None,
    "api_followup": Occurrence,
    "api_responses": None,
    "api_response": Response,
    "api_instruments": None,
    "api_instrument": "instrument",
    "api_schema": None,
    "api_docs": None,
}


# Those that name no row: what they show is of the clinic of who asks, or nobody's.
OF_THE_CLINIC = [name for name, model in ROUTES.items() if model is None]


@pytest.fixture
def riverside(at):
    """A clinic with one of everything, marked."""
    user = make.therapist()
    person = make.patient(user, given=CANARY, family="Canaryabbott", email="canary@example.org", phone="555-0199")
    case = make.planned(user, person=person)
    intake_actions.record_known(chart=case.chart, actor=make.actor(user), now=make.NOW)
    make.draft(case, user, findings="canary findings")
    make.task(case, due_at=make.NOW)
    make.everything_before_treatment(case, user)
    make.referral(case, user)
    make.adverse_event(case, user, description="canary event")
    make.plan(case, user)
    make.prescription(case, user, cues="canary cues")
    HostVisit.objects.create(clinic=person.clinic, patient=person, therapist=user, starts_at=make.NOW + make.days(43))
    exporting.ask(user, case.chart)
    at(make.NOW + make.days(43))
    return user


def addresses() -> list[str]:
    """Every staff address with every uuid of every row of the first clinic."""
    found = [reverse(f"rls:{name}") for name in OF_THE_CLINIC]
    for name, model in ROUTES.items():
        if model == "key":
            found += [reverse(f"rls:{name}", args=[pk]) for pk in Chart.objects.values_list("patient_id", flat=True)]
        elif model in ("safety", "iron", "irls"):
            found += [reverse(f"rls:{name}", args=[one, model]) for one in Case.objects.values_list("uuid", flat=True)]
        elif model == "instrument":
            continue
        elif model:
            found += [reverse(f"rls:{name}", args=[uuid]) for uuid in model.objects.values_list("uuid", flat=True)]
    return found


def staff_routes() -> set[str]:
    resolver = get_resolver().namespace_dict["rls"][1]
    return {name for name in resolver.reverse_dict if isinstance(name, str)}


def test_every_address_of_staff_is_in_the_table():
    """AZ-1, part: a new page must say whose it is."""
    assert staff_routes() == set(ROUTES)


def test_own_staff_meet_the_marks_so_that_their_absence_means_something(riverside):
    client = signed_in(riverside)
    told = [address for address in addresses() if CANARY in client.get(address).content.decode()]
    assert len(told) >= 6


def strangers():
    hillside = make.clinic("hillside")
    therapist = make.therapist(hillside)
    make.planned(therapist, person=make.patient(therapist, hillside))
    without = make.therapist(hillside)
    without.clinic_staff.delete()
    without.is_superuser = without.is_staff = True
    without.save()
    return {
        "a therapist of the other clinic": therapist,
        "the other clinic's admin": make.therapist(hillside, role=Role.CLINIC_ADMIN),
        "a superuser without a clinic": without,
    }


def leaks(client: Client, known: list[str]) -> dict[str, int]:
    found = {}
    for address in known:
        for method in ("get", "head", "post", "put", "patch", "delete", "options"):
            response = getattr(client, method)(address)
            body = response.content.decode()
            headers = str(dict(response.headers))
            uuids = {
                str(UUID(one)) for one in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", body + headers)
            }
            if re.search("canary", body + headers, re.IGNORECASE) or uuids & set(
                re.findall(r"[0-9a-f-]{36}", str(known))
            ):
                found[f"{method} {address}"] = response.status_code
    return found


def test_strangers_get_nothing_of_a_clinics_patient_anywhere(riverside):
    """AZ-9, part: all staff routes, all methods, all uuids of the one clinic, asked from outside of it."""
    known = addresses()
    before = list(Task.objects.order_by("pk").values())
    for who, user in strangers().items():
        made = (Delivery.objects.count(), Visit.objects.count(), Case.objects.count())
        client = signed_in(user)
        assert leaks(client, known) == {}, who
        statuses = {client.get(address).status_code for address in known[len(OF_THE_CLINIC) :]}
        assert statuses <= {404, 405}, who
        assert (Delivery.objects.count(), Visit.objects.count(), Case.objects.count()) == made
    assert list(Task.objects.filter(pk__in=[one["id"] for one in before]).order_by("pk").values()) == before


def test_a_colleague_gets_the_name_and_number_and_nothing_else(riverside):
    """AZ-8, PV-6, part: every address, also the page that offers emergency access."""
    client, told = signed_in(make.therapist()), set()
    person = Chart.objects.get().patient
    for address in addresses():
        response = client.get(address, follow=True)
        body = response.content.decode()
        assert not re.search(r"canary (findings|cues|mimic|note)|canary@|555-0199|1968", body, re.IGNORECASE), address
        if CANARY in body:
            told.add(response.request["PATH_INFO"])
            assert person.record_number in body
    assert told == {reverse("rls:emergency", args=[Chart.objects.get().uuid])}


def test_the_anonymous_get_nothing_anywhere(riverside):
    """AN-1, part."""
    for address in addresses():
        response = Client().get(address)
        assert response.status_code in (302, 401, 404), address
        assert CANARY not in response.content.decode()


def test_what_a_stranger_asks_for_is_a_refusal_in_the_audit(riverside):
    """AU-1, part: the refusal names who, what and whose."""
    from rls_module.audit.models import AuditEvent

    chart = Chart.objects.get()
    stranger = make.therapist(make.clinic("hillside"))
    signed_in(stranger).get(f"/rls/charts/{chart.uuid}/")
    event = AuditEvent.objects.get(outcome="refused")
    assert (event.actor, event.verb, event.object_id, event.patient) == (
        f"user:{stranger.pk}", "chart.view", str(chart.uuid), str(chart.patient_id)
    )  # fmt: skip

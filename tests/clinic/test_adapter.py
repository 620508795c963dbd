from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest

from clinic import queries
from clinic.models import Patient, Role, Staff
from clinic.rls import CLINIC_ACTIONS, PATIENT_ACTIONS, ClinicAdapter
from rls_module.host import ACTIONS, Birth, Brand
from tests.clinic.rows import make_clinic, make_patient, make_staff, make_visit

pytestmark = [pytest.mark.django_db, pytest.mark.both]

# What no clinic admin may do: it would show or change clinical content.
CLINICAL = [
    "chart.view",
    "case.edit",
    "screen.create",
    "intake.view",
    "assessment.view",
    "plan.view",
    "visit.view",
    "visit.sign",
    "addendum.view",
    "adverse_event.view",
    "response.view",
    "task.view",
    "contact.view",
    "attachment.view",
    "export.patient",
    "patient.break_glass",
]

adapter = ClinicAdapter()


def asking(staff: Staff | None = None, *, user: User | AnonymousUser | None = None) -> HttpRequest:
    request = HttpRequest()
    request.user = user or (User.objects.get(pk=staff.user_id) if staff else AnonymousUser())
    return request


def seen_by(request: HttpRequest) -> set[Patient]:
    return set(adapter.visible_patients(request))


def test_every_granted_action_is_in_the_plugins_registry() -> None:
    granted = frozenset().union(*PATIENT_ACTIONS.values(), *CLINIC_ACTIONS.values())
    assert granted <= set(ACTIONS)


def test_therapist_knows_of_the_clinics_patients_and_has_the_own_on_the_list() -> None:
    dana, marco = make_staff(), make_staff()
    own, others = make_patient(of=dana), make_patient(of=marco)
    make_patient(of=make_staff(clinic=make_clinic("hillcrest")))
    assert seen_by(asking(dana)) == {own, others}
    assert set(queries.patients_for(dana)) == {own}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_of_a_colleagues_patient_therapists_know_the_name_and_may_open_the_chart_in_an_emergency(action: str) -> None:
    dana = make_staff()
    granted = adapter.can(asking(dana), action, make_patient(of=make_staff()))
    assert granted is (action in ("patient.view", "patient.break_glass"))


def test_nobody_opens_a_chart_in_an_emergency_that_is_theirs_or_without_being_a_therapist() -> None:
    dana = make_staff()
    assert adapter.can(asking(dana), "patient.break_glass", make_patient(of=dana)) is False
    assert adapter.can(asking(dana), "patient.break_glass", make_patient(archived=True)) is False
    assert adapter.can(asking(make_staff(Role.CLINIC_ADMIN)), "patient.break_glass", make_patient(of=dana)) is False


def test_who_manages_a_clinic_is_told_of_emergencies_there() -> None:
    for clinic, name in (("riverside", "lena"), ("hillcrest", "omar")):
        admin = make_staff(Role.CLINIC_ADMIN, make_clinic(clinic))
        User.objects.filter(pk=admin.user_id).update(email=f"{name}@example.org")
        make_staff(Role.CLINIC_ADMIN, make_clinic(clinic))  # without an address
    left = make_staff(Role.CLINIC_ADMIN)
    User.objects.filter(pk=left.user_id).update(email="left@example.org", is_active=False)
    assert list(adapter.privacy_contacts("riverside")) == ["lena@example.org"]


def test_clinic_admin_sees_the_patients_of_the_own_clinic() -> None:
    admin = make_staff(Role.CLINIC_ADMIN)
    first, second = make_patient(of=make_staff()), make_patient()
    make_patient(clinic=make_clinic("hillcrest"))
    assert seen_by(asking(admin)) == {first, second}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_stranger_and_a_superuser_may_do_nothing(action: str) -> None:
    patient = make_patient(of=make_staff())
    stranger = make_staff(clinic=make_clinic("hillcrest"))
    superuser = User.objects.create_superuser("root", password="correct horse")
    for request in (asking(stranger), asking(user=superuser), asking()):
        assert adapter.can(request, action, patient) is False
    for request in (asking(user=superuser), asking()):
        assert adapter.can(request, action, None) is False


def test_the_superuser_flag_gives_a_therapist_nothing_more() -> None:
    dana = make_staff()
    dana.user.is_superuser = dana.user.is_staff = True
    dana.user.save()
    other = make_patient(of=make_staff())
    make_patient(clinic=make_clinic("hillcrest"))
    assert seen_by(asking(dana)) == {other}
    assert adapter.can(asking(dana), "chart.view", other) is False
    assert adapter.can(asking(dana), "protocol.edit", None) is False


def test_a_therapist_who_left_sees_nobody() -> None:
    dana = make_staff()
    patient = make_patient(of=dana)
    dana.user.is_active = False
    dana.user.save()
    assert seen_by(asking(dana)) == set()
    assert adapter.can(asking(dana), "patient.view", patient) is False


def test_a_role_without_a_row_in_the_table_may_do_nothing() -> None:
    newcomer = make_staff("front_desk")
    patient = make_patient()
    assert seen_by(asking(newcomer)) == set()
    assert not [action for action in ACTIONS if adapter.can(asking(newcomer), action, patient)]
    assert not [action for action in ACTIONS if adapter.can(asking(newcomer), action, None)]


@pytest.mark.parametrize("action", CLINICAL)
def test_clinic_admin_gets_no_clinical_content(action: str) -> None:
    admin = make_staff(Role.CLINIC_ADMIN)
    assert action in ACTIONS
    assert adapter.can(asking(admin), action, make_patient()) is False


@pytest.mark.parametrize("action", ["patient.view", "patient.contact", "enrolment.edit", "link.revoke", "task.assign"])
def test_clinic_admin_manages_the_own_clinics_patients(action: str) -> None:
    admin = make_staff(Role.CLINIC_ADMIN)
    assert adapter.can(asking(admin), action, make_patient()) is True
    assert adapter.can(asking(admin), action, make_patient(clinic=make_clinic("hillcrest"))) is False


@pytest.mark.parametrize("action", ["protocol.edit", "text.edit", "queue.pause", "status.view", "export.create"])
def test_only_the_clinic_admin_manages_the_clinic(action: str) -> None:
    assert adapter.can(asking(make_staff(Role.CLINIC_ADMIN)), action, None) is True
    assert adapter.can(asking(make_staff()), action, None) is False


def test_nobody_exports_identified_records_of_the_clinic() -> None:
    for role in Role:
        assert adapter.can(asking(make_staff(role)), "export.identified", None) is False


def test_therapist_charts_and_signs_for_own_patients_only() -> None:
    dana = make_staff()
    own, other = make_patient(of=dana), make_patient(of=make_staff())
    for action in ("chart.view", "visit.edit", "visit.sign", "plan.sign", "response.create"):
        assert adapter.can(asking(dana), action, own) is True
        assert adapter.can(asking(dana), action, other) is False


def test_only_a_supervisor_co_signs() -> None:
    dana, supervisor = make_staff(), make_staff(may_cosign=True)
    patient = make_patient(of=dana)
    patient.therapists.add(supervisor.user)
    assert adapter.can(asking(dana), "visit.cosign", patient) is False
    assert adapter.can(asking(supervisor), "visit.cosign", patient) is True


def test_a_patient_is_visible_exactly_when_view_is_granted() -> None:
    staff = [make_staff(), make_staff(Role.CLINIC_ADMIN), make_staff(clinic=make_clinic("hillcrest"))]
    for one in staff:
        make_patient(of=one)
        make_patient(of=one, archived=True)
        make_patient(of=one, died_on=date(2026, 1, 5))
    for one in staff:
        request = asking(one)
        granted = {patient for patient in Patient.objects.all() if adapter.can(request, "patient.view", patient)}
        assert granted == seen_by(request)


def test_archived_and_dead_patients_are_not_active_and_the_archived_are_seen_by_nobody() -> None:
    dana = make_staff()
    archived = make_patient(of=dana, archived=True)
    died = make_patient(of=dana, died_on=date(2026, 1, 5))
    living = make_patient(of=dana)
    assert [adapter.is_active(patient) for patient in (archived, died, living)] == [False, False, True]
    assert seen_by(asking(dana)) == {died, living}
    assert archived not in adapter.patients()


def test_a_patient_is_named_only_by_display_name() -> None:
    patient = make_patient(given="Inés", family="Ibarra", record_number="R-77")
    assert adapter.display_name(patient) == "Inés Ibarra"
    assert adapter.public_ref(patient) == "R-77"
    assert str(patient) == "Patient R-77"


def test_missing_mail_and_phone_are_none() -> None:
    patient = make_patient()
    assert (adapter.email(patient), adapter.phone(patient)) == (None, None)
    patient = make_patient(email="alma@example.org", phone="555-0101")
    assert (adapter.email(patient), adapter.phone(patient)) == ("alma@example.org", "555-0101")


def test_birth_language_and_consent_are_as_the_host_knows_them() -> None:
    patient = make_patient(born=date(1968, 11, 3), language="es")
    assert adapter.birth(patient) == Birth(on=date(1968, 11, 3))
    assert adapter.language(patient) == "es"
    assert adapter.consent(patient, "email") is None


def test_a_patient_lives_by_the_own_zone_else_by_the_clinics() -> None:
    clinic = make_clinic("hillcrest", zone="America/Denver")
    assert adapter.timezone(make_patient(clinic=clinic)) == ZoneInfo("America/Denver")
    assert adapter.timezone(make_patient(clinic=clinic, zone="Pacific/Honolulu")) == ZoneInfo("Pacific/Honolulu")


def test_each_clinic_is_a_scope_with_its_own_brand() -> None:
    make_clinic("riverside", accent="#1f5f5b")
    hillcrest = make_clinic("hillcrest", zone="America/Denver", phone="555-0150")
    assert [label for label, _ in adapter.scopes()] == ["hillcrest", "riverside"]
    assert adapter.scope_of(make_patient(clinic=hillcrest)) == "hillcrest"
    assert adapter.request_scope(asking(make_staff(clinic=hillcrest))) == "hillcrest"
    assert adapter.request_scope(asking()) is None
    assert adapter.brand("hillcrest") == Brand(
        name="Hillcrest Therapy",
        phone="555-0150",
        zone=ZoneInfo("America/Denver"),
        mail_name="Hillcrest Clinic",
    )


def test_practitioners_are_the_therapists_of_the_own_clinic() -> None:
    dana, admin = make_staff(printed_name="Dana Whitfield, PT"), make_staff(Role.CLINIC_ADMIN)
    make_staff(clinic=make_clinic("hillcrest"))
    assert set(adapter.practitioners(asking(admin))) == {dana.user}
    assert set(adapter.practitioners(asking())) == set()
    assert adapter.practitioner_name(dana.user) == "Dana Whitfield, PT"
    assert adapter.practitioner_name(admin.user) == admin.user.username


def test_visits_tell_whose_they_are_and_when_they_start() -> None:
    dana = make_staff()
    patient = make_patient(of=dana)
    visit, walk_in = make_visit(patient, dana), make_visit(None, dana)
    assert list(adapter.visits_for(patient)) == [visit]
    assert adapter.visit_patient_pk(visit) == str(patient.pk)
    assert adapter.visit_patient_pk(walk_in) is None
    assert adapter.visit_start(visit) == visit.starts_at
    assert adapter.visit_from_ref(adapter.visit_ref(visit)) == visit
    assert adapter.visit_url(visit) == f"{adapter.patient_url(patient)}#visit-{visit.pk}"
    assert adapter.visit_url(walk_in) is None


def test_a_reference_to_a_deleted_visit_leads_nowhere() -> None:
    dana = make_staff()
    visit = make_visit(make_patient(of=dana), dana)
    ref = adapter.visit_ref(visit)
    visit.delete()
    assert adapter.visit_from_ref(ref) is None


def test_a_day_begins_and_ends_by_the_clinics_clock() -> None:
    denver = ZoneInfo("America/Denver")
    ruth = make_staff(clinic=make_clinic("hillcrest", zone="America/Denver"))
    patient = make_patient(of=ruth)
    last_minute = make_visit(patient, ruth, datetime(2026, 3, 8, 23, 59, tzinfo=denver))
    make_visit(patient, ruth, datetime(2026, 3, 9, 0, 0, tzinfo=denver))
    make_visit(patient, ruth, datetime(2026, 3, 7, 23, 59, tzinfo=denver))
    assert list(adapter.visits_on(asking(ruth), date(2026, 3, 8))) == [last_minute]


def test_a_therapists_day_shows_own_visits_of_own_patients_and_walk_ins() -> None:
    dana, marco = make_staff(), make_staff()
    own, walk_in = make_visit(make_patient(of=dana), dana), make_visit(None, dana)
    make_visit(make_patient(of=marco), marco)
    make_visit(make_patient(of=marco), dana)
    assert set(adapter.visits_on(asking(dana), date(2026, 3, 2))) == {own, walk_in}
    assert list(adapter.visits_on(asking(make_staff(Role.CLINIC_ADMIN)), date(2026, 3, 2))) == []


def test_search_finds_by_parts_of_name_and_number_among_visible_patients_only() -> None:
    dana = make_staff()
    grace = make_patient(of=dana, given="Grace", family="Lindqvist", record_number="RS-1031")
    make_patient(clinic=make_clinic("hillcrest"), given="Grace", family="Suzuki", record_number="HC-1031")
    for text in ("grace lind", "1031", "LINDQ"):
        assert list(adapter.search(asking(dana), text)) == [grace]
    assert list(adapter.search(asking(dana), "suzuki")) == []
    assert list(adapter.search(asking(), "grace")) == []

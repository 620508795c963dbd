"""The worklist: what waits for the person who asks, section by section, and nothing of anybody else's patients."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic.models import Visit as HostVisit
from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.followups.models import Delivery
from rls_module.visits import actions as visit_actions
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


def worklist(user) -> Page:
    return Page(signed_in(user).get("/rls/"))


def booked(case, user, *, hour: int = 14, days: int = 0) -> HostVisit:
    starts_at = make.NOW.replace(hour=hour) + make.days(days)
    person = case.chart.patient
    return HostVisit.objects.create(clinic=person.clinic, patient=person, therapist=user, starts_at=starts_at)


def test_a_day_without_anything_says_so_section_by_section(user):
    page = worklist(user)
    assert "Monday, 7 September 2026" in page.words
    for sentence in (
        "Nothing waits for you.",
        "No visits of patients with a chart here today.",
        "Everything is signed.",
        "None is open.",
    ):
        assert sentence in page.words


def test_tasks_stand_by_when_they_are_due(user):
    case = make.case(user)
    later = make.task(case, rule="mail_uncertain", due_at=make.NOW + make.days(1))
    overdue = make.task(case, rule="no_answer", due_at=make.NOW - make.days(1))
    whenever = make.task(case, rule="undeliverable")
    page = worklist(user)
    links = [link for link in page.links if "/tasks/" in link]
    dated = [f"/rls/tasks/{task.uuid}/" for task in (overdue, later)]
    assert [link for link in links if link in dated] == dated
    assert f"/rls/tasks/{whenever.uuid}/" in links
    assert ["overdue" in page.words, "when you can" in page.words] == [True, True]
    assert "Has not answered the 6 weeks check-in. Call." in page.words


def test_a_task_that_is_done_is_gone(user):
    task = make.task(make.case(user))
    Task.objects.update(state="done")
    assert f"/rls/tasks/{task.uuid}/" not in worklist(user).links


def test_a_task_that_was_taken_names_its_owner(user):
    make.task(make.case(user))
    Task.objects.update(state="taken", owner_name="Robin Meyer")
    assert "Robin Meyer" in worklist(user).words


def test_todays_visits_stand_with_their_note_or_the_way_to_one(user):
    case, other = make.case(user), make.case(user)
    bare = booked(case, user, hour=15)
    visit = booked(other, user, hour=14)
    note = visit_actions.open_draft(
        case=other, visit_date=make.TODAY, host_visit=f"clinic.visit:{visit.pk}", actor=make.actor(user), now=make.NOW
    )
    page = worklist(user)
    links = [link for link in page.links if "/charts/" in link or "/visits/" in link]
    named, charted = f"/rls/charts/{other.chart.uuid}/", f"/rls/charts/{case.chart.uuid}/"
    assert links[:3] == [named, f"/rls/visits/{note.uuid}/", charted]
    assert ("visit", f"clinic.visit:{bare.pk}") in page.buttons
    assert "11 a.m." in page.words, "in the clinic's own time"


def test_visits_of_other_days_or_of_patients_without_a_chart_are_the_hosts_matter(user):
    booked(make.case(user), user, days=1)
    person = make.patient(user)
    HostVisit.objects.create(clinic=person.clinic, patient=person, therapist=user, starts_at=make.NOW)
    HostVisit.objects.create(clinic=person.clinic, patient=None, therapist=user, starts_at=make.NOW)
    assert "No visits of patients with a chart here today." in worklist(user).words


def test_unsigned_notes_are_the_authors_own(user):
    case = make.case(user)
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    mine, theirs = make.draft(case, user), make.draft(case, colleague)
    page = worklist(user)
    assert f"/rls/visits/{mine.uuid}/" in page.links
    assert f"/rls/visits/{theirs.uuid}/" not in page.links


def test_follow_ups_that_wait_or_did_not_go_stand_with_the_reason(user, at):
    waiting, failed = make.planned(user), make.planned(user)
    Delivery.objects.filter(chart=failed.chart).update(state="dead", state_reason="refused_address")
    at(make.NOW + make.days(43))
    page = worklist(user)
    assert "the mail server refused the address" in page.words
    assert page.words.count("6 weeks, asked Oct. 19, 2026") == 2
    assert {f"/rls/charts/{waiting.chart.uuid}/", f"/rls/charts/{failed.chart.uuid}/"} <= set(page.links)
    assert "12 weeks" not in page.words


def test_a_survey_that_cannot_be_mailed_is_one_line_however_often_it_was_tried(user, at):
    failed = make.planned(user)
    Delivery.objects.filter(chart=failed.chart).update(state="suppressed", state_reason="no_address")
    at(make.NOW + make.days(60))
    assert Delivery.objects.filter(occurrence__step="week_6").count() == 3
    assert worklist(user).words.count("no mail address") == 1


def test_times_stand_by_the_clinics_clock(user):
    case = make.case(user)
    make.task(case, due_at=datetime(2026, 9, 7, 19, 30, tzinfo=UTC))
    clinic = user.clinic_staff.clinic
    assert "3:30 p.m." in worklist(user).words
    type(clinic).objects.update(zone="America/Los_Angeles")
    assert "12:30 p.m." in worklist(user).words


def test_a_colleagues_patients_and_another_clinics_are_not_there(user, at):
    """AZ-5, part: lists hold only what the person may see."""
    colleague, stranger = make.therapist(), make.therapist(make.clinic("hillside"))
    for other in (colleague, stranger):
        case = make.case(other, make.patient(other, other.clinic_staff.clinic, given="Zofia"))
        make.task(case)
        make.draft(case, other)
        booked(case, other)
    assert "Zofia" not in worklist(user).words
    assert "Nothing waits for you." in worklist(user).words


def test_a_clinic_admin_sees_mail_that_did_not_go_and_no_clinical_row(user, at):
    failed = make.planned(user)
    make.task(failed)
    Delivery.objects.filter(chart=failed.chart).update(state="dead", state_reason="refused_address")
    at(make.NOW + make.days(43))
    page = worklist(make.therapist(role="clinic_admin"))
    assert "the mail server refused the address" in page.words
    assert "Nothing waits for you." in page.words


def test_a_clinic_admin_reads_names_without_a_way_to_the_charts(at):
    """What the matrix does not open is no link: a link into a 404 helps nobody."""
    case = make.planned(make.therapist())
    at(make.NOW + make.days(43))
    page = worklist(make.therapist(role="clinic_admin"))
    assert "6 weeks, asked Oct. 19, 2026" in page.words
    assert f"/rls/charts/{case.chart.uuid}/" not in page.links


def test_what_will_be_asked_within_a_week_stands_there(user, at):
    make.planned(user)
    at(make.NOW + make.days(36))
    assert "6 weeks, will be asked Oct. 19, 2026" in worklist(user).words
    at(make.NOW + make.days(30))
    assert "None is open." in worklist(user).words


def test_a_task_is_taken_from_the_worklist(user):
    task = make.task(make.case(user))
    answer = signed_in(user).post(f"/rls/tasks/{task.uuid}/", {"do": "take", "version": task.version})
    assert answer.status_code == 302
    assert "I take it" not in worklist(user).words


def found(user, text: str) -> Page:
    return Page(signed_in(user).post("/rls/find/", {"text": text}))


def test_a_patient_is_found_by_name_and_nobody_else_is(user):
    """AZ-8: search returns nothing outside of what the person may see, and says so in the same words."""
    mine = make.patient(user, given="Zofia", family="Kowalski")
    stranger = make.therapist(make.clinic("hillside"))
    make.patient(stranger, stranger.clinic_staff.clinic, given="Zofia", family="Elsewhere")
    page = found(user, "Zofia")
    assert f"/rls/patients/{mine.pk}/" in page.links
    assert "Elsewhere" not in page.words
    assert "Nobody matches that." in found(stranger, "Kowalski").words
    assert "Nobody matches that." in found(user, "Nobodyatall").words


def test_a_patient_of_a_colleague_is_found_by_name_with_what_may_be_done(user):
    """AZ-8, AZ-11: name and number, the way in of an emergency, and who manages the clinic finds a name alone."""
    person = make.patient(make.therapist(), given="Zofia", family="Kowalski")
    way = f"/rls/patients/{person.pk}/"
    page = found(user, "Zofia")
    assert f"Zofia Kowalski {person.record_number} not on your list Emergency access Zofia Kowalski" in page.words
    assert page.links.count(way) == 1
    admin = found(make.therapist(role="clinic_admin"), "Zofia")
    assert f"Zofia Kowalski {person.record_number}" in admin.words
    assert way not in admin.links


def test_a_search_is_posted_so_that_no_name_stands_in_an_address(user):
    """PV-1, part."""
    assert signed_in(user).get("/rls/find/?text=Zofia").status_code == 405


def test_who_was_found_is_on_record(user):
    """AU-1, part: a search is a read of every patient it names."""
    person = make.patient(user, given="Zofia")
    found(user, "Zofia")
    events = AuditEvent.objects.filter(verb="patient.view", object_kind="patient list")
    assert [one.patient for one in events] == [str(person.pk)]


@pytest.mark.parametrize("text", ["", "   ", "x" * 5000, "%", "\x00", "'; DROP TABLE"])
def test_odd_searches_find_nobody_and_break_nothing(user, text):
    make.patient(user)
    assert "Nobody matches that." in found(user, text).words


def test_the_worklist_reads_and_never_writes(user):
    assert signed_in(user).post("/rls/").status_code == 405

"""Reading a chart in an emergency: who may, for how long, of whom, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client

from clinic.models import Role
from rls_module import signals
from rls_module.audit.models import AuditEvent
from rls_module.cases import access, actions
from rls_module.cases.models import Case, Chart, EmergencyAccess
from rls_module.host import web
from rls_module.host.actor import of_request
from tests import factories as make
from tests.rls_module.cases import hosts
from tests.rls_module.cases.test_access import request_of, with_gate, with_host
from tests.rls_module.host.pages import MONDAY, Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

REASON = {"reason": "Collapsed in the waiting room"}


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    hosts.asked.clear()


@pytest.fixture
def chart():
    """The chart of somebody's patient, with a draft note."""
    therapist = make.therapist()
    case = make.case(therapist)
    make.draft(case, therapist)
    return case.chart


def way(chart: Chart) -> str:
    return f"/rls/charts/{chart.uuid}/emergency/"


def reads(user: Any, chart: Chart) -> bool:
    return signed_in(user).get(f"/rls/charts/{chart.uuid}/").status_code == 200


def opened(chart: Chart, user: Any, **values: Any) -> EmergencyAccess:
    values = {"reason": REASON["reason"], "now": MONDAY} | values
    return actions.open_in_emergency(chart=chart, actor=make.actor(user), **values)


# The way in


def test_who_comes_to_the_chart_is_told_what_it_is_and_opens_it_with_a_reason(chart):
    """AZ-11: from the host's link to the chart, by name and number, with a banner on top."""
    user = make.therapist()
    client = signed_in(user)
    page = client.get(f"/rls/patients/{chart.patient_id}/", follow=True)
    assert page.request["PATH_INFO"] == way(chart)
    words = Page(page).words
    assert chart.patient.full_name in words
    assert chart.patient.record_number in words
    assert "This patient is not on your list" in words
    answer = client.post(way(chart), REASON, follow=True)
    assert answer.request["PATH_INFO"] == f"/rls/charts/{chart.uuid}/"
    assert "Dana Whitfield can read this chart until 11 a.m.; nothing can be changed" in Page(answer).words
    [emergency] = EmergencyAccess.objects.all()
    assert (emergency.chart, emergency.user, emergency.user_name, emergency.reason) == (
        chart,
        user,
        "Dana Whitfield",
        REASON["reason"],
    )
    assert (emergency.opened_at, emergency.ends_at, emergency.told_at) == (MONDAY, MONDAY + timedelta(hours=1), None)
    assert signed_in(user).get(f"/rls/patients/{chart.patient_id}/").headers["Location"].endswith(f"{chart.uuid}/")


@pytest.mark.parametrize("text", ["", "         ", "too short", "   nine nine   ", "x" * 401])
def test_without_a_reason_of_ten_characters_nothing_is_opened_and_nothing_typed_is_lost(chart, text):
    """AZ-11."""
    user = make.therapist()
    page = signed_in(user).post(way(chart), {"reason": text})
    assert page.status_code == 422
    assert Page(page).targets == ["id_reason"]
    assert Page(page).sends.get("reason", [""])[0].strip() == text.strip()
    assert not EmergencyAccess.objects.exists()
    assert not reads(user, chart)
    with pytest.raises(ValidationError):
        opened(chart, user, reason=text)


def test_who_turns_back_has_opened_nothing_and_the_audit_says_no_more_than_that(chart):
    """AU-1: looking at the page is a read of name and number; the attempt at the chart is a refusal."""
    user = make.therapist()
    events = AuditEvent.objects.count()
    signed_in(user).get(f"/rls/charts/{chart.uuid}/", follow=True)
    found = AuditEvent.objects.order_by("pk")[events:].values_list("verb", "outcome")
    assert list(found) == [("chart.view", "refused"), ("patient.view", "done")]


def test_the_opening_is_an_event_with_a_reference_to_the_reason_and_not_the_reason(chart):
    """AU-5, AU-6, part."""
    user = make.therapist()
    signed_in(user).post(way(chart), REASON)
    emergency = EmergencyAccess.objects.get()
    event = AuditEvent.objects.get(verb="patient.break_glass")
    assert (event.actor, event.outcome, event.object_kind, event.object_id, event.purpose, event.patient) == (
        f"user:{user.pk}",
        "done",
        "emergencyaccess",
        str(emergency.uuid),
        f"break-glass {emergency.uuid}",
        str(chart.patient_id),
    )
    assert not AuditEvent.objects.filter(purpose__contains="Collapsed").exists()


def test_who_comes_back_while_it_is_open_is_led_to_the_chart(chart):
    """Nobody is asked for a second reason."""
    user = make.therapist()
    opened(chart, user)
    client = signed_in(user)
    assert client.get(way(chart)).headers["Location"] == f"/rls/charts/{chart.uuid}/"
    assert "Patient in the clinic system" not in client.get(f"/rls/charts/{chart.uuid}/").content.decode()


def test_a_second_tap_opens_nothing_more_and_lengthens_nothing(chart, at):
    """AZ-11: at most sixty minutes for a reason."""
    user = make.therapist()
    first = opened(chart, user)
    at(MONDAY + timedelta(minutes=59))
    signed_in(user).post(way(chart), {"reason": "Once more, please"})
    assert list(EmergencyAccess.objects.all()) == [first]
    at(MONDAY + timedelta(minutes=60))
    signed_in(user).post(way(chart), {"reason": "Once more, please"})
    assert EmergencyAccess.objects.count() == 2


@pytest.mark.only_postgresql  # on SQLite one writer waits for the other to end
@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_are_one(chart):
    """AZ-11, DI-1, part."""
    user = make.therapist()
    make.at_once(*[lambda: opened(chart, user)] * 4)
    assert EmergencyAccess.objects.count() == 1


# Who may not


def browser_of(who: str) -> Client:
    match who:
        case "nobody":
            return Client()
        case "admin":
            return signed_in(make.therapist(role=Role.CLINIC_ADMIN))
        case "stranger":
            return signed_in(make.therapist(make.clinic("hillside")))
    user = make.therapist()
    user.clinic_staff.delete()
    user.is_superuser = user.is_staff = True
    user.save()
    return signed_in(user)


def test_for_ones_own_patient_it_is_not_needed_and_the_page_says_so(chart):
    """AZ-11."""
    own = chart.patient.therapists.get()
    for answer in (signed_in(own).get(way(chart)), signed_in(own).post(way(chart), REASON)):
        assert answer.status_code == 403
        assert "The patient is on your list: you open the chart as always." in answer.content.decode()
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("admin", 403), ("stranger", 404), ("superuser", 404), ("nobody", 302)])
def test_nobody_else_can_open_it(chart, who, status):
    """AZ-11, AZ-12, AD-4: who manages the clinic, the other clinic, Django's superuser, somebody not signed in."""
    client = browser_of(who)
    events = AuditEvent.objects.filter(outcome="refused").count()
    assert client.get(way(chart)).status_code == status
    assert client.post(way(chart), REASON).status_code == status
    assert not EmergencyAccess.objects.exists()
    assert AuditEvent.objects.filter(outcome="refused").count() == events + 2 * (who in ("admin", "stranger"))


def test_a_patient_without_a_chart_has_nothing_to_open():
    """AZ-11: and no chart comes to be."""
    person = make.patient(make.therapist())
    answer = signed_in(make.therapist()).get(f"/rls/patients/{person.pk}/")
    assert answer.status_code == 404
    assert "there is nothing to open" in answer.content.decode()
    assert not Chart.objects.exists()


@pytest.mark.parametrize("answer", [None, 1, "yes", [True]])
def test_nothing_but_true_lets_it_be_opened_or_read(chart, settings, monkeypatch, answer):
    """AZ-2, AZ-11: also when it was opened while the host still said so."""
    user = make.therapist()
    opened(chart, user)
    assert reads(user, chart)
    with_host(settings, "AlmostGrants")
    monkeypatch.setattr(hosts.AlmostGrants, "answer", answer)
    assert not reads(user, chart)
    assert signed_in(user).post(way(chart), REASON).status_code == 403
    assert EmergencyAccess.objects.count() == 1


@pytest.mark.parametrize("gate", ["says_true", "says_false", "raises", "asks_for_more", "is_not_there"])
def test_the_gate_is_asked_before_the_page_and_before_the_deed(chart, settings, gate):
    """AN-11, AZ-11: a second factor comes before the reason is typed; its no opens nothing and is an event."""
    user = make.therapist()
    with_gate(settings, gate)
    for send in (signed_in(user).get, signed_in(user).post):
        answer = send(way(chart), REASON)
        assert answer.status_code == (401 if gate == "asks_for_more" else 403)
        event = AuditEvent.objects.order_by("pk").last()
        assert (event.verb, event.outcome) == ("patient.break_glass", "refused")
    assert not EmergencyAccess.objects.exists()
    assert hosts.asked == ([] if gate == "is_not_there" else ["patient.break_glass"] * 2)


def test_the_gate_lets_pass_and_is_not_asked_again_by_what_is_read(chart, settings):
    """AN-11, AZ-11."""
    user = make.therapist()
    with_gate(settings, "passes")
    assert signed_in(user).post(way(chart), REASON).status_code == 302
    assert reads(user, chart)
    assert hosts.asked == ["patient.break_glass"]


# How long, of whom, to do what


@pytest.mark.parametrize(("after", "is_read"), [(-1, False), (0, True), (3599, True), (3600, False), (3601, False)])
def test_it_ends_after_sixty_minutes_to_the_second(chart, at, after, is_read):
    """AZ-11: and a clock that is set back before its beginning does not lengthen it."""
    user = make.therapist()
    opened(chart, user)
    at(MONDAY + timedelta(seconds=after))
    assert reads(user, chart) is is_read


def test_a_clock_that_stands_still_does_not_keep_it_open(chart):
    """AZ-11: by the database's own clock, too, an hour is the most."""
    user = make.therapist()
    values = {"chart": chart, "user": user, "user_name": "D", "reason": "A long time ago", "opened_at": MONDAY}
    for minutes, is_read in ((61, False), (59, True)):
        EmergencyAccess.objects.create(
            **values,
            created_at=MONDAY,
            ends_at=MONDAY + timedelta(hours=1),
            stored_at=Now() - timedelta(minutes=minutes),
        )
        assert reads(user, chart) is is_read


def test_it_is_one_persons_and_one_patients(chart):
    """AZ-11: another patient of the same therapist, and another colleague."""
    user, other = make.therapist(), make.therapist()
    second = make.case(chart.patient.therapists.get()).chart
    opened(chart, user)
    assert [reads(user, chart), reads(user, second), reads(other, chart)] == [True, False, False]


def test_who_leaves_the_clinic_or_loses_the_role_reads_no_further(chart):
    """AZ-11: the host is asked at each page."""
    user = make.therapist()
    opened(chart, user)
    user.clinic_staff.role = Role.CLINIC_ADMIN
    user.clinic_staff.save()
    assert not reads(user, chart)


def test_nothing_is_written_and_the_refusal_says_why(chart):
    """AZ-11: 403 in words, an event with the reason's reference."""
    user = make.therapist()
    emergency = opened(chart, user)
    case = Case.objects.get()
    answer = signed_in(user).post(f"/rls/cases/{case.uuid}/visits/")
    assert answer.status_code == 403
    assert "you can read it, but change nothing" in answer.content.decode()
    event = AuditEvent.objects.order_by("pk").last()
    assert (event.verb, event.outcome, event.purpose) == ("visit.edit", "refused", emergency.ref)
    begun = signed_in(user).post(f"/rls/patients/{chart.patient_id}/")
    assert (begun.status_code, "change nothing" in begun.content.decode()) == (403, True)


def test_ones_own_draft_of_former_days_is_read_and_not_a_form(chart):
    """AZ-11: who treated the patient once has no other right than anybody."""
    former = chart.patient.therapists.get()
    draft = Case.objects.get().visits.get()
    chart.patient.therapists.clear()
    opened(chart, former)
    page = Page(signed_in(former).get(f"/rls/visits/{draft.uuid}/"))
    assert "findings" not in page.sends
    assert "Less pull in the calf." in page.words


def test_lists_and_search_and_contact_data_stay_as_they_were(chart):
    """AZ-11, PV-6, part: no worklist, no phone, no address."""
    user = make.therapist()
    task = make.task(Case.objects.get())
    opened(chart, user)
    client = signed_in(user)
    assert chart.patient.full_name not in client.get("/rls/").content.decode()
    assert client.get("/rls/api/v1/charts/").json()["results"] == []
    assert client.get(f"/rls/api/v1/charts/{chart.uuid}/").status_code == 200
    for address in (f"/rls/charts/{chart.uuid}/", f"/rls/tasks/{task.uuid}/"):
        body = client.get(address).content.decode()
        assert chart.patient.phone not in body
        assert chart.patient.email not in body


def test_whatever_is_fetched_in_code_is_held_to_the_same(chart):
    """AZ-11, AZ-5: every action of the registry that is not a view is refused at the gate itself."""
    user = make.therapist()
    opened(chart, user)
    request = request_of(user)
    for action in ("visit.sign", "export.patient", "audit.report", "hold.view", "preference.view", "patient.contact"):
        with pytest.raises((web.Forbidden, web.NotFound)):
            access.fetch(request, of_request(request), Chart, chart.uuid, action)


# What it leaves behind


def test_it_is_told_to_the_host_after_commit(chart, django_capture_on_commit_callbacks):
    """interface.md 6: a signal with an id and nothing else."""
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, **values: Any) -> None:
        heard.append({name: value for name, value in values.items() if name != "signal"})

    signals.emergency_opened.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            emergency = opened(chart, make.therapist())
            assert heard == []
    finally:
        signals.emergency_opened.disconnect(hear)
    assert heard == [{"emergency_id": emergency.pk}]


def test_who_manages_the_clinic_finds_it_in_admin_by_number_and_not_by_name(chart):
    """AZ-11, AU-5: who, when, until when, why and whose; the other clinic finds nothing, and nobody an edit."""
    emergency = opened(chart, make.therapist())
    admins = [make.therapist(where, role=Role.CLINIC_ADMIN) for where in (make.clinic(), make.clinic("hillside"))]
    for admin in admins:
        admin.is_staff = True
        admin.save()
    own, foreign = (signed_in(admin).get("/admin/rls_module/emergencyaccess/").content.decode() for admin in admins)
    for told in ("Dana Whitfield PT", REASON["reason"], chart.patient.record_number, "10 a.m.", "11 a.m."):
        assert told in own
        assert told not in foreign
    assert chart.patient.family not in own
    for page in ("change", "delete", "history"):
        answer = signed_in(admins[0]).get(f"/admin/rls_module/emergencyaccess/{emergency.pk}/{page}/")
        assert answer.status_code in (302, 403, 404), page


def test_who_asks_who_has_seen_the_chart_reads_the_reason(chart):
    """AU-10, part: beside every read of that hour."""
    own = chart.patient.therapists.get()
    user = make.therapist()
    opened(chart, user)
    assert reads(user, chart)
    page = Page(signed_in(own).get(f"/rls/charts/{chart.uuid}/audit/"))
    assert page.words.count(REASON["reason"]) == 2


def test_it_can_be_neither_changed_nor_deleted(chart):
    """AZ-11, DI-4: only the mark that the clinic was told. tests/rls_module/audit tries every other column."""
    mine = EmergencyAccess.objects.filter(pk=opened(chart, make.therapist()).pk)
    assert mine.update(told_at=MONDAY) == 1
    for deed in (lambda: mine.update(ends_at=MONDAY + timedelta(days=1)), lambda: mine._raw_delete(mine.db)):
        with pytest.raises(IntegrityError, match="witnessed"), transaction.atomic():
            deed()

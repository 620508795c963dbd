"""What a clinic admin manages: the own clinic's, by the adapter's word alone, and nothing clinical."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Chart
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence, Protocol, ProtocolVersion
from rls_module.visits.models import Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

ROOMS = ("protocol", "delivery", "auditevent")


def lena(where=None):
    """A clinic admin who may sign in to Django admin."""
    user = make.therapist(where, role="clinic_admin")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def case():
    return make.planned(make.therapist())


@pytest.fixture
def protocol(case) -> Protocol:
    return Protocol.objects.get(scope="riverside")


@pytest.fixture
def client(protocol):
    return signed_in(lena())


def address(protocol: Protocol) -> str:
    return f"/admin/rls_module/protocol/{protocol.pk}/change/"


def sheet(**changes) -> dict[str, str]:
    """The shipped protocol as the form sends it."""
    one = {
        "on_time_days": "14",
        "window_days": "21",
        "reminder_days": "3, 7",
        "call_after_days": "10",
        "instrument": "rls_checkin",
    }
    rows = [
        one | {"step": "week_6", "name_en": "6 weeks", "name_es": "6 semanas", "weeks": "6"},
        one | {"step": "week_12", "name_en": "12 weeks", "name_es": "12 semanas", "weeks": "12"},
    ]
    sent = {f"touchpoint-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    frame = {"seen": "1", "send_time": "09:00", "open_rule": "move", "reason": "Ten weeks suit us."}
    return sent | frame | {"touchpoint-TOTAL_FORMS": "2", "touchpoint-INITIAL_FORMS": "2"} | changes


TEN_WEEKS = {"touchpoint-1-weeks": "10"}


# --- The admin's own story


def test_an_admin_moves_the_second_point_to_ten_weeks(client, case, protocol):
    """Preview, what becomes of open enrolments, release; the engine's next turn moves the unsent mails."""
    seen = Page(client.post(address(protocol), sheet(preview="1", **TEN_WEEKS)))
    ref = case.chart.patient.record_number
    for words in (
        "Mon 16 Nov 2026, 09:00",
        "10 w 0 d",
        "staff are asked to call",
        "Moving them changes unsent mails of 1 of 1 patients; keeping them changes nothing.",
        f"{ref} week_12 Mon 30 Nov 2026 Mon 16 Nov 2026",
    ):
        assert words in seen.words
    assert ProtocolVersion.objects.filter(protocol=protocol).count() == 1, "a preview writes nothing"
    assert client.post(address(protocol), sheet(release="1", **TEN_WEEKS)).status_code == 302
    assert queries.newest_version(protocol).number == 2
    actions.tick(now=make.NOW)
    assert Occurrence.objects.get(step="week_12").due_on - make.TODAY == timedelta(days=70)
    assert "Version 2 is in force" in Page(client.get(address(protocol))).words


def test_what_the_page_itself_sends_is_released(client, protocol):
    """The form as a browser posts it, with the empty time of asking left as it is."""
    page = Page(client.get(address(protocol)))
    sends = {name: values for name, values in page.sends.items() if name not in ("csrfmiddlewaretoken", "preview")}
    change = {"touchpoint-1-weeks": "10", "open_rule": "keep", "reason": "Ten weeks suit us.", "release": "1"}
    assert client.post(address(protocol), {**sends, **change}).status_code == 302
    assert [one.step for one in queries.newest_version(protocol).touchpoints.all()] == ["week_6", "week_12"]


def test_keeping_changes_nothing_for_those_who_are_on_it(client, protocol):
    client.post(address(protocol), sheet(release="1", open_rule="keep", **TEN_WEEKS))
    actions.tick(now=make.NOW)
    assert Occurrence.objects.get(step="week_12").due_on - make.TODAY == timedelta(days=84)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Write why the protocol changes."),
        ({"touchpoint-1-weeks": ""}, "This field is required."),
        ({"touchpoint-1-on_time_days": "30"}, "on_time_days is after window_days"),
        ({"touchpoint-1-reminder_days": "soon"}, "Enter a valid value."),
        ({"touchpoint-0-drop": "on", "touchpoint-1-drop": "on"}, "A protocol asks at least once."),
        ({"seen": "0"}, "Somebody released another version meanwhile."),
        ({"open_rule": "both"}, "Select a valid choice."),
    ],
)
def test_what_cannot_stand_is_refused_in_words_and_stays_on_the_page(client, protocol, changes, words):
    response = client.post(address(protocol), sheet(release="1", **TEN_WEEKS) | changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["touchpoint-0-name_en"] == ["6 weeks"]
    assert ProtocolVersion.objects.filter(protocol=protocol).count() == 1


def test_a_release_is_on_record_with_its_reason(client, protocol):
    """AU-5, part."""
    client.post(address(protocol), sheet(release="1", **TEN_WEEKS))
    event = AuditEvent.objects.get(verb="protocol.edit", object_kind="protocolversion")
    assert (event.purpose, event.scope, event.outcome) == ("Ten weeks suit us.", "riverside", "done")


def test_the_gate_is_asked_before_a_release_and_its_no_writes_nothing(client, protocol, settings):
    """AN-11, part: protocol.edit is guarded by STAFF_GATE."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"STAFF_GATE": "tests.rls_module.admin.gate.refuse"}
    assert client.post(address(protocol), sheet(preview="1", **TEN_WEEKS)).status_code == 200
    assert client.post(address(protocol), sheet(release="1", **TEN_WEEKS)).status_code == 403
    assert ProtocolVersion.objects.filter(protocol=protocol).count() == 1
    assert AuditEvent.objects.filter(verb="protocol.edit", outcome="refused").exists()


# --- The queue


def test_the_queue_tells_what_became_of_a_mail(client, case):
    mail = Delivery.objects.get(occurrence__step="week_6", kind="invite")
    Delivery.objects.filter(pk=mail.pk).update(state="dead", state_reason="refused_address", tries=3)
    page = Page(client.get(f"/admin/rls_module/delivery/{mail.pk}/change/"))
    assert "It stands as “dead”: refused address." in page.words
    listed = Page(client.get("/admin/rls_module/delivery/?state__exact=dead"))
    assert case.chart.patient.record_number in listed.words
    assert case.chart.patient.family not in listed.words
    assert case.chart.patient.email not in listed.words + page.words


# --- Who may what


def everybody():
    superuser = make.therapist()
    superuser.clinic_staff.delete()
    superuser.is_staff = superuser.is_superuser = True
    superuser.save()
    plain = make.therapist()
    plain.is_staff = True
    plain.save()
    return {"superuser": superuser, "other clinic": lena(make.clinic("hillside")), "therapist": plain}


@pytest.mark.parametrize("who", ["superuser", "other clinic", "therapist"])
def test_others_get_nothing_of_the_clinic(who, case, protocol):
    """AD-1, AD-2, AZ-12, part: neither a superuser nor the other clinic's admin; a therapist reads the protocol."""
    client = signed_in(everybody()[who])
    mail = Delivery.objects.first()
    ref = case.chart.patient.record_number
    for path in (f"delivery/{mail.pk}/change/", "delivery/", "auditevent/", "protocol/"):
        body = client.get(f"/admin/rls_module/{path}", follow=True).content.decode()
        assert ref not in body, path
    response = client.post(address(protocol), sheet(release="1", **TEN_WEEKS))
    assert response.status_code in (302, 403, 404)
    assert ProtocolVersion.objects.filter(protocol=protocol).count() == 1


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_added_changed_or_deleted_from_a_list(client, room, case):
    """AD-1, part."""
    assert client.get(f"/admin/rls_module/{room}/add/").status_code in (403, 404)
    row = {"protocol": Protocol, "delivery": Delivery, "auditevent": AuditEvent}[room].objects.first()
    assert client.post(f"/admin/rls_module/{room}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    deed = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(f"/admin/rls_module/{room}/", deed)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("room", "query"),
    [
        ("delivery", "chart__patient__family__startswith=A"),
        ("delivery", "address_hash__startswith=0"),
        ("auditevent", "purpose__startswith=a"),
        ("protocol", "versions__released_by__password__startswith=a"),
    ],
)
def test_no_question_can_be_put_through_the_address(client, room, query):
    """AD-2: lookups that the list does not offer."""
    response = client.get(f"/admin/rls_module/{room}/?{query}")
    assert response.status_code in (302, 400)


def test_clinical_records_are_not_registered():
    """AD-1: who may not see a chart page may not see it in admin, because it is not there."""
    assert not {Chart, Visit} & set(admin.site._registry)
    ours = {model.__name__ for model in admin.site._registry if model._meta.app_label == "rls_module"}
    assert ours == {
        *("Protocol", "MailText", "Delivery", "Preference"),
        *("BillingTable", "Exercise", "PlanTemplate", "Licence", "ClinicPolicy", "ImportedInstrument", "AuditEvent"),
        "EmergencyAccess",
    }

"""What a clinic admin changes: mail texts, the queue's mails, preferences, exercises, licences, the policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, EngineState, MailText, Occurrence, Preference
from rls_module.host.actor import system
from rls_module.knowledge import mail_texts
from rls_module.library import actions as library_actions
from rls_module.library import queries as library
from rls_module.library.models import BillingTable, ClinicPolicy, Exercise, Licence
from tests import clock
from tests import factories as make
from tests.rls_module.admin.test_admin import lena
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

ADMIN = "/admin/rls_module"
LISTS = ("mailtext", "delivery", "preference", "exercise", "plantemplate", "licence", "clinicpolicy", "billingtable")
TEXT = {
    "seen": "0",
    "subject": "A short form from {mail_name}",
    "body": "Good evening.\n\nOpen it: {link}\n\nStop: {stop_link}",
    "reason": "Our own voice.",
}
CHECK_IN = "rls_checkin"


@pytest.fixture
def case():
    return make.planned(make.therapist())


@pytest.fixture
def client(case):
    return signed_in(lena())


@pytest.fixture
def mail(case) -> Delivery:
    return Delivery.objects.get(occurrence__step="week_6", kind="invite")


# --- Mail texts


def test_an_admin_writes_own_words_and_the_next_mail_has_them(client, mail, mailoutbox):
    """EM-2, part: written, previewed, sent; text and HTML carry the same words and every link works."""
    page = Page(client.post(f"{ADMIN}/mailtext/invite-en/change/", TEXT | {"preview": "1"}))
    assert "A short form from Riverside" in page.words
    assert not MailText.objects.exists(), "a preview writes nothing"
    assert client.post(f"{ADMIN}/mailtext/invite-en/change/", TEXT | {"write": "1"}).status_code == 302
    clock.put(mail.due_at)
    actions.tick(now=mail.due_at)
    [sent] = mailoutbox
    assert sent.subject == "A short form from Riverside PT"
    html = sent.alternatives[0][0]
    assert "/q/" in sent.body
    assert html.count("<a href=") == 2
    assert "Open it</a>" in html
    event = AuditEvent.objects.get(verb="text.edit", outcome="done")
    assert (event.purpose, event.fields) == ("Our own voice.", ["body", "subject"])


def test_the_shipped_words_can_be_had_back_and_every_version_stays(client, mail, mailoutbox):
    address = f"{ADMIN}/mailtext/invite-en/change/"
    client.post(address, TEXT | {"write": "1"})
    again = {"seen": "1", "reason": "Too short.", "subject": "", "body": ""}
    assert client.post(address, again | {"restore": "1"}).status_code == 302
    actions.tick(now=mail.due_at)
    assert mailoutbox[0].subject == "A few questions from Riverside PT"
    assert [one.number for one in queries.text_versions("riverside", "invite", "en")] == [2, 1]
    assert "Our own voice." in Page(client.get(address)).words


def test_the_words_of_another_clinic_stay_its_own(client, mail, mailoutbox):
    hillside = signed_in(lena(make.clinic("hillside")))
    assert hillside.post(f"{ADMIN}/mailtext/invite-en/change/", TEXT | {"write": "1"}).status_code == 302
    actions.tick(now=mail.due_at)
    assert mailoutbox[0].subject == "A few questions from Riverside PT"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " "}, "Write why."),
        ({"subject": ""}, "Subject: is empty."),
        ({"body": "Hello."}, "Text: {link} is missing; every mail carries it."),
        ({"body": TEXT["body"] + "\n{{ settings.SECRET_KEY }}"}, "{ } can't stand here; braces are"),
        ({"body": TEXT["body"] + "\n{patient.name}"}, "braces are for the names that are filled in"),
        ({"body": TEXT["body"] + '\n<img src="http://a.example/x.png">'}, "holds markup"),
        ({"body": TEXT["body"] + "\nhttps://evil.example/"}, "looks like an address"),
        ({"subject": "Your restless legs"}, "“legs” would tell others what this is about."),
        ({"seen": "7"}, "Somebody changed this meanwhile."),
    ],
)
def test_words_that_cannot_go_out_are_refused_and_stay_on_the_page(client, changes, words):
    """EM-1, EM-2: no template is run, nothing is fetched, no clinical word, no address but ours."""
    response = client.post(f"{ADMIN}/mailtext/invite-en/change/", TEXT | changes | {"write": "1"})
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["body"] == [(TEXT | changes)["body"]]
    assert not MailText.objects.exists()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", mail_texts.NAMES)
def test_every_mail_begins_with_the_shipped_words(client, name, language):
    page = Page(client.get(f"{ADMIN}/mailtext/{name}-{language}/change/"))
    [body] = page.sends["body"]
    assert "{link}" in body
    assert "{stop_link}" in body


# --- The queue


@pytest.mark.parametrize("state", ["dead", "bounced", "suppressed", "cancelled", "uncertain"])
def test_a_mail_that_ended_is_tried_again_with_a_reason(client, mail, mailoutbox, state):
    Delivery.objects.filter(pk=mail.pk).update(state=state, state_reason="x", tries=8, attempts=8, uncertain_count=2)
    address = f"{ADMIN}/delivery/{mail.pk}/change/"
    assert "Write why." in Page(client.post(address, {"requeue": "1", "reason": ""})).words
    assert client.post(address, {"requeue": "1", "reason": "Server was down."}).status_code == 302
    actions.tick(now=mail.due_at)
    assert len(mailoutbox) == 1
    event = AuditEvent.objects.get(verb="delivery.requeue", object_kind="delivery", purpose="Server was down.")
    assert event.fields == ["state"]


def test_a_mail_is_taken_out_of_the_queue_and_planning_leaves_it_there(client, case, mail, mailoutbox):
    address = f"{ADMIN}/delivery/{mail.pk}/change/"
    assert client.post(address, {"cancel": "1", "reason": "Asked on the phone."}).status_code == 302
    actions.plan_case(case=case, actor=system("test"), now=make.NOW)
    actions.tick(now=mail.due_at)
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason, mailoutbox) == ("cancelled", "by_staff", [])


@pytest.mark.parametrize(
    ("state", "verb"), [("sent", "requeue"), ("sent", "cancel"), ("scheduled", "requeue"), ("dead", "cancel")]
)
def test_what_a_mail_is_past_is_not_offered_and_not_done(client, mail, state, verb):
    Delivery.objects.filter(pk=mail.pk).update(state=state)
    address = f"{ADMIN}/delivery/{mail.pk}/change/"
    response = client.post(address, {verb: "1", "reason": "Because."})
    assert response.status_code == 403
    mail.refresh_from_db()
    assert mail.state == state


def test_a_closed_form_is_not_mailed_again(mail):
    Delivery.objects.filter(pk=mail.pk).update(state="dead")
    Occurrence.objects.filter(pk=mail.occurrence_id).update(state="answered")
    with pytest.raises(actions.NotPossible, match="form_closed"):
        actions.requeue(delivery=mail, reason="Because.", actor=system("test"), now=make.NOW)


def test_a_mail_that_a_worker_holds_is_left_to_it(mail):
    """FE-5, part: an operator's verb is a compare-and-set like every other."""
    queue = queries.due("riverside", mail.due_at)
    token = mail.uuid
    queue.update(state="sending", lease_token=token)
    with pytest.raises(actions.NotPossible, match="being_sent"):
        actions.cancel(delivery=mail, reason="Because.", actor=system("test"))


def test_an_opted_out_patient_gets_nothing_by_a_requeue(mail, mailoutbox):
    """EM-4, part."""
    actions.stop_mail(chart=mail.chart, source="mail", actor=system("test"), now=make.NOW)
    actions.requeue(delivery=mail, reason="Because.", actor=system("test"), now=make.NOW)
    actions.tick(now=mail.due_at)
    mail.refresh_from_db()
    assert (mail.state, mail.state_reason, mailoutbox) == ("suppressed", "opted_out", [])


def test_sending_is_paused_and_resumed_with_a_reason(client, mail, mailoutbox):
    engine = f"{ADMIN}/delivery/engine/"
    assert client.get(engine).status_code == 405
    client.post(engine, {"pause": "1", "reason": " "})
    assert not EngineState.objects.filter(paused_at__isnull=False).exists()
    client.post(engine, {"pause": "1", "reason": "New mail server"})
    actions.tick(now=mail.due_at)
    assert mailoutbox == []
    assert "New mail server" in Page(client.get(f"{ADMIN}/delivery/")).words
    client.post(engine, {"resume": "1"})
    actions.tick(now=mail.due_at)
    assert len(mailoutbox) == 1


def test_a_late_engine_is_told_above_the_queue(client, mail):
    """FE-9, part: whoever looks at the queue sees that nothing turns it."""
    assert "The engine has not run yet." in Page(client.get(f"{ADMIN}/delivery/")).words
    actions.tick(now=make.NOW)
    assert "mails are due." in Page(client.get(f"{ADMIN}/delivery/")).words
    clock.put(mail.due_at + 2 * timedelta(minutes=15))
    assert "The engine is 30 minutes late" in Page(client.get(f"{ADMIN}/delivery/")).words


# --- Preferences


def test_staff_turn_mail_off_and_on_again_for_a_patient(client, case, mail):
    """EM-9: recorded with time and source, reversible, with a reason."""
    actions.stop_mail(chart=case.chart, source="mail", actor=system("test"), now=make.NOW)
    row = Preference.objects.get()
    address = f"{ADMIN}/preference/{row.pk}/change/"
    assert case.chart.patient.record_number in Page(client.get(f"{ADMIN}/preference/")).words
    assert "Write why." in Page(client.post(address, {"resume": "1"})).words
    assert client.post(address, {"resume": "1", "reason": "Called us."}).status_code == 302
    mail.refresh_from_db()
    assert mail.state == "scheduled"
    assert client.post(address, {"stop": "1", "reason": "Called again."}).status_code == 302
    row.refresh_from_db()
    assert (row.mail_off_at, row.source) == (clock.now(), "staff")
    reasons = AuditEvent.objects.filter(verb="preference.edit", outcome="done").values_list("purpose", flat=True)
    assert {"Called us.", "Called again."} <= set(reasons)


# --- The library


def exercise_sheet(**changes):
    return {
        "seen": "-1",
        "key": "ankle_circles",
        "family": "postural",
        "region": "calf",
        "name_en": "Ankle circles",
        **changes,
    }


def test_an_exercise_is_added_changed_retired_and_offered_again(client):
    assert client.post(f"{ADMIN}/exercise/add/", exercise_sheet(save="1")).status_code == 302
    row = library.exercise("riverside", "ankle_circles")
    address = f"{ADMIN}/exercise/{row.pk}/change/"
    changed = exercise_sheet(save="1", seen="1", name_en="Ankle circles, slow", cues_en="Ten each way.")
    assert client.post(address, changed).status_code == 302
    row.refresh_from_db()
    assert (row.key, row.name, row.cues) == ("ankle_circles", {"en": "Ankle circles, slow"}, {"en": "Ten each way."})
    assert "Write why." in Page(client.post(address, exercise_sheet(retire="1", seen="2"))).words
    assert client.post(address, exercise_sheet(retire="1", seen="2", reason="Doubled")).status_code == 302
    assert "ankle_circles" not in {one.key for one in library.exercises("riverside")}
    assert client.post(address, exercise_sheet(restore="1", seen="3")).status_code == 302
    assert "ankle_circles" in {one.key for one in library.exercises("riverside")}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "Ankle Circles"}, "Enter a valid value."),
        ({"key": "calf_raise"}, "There is an exercise with the key “calf_raise” already."),
        ({"name_en": ""}, "This field is required."),
        ({"region": "moon"}, "Select a valid choice."),
        ({"cues_en": "x" * 601}, "at most 600 characters"),
    ],
)
def test_what_is_no_exercise_is_refused_in_words(client, changes, words):
    library_actions.install_exercises(scope="riverside", actor=system("test"), now=make.NOW)
    response = client.post(f"{ADMIN}/exercise/add/", exercise_sheet(save="1", **changes))
    assert response.status_code == 422
    assert words in Page(response).words


def test_an_exercise_changed_meanwhile_is_not_overwritten(client):
    client.post(f"{ADMIN}/exercise/add/", exercise_sheet(save="1"))
    row = Exercise.objects.get(key="ankle_circles")
    response = client.post(f"{ADMIN}/exercise/{row.pk}/change/", exercise_sheet(save="1", seen="9", name_en="Mine"))
    assert response.status_code == 422
    page = Page(response)
    assert "Somebody changed this meanwhile." in page.words
    assert page.sends["name_en"] == ["Mine"]


def template_sheet(**changes):
    sheet = {"seen": "-1", "key": "hip_led", "name": "Hip first", "times_per_week": "1", "weeks": "8"}
    counts = {"planned_sessions": "8", "review_weeks": "4"}
    return sheet | counts | {"modality_1": "exercise", "note_1": "Hips.", "modality_2": "other"} | changes


def test_a_plan_template_is_added_changed_retired_and_offered_again(client):
    assert client.post(f"{ADMIN}/plantemplate/add/", template_sheet(save="1")).status_code == 302
    row = library.plan_template("riverside", "hip_led")
    assert row.interventions == [{"modality": "exercise", "note": "Hips."}, {"modality": "other", "note": ""}]
    address = f"{ADMIN}/plantemplate/{row.pk}/change/"
    assert Page(client.get(address)).sends["note_1"] == ["Hips."]
    assert client.post(address, template_sheet(save="1", seen="1", weeks="10")).status_code == 302
    row.refresh_from_db()
    assert (row.key, row.weeks, row.version) == ("hip_led", 10, 2)
    assert "Somebody changed this" in Page(client.post(address, template_sheet(save="1", seen="1"))).words
    assert "Write why." in Page(client.post(address, template_sheet(retire="1", seen="2"))).words
    assert client.post(address, template_sheet(retire="1", seen="2", reason="Doubled")).status_code == 302
    assert not library.plan_templates("riverside").exists()
    assert client.post(address, template_sheet(restore="1", seen="3")).status_code == 302
    assert library.plan_templates("riverside").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "Hip Led"}, "Enter a valid value."),
        ({"key": "combined"}, "There is a template with the key “combined” already."),
        ({"modality_1": ""}, "This field is required."),
        ({"modality_2": "exercise"}, "This treatment stands above already."),
        ({"note_3": "what?"}, "Choose the treatment, or take the note away."),
        ({"weeks": "60"}, "less than or equal to 52"),
    ],
)
def test_what_is_no_plan_template_is_refused_in_words(client, changes, words):
    library_actions.install_plan_templates(scope="riverside", actor=system("test"), now=make.NOW)
    response = client.post(f"{ADMIN}/plantemplate/add/", template_sheet(save="1", **changes))
    assert response.status_code == 422
    assert words in Page(response).words


def licence_sheet(**changes):
    sheet = {"kind": "wording_review", "wording": f"{CHECK_IN}:1", "language": "es", "holder": "M. Ruiz"}
    return sheet | {"granted_on": "2026-09-01", "record": "1"} | changes


def test_a_sign_off_is_entered_and_revoked_and_neither_is_lost(client):
    def is_signed_off() -> bool:
        return library.is_wording_signed_off(
            scope="riverside", instrument=CHECK_IN, version=1, language="es", on=make.TODAY
        )

    assert client.post(f"{ADMIN}/licence/add/", licence_sheet()).status_code == 302
    assert is_signed_off()
    row = Licence.objects.get()
    address = f"{ADMIN}/licence/{row.pk}/change/"
    assert "Write why." in Page(client.post(address, {"revoke": "1"})).words
    assert client.post(address, {"revoke": "1", "reason": "A mistake on page two."}).status_code == 302
    assert not is_signed_off()
    page = Page(client.get(address))
    assert "A mistake on page two." in page.words
    assert "revoke" not in page.sends
    assert client.post(address, {"revoke": "1", "reason": "Again."}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expires_on": "2026-08-01"}, "This is before the day it begins."),
        ({"holder": ""}, "This field is required."),
        ({"wording": "unknown:1"}, "Select a valid choice."),
    ],
)
def test_an_entry_that_says_nothing_is_refused(client, changes, words):
    response = client.post(f"{ADMIN}/licence/add/", licence_sheet(**changes))
    assert response.status_code == 422
    assert words in Page(response).words
    assert not Licence.objects.exists()


def policy_sheet(**changes):
    sheet = {"seen": "1", "weekdays": ["0", "1", "2", "3"], "opens_at": "07:30", "closes_at": "19:00", "save": "1"}
    return (
        sheet
        | {"closed_days": "2026-12-25", "needling_consent_months": "6", "reassess_weeks": "8", "irls_counts_from": "3"}
        | changes
    )


def test_the_policy_is_one_sheet(client):
    assert client.post(f"{ADMIN}/clinicpolicy/", policy_sheet()).status_code == 302
    row = library.policy("riverside")
    assert (row.weekdays, row.closed_days, row.reassess_weeks) == ([0, 1, 2, 3], ["2026-12-25"], 8)
    assert (row.irls_counts_from, row.ears_reversed) == (3, [])
    assert Page(client.get(f"{ADMIN}/clinicpolicy/")).sends["closes_at"] == ["19:00:00"]
    assert library.policy("hillside").reassess_weeks == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closes_at": "07:00"}, "This is not after the hour it opens."),
        ({"closed_days": "Christmas"}, "“Christmas” is no day as 2026-12-24."),
        ({"weekdays": []}, "This field is required."),
        ({"seen": "4"}, "Somebody changed this meanwhile."),
    ],
)
def test_a_policy_that_cannot_be_is_refused_and_stays_on_the_page(client, changes, words):
    response = client.post(f"{ADMIN}/clinicpolicy/", policy_sheet(**changes))
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["needling_consent_months"] == ["6"]
    assert not ClinicPolicy.objects.exists()


def billing_sheet(**changes):
    codes = "20560 | few | untimed\n20561 | many | untimed\n97110 | exercise | timed\n97140 | hands | timed"
    kinds = {"kind_needling_few": "20560", "kind_needling_many": "20561", "kind_fascial": "97140"}
    days = {"certify_days": "30", "recertify_days": "60", "report_visits": "8"}
    sheet = {"seen": "0", "rule": "AMA", "codes": codes, **kinds, **days, "kind_strength": "97110"}
    return sheet | {"reason": "Our payers.", "write": "1"} | changes


def test_what_a_clinic_bills_by_is_a_sheet_of_versions(client):
    """Labels and codes are the clinic's own data; every version stays, and who wrote it and why is on record."""
    address = f"{ADMIN}/billingtable/"
    assert "97140 | hands-on soft-tissue, fascial or joint work | timed" in client.get(address).content.decode()
    assert client.post(address, billing_sheet()).status_code == 302
    row = library.billing_table("riverside")
    assert (row.number, row.rule, row.both_sides_count_twice, row.recertify_days) == (1, "AMA", False, 60)
    assert row.codes[3] == {"code": "97140", "label": "hands", "is_timed": True}
    assert row.kinds == {
        "needling_few": "20560", "needling_many": "20561", "fascial": "97140", "strength": "97110"
    }  # fmt: skip
    event = AuditEvent.objects.get(verb="policy.edit", outcome="done")
    assert (event.purpose, event.object_kind) == ("Our payers.", "billingtable")
    assert client.post(address, billing_sheet(seen="1", rule="CMS")).status_code == 302
    assert [one.number for one in library.billing_tables("riverside")] == [2, 1]
    assert "Our payers." in Page(client.get(address)).words
    assert library.billing_table("hillside").number == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Write why."),
        ({"seen": "3"}, "Somebody changed this meanwhile."),
        ({"codes": "97110 exercise timed"}, "“97110 exercise timed” can't be read"),
        ({"codes": "97110 | exercise | sometimes"}, "can't be read: write code | label | timed, or untimed."),
        ({"codes": "97-110 | exercise | timed"}, "“97-110” is no code"),
        ({"codes": "97110 | a | timed\n97110 | b | timed"}, "The code “97110” stands here twice."),
        ({"kind_fascial": "97530"}, "“97530” is not among the codes above."),
        ({"kind_needling_few": "97110"}, "A code for needling is untimed"),
        ({"report_visits": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_billing_table_that_cannot_be_is_refused_and_stays_on_the_page(client, changes, words):
    response = client.post(f"{ADMIN}/billingtable/", billing_sheet(**changes))
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["codes"] == [billing_sheet(**changes)["codes"]]
    assert not BillingTable.objects.exists()


# --- Who may what


@pytest.mark.parametrize("room", LISTS)
def test_each_page_opens_for_the_admin_and_not_without_the_right(client, case, room):
    """AD-1, AZ-12, part: the same pages refuse a superuser whom the adapter grants nothing."""
    actions.stop_mail(chart=case.chart, source="mail", actor=system("test"), now=make.NOW)
    assert client.get(f"{ADMIN}/{room}/").status_code == 200
    nobody = make.therapist()
    nobody.clinic_staff.delete()
    nobody.is_staff = nobody.is_superuser = True
    nobody.save()
    assert signed_in(nobody).get(f"{ADMIN}/{room}/").status_code in (403, 404)


@pytest.mark.parametrize(
    ("path", "sheet"),
    [
        ("mailtext/invite-en/change/", TEXT | {"write": "1"}),
        ("exercise/add/", exercise_sheet(save="1")),
        ("licence/add/", licence_sheet()),
        ("clinicpolicy/", policy_sheet()),
        ("billingtable/", billing_sheet()),
        ("delivery/engine/", {"pause": "1", "reason": "x"}),
    ],
)
def test_a_therapist_reads_at_most_and_changes_nothing(path, sheet):
    """AD-2, part: the adapter's grant decides, not the staff flag."""
    plain = make.therapist()
    plain.is_staff = True
    plain.save()
    assert signed_in(plain).post(f"{ADMIN}/{path}", sheet).status_code in (403, 404)
    assert not MailText.objects.exists()
    assert not Licence.objects.exists()
    assert not ClinicPolicy.objects.exists()
    assert not BillingTable.objects.exists()
    assert not EngineState.objects.exists()


@pytest.mark.parametrize("room", ["delivery", "preference", "exercise", "licence"])
def test_the_other_clinics_admin_finds_no_row(case, room):
    """AZ-3, part: neither in the list nor by guessing the number."""
    actions.stop_mail(chart=case.chart, source="mail", actor=system("test"), now=make.NOW)
    library_actions.install_exercises(scope="riverside", actor=system("test"), now=make.NOW)
    signed_in(lena()).post(f"{ADMIN}/licence/add/", licence_sheet())
    row = {"delivery": Delivery, "preference": Preference, "exercise": Exercise, "licence": Licence}[
        room
    ].objects.first()
    other = signed_in(lena(make.clinic("hillside")))
    assert f"{room}/{row.pk}/change/" not in other.get(f"{ADMIN}/{room}/").content.decode()
    assert other.get(f"{ADMIN}/{room}/{row.pk}/change/").status_code == 404


def test_a_list_that_was_shown_is_on_record(client):
    client.get(f"{ADMIN}/delivery/")
    event = AuditEvent.objects.get(verb="queue.view")
    assert (event.object_kind, event.scope, event.outcome) == ("delivery list", "riverside", "done")

"""Criteria, iron and medicines: judged or written down in the room, kept for good, and nothing advised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.intake import actions as intake_actions
from rls_module.intake import queries
from rls_module.intake.models import AugmentationScreen, CriteriaReview, LabPanel, Medication
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


PATTERN = {f"e{number}_current": "yes" for number in range(1, 5)}


def criteria(client, case, **values):
    listed = {"rest_excluded": "on"} if values.get("e5") == "yes" else {}
    return client.post(f"/rls/cases/{case.uuid}/criteria/", PATTERN | listed | values)


# --- Criteria


def test_what_is_consistent_with_rls_is_said_so_and_never_diagnosed(client, case):
    assert criteria(client, case, e5="yes", rest_excluded="on", weekly="5", year_old="yes").status_code == 302
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert "consistent with RLS" in page.words
    assert "chronic persistent" in page.words
    assert "diagnosed" not in page.words
    [review] = CriteriaReview.objects.all()
    assert (review.result, review.reasons, review.mimics["akathisia"]) == ("MET", [], "considered_excluded")


def test_e5_is_answered_after_the_list_of_what_else_it_could_be(client, case):
    response = client.post(f"/rls/cases/{case.uuid}/criteria/", PATTERN | {"e5": "yes", "present": ["venous_stasis"]})
    assert response.status_code == 422
    assert "Go through what else it could be before E5" in Page(response).words
    assert not CriteriaReview.objects.exists()


def test_supportive_features_are_kept_and_change_nothing(client, case):
    criteria(client, case, e5="yes", supportive_family="yes", supportive_limb_movements="unsure")
    criteria(client, case, e5="yes", supportive_family="no")
    later, first = CriteriaReview.objects.order_by("-pk")
    assert (first.supportive, later.supportive) == ({"family": "yes", "limb_movements": "unsure"}, {"family": "no"})
    assert first.result == later.result == "MET"
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert page.sends["supportive_family"] == ["no"]


def test_the_features_of_1995_stand_beside_it_and_nothing_is_worked_out_from_them(client, case):
    assert "The features of 1995" not in Page(client.get(f"/rls/cases/{case.uuid}/criteria/")).words
    criteria(client, case, e3_current="unsure")
    words = Page(client.get(f"/rls/cases/{case.uuid}/criteria/")).words
    assert "Motor restlessness has no counterpart today" in words
    assert "at least passing relief by activity not sure" in words
    assert "Worse in the evening or at night yes" in words


# --- Augmentation

SCREEN = {"most_days": "yes", "unexplained": "yes", "earlier_response": "yes", "start_before": "22:00"}


def augmentation(client, case, **values):
    return client.post(f"/rls/cases/{case.uuid}/augmentation/", SCREEN | values)


def test_an_augmentation_pattern_is_kept_and_somebody_asks_the_prescriber(client, case, user):
    make.medicine(case, user, name="Ropinirole")
    assert augmentation(client, case, start_now="17:00", note="Since spring.").status_code == 302
    row = AugmentationScreen.objects.get()
    assert (row.result, row.parts) == ("pattern", {"a": "yes", "b": "unknown", "c1": "yes", "c2": "no"})
    assert (row.answers["start_before"], row.answers["start_now"], row.algorithm) == (1320, 1020, "1")
    [task] = Task.objects.all()
    assert (task.rule, task.kind) == ("augmentation_pattern", "alert")
    page = Page(client.get(f"/rls/cases/{case.uuid}/augmentation/"))
    assert "Augmentation pattern: refer to the prescriber" in page.words
    assert "Takes or took: Ropinirole." in page.words
    assert (
        "Augmentation pattern: refer to the prescriber"
        in Page(client.get(f"/rls/cases/{case.uuid}/medications/")).words
    )
    assert "Augmentation pattern. Refer to the prescriber" in Page(client.get("/rls/")).words


def test_times_that_the_chart_has_are_no_answer(client, case, user):
    make.medicine(case, user, name="Ropinirole")
    augmentation(client, case, **dict.fromkeys(SCREEN, "") | {"start_before": "22:00", "start_now": "17:00"})
    assert AugmentationScreen.objects.get().result == "not_screened"
    assert not Task.objects.exists()


def test_what_is_not_known_is_possible_and_a_no_ends_it(client, case, user):
    make.medicine(case, user, name="Tramadol")
    augmentation(client, case)
    augmentation(client, case, most_days="no")
    assert list(AugmentationScreen.objects.order_by("pk").values_list("result", flat=True)) == ["possible", "none"]
    assert list(Task.objects.values_list("rule", flat=True)) == ["augmentation_possible"]


def test_without_a_medicine_that_can_augment_there_is_nothing_to_screen_for(client, case, user):
    make.medicine(case, user, name="Gabapentin")
    page = Page(client.get(f"/rls/cases/{case.uuid}/augmentation/"))
    assert "there is nothing to screen for" in page.words
    assert augmentation(client, case).status_code == 409
    assert not AugmentationScreen.objects.exists()


def test_the_clock_is_what_was_told_already(client, case, user):
    make.medicine(case, user, name="Ropinirole", stopped_on=make.TODAY)
    make.baseline(case, user, start=1260)
    assert Page(client.get(f"/rls/cases/{case.uuid}/augmentation/")).sends["start_now"] == ["21:00"]


@pytest.mark.parametrize(
    ("values", "words"), [({"start_now": "25:00"}, "valid time"), ({"spread": "maybe"}, "valid choice")]
)
def test_a_screen_that_cannot_stand_is_refused_in_words(client, case, user, values, words):
    make.medicine(case, user, name="Ropinirole")
    response = augmentation(client, case, **values)
    assert response.status_code == 422
    assert words in Page(response).words
    assert Page(response).sends["start_before"] == ["22:00"]


def test_a_screen_is_never_changed(case, user):
    """DI-4: append-only, by trigger."""
    make.medicine(case, user, name="Ropinirole")
    make.augmentation_screen(case, user)
    with pytest.raises(IntegrityError), transaction.atomic():
        AugmentationScreen.objects.update(result="none")


def test_without_the_clinicians_word_on_e5_it_is_open(client, case):
    criteria(client, case)
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert "not complete yet" in page.words
    assert "Screen positive - clinician review needed" in page.words
    assert "Open: E5." in page.words


def test_a_past_pattern_counts_only_with_its_reason(client, case):
    criteria(client, case, e4_current="no", e4_past="yes", e5="yes")
    criteria(client, case, e4_current="no", e4_past="yes", e5="yes", past_reasons=["treated"])
    assert [row.result for row in queries.reviews(case)] == ["MET", "NOT_MET"]
    assert "Counts from the past: E4." in Page(client.get(f"/rls/cases/{case.uuid}/criteria/")).words


def test_another_condition_must_have_a_name(client, case):
    response = criteria(client, case, e5="no")
    assert response.status_code == 422
    assert "Name the other condition that explains it." in Page(response).words
    assert criteria(client, case, e5="no", present=["venous_stasis"]).status_code == 302
    assert queries.latest_review(case).reasons == ["mimic"]


def test_the_screens_answers_are_there_to_confirm(client, user):
    chart = make.chart(make.patient(user))
    answers = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"}
    screen = intake_actions.record_screen(
        chart=chart, answers=answers, language="en", actor=make.actor(user), now=make.NOW
    )
    case = intake_actions.decide(
        screen=screen, decision="open_case", actor=make.actor(user), now=make.NOW, on=make.TODAY
    )
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert "Taken over from the screen, to confirm." in page.words
    assert page.sends["e1_current"] == ["yes"]


def test_every_judgement_stays_and_the_newest_counts(client, case):
    criteria(client, case, e5="yes")
    criteria(client, case, e1_current="no", e5="yes")
    assert [row.result for row in queries.reviews(case)] == ["NOT_MET", "MET"]
    with pytest.raises(IntegrityError), transaction.atomic():
        CriteriaReview.objects.update(result="MET")
    with pytest.raises(IntegrityError), transaction.atomic():
        CriteriaReview.objects.all()._raw_delete("default")


# --- Iron

PANEL = {"collected_on": "2026-09-01", "source": "document", "ferritin": "96", "tsat": "27"}


def labs(client, case, **values):
    return client.post(f"/rls/cases/{case.uuid}/labs/", PANEL | values, follow=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Borderline: share with the physician"),
        ({"ferritin": "14", "tsat": "9"}, "Below the threshold used for restless legs: share with the physician"),
        ({"ferritin": "142", "tsat": "31"}, "Above the threshold used for restless legs"),
        ({"ferritin": "500", "ferritin_unit": "pmol/L", "tsat": ""}, "One value is missing, the other is fine"),
        ({"specialist_reason": "esrd"}, "Specialist rule"),
        ({"ferritin": "140", "crp": "22"}, "inflammation: interpret with care"),
        ({"ferritin": "140", "collected_on": "2025-06-01"}, "older than 12 months"),
    ],
)
def test_a_panel_is_flagged_in_words(client, case, values, words):
    """Domain reference 3.4, on the page."""
    page = Page(labs(client, case, **values))
    assert words in page.words
    assert "take iron" not in page.words.lower()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ferritin": "9600"}, "Ferritin is hardly ever outside of 1 to 5000 ng/mL: check the value and its unit."),
        ({"ferritin": "50000"}, "Ferritin is hardly ever outside of 1 to 5000 ng/mL"),
        ({"haemoglobin": "140"}, "Haemoglobin is hardly ever outside of 4 to 22 g/dL"),
        (
            {"iron": "30", "tibc": "300"},
            "The saturation differs from iron divided by binding capacity: check all three.",
        ),
    ],
)
def test_odd_values_are_asked_about_and_kept_when_they_stand_so(client, case, values, words):
    """Unusual but possible: a warning that can be confirmed."""
    assert "It stands so on the report" not in Page(client.get(f"/rls/cases/{case.uuid}/labs/")).words
    response = client.post(f"/rls/cases/{case.uuid}/labs/", PANEL | values)
    page = Page(response)
    assert (response.status_code, LabPanel.objects.count()) == (422, 0)
    assert words in page.words
    assert "It stands so on the report" in page.words
    assert all(page.sends[name] == [value] for name, value in values.items())
    labs(client, case, **values, is_confirmed="on")
    assert LabPanel.objects.count() == 1


def test_an_odd_value_in_its_own_unit_is_not_odd(client, case):
    labs(client, case, haemoglobin="140", haemoglobin_unit="g/L")
    assert LabPanel.objects.get().canonical["haemoglobin"] == "14"


def test_iron_is_normal_and_the_legs_are_restless_all_the_same(client, case):
    """Domain 3.6: recordable, and the criteria stay as they are."""
    criteria(client, case, e5="yes")
    page = Page(labs(client, case, ferritin="142", tsat="31", persists="on"))
    assert "iron normal, restless legs persist" in page.words
    assert LabPanel.objects.get().persists
    assert CriteriaReview.objects.get().result == "MET"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ferritin": "", "tsat": ""}, "Enter at least one value."),
        ({"collected_on": "2026-09-08"}, "This day has not come yet."),
        ({"collected_on": "1850-01-01"}, "The patient was not born yet on this day."),
        ({"ferritin": "-1"}, "greater than or equal to 0"),
        ({"ferritin": "0"}, "This is never 0. What was not measured stays empty."),
        ({"ferritin": "ninety"}, "Enter a number."),
        ({"source": ""}, "This field is required."),
    ],
)
def test_bad_input_is_refused_in_words_and_stays_on_the_page(client, case, values, words):
    response = client.post(f"/rls/cases/{case.uuid}/labs/", PANEL | values)
    assert response.status_code == 422
    assert words in Page(response).words
    assert not LabPanel.objects.exists()


def test_a_wrong_panel_is_marked_and_stays(client, case):
    labs(client, case)
    panel = LabPanel.objects.get()
    address = f"/rls/labs/{panel.uuid}/void/"
    assert client.post(address, {"reason": " "}).status_code == 422
    client.post(address, {"reason": "another patient's report"})
    page = Page(client.get(f"/rls/cases/{case.uuid}/labs/"))
    assert "entered in error" in page.words
    assert "another patient's report" in page.words
    assert queries.latest_labs(case.chart) is None
    assert client.post(address, {"reason": "again"}).status_code == 409


def test_iron_never_changes_the_criteria(client, case):
    criteria(client, case, e5="yes")
    labs(client, case, ferritin="14", tsat="9")
    assert queries.latest_review(case).result == "MET"


# --- Medicines

MEDICINE = {"name": "Mirapex 0.5", "indication": "legs", "started_on": "2019-09-01", "helps": "9"}


def medicine(client, case, **values):
    return client.post(f"/rls/cases/{case.uuid}/medications/", MEDICINE | values, follow=True)


def test_a_medicine_is_written_down_as_told_and_known_by_its_brand(client, case):
    page = Page(medicine(client, case))
    row = Medication.objects.get()
    assert (row.name, row.code, row.helps) == ("Mirapex 0.5", "pramipexole", 9)
    assert "helps 9 of 10" in page.words
    assert queries.has_augmenting(case.chart)


def test_what_may_worsen_leads_to_the_prescriber_and_to_nothing_else(client, case):
    page = Page(medicine(client, case, name="Benadryl", indication="other"))
    assert "May worsen restless legs in some people: discuss with the prescriber" in page.words
    assert "stop taking" not in page.words.lower()


def test_side_effects_tell_the_therapist_what_to_think_of(client, case):
    page = Page(medicine(client, case, side_effects=["impulse_control", "fainting_or_low_bp"]))
    assert "Contact the prescriber on the same day" in page.words
    assert "needle lying down" in page.words


def test_a_medicine_that_ended_alerts_no_more(client, case):
    medicine(client, case, name="Benadryl")
    row = Medication.objects.get()
    values = MEDICINE | {"name": "Benadryl", "stopped_on": "2026-09-07", "version": row.version}
    client.post(f"/rls/medications/{row.uuid}/", values)
    assert queries.medicine_alerts(Medication.objects.get(), "en") == []
    assert [(one.on, one.words) for one in queries.medicine_changes(case)] == [(make.TODAY, "Benadryl stopped")]


def test_who_saves_later_sees_both(client, case):
    """DI-1."""
    medicine(client, case)
    row = Medication.objects.get()
    address, values = f"/rls/medications/{row.uuid}/", MEDICINE | {"version": row.version}
    assert client.post(address, values | {"dose": "1 mg"}).status_code == 302
    response = client.post(address, values | {"dose": "2 mg"})
    assert response.status_code == 409
    page = Page(response)
    assert page.sends["dose"] == ["2 mg"]
    assert "1 mg" in page.words
    assert Medication.objects.get().dose == "1 mg"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"started_on": "2027-01-01"}, "This day has not come yet."),
        ({"stopped_on": "2019-08-31"}, "It ended before it began; check both days."),
        ({"side_effects": ["levitation"]}, "Select a valid choice."),
    ],
)
def test_a_medicine_that_cannot_be_is_refused_in_words(client, case, values, words):
    response = medicine(client, case, **values)
    assert response.status_code == 422
    assert words in Page(response).words


# --- All of them


def test_every_look_and_every_write_is_on_record(client, case, user):
    """AU-1, AU-2, part."""
    criteria(client, case, e5="yes")
    labs(client, case)
    medicine(client, case)
    verbs = set(AuditEvent.objects.filter(actor=f"user:{user.pk}").values_list("verb", flat=True))
    assert {"intake.edit", "lab.edit", "lab.view", "medication.edit", "medication.view"} <= verbs


@pytest.mark.parametrize("room", ["criteria", "labs", "medications"])
def test_somebody_elses_case_does_not_exist(case, room):
    """AZ-1, part."""
    for stranger in (make.therapist(), make.therapist(role="clinic_admin"), make.therapist(make.clinic("hillside"))):
        assert signed_in(stranger).get(f"/rls/cases/{case.uuid}/{room}/").status_code == 404


def test_the_chart_leads_to_the_rooms_and_says_how_they_stand(client, case, at):
    criteria(client, case, e5="yes")
    labs(client, case)
    medicine(client, case, name="Iron tablets", started_on="2026-09-07")
    at(make.NOW + timedelta(days=1))
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    for words in ("consistent with RLS", "borderline", "1 now", "Iron tablets started"):
        assert words in page.words

"""The patients of the demo: each in the stage that the story says, with the values, rooms, tasks and mails of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clinic.demo import past, people, seed, stories
from tests.clinic.storybook import Demo, Told, built

pytestmark = [pytest.mark.django_db, pytest.mark.both]

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday, 10:00 in New York
SUNDAY = datetime(2027, 3, 14, 14, tzinfo=UTC)  # the day on which New York's clocks change
# Words that no mail may hold, in its subject or its text. Source: project design.
FORBIDDEN = (
    "legs restless rls sleep symptom pain needle needling fascia exercise treatment therapy therapist patient "
    "diagnosis health medicine iron piernas sueño síntoma dolor aguja ejercicio tratamiento terapia terapeuta paciente "
    "diagnóstico salud medicina hierro"
).split()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Demo:
    return built(NOW, django_db_blocker)


def person(name: str) -> people.Person:
    everybody = (one for place in people.PATIENTS.values() for one in place)
    return next(one for one in everybody if f"{one.given} {one.family}" == name)


def stage_of(told: Told) -> str:
    if not told.signed:
        return "closed with letter" if told.verdict == "NOT_MET" else "before treatment"
    day = (NOW.date() - told.signed[0].on).days
    return "in care" if day < 42 else "past week 6" if day < 84 else "past week 12"


def cohort(demo: Demo, *kinds: str) -> dict[str, int]:
    """How many of these stories stand in each stage."""
    return dict(Counter(stage_of(told) for name, told in demo.told.items() if person(name).story in kinds))


def test_all_48_are_told_30_at_riverside_and_18_at_hillcrest() -> None:
    assert Counter(told.place for told in stories.CAST) == {"riverside": 30, "hillcrest": 18}
    cast = {told.name for told in stories.CAST}
    assert cast == {f"{one.given} {one.family}" for place in people.PATIENTS.values() for one in place if one.story}


def test_they_stand_where_the_cohort_says(demo: Demo) -> None:
    improving = cohort(demo, "improver", "early_plateau", "resolved")
    assert improving == {"past week 12": 8, "past week 6": 5, "in care": 5}
    assert cohort(demo, "no_change") == {"past week 12": 3, "past week 6": 3}
    assert cohort(demo, "worsening", "augmentation") == {"past week 12": 2, "past week 6": 4}
    assert cohort(demo, "silent") == {"past week 12": 2, "past week 6": 4}
    assert cohort(demo, "incidental", "iron_low") == {"past week 12": 2, "in care": 2, "before treatment": 4}
    assert cohort(demo, "mimic") == {"closed with letter": 4}


# nights, worst, usual, start in hours, awake, rested, tired, mean of the activities
VALUES = {
    "Alma Abbott": [(6, 8, 6, 20, 4, 1, 5, 3.3), (3, 5, 4, 21, 2, 4, 2, 5.7), (2, 4, 3, 22, 1, 5, 1, 7.0)],
    "Henry Baker": [(5, 7, 5, 21, 3, 3, 3, 4.0), (3, 5, 4, 21, 2, 4, 2, 6.0), (3, 5, 4, 21, 2, 4, 2, 6.0)],
    "Moira Flores": [(5, 6, 5, 21, 3, 2, 4, 4.5), (5, 6, 5, 21, 3, 3, 3, 5.0), (4, 6, 5, 21, 3, 2, 4, 4.5)],
    "Rosa Jansen": [(4, 5, 4, 21, 2, 3, 2, 5.0), (6, 8, 6, 20, 4, 1, 5, 3.0)],
    "Quentin Zimmer": [(7, 8, 6, 19, 4, 1, 5, 2.7), (7, 9, 7, 16, 5, 0, 6, 2.0), (6, 7, 5, 18, 3, 2, 4, 3.7)],
    "Samuel Nguyen": [(5, 7, 5, 22, 3, 2, 3, 4.0)],
    "Alma Rossi": [(3, 5, 3, 22, 2, 4, 2, 6.0), (2, 4, 3, 22, 1, 5, 1, 7.0), (2, 4, 3, 22, 1, 5, 1, 7.5)],
    "Carmen Kowalski": [(6, 8, 6, 19, 4, 1, 6, 3.0), (4, 6, 4, 20, 3, 3, 4, 5.0), (2, 3, 2, 22, 1, 5, 1, 7.3)],
}
MEASURES = ("nights", "worst", "usual", "start", "awake", "rested", "tired", "activity")


@pytest.mark.parametrize("name", VALUES)
def test_worked_patients_have_the_values_of_their_story(demo: Demo, name: str) -> None:
    found = [
        tuple(round(values[measure] / (60 if measure == "start" else 1), 1) for measure in MEASURES)
        for values in demo.told[name].values.values()
    ]
    assert found == VALUES[name]


# change since before care, days with the home programme; at 6 and at 12 weeks
SAID = {
    "Alma Abbott": [(2, 5), (2, 4)],
    "Henry Baker": [(3, 4), (3, 2)],
    "Moira Flores": [(4, 2), (4, 1)],
    "Rosa Jansen": [(6, 3)],
    "Rosa Morales": [(6, 3), (6, 3)],
    "Quentin Zimmer": [(6, 4), (4, 4)],
    "Alma Rossi": [(3, 4), (3, 3)],
    "Carmen Kowalski": [(3, 5), (1, 5)],
    "Joao Whitlock": [(2, 3), (1, 3)],
}


@pytest.mark.parametrize("name", SAID)
def test_patients_say_how_it_changed_and_what_they_did_at_home(demo: Demo, name: str) -> None:
    values = demo.told[name].values
    found = [(values[step]["change"], values[step]["home_days"]) for step in ("week_6", "week_12") if step in values]
    assert found == SAID[name]


def test_a_night_without_symptoms_is_kept_as_a_derived_zero(demo: Demo) -> None:
    joao = demo.told["Joao Whitlock"]
    assert {name: joao.values["week_12"][name] for name in ("nights", "worst", "usual", "awake")} == {
        "nights": 0,
        "worst": 0,
        "usual": 0,
        "awake": 0,
    }
    assert joao.derived == {f"week_12.rls_checkin:{name}" for name in ("worst", "usual", "awake")}


# Before the first treatment


def test_everybody_in_care_has_the_intake_the_criteria_and_the_examination_behind_them(demo: Demo) -> None:
    for told in demo.told.values():
        if told.signed:
            assert told.intakes == ("submitted",)
            assert told.verdict == "MET"
            assert told.examined[0][0] == "all_normal"
            assert len(told.examined[0][2]) > 4
            assert told.opening


def test_one_intake_is_half_done_and_two_were_only_screened(demo: Demo) -> None:
    assert [name for name, told in demo.told.items() if told.intakes == ("draft",)] == ["Denise Rossi"]
    assert sorted(name for name, told in demo.told.items() if not told.intakes) == ["Carmen Nguyen", "Viktor Duarte"]
    assert "leg_meds" not in demo.told["Denise Rossi"].answered


def test_a_third_of_them_have_a_relative_with_it(demo: Demo) -> None:
    relatives = {"mother", "father", "sibling", "child"}
    with_one = [name for name, told in demo.told.items() if relatives & set(told.answered.get("family", []))]
    assert 14 <= len(with_one) <= 24


def test_what_the_intake_says_fits_the_person(demo: Demo) -> None:
    for name, told in demo.told.items():
        if told.answered:
            one = person(name)
            assert int(told.answered["onset"]) <= one.age
            assert one.sex == "f" or told.answered.get("pregnant", "na") == "na"
    assert demo.told["Alma Abbott"].answered["feet"] == ["heel_spur_left", "heel_pain_left"]
    assert demo.told["Quentin Zimmer"].answered["start_before"] == 22 * 60
    assert demo.told["Kavita Suzuki"].answered["thinner"] == "yes"


NOT_MET = {
    "Bao Abbott": ["E1"],
    "Farah Haddad": ["E3", "E4"],
    "Elias O'Neill": ["E2", "E3"],
    "Denise Ueda": ["mimic"],
}


def test_the_look_alikes_are_not_met_each_for_its_reason_with_a_letter(demo: Demo) -> None:
    found = {name: told.criteria[-1] for name, told in demo.told.items() if told.verdict == "NOT_MET"}
    assert {name: reasons for name, (_, reasons, *_) in found.items()} == NOT_MET
    assert all("Letter to" in because for *_, because in found.values())
    assert demo.told["Denise Ueda"].screens == (("fits", "open_case"),)
    assert demo.told["Farah Haddad"].examined[0][0] == "details"
    assert all(not demo.told[name].plans and not demo.told[name].asked for name in NOT_MET)


def test_the_red_flag_was_referred_before_it_was_due(demo: Demo) -> None:
    [(rule, state, kind, _, due_at, outcome, closed_at)] = demo.told["Elias O'Neill"].tasks
    assert (rule, state, kind) == ("red_flag", "done", "red_flag")
    assert closed_at < due_at
    assert "Referred" in outcome


def test_the_course_comes_from_the_last_year(demo: Demo) -> None:
    courses = {name: told.criteria[-1][2] for name, told in demo.told.items() if told.verdict == "MET"}
    assert [name for name, course in courses.items() if course == "intermittent"] == ["Alma Rossi"]
    assert set(courses.values()) == {"intermittent", "chronic_persistent"}


def test_iron_is_there_with_every_flag_and_every_doubt(demo: Demo) -> None:
    flags = Counter(panel[0] for told in demo.told.values() for panel in told.iron)
    assert set(flags) == {
        "SPECIALIST_RULE",
        "UNKNOWN",
        "BELOW_RLS_THRESHOLD",
        "BORDERLINE_IV_ONLY",
        "PARTIAL",
        "ABOVE_THRESHOLD",
    }
    assert demo.told["Priya Castillo"].iron[0][1] == ["interpret_with_care"]
    assert demo.told["Kavita Suzuki"].iron[0][3] < NOW.date() - timedelta(days=14 * 30)
    assert [panel[2]["ferritin"] for panel in demo.told["Carmen Kowalski"].iron] == ["14", "61"]
    assert [panel[0] for panel in demo.told["Carmen Kowalski"].iron] == ["BELOW_RLS_THRESHOLD"] * 2
    assert demo.told["Joao Baker"].iron[0][2]["ferritin"] == "129.061"  # 290 pmol/L
    assert demo.told["Alma Abbott"].iron[0][0] == "BORDERLINE_IV_ONLY"


def test_medicines_begin_change_and_end_as_the_stories_say(demo: Demo) -> None:
    day = {name: told.signed[0].on for name, told in demo.told.items() if told.signed}

    def weeks(name: str, medicine: str) -> list[int | None]:
        [row] = [row for row in demo.told[name].medicines if row[0] == medicine]
        return [None if on is None else (on - day[name]).days // 7 + 1 for on in row[2:]]

    assert weeks("Rosa Jansen", "Mirtazapine") == [3, None, None]
    assert weeks("Carmen Kowalski", "Iron tablets") == [2, None, None]
    assert weeks("Joao Whitlock", "PM pill (diphenhydramine)")[2] == 2
    assert weeks("Quentin Zimmer", "Ropinirole")[2] == 8
    assert weeks("Quentin Zimmer", "Gabapentin enacarbil") == [8, None, None]
    assert weeks("Owen Tanaka", "Rotigotine patch")[1] is not None
    known = {row[1] for told in demo.told.values() for row in told.medicines}
    assert {"ropinirole", "pramipexole", "cetirizine", "mirtazapine", "diphenhydramine", "apixaban"} <= known


# Plans and the home programme


def test_plans_are_active_held_ended_and_unsigned(demo: Demo) -> None:
    plans = [plan for told in demo.told.values() for plan in told.plans]
    assert {status for status, *_ in plans} == {"draft", "active", "on_hold", "completed", "discontinued"}
    drafts = sorted(name for name, told in demo.told.items() if any(not signed for *_, signed in told.plans))
    assert drafts == ["Rosa Jansen", "Zofia Zimmer"]
    running = {name: plan for name, told in demo.told.items() for plan in told.plans if plan[0] == "active"}
    due = {name: (plan[2] - NOW.date()).days for name, plan in running.items() if plan[2] <= NOW.date()}
    assert due == {"Carmen Haddad": 0, "Rosa Jansen": due["Rosa Jansen"]}, "the one overdue is being written anew"
    assert demo.told["Joao Whitlock"].plans[-1][0] == "completed"


def test_goals_come_from_what_patients_named_and_from_the_nights(demo: Demo) -> None:
    assert demo.told["Alma Abbott"].goals == (
        ("sit through a film", "3 of 10", "7 of 10"),
        ("dinner with friends", "4 of 10", "8 of 10"),
        ("fly to see my daughter", "3 of 10", "7 of 10"),
        ("Nights with restless legs in a week", "6 of 7", "3 or fewer"),
    )
    named = Counter(goal[0] for told in demo.told.values() for goal in told.goals if "Nights" not in goal[0])
    assert set(named.values()) == {1}


def test_treatment_rests_on_needles_hands_exercise_or_all_of_them(demo: Demo) -> None:
    assert {told.modalities for told in demo.told.values()} == {
        (),
        ("needling", "fascial", "exercise"),
        ("needling", "exercise"),
        ("fascial", "needling", "exercise"),
        ("exercise", "fascial"),
        ("fascial", "exercise"),
    }
    for told in demo.told.values():
        done = {
            "needling": any(note.sites for note in told.signed),
            "fascial": any(note.points for note in told.signed),
            "exercise": any(note.exercises for note in told.signed),
        }
        assert {kind for kind, was in done.items() if was} <= set(told.modalities)


def test_the_home_programme_has_two_to_four_exercises_on_the_days_of_the_story(demo: Demo) -> None:
    for told in demo.told.values():
        if len(told.signed) > 4:
            assert 2 <= len(told.programme) <= 4
    days = {name: demo.told[name].programme[0][1] for name in ("Alma Abbott", "Alma Rossi", "Joao Whitlock")}
    assert days == {"Alma Abbott": 5, "Alma Rossi": 4, "Joao Whitlock": 3}


# Visits


def test_visits_add_up_and_their_words_vary(demo: Demo) -> None:
    for told in demo.told.values():
        for note in told.signed:
            timed, total = note.minutes
            assert timed == sum(row[-1] for row in (*note.points, *note.exercises))
            assert timed >= 10
            assert max(40, timed + 5) <= total <= 55
            assert note.needles <= 10
            assert not note.points or 4 <= len(note.points) <= 7
            assert all(after <= before and 2 <= minutes <= 4 for _, _, before, after, minutes in note.points)
        assert len({note.words for note in told.signed}) == len(told.signed)


def test_the_improver_had_nine_visits_seven_with_needles_eight_with_fascial_work(demo: Demo) -> None:
    signed = demo.told["Alma Abbott"].signed
    assert len(signed) == 9
    assert sum(bool(note.sites) for note in signed) == 7
    assert sum(bool(note.points) for note in signed) == 8
    first = signed[0].points
    assert [row[2] for row in first[:3]] == [3, 2, 2]


def test_who_is_past_week_six_had_six_to_nine_visits(demo: Demo) -> None:
    done = [told for told in demo.told.values() if stage_of(told) in ("past week 6", "past week 12")]
    assert {len(told.signed) for told in done} == {6, 7, 8, 9}


def test_nobody_was_needled_without_a_consent_that_stood(demo: Demo) -> None:
    for told in demo.told.values():
        until = [last for purpose, last in told.consents if purpose == "needling" and last is not None]
        assert bool(until) == any(note.sites for note in told.visits)
        assert all(note.on <= until[0] for note in told.visits if note.sites)

    def expired(told: Told) -> bool:
        return any(purpose == "needling" and last is not None and last < NOW.date() for purpose, last in told.consents)

    assert [name for name, told in demo.told.items() if expired(told)] == ["Grace Suzuki"]


def test_a_minor_reaction_is_told_at_about_one_visit_in_six(demo: Demo) -> None:
    reactions = Counter(note.reaction for told in demo.told.values() for note in told.signed)
    later = sum(count for reaction, count in reactions.items() if reaction != "first")
    assert 0.1 < (reactions["sore"] + reactions["other"]) / later < 0.25


def test_the_needle_that_was_missing_at_first_was_found(demo: Demo) -> None:
    note = demo.told["Henry Eriksen"].signed[1]
    assert note.sites
    assert "all out" in note.words[1]


def test_one_note_of_the_last_working_day_is_not_signed(demo: Demo) -> None:
    drafts = {name: note.on for name, told in demo.told.items() for note in told.visits if note.status == "draft"}
    assert drafts == {"Farah Eriksen": date(2026, 11, 20)}


# What was asked, and what came of it


OPEN = {
    "Rosa Jansen": ["medicine_marker", "worse_intensity", "worse_overall"],
    "Ursula Goldberg": ["augmentation_watch", "worse_overall"],
    "Priya Castillo": ["no_answer"],
    "Bao O'Neill": ["call_request", "treatment_reaction"],
    "Rosa Morales": ["read_comment", "worse_overall"],
}
CLOSED = {
    "Alma Abbott": ["read_comment"],
    "Henry Baker": ["no_answer"],
    "Moira Flores": ["no_gain"],
    "Nadia Tanaka": ["no_gain"],
    "Samuel Nguyen": ["no_answer"],
    "Wanda Ueda": ["no_answer"],
    "Tomás Duarte": ["no_answer", "no_answer"],
    "Zofia Kowalski": ["no_answer", "no_answer"],
    "Carmen Kowalski": ["medicine_marker", "read_comment"],
    "Joao Whitlock": ["medicine_marker"],
    "Nadia Peña": ["medicine_marker"],
    "Inés Ibarra": ["read_comment"],
    "Denise Vargas": ["no_answer", "urgent_symptom"],
    "Grace Vargas": ["read_comment"],
    "Luis Flores": ["read_comment"],
    "Owen Quiroga": ["medicine_marker", "worse_intensity", "worse_overall"],
    "Rosa Morales": ["medicine_marker", "worse_intensity", "worse_overall"],
    "Quentin Zimmer": ["augmentation_watch", "augmentation_watch", "medicine_marker", "no_gain", "worse_overall"],
    "Owen Tanaka": ["augmentation_watch", "worse_overall"],
    "Quentin Castillo": ["no_answer"],
    "Ursula Jansen": ["undeliverable"],
    "Elias O'Neill": ["red_flag"],
}


def test_tasks_are_open_where_the_story_leaves_something_to_do(demo: Demo) -> None:
    assert {name: told.open_tasks for name, told in demo.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in demo.told.items() if told.closed_tasks} == CLOSED


def test_every_closed_task_says_what_came_of_it_and_none_is_old(demo: Demo) -> None:
    for told in demo.told.values():
        for _rule, state, _kind, created_at, due_at, outcome, closed_at in told.tasks:
            assert bool(outcome) == (closed_at is not None) == (state == "done")
            assert closed_at is None or created_at < closed_at < NOW
            assert closed_at is not None or due_at is None or due_at > NOW - timedelta(hours=3)


def test_the_calf_was_called_about_within_the_hour(demo: Demo) -> None:
    told = demo.told["Denise Vargas"]
    [(_, _, kind, created_at, due_at, outcome, closed_at)] = [one for one in told.tasks if one[0] == "urgent_symptom"]
    assert kind == "alert"
    assert closed_at - created_at < timedelta(hours=1)
    assert closed_at < due_at
    assert "scan clear" in outcome
    assert "week_6" not in told.values
    assert told.asked == {"week_6": "missed", "week_12": "open"}


def test_the_silent_miss_both_or_the_first_bounce_or_opt_out(demo: Demo) -> None:
    asked = {name: tuple(told.asked.values()) for name, told in demo.told.items() if person(name).story == "silent"}
    assert Counter(asked.values()) == {("missed", "missed"): 2, ("missed", "open"): 2, ("open", "open"): 2}
    told = demo.told["Samuel Nguyen"]
    sent = [(step, kind, ordinal) for step, kind, ordinal, state, *_ in told.deliveries if state == "sent"]
    assert sent == [("week_6", "invite", 1), ("week_6", "reminder", 1), ("week_6", "reminder", 2)]
    ursula = demo.told["Ursula Jansen"]
    assert ursula.deliveries[0][:5] == ("week_6", "invite", 1, "bounced", "refused_address")


def test_late_snoozed_on_two_devices_and_after_the_last_reminder(demo: Demo) -> None:
    henry, nadia, grace = (demo.told[name] for name in ("Henry Baker", "Nadia Peña", "Grace Vargas"))
    assert henry.asked == {"week_6": "late", "week_12": "answered"}
    assert ("week_6", "snoozed", 1, "sent") in [one[:4] for one in nadia.deliveries]
    assert ("week_6", "reminder", 2, "sent") in [one[:4] for one in grace.deliveries]
    assert grace.asked["week_6"] == "answered"
    assert demo.told["Inés Lindqvist"].asked["week_6"] == "answered"
    assert {"nights", "start", "change"} <= demo.told["Inés Lindqvist"].values["week_6"].keys()


def test_no_mail_goes_to_whoever_turned_it_off_or_has_none(demo: Demo) -> None:
    kavita, quentin = demo.told["Kavita Suzuki"], demo.told["Quentin Castillo"]
    assert kavita.deliveries[0][:5] == ("week_6", "invite", 1, "suppressed", "no_address")
    assert [one[3:5] for one in quentin.deliveries][:3] == [("sent", ""), ("sent", ""), ("suppressed", "opted_out")]
    assert quentin.has_mail_off
    assert [name for name, told in demo.told.items() if told.has_mail_off] == ["Quentin Castillo"]


def test_three_forms_fall_due_today_and_one_tomorrow(demo: Demo) -> None:
    def due_in(days: int) -> set[str]:
        day = NOW.date() + timedelta(days=days)
        due = {"week_6": 42, "week_12": 84}
        return {
            name
            for name, told in demo.told.items()
            for step in told.asked
            if told.signed[0].on + timedelta(days=due[step]) == day
        }

    assert due_in(0) == {"Carmen Haddad", "Inés Lindqvist", "Priya Whitlock"}
    assert due_in(1) == {"Denise Vargas"}
    assert demo.mails[-1][0] == "carmen.haddad@example.org"


def test_each_clinic_has_two_patients_who_are_written_to_in_spanish(demo: Demo) -> None:
    spanish = [told for told in stories.CAST if person(told.name).language == "es"]
    assert Counter(told.place for told in spanish) == {"riverside": 2, "hillcrest": 2}
    assert {"Ya duermo en mi cama otra vez.", "Me da sueño la pastilla nueva, ¿es normal?"} <= {
        comment for told in spanish for comment in demo.told[told.name].comments
    }


# The book and the mails


def test_the_patient_of_the_first_try_has_no_chart_and_comes_today(demo: Demo) -> None:
    assert "Grace Lindqvist" not in demo.told
    at = datetime.combine(NOW.date(), seed.NEW_TODAY, tzinfo=NOW.tzinfo) + timedelta(hours=5)
    assert (at, "therapist", "Grace", "Lindqvist") in demo.bookings


def test_only_who_is_in_treatment_has_appointments_to_come(demo: Demo) -> None:
    today = [(who, f"{given} {family}") for at, who, given, family in demo.bookings if at.date() == NOW.date()]
    assert max(Counter(today).values()) == 1
    later = {f"{given} {family}" for at, _, given, family in demo.bookings if at > NOW + timedelta(hours=9)}
    assert not {name for name in later if person(name).story in ("silent", "mimic") and name != "Quentin Castillo"}
    assert {"Farah Eriksen", "Elias Lindqvist", "Henry Eriksen"} <= later


def test_mails_name_nobody_and_nothing_of_the_care(demo: Demo) -> None:
    names = {word for told in stories.CAST for word in told.name.split()}
    assert len(demo.mails) > 60
    for _to, subject, text, html in demo.mails:
        words = {word.strip(".,:;!?()\"'").casefold() for word in f"{subject} {text} {tags_off(html)}".split()}
        assert not words & {*FORBIDDEN, *(name.casefold() for name in names)}


def tags_off(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(style|head).*?</\1>", " ", html, flags=re.DOTALL))


# The same stories every time


def test_building_again_gives_the_same_clinic(demo: Demo, django_db_blocker: Any) -> None:
    again = built(NOW, django_db_blocker)
    assert again.told == demo.told
    assert sorted(one[:3] for one in again.mails) == sorted(one[:3] for one in demo.mails)
    assert again.bookings == demo.bookings


def test_the_stories_stand_on_a_sunday_too(demo: Demo, django_db_blocker: Any) -> None:
    sunday = built(SUNDAY, django_db_blocker)
    assert {name: told.open_tasks for name, told in sunday.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in sunday.told.items() if told.closed_tasks} == CLOSED
    for name, told in sunday.told.items():
        assert (told.asked, told.values, told.verdict) == (
            demo.told[name].asked,
            demo.told[name].values,
            demo.told[name].verdict,
        )


def test_the_moment_that_is_told_ends_with_it() -> None:
    assert past.moment() is None
    with past.standing_at(SUNDAY):
        assert past.moment() == SUNDAY
    assert past.moment() is None

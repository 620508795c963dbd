"""The patients of the demo: each in the stage of the story, with its values, its evaluation and its plan."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from clinic.demo import people, stories
from tests.clinic.storybook import NOW, Demo, person, stage_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def cohort(storied: Demo, *kinds: str) -> dict[str, int]:
    """How many of these stories stand in each stage."""
    return dict(Counter(stage_of(told) for name, told in storied.told.items() if person(name).story in kinds))


def test_all_48_are_told_30_at_riverside_and_18_at_hillcrest() -> None:
    assert Counter(told.place for told in stories.CAST) == {"riverside": 30, "hillcrest": 18}
    cast = {told.name for told in stories.CAST}
    assert cast == {f"{one.given} {one.family}" for place in people.PATIENTS.values() for one in place if one.story}


def test_they_stand_where_the_cohort_says(storied: Demo) -> None:
    improving = cohort(storied, "improver", "early_plateau", "resolved")
    assert improving == {"past week 12": 8, "past week 6": 5, "in care": 5}
    assert cohort(storied, "no_change") == {"past week 12": 3, "past week 6": 3}
    assert cohort(storied, "worsening", "augmentation") == {"past week 12": 2, "past week 6": 4}
    assert cohort(storied, "silent") == {"past week 12": 2, "past week 6": 4}
    assert cohort(storied, "incidental", "iron_low") == {"past week 12": 2, "in care": 2, "before treatment": 4}
    assert cohort(storied, "mimic") == {"closed with letter": 4}


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
def test_worked_patients_have_the_values_of_their_story(storied: Demo, name: str) -> None:
    found = [
        tuple(round(values[measure] / (60 if measure == "start" else 1), 1) for measure in MEASURES)
        for values in storied.told[name].values.values()
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
def test_patients_say_how_it_changed_and_what_they_did_at_home(storied: Demo, name: str) -> None:
    values = storied.told[name].values
    found = [(values[step]["change"], values[step]["home_days"]) for step in ("week_6", "week_12") if step in values]
    assert found == SAID[name]


def test_a_night_without_symptoms_is_kept_as_a_derived_zero(storied: Demo) -> None:
    joao = storied.told["Joao Whitlock"]
    assert {name: joao.values["week_12"][name] for name in ("nights", "worst", "usual", "awake")} == {
        "nights": 0,
        "worst": 0,
        "usual": 0,
        "awake": 0,
    }
    assert joao.derived == {f"week_12.rls_checkin:{name}" for name in ("worst", "usual", "awake")}


# Before the first treatment


def test_everybody_in_care_has_the_intake_the_criteria_and_the_examination_behind_them(storied: Demo) -> None:
    for told in storied.told.values():
        if told.signed:
            assert told.intakes == ("submitted",)
            assert told.verdict == "MET"
            assert told.examined[0][0] == "all_normal"
            assert len(told.examined[0][2]) > 4
            assert told.opening


def test_one_intake_is_half_done_and_two_were_only_screened(storied: Demo) -> None:
    assert [name for name, told in storied.told.items() if told.intakes == ("draft",)] == ["Denise Rossi"]
    assert sorted(name for name, told in storied.told.items() if not told.intakes) == ["Carmen Nguyen", "Viktor Duarte"]
    assert "leg_meds" not in storied.told["Denise Rossi"].answered


def test_a_third_of_them_have_a_relative_with_it(storied: Demo) -> None:
    relatives = {"mother", "father", "sibling", "child"}
    with_one = [name for name, told in storied.told.items() if relatives & set(told.answered.get("family", []))]
    assert 14 <= len(with_one) <= 24


def test_what_the_intake_says_fits_the_person(storied: Demo) -> None:
    for name, told in storied.told.items():
        if told.answered:
            one = person(name)
            assert int(told.answered["onset"]) <= one.age
            assert one.sex == "f" or told.answered.get("pregnant", "na") == "na"
    assert storied.told["Alma Abbott"].answered["feet"] == ["heel_spur_left", "heel_pain_left"]
    assert storied.told["Quentin Zimmer"].answered["start_before"] == 22 * 60
    assert storied.told["Kavita Suzuki"].answered["thinner"] == "yes"


NOT_MET = {
    "Bao Abbott": ["E1"],
    "Farah Haddad": ["E3", "E4"],
    "Elias O'Neill": ["E2", "E3"],
    "Denise Ueda": ["mimic"],
}


def test_the_look_alikes_are_not_met_each_for_its_reason_with_a_letter(storied: Demo) -> None:
    found = {name: told.criteria[-1] for name, told in storied.told.items() if told.verdict == "NOT_MET"}
    assert {name: reasons for name, (_, reasons, *_) in found.items()} == NOT_MET
    assert all("Letter to" in because for *_, because in found.values())
    assert storied.told["Denise Ueda"].screens == (("fits", "open_case"),)
    assert storied.told["Farah Haddad"].examined[0][0] == "details"
    assert all(not storied.told[name].plans and not storied.told[name].asked for name in NOT_MET)


def test_the_red_flag_was_referred_before_it_was_due(storied: Demo) -> None:
    flag, asked = storied.told["Elias O'Neill"].tasks
    (rule, state, kind, _, due_at, outcome, closed_at) = flag
    assert (rule, state, kind) == ("red_flag", "done", "red_flag")
    assert closed_at < due_at
    assert outcome == "referred: Dr. Lowell, family physician"
    assert (asked[0], asked[1]) == ("referral", "done")
    assert "therapy may go on" in asked[5]


def test_the_course_comes_from_the_last_year(storied: Demo) -> None:
    courses = {name: told.criteria[-1][2] for name, told in storied.told.items() if told.verdict == "MET"}
    assert [name for name, course in courses.items() if course == "intermittent"] == ["Alma Rossi"]
    assert set(courses.values()) == {"intermittent", "chronic_persistent"}


def test_iron_is_there_with_every_flag_and_every_doubt(storied: Demo) -> None:
    flags = Counter(panel[0] for told in storied.told.values() for panel in told.iron)
    assert set(flags) == {
        "SPECIALIST_RULE",
        "UNKNOWN",
        "BELOW_RLS_THRESHOLD",
        "BORDERLINE_IV_ONLY",
        "PARTIAL",
        "ABOVE_THRESHOLD",
    }
    assert storied.told["Priya Castillo"].iron[0][1] == ["interpret_with_care"]
    assert storied.told["Kavita Suzuki"].iron[0][3] < NOW.date() - timedelta(days=14 * 30)
    assert [panel[2]["ferritin"] for panel in storied.told["Carmen Kowalski"].iron] == ["14", "61"]
    assert [panel[0] for panel in storied.told["Carmen Kowalski"].iron] == ["BELOW_RLS_THRESHOLD"] * 2
    assert storied.told["Joao Baker"].iron[0][2]["ferritin"] == "129.061"  # 290 pmol/L
    assert storied.told["Alma Abbott"].iron[0][0] == "BORDERLINE_IV_ONLY"


def test_medicines_begin_change_and_end_as_the_stories_say(storied: Demo) -> None:
    day = {name: told.signed[0].on for name, told in storied.told.items() if told.signed}

    def weeks(name: str, medicine: str) -> list[int | None]:
        [row] = [row for row in storied.told[name].medicines if row[0] == medicine]
        return [None if on is None else (on - day[name]).days // 7 + 1 for on in row[2:]]

    assert weeks("Rosa Jansen", "Mirtazapine") == [3, None, None]
    assert weeks("Carmen Kowalski", "Iron tablets") == [2, None, None]
    assert weeks("Joao Whitlock", "PM pill (diphenhydramine)")[2] == 2
    assert weeks("Quentin Zimmer", "Ropinirole")[2] == 8
    assert weeks("Quentin Zimmer", "Gabapentin enacarbil") == [8, None, None]
    assert weeks("Owen Tanaka", "Rotigotine patch")[1] is not None
    known = {row[1] for told in storied.told.values() for row in told.medicines}
    assert {"ropinirole", "pramipexole", "cetirizine", "mirtazapine", "diphenhydramine", "apixaban"} <= known


# Plans and the home programme


def test_plans_are_active_held_ended_and_unsigned(storied: Demo) -> None:
    plans = [plan for told in storied.told.values() for plan in told.plans]
    assert {status for status, *_ in plans} == {"draft", "active", "on_hold", "completed", "discontinued"}
    drafts = sorted(name for name, told in storied.told.items() if any(not signed for *_, signed in told.plans))
    assert drafts == ["Rosa Jansen", "Zofia Zimmer"]
    running = {name: plan for name, told in storied.told.items() for plan in told.plans if plan[0] == "active"}
    due = {name: (plan[2] - NOW.date()).days for name, plan in running.items() if plan[2] <= NOW.date()}
    assert due == {"Carmen Haddad": 0, "Rosa Jansen": due["Rosa Jansen"]}, "the one overdue is being written anew"
    assert storied.told["Joao Whitlock"].plans[-1][0] == "completed"


def test_goals_come_from_what_patients_named_and_from_the_nights(storied: Demo) -> None:
    assert storied.told["Alma Abbott"].goals == (
        ("sit through a film", "3 of 10", "7 of 10"),
        ("dinner with friends", "4 of 10", "8 of 10"),
        ("fly to see my daughter", "3 of 10", "7 of 10"),
        ("Nights with restless legs in a week", "6 of 7", "3 or fewer"),
    )
    named = Counter(goal[0] for told in storied.told.values() for goal in told.goals if "Nights" not in goal[0])
    assert set(named.values()) == {1}


def test_treatment_rests_on_needles_hands_exercise_or_all_of_them(storied: Demo) -> None:
    assert {told.modalities for told in storied.told.values()} == {
        (),
        ("needling", "fascial", "exercise"),
        ("needling", "exercise"),
        ("fascial", "needling", "exercise"),
        ("exercise", "fascial"),
        ("fascial", "exercise"),
    }
    for told in storied.told.values():
        done = {
            "needling": any(note.sites for note in told.signed),
            "fascial": any(note.points for note in told.signed),
            "exercise": any(note.exercises for note in told.signed),
        }
        assert {kind for kind, was in done.items() if was} <= set(told.modalities)


def test_the_home_programme_has_two_to_four_exercises_on_the_days_of_the_story(storied: Demo) -> None:
    for told in storied.told.values():
        if len(told.signed) > 4:
            assert 2 <= len(told.programme) <= 4
    days = {name: storied.told[name].programme[0][1] for name in ("Alma Abbott", "Alma Rossi", "Joao Whitlock")}
    assert days == {"Alma Abbott": 5, "Alma Rossi": 4, "Joao Whitlock": 3}

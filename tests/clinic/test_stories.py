"""The patients of the demo: each in the stage that its story says, with the values, tasks and mails of it."""

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


def patients(demo: Demo, stage: str) -> list[str]:
    """Names of the patients in a stage of care."""
    return sorted(name for name, told in demo.told.items() if stage_of(told) == stage)


def stage_of(told: Told) -> str:
    if not told.signed:
        return "declined" if told.screens[0][1] == "not_rls" else "screened"
    day = (NOW.date() - told.signed[0][0]).days
    return "in care" if day < 42 else "past week 6" if day < 84 else "past week 12"


def test_every_stage_of_care_is_there(demo: Demo) -> None:
    assert {stage: len(patients(demo, stage)) for stage in ("screened", "in care", "past week 6", "past week 12")} == {
        "screened": 1,
        "in care": 2,
        "past week 6": 11,
        "past week 12": 6,
    }
    assert patients(demo, "declined") == ["Bao Abbott", "Farah Haddad"]
    of_clinic = Counter(told.place for told in stories.CAST)
    assert of_clinic == {"riverside": 17, "hillcrest": 5}


# nights, worst, usual, start in hours, awake, rested, tired, mean of the activities
VALUES = {
    "Alma Abbott": [(6, 8, 6, 20, 4, 1, 5, 3.3), (3, 5, 4, 21, 2, 4, 2, 5.7), (2, 4, 3, 22, 1, 5, 1, 7.0)],
    "Henry Baker": [(5, 7, 5, 21, 3, 3, 3, 4.0), (3, 5, 4, 21, 2, 4, 2, 6.0), (3, 5, 4, 21, 2, 4, 2, 6.0)],
    "Moira Flores": [(5, 6, 5, 21, 3, 2, 4, 4.5), (5, 6, 5, 21, 3, 3, 3, 5.0), (4, 6, 5, 21, 3, 2, 4, 4.5)],
    "Rosa Jansen": [(4, 5, 4, 21, 2, 3, 2, 5.0), (6, 8, 6, 20, 4, 1, 5, 3.0)],
    "Samuel Nguyen": [(5, 7, 5, 22, 3, 2, 3, 4.0)],
    "Alma Rossi": [(3, 5, 3, 22, 2, 4, 2, 6.0)],
    "Carmen Kowalski": [(6, 8, 6, 19, 4, 1, 6, 3.0), (4, 6, 4, 20, 3, 3, 4, 5.0)],
    "Joao Whitlock": [(4, 6, 4, 22, 2, 3, 3, 5.0), (1, 2, 2, 23, 1, 5, 1, 8.0)],
}
MEASURES = ("nights", "worst", "usual", "start", "awake", "rested", "tired", "activity")


@pytest.mark.parametrize("name", VALUES)
def test_worked_patients_have_the_values_of_their_story(demo: Demo, name: str) -> None:
    found = [
        tuple(round(values[measure] / (60 if measure == "start" else 1), 1) for measure in MEASURES)
        for values in demo.told[name].values.values()
    ]
    assert found == VALUES[name]


CHANGES = {
    "Alma Abbott": [2, 2],
    "Henry Baker": [3, 3],
    "Moira Flores": [4, 4],
    "Rosa Jansen": [6],
    "Rosa Morales": [6, 6],
    "Carmen Kowalski": [3],
    "Joao Whitlock": [2],
    "Nadia Peña": [2, 1],
}


@pytest.mark.parametrize("name", CHANGES)
def test_patients_say_how_it_changed_as_their_story_does(demo: Demo, name: str) -> None:
    values = demo.told[name].values
    assert [values[step]["change"] for step in ("week_6", "week_12") if step in values] == CHANGES[name]


def test_a_night_without_symptoms_is_kept_as_a_derived_zero(demo: Demo) -> None:
    nadia = demo.told["Nadia Peña"]
    assert {name: nadia.values["week_12"][name] for name in ("nights", "worst", "usual", "awake")} == {
        "nights": 0,
        "worst": 0,
        "usual": 0,
        "awake": 0,
    }
    assert nadia.derived == {f"week_12.rls_checkin:{name}" for name in ("worst", "usual", "awake")}


OPEN = {
    "Rosa Jansen": ["medicine_marker", "worse_intensity", "worse_overall"],
    "Wanda Ueda": ["no_answer"],
    "Bao O'Neill": ["call_request", "treatment_reaction"],
    "Rosa Morales": ["read_comment", "worse_overall"],
}
CLOSED = {
    "Alma Abbott": ["read_comment"],
    "Henry Baker": ["no_answer"],
    "Moira Flores": ["no_gain"],
    "Samuel Nguyen": ["no_answer"],
    "Carmen Kowalski": ["medicine_marker", "read_comment"],
    "Joao Whitlock": ["medicine_marker"],
    "Inés Ibarra": ["read_comment"],
    "Denise Vargas": ["no_answer", "urgent_symptom"],
    "Grace Vargas": ["read_comment"],
    "Rosa Morales": ["medicine_marker", "worse_intensity", "worse_overall"],
    "Quentin Castillo": ["no_answer"],
}


def test_tasks_are_open_where_the_story_leaves_something_to_do(demo: Demo) -> None:
    assert {name: told.open_tasks for name, told in demo.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in demo.told.items() if told.closed_tasks} == CLOSED


def test_every_closed_task_says_what_came_of_it(demo: Demo) -> None:
    for told in demo.told.values():
        for _rule, state, _kind, created_at, _due_at, outcome, closed_at in told.tasks:
            assert bool(outcome) == (closed_at is not None) == (state == "done")
            assert closed_at is None or created_at < closed_at < NOW


def test_the_calf_was_called_about_within_the_hour(demo: Demo) -> None:
    told = demo.told["Denise Vargas"]
    [(_, _, kind, created_at, due_at, outcome, closed_at)] = [one for one in told.tasks if one[0] == "urgent_symptom"]
    assert kind == "alert"
    assert closed_at - created_at < timedelta(hours=1)
    assert closed_at < due_at
    assert "scan clear" in outcome
    assert "week_6" not in told.values
    assert told.asked == {"week_6": "missed", "week_12": "open"}


def test_those_who_do_not_answer_are_asked_three_times_and_called(demo: Demo) -> None:
    told = demo.told["Samuel Nguyen"]
    sent = [(step, kind, ordinal) for step, kind, ordinal, state, *_ in told.deliveries if state == "sent"]
    assert sent == [("week_6", "invite", 1), ("week_6", "reminder", 1), ("week_6", "reminder", 2)]
    assert told.asked == {"week_6": "missed", "week_12": "open"}


def test_late_snoozed_and_after_the_last_reminder(demo: Demo) -> None:
    henry, nadia, grace = (demo.told[name] for name in ("Henry Baker", "Nadia Peña", "Grace Vargas"))
    assert henry.asked == {"week_6": "late", "week_12": "answered"}
    assert ("week_6", "snoozed", 1, "sent") in [one[:4] for one in nadia.deliveries]
    assert ("week_6", "reminder", 2, "sent") in [one[:4] for one in grace.deliveries]
    assert grace.asked["week_6"] == "answered"


def test_no_mail_goes_to_whoever_turned_it_off_or_has_none(demo: Demo) -> None:
    kavita, quentin = demo.told["Kavita Suzuki"], demo.told["Quentin Castillo"]
    assert kavita.deliveries[0][:5] == ("week_6", "invite", 1, "suppressed", "no_address")
    assert [one[3:5] for one in quentin.deliveries][:3] == [("sent", ""), ("sent", ""), ("suppressed", "opted_out")]
    assert quentin.has_mail_off
    assert [name for name, told in demo.told.items() if told.has_mail_off] == ["Quentin Castillo"]


def test_one_form_fell_due_this_morning_and_one_does_tomorrow(demo: Demo) -> None:
    this_morning = [to for to, *_ in demo.mails[-1:]]
    assert this_morning == ["carmen.haddad@example.org"]
    assert demo.told["Carmen Haddad"].asked["week_6"] == "open"
    [tomorrow] = [one for one in demo.told["Denise Vargas"].deliveries if one[:2] == ("week_12", "invite")]
    assert tomorrow[3] == "scheduled"
    assert (demo.told["Denise Vargas"].signed[0][0] + timedelta(days=84)) == NOW.date() + timedelta(days=1)


def test_each_clinic_has_a_patient_who_is_written_to_in_spanish(demo: Demo) -> None:
    place = {told.name: told.place for told in stories.CAST}
    spanish = {name for name in demo.told if person(name, place[name]).language == "es"}
    assert {place[name] for name in spanish} == {"riverside", "hillcrest"}
    assert {"Ya duermo en mi cama otra vez.", "Me da sueño la pastilla nueva, ¿es normal?"} <= {
        comment for name in spanish for comment in demo.told[name].comments
    }


def person(name: str, place: str) -> people.Person:
    return next(one for one in people.PATIENTS[place] if f"{one.given} {one.family}" == name)


def test_one_note_of_the_last_working_day_is_not_signed(demo: Demo) -> None:
    drafts = {name: visit[0] for name, told in demo.told.items() for visit in told.visits if visit[1] == "draft"}
    assert drafts == {"Farah Eriksen": date(2026, 11, 20)}


def test_visits_are_six_to_nine_with_needles_counted_and_words_that_vary(demo: Demo) -> None:
    done = [demo.told[name] for stage in ("past week 6", "past week 12") for name in patients(demo, stage)]
    assert {len(told.signed) for told in done} <= {6, 7, 8, 9}
    assert (len(demo.told["Alma Abbott"].signed), len(demo.told["Alma Abbott"].needled)) == (9, 7)
    for told in done:
        assert told.signed[0][-1], "the first visit is the one that the schedule hangs from"
        for visit in told.needled:
            assert 1 <= sum(site[3] for site in visit[-1]) <= 10
        assert len({visit[2:5] for visit in told.signed}) == len(told.signed)


def test_the_patient_of_the_first_try_has_no_chart_and_comes_today(demo: Demo) -> None:
    assert "Grace Lindqvist" not in demo.told
    at = datetime.combine(NOW.date(), seed.NEW_TODAY, tzinfo=NOW.tzinfo) + timedelta(hours=5)
    assert (at, "Lindqvist") in demo.bookings


def test_mails_name_nobody_and_nothing_of_the_care(demo: Demo) -> None:
    names = {word for told in stories.CAST for word in told.name.split()}
    assert len(demo.mails) > 30
    for _to, subject, text, html in demo.mails:
        words = {word.strip(".,:;!?()\"'").casefold() for word in f"{subject} {text} {tags_off(html)}".split()}
        assert not words & {*FORBIDDEN, *(name.casefold() for name in names)}


def tags_off(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(style|head).*?</\1>", " ", html, flags=re.DOTALL))


def test_building_again_gives_the_same_clinic(demo: Demo, django_db_blocker: Any) -> None:
    again = built(NOW, django_db_blocker)
    assert again.told == demo.told
    assert [one[:3] for one in again.mails] == [one[:3] for one in demo.mails]
    assert again.bookings == demo.bookings


def test_the_stories_stand_on_a_sunday_too(demo: Demo, django_db_blocker: Any) -> None:
    sunday = built(SUNDAY, django_db_blocker)
    assert {name: told.open_tasks for name, told in sunday.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in sunday.told.items() if told.closed_tasks} == CLOSED
    assert {name: told.asked for name, told in sunday.told.items()} == {
        name: told.asked for name, told in demo.told.items()
    }
    assert {name: told.values for name, told in sunday.told.items()} == {
        name: told.values for name, told in demo.told.items()
    }


def test_the_moment_that_is_told_ends_with_it() -> None:
    assert past.moment() is None
    with past.standing_at(SUNDAY):
        assert past.moment() == SUNDAY
    assert past.moment() is None

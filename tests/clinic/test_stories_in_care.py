"""The patients of the demo in care: visits, what was asked by mail, tasks, the book; the same stories every time."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from clinic.demo import past, seed, stories
from tests.clinic.storybook import NOW, SUNDAY, Demo, Told, built, person, stage_of

pytestmark = [pytest.mark.django_db, pytest.mark.both]

# Words that no mail may hold, in its subject or its text. Source: project design.
FORBIDDEN = (
    "legs restless rls sleep symptom pain needle needling fascia exercise treatment therapy therapist patient "
    "diagnosis health medicine iron piernas sueño síntoma dolor aguja ejercicio tratamiento terapia terapeuta paciente "
    "diagnóstico salud medicina hierro"
).split()

# Visits


def test_visits_add_up_and_their_words_vary(storied: Demo) -> None:
    for told in storied.told.values():
        for note in told.signed:
            timed, total = note.minutes
            assert timed == sum(row[-1] for row in (*note.points, *note.exercises))
            assert timed >= 10
            assert max(40, timed + 5) <= total <= 55
            assert note.needles <= 10
            assert not note.points or 4 <= len(note.points) <= 7
            assert all(after <= before and 2 <= minutes <= 4 for _, _, before, after, minutes in note.points)
        assert len({note.words for note in told.signed}) == len(told.signed)


def test_the_improver_had_nine_visits_seven_with_needles_eight_with_fascial_work(storied: Demo) -> None:
    signed = storied.told["Alma Abbott"].signed
    assert len(signed) == 9
    assert sum(bool(note.sites) for note in signed) == 7
    assert sum(bool(note.points) for note in signed) == 8
    first = signed[0].points
    assert [row[2] for row in first[:3]] == [3, 2, 2]


def test_who_is_past_week_six_had_six_to_nine_visits(storied: Demo) -> None:
    done = [told for told in storied.told.values() if stage_of(told) in ("past week 6", "past week 12")]
    assert {len(told.signed) for told in done} == {6, 7, 8, 9}


def test_nobody_was_needled_without_a_consent_that_stood(storied: Demo) -> None:
    for told in storied.told.values():
        until = [last for purpose, last in told.consents if purpose == "needling" and last is not None]
        assert bool(until) == any(note.sites for note in told.visits)
        assert all(note.on <= until[0] for note in told.visits if note.sites)

    def expired(told: Told) -> bool:
        return any(purpose == "needling" and last is not None and last < NOW.date() for purpose, last in told.consents)

    assert [name for name, told in storied.told.items() if expired(told)] == ["Grace Suzuki"]


def test_a_minor_reaction_is_told_at_about_one_visit_in_six(storied: Demo) -> None:
    reactions = Counter(note.reaction for told in storied.told.values() for note in told.signed)
    later = sum(count for reaction, count in reactions.items() if reaction != "first")
    assert 0.1 < (reactions["sore"] + reactions["other"]) / later < 0.25


def test_the_needle_that_was_missing_at_first_was_found(storied: Demo) -> None:
    note = storied.told["Henry Eriksen"].signed[1]
    assert note.sites
    assert "all out" in note.words[1]


def test_one_note_of_the_last_working_day_is_not_signed(storied: Demo) -> None:
    drafts = {name: note.on for name, told in storied.told.items() for note in told.visits if note.status == "draft"}
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
    "Elias O'Neill": ["red_flag", "referral"],
}


def test_tasks_are_open_where_the_story_leaves_something_to_do(storied: Demo) -> None:
    assert {name: told.open_tasks for name, told in storied.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in storied.told.items() if told.closed_tasks} == CLOSED


def test_every_closed_task_says_what_came_of_it_and_none_is_old(storied: Demo) -> None:
    for told in storied.told.values():
        for _rule, state, _kind, created_at, due_at, outcome, closed_at in told.tasks:
            assert bool(outcome) == (closed_at is not None) == (state == "done")
            assert closed_at is None or created_at < closed_at < NOW
            assert closed_at is not None or due_at is None or due_at > NOW - timedelta(hours=3)


def test_the_calf_was_called_about_within_the_hour(storied: Demo) -> None:
    told = storied.told["Denise Vargas"]
    [(_, _, kind, created_at, due_at, outcome, closed_at)] = [one for one in told.tasks if one[0] == "urgent_symptom"]
    assert kind == "alert"
    assert closed_at - created_at < timedelta(hours=1)
    assert closed_at < due_at
    assert "scan clear" in outcome
    assert "week_6" not in told.values
    assert told.asked == {"week_6": "missed", "week_12": "open"}


def test_the_silent_miss_both_or_the_first_bounce_or_opt_out(storied: Demo) -> None:
    asked = {name: tuple(told.asked.values()) for name, told in storied.told.items() if person(name).story == "silent"}
    assert Counter(asked.values()) == {("missed", "missed"): 2, ("missed", "open"): 2, ("open", "open"): 2}
    told = storied.told["Samuel Nguyen"]
    sent = [(step, kind, ordinal) for step, kind, ordinal, state, *_ in told.deliveries if state == "sent"]
    assert sent == [("week_6", "invite", 1), ("week_6", "reminder", 1), ("week_6", "reminder", 2)]
    ursula = storied.told["Ursula Jansen"]
    assert ursula.deliveries[0][:5] == ("week_6", "invite", 1, "bounced", "refused_address")


def test_late_snoozed_on_two_devices_and_after_the_last_reminder(storied: Demo) -> None:
    henry, nadia, grace = (storied.told[name] for name in ("Henry Baker", "Nadia Peña", "Grace Vargas"))
    assert henry.asked == {"week_6": "late", "week_12": "answered"}
    assert ("week_6", "snoozed", 1, "sent") in [one[:4] for one in nadia.deliveries]
    assert ("week_6", "reminder", 2, "sent") in [one[:4] for one in grace.deliveries]
    assert grace.asked["week_6"] == "answered"
    assert storied.told["Inés Lindqvist"].asked["week_6"] == "answered"
    assert {"nights", "start", "change"} <= storied.told["Inés Lindqvist"].values["week_6"].keys()


def test_no_mail_goes_to_whoever_turned_it_off_or_has_none(storied: Demo) -> None:
    kavita, quentin = storied.told["Kavita Suzuki"], storied.told["Quentin Castillo"]
    assert kavita.deliveries[0][:5] == ("week_6", "invite", 1, "suppressed", "no_address")
    assert [one[3:5] for one in quentin.deliveries][:3] == [("sent", ""), ("sent", ""), ("suppressed", "opted_out")]
    assert quentin.has_mail_off
    assert [name for name, told in storied.told.items() if told.has_mail_off] == ["Quentin Castillo"]


def test_three_forms_fall_due_today_and_one_tomorrow(storied: Demo) -> None:
    def due_in(days: int) -> set[str]:
        day = NOW.date() + timedelta(days=days)
        due = {"week_6": 42, "week_12": 84}
        return {
            name
            for name, told in storied.told.items()
            for step in told.asked
            if told.signed[0].on + timedelta(days=due[step]) == day
        }

    assert due_in(0) == {"Carmen Haddad", "Inés Lindqvist", "Priya Whitlock"}
    assert due_in(1) == {"Denise Vargas"}
    assert storied.mails[-1][0] == "carmen.haddad@example.org"


def test_each_clinic_has_two_patients_who_are_written_to_in_spanish(storied: Demo) -> None:
    spanish = [told for told in stories.CAST if person(told.name).language == "es"]
    assert Counter(told.place for told in spanish) == {"riverside": 2, "hillcrest": 2}
    assert {"Ya duermo en mi cama otra vez.", "Me da sueño la pastilla nueva, ¿es normal?"} <= {
        comment for told in spanish for comment in storied.told[told.name].comments
    }


# The book and the mails


def test_the_patient_of_the_first_try_has_no_chart_and_comes_today(storied: Demo) -> None:
    assert "Grace Lindqvist" not in storied.told
    at = datetime.combine(NOW.date(), seed.NEW_TODAY, tzinfo=NOW.tzinfo) + timedelta(hours=5)
    assert (at, "therapist", "Grace", "Lindqvist") in storied.bookings


def test_only_who_is_in_treatment_has_appointments_to_come(storied: Demo) -> None:
    today = [(who, f"{given} {family}") for at, who, given, family in storied.bookings if at.date() == NOW.date()]
    assert max(Counter(today).values()) == 1
    later = {f"{given} {family}" for at, _, given, family in storied.bookings if at > NOW + timedelta(hours=9)}
    assert not {name for name in later if person(name).story in ("silent", "mimic") and name != "Quentin Castillo"}
    assert {"Farah Eriksen", "Elias Lindqvist", "Henry Eriksen"} <= later


def test_mails_name_nobody_and_nothing_of_the_care(storied: Demo) -> None:
    names = {word for told in stories.CAST for word in told.name.split()}
    assert len(storied.mails) > 60
    for _to, subject, text, html in storied.mails:
        words = {word.strip(".,:;!?()\"'").casefold() for word in f"{subject} {text} {tags_off(html)}".split()}
        assert not words & {*FORBIDDEN, *(name.casefold() for name in names)}


def tags_off(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(style|head).*?</\1>", " ", html, flags=re.DOTALL))


# The same stories every time


def test_building_again_gives_the_same_clinic(storied: Demo, django_db_blocker: Any) -> None:
    again = built(NOW, django_db_blocker)
    assert again.told == storied.told
    assert sorted(one[:3] for one in again.mails) == sorted(one[:3] for one in storied.mails)
    assert again.bookings == storied.bookings


def test_the_stories_stand_on_a_sunday_too(storied: Demo, django_db_blocker: Any) -> None:
    sunday = built(SUNDAY, django_db_blocker)
    assert {name: told.open_tasks for name, told in sunday.told.items() if told.open_tasks} == OPEN
    assert {name: told.closed_tasks for name, told in sunday.told.items() if told.closed_tasks} == CLOSED
    for name, told in sunday.told.items():
        assert (told.asked, told.values, told.verdict) == (
            storied.told[name].asked,
            storied.told[name].values,
            storied.told[name].verdict,
        )


def test_the_moment_that_is_told_ends_with_it() -> None:
    assert past.moment() is None
    with past.standing_at(SUNDAY):
        assert past.moment() == SUNDAY
    assert past.moment() is None

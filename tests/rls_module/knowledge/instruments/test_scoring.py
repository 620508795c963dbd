"""What answers are worth; a missing one is never 0."""

from __future__ import annotations

import pytest
from hypothesis import given

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.loading import shipped
from rls_module.knowledge.instruments.scoring import Measured, criteria, measured
from tests.rls_module.knowledge.examples import FULL, PLAIN, heaps, quick

CHECKIN = shipped("rls_checkin")
SCREEN = shipped("rls_screen")


def values(answers, facts=FULL, phase="followup"):
    return {
        (m.measure.removeprefix("rls_checkin:"), m.subject): m.value
        for m in measured(CHECKIN, answers=answers, facts=facts, phase=phase)
    }


def test_whole_sitting_gives_one_value_for_each_measure():
    answers = {
        "nights": 6, "worst": 8, "usual": 6, "start": 1260, "places": ["feet", "lower_legs", "other"], "awake": 4,
        "rested": 1, "tired": 5, "activity.1": 3, "activity.2": 4, "home_days": 4, "home_barrier": ["time"],
        "new_problem": ["none"], "med_change": "no", "change": 2, "comment": "Better.", "call_me": "no",
    }  # fmt: skip
    assert values(answers) == {
        ("nights", ""): 6, ("worst", ""): 8, ("usual", ""): 6, ("start", ""): 1260, ("places", ""): 3, ("awake", ""): 4,
        ("rested", ""): 1, ("tired", ""): 5, ("activity", "6f1c"): 3, ("activity", "92ab"): 4, ("activity", ""): 3.5,
        ("home_days", ""): 4, ("change", ""): 2,
    }  # fmt: skip


def test_week_without_symptoms_derives_zero_for_worst_usual_and_awake():
    assert measured(CHECKIN, answers={"nights": 0, "worst": 7}, facts=PLAIN, phase="baseline") == (
        Measured("rls_checkin:nights", "", 0.0),
        Measured("rls_checkin:worst", "", 0.0, derived=True),
        Measured("rls_checkin:usual", "", 0.0, derived=True),
        Measured("rls_checkin:awake", "", 0.0, derived=True),
    )


def test_nothing_answered_measures_nothing():
    assert values({}) == {}


@pytest.mark.parametrize("start", ["woke", "no_usual", None, 61])
def test_start_is_measured_only_when_an_hour_was_picked(start):
    assert ("start", "") not in values({"nights": 3, "start": start})


def test_midnight_and_band_zero_are_values():
    assert values({"nights": 2, "start": 0, "awake": 0}) == {("nights", ""): 2, ("start", ""): 0, ("awake", ""): 0}


def test_mean_of_activities_waits_for_every_one_of_them():
    assert values({"activity.2": 4}) == {("activity", "92ab"): 4}


def test_answers_outside_the_range_are_not_measured():
    assert values({"nights": 9, "rested": True, "tired": "2"}) == {}


def test_follow_up_measures_are_not_taken_at_baseline():
    assert values({"change": 2, "home_days": 3}, phase="baseline") == {}


@quick
@given(heaps(CHECKIN))
def test_hidden_answers_are_never_scored(heap):
    answers, facts, phase = heap
    asked = branching.questions(CHECKIN, answers=answers, facts=facts, phase=phase)
    found = measured(CHECKIN, answers=answers, facts=facts, phase=phase)
    keep = branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase)
    assert found == measured(CHECKIN, answers=keep, facts=facts, phase=phase)
    assert {m.measure.partition(":")[2] for m in found if not m.derived} <= {q.item.key for q in asked}
    assert {m.value for m in found if m.derived} <= {0.0}


@quick
@given(heaps(CHECKIN))
def test_values_come_from_answers_and_missing_ones_give_none(heap):
    answers, facts, phase = heap
    keep = branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase)
    found = measured(CHECKIN, answers=answers, facts=facts, phase=phase)
    assert len({(m.measure, m.subject) for m in found}) == len(found)
    for one in found:
        key = one.measure.partition(":")[2]
        assert one.derived or key in keep or any(name.startswith(f"{key}.") for name in keep)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"s1_urge": "no", "s2_rest": "still"}, {"E1": "no"}),
        ({"s1_urge": "yes", "s2_rest": "same"}, {"E1": "yes", "E2": "unsure"}),
        ({"s1_urge": "yes", "s3_move": "eases", "s3_past": "no"}, {"E1": "yes", "E3": "yes"}),
        ({"s1_urge": "yes", "s4_clock": "same"}, {"E1": "yes", "E4": "past"}),
        ({"s1_urge": "yes", "s4_clock": "same", "s4_past": "yes"}, {"E1": "yes", "E4": "past", "E4.past": "yes"}),
        ({}, {}),
    ],
)
def test_screen_answers_say_something_of_the_criteria(answers, said):
    assert criteria(SCREEN, answers=answers, facts={}, phase="baseline") == said

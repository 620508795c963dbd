"""What is asked, on which page, and which answers can stand."""

from __future__ import annotations

import pytest
from hypothesis import given

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.loading import shipped
from tests.rls_module.knowledge.examples import FULL, PLAIN, heaps, quick, sittings

CHECKIN = shipped("rls_checkin")
SCREEN = shipped("rls_screen")


def names(answers, facts=PLAIN, phase="followup", instrument=CHECKIN):
    return [q.name for q in branching.questions(instrument, answers=answers, facts=facts, phase=phase)]


def problems(answers, facts=FULL, instrument=CHECKIN, page=None):
    return branching.check(instrument, answers=answers, facts=facts, phase="followup", page=page)


def size(answers, facts):
    views = branching.pages(CHECKIN, answers=answers, facts=facts, phase="followup")
    asked = [q.item.key for view in views for q in view.questions if q.item.key not in ("home_barrier", "med_extra")]
    return len(dict.fromkeys(asked)), len(views)


def test_whole_checkin_is_fifteen_questions_on_twelve_pages():
    assert size({}, FULL) == (15, 12)


def test_checkin_without_activities_and_programme_is_thirteen_on_ten():
    assert size({}, PLAIN) == (13, 10)


def test_week_without_symptoms_is_ten_questions_on_eight_pages():
    assert size({"nights": 0}, FULL) == (10, 8)


def test_pages_of_two_questions_are_strength_days_and_closing():
    views = branching.pages(CHECKIN, answers={}, facts=PLAIN, phase="followup")
    together = {view.key: [q.name for q in view.questions] for view in views if len(view.questions) > 1}
    assert together == {
        "strength": ["worst", "usual"],
        "days": ["rested", "tired"],
        "closing": ["comment", "call_me"],
    }


def test_baseline_asks_questions_one_to_nine_only():
    assert names({}, FULL, "baseline") == [
        "nights", "worst", "usual", "start", "places", "awake", "rested", "tired", "activity.1", "activity.2",
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "asked"), [(4, True), (5, False), (None, False), (9, False), ("4", False)])
def test_barrier_is_asked_below_the_plan_only(days, asked):
    assert ("home_barrier" in names({"home_days": days}, FULL)) is asked


def test_branches_stand_on_the_page_of_their_parent():
    views = branching.pages(CHECKIN, answers={"home_days": 2, "med_change": "yes"}, facts=FULL, phase="followup")
    on_page = {view.key: [q.name for q in view.questions] for view in views}
    assert on_page["home"] == ["home_days", "home_barrier"]
    assert on_page["medicines"] == ["med_change", "med_what", "med_extra"]


def test_plain_no_leaves_one_question_in_the_screen():
    assert names({"s1_urge": "no", "s3_move": "same"}, instrument=SCREEN) == ["s1_urge"]


def test_unanswered_first_question_of_the_screen_hides_nothing():
    assert names({}, instrument=SCREEN) == ["s1_urge", "s2_rest", "s3_move", "s4_clock", "s5_nights"]


def test_past_is_asked_where_nothing_changes_now():
    same = {"s1_urge": "yes", "s3_move": "same", "s4_clock": "same"}
    assert names(same, instrument=SCREEN) == [
        "s1_urge", "s2_rest", "s3_move", "s3_past", "s4_clock", "s4_past", "s5_nights",
    ]  # fmt: skip


def test_activity_is_piped_with_its_ref_and_never_read_as_a_placeholder():
    second = branching.questions(CHECKIN, answers={}, facts=FULL, phase="baseline")[-1]
    text = CHECKIN.words("en").items["activity"].text
    assert (second.name, second.ref) == ("activity.2", "92ab")
    assert branching.filled(text, second.piped) == "How well can you do this now: dinner with {friends}?"


def test_hint_that_cannot_be_said_is_left_out():
    hint = CHECKIN.words("es").items["home_days"].hint
    question = branching.questions(CHECKIN, answers={}, facts=FULL, phase="followup")
    days = next(q for q in question if q.name == "home_days")
    assert branching.filled(hint, days.piped) == "Su plan dice 5 días por semana."
    assert branching.filled(hint, {}) == ""


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nights", 8, "out_of_range"),
        ("nights", -1, "out_of_range"),
        ("nights", True, "wrong_type"),
        ("nights", 3.0, "wrong_type"),
        ("nights", "3", "wrong_type"),
        ("worst", 11, "out_of_range"),
        ("start", 61, "bad_option"),
        ("start", 1440, "bad_option"),
        ("start", "noon", "bad_option"),
        ("start", None, None),
        ("start", 0, None),
        ("start", "woke", None),
        ("places", "feet", "wrong_type"),
        ("places", ["feet", "nose"], "bad_option"),
        ("places", ["feet", "feet"], "bad_option"),
        ("places", [["feet"]], "bad_option"),
        ("awake", "1", "bad_option"),
        ("awake", True, "wrong_type"),
        ("awake", [1], "wrong_type"),
        ("new_problem", ["none", "faint"], "exclusive"),
        ("new_problem", ["none"], None),
        ("comment", "x" * 1000, None),
        ("comment", "x" * 1001, "too_long"),
        ("comment", "\r\n" * 1000, None),
        ("comment", "a\r\n" * 500, None),
        ("comment", "bell\x07", "control_char"),
        ("comment", "nul\x00", "control_char"),
        ("comment", "lone \ud800", "control_char"),
        ("comment", ["a"], "wrong_type"),
        ("activity.1", 10, None),
        ("activity.1", 12, "out_of_range"),
        ("activity.3", 5, "not_asked"),
        ("activity", 5, "unknown"),
        ("nose", 5, "unknown"),
        ("nights.other", "x", "unknown"),
        ("places.other", "ear", "not_asked"),
        ("home_barrier", ["time"], "not_asked"),
        ("med_what", "iron", "not_asked"),
    ],
)
def test_answer_is_judged(name, value, code):
    answers = {"nights": 3, "worst": 5, "new_problem": ["none"], name: value}
    assert problems(answers) == ({name: code} if code else {})


def test_required_questions_are_nights_worst_and_new_problem():
    assert problems({}) == {"nights": "required", "worst": "required", "new_problem": "required"}


def test_blank_text_and_empty_pick_count_as_no_answer():
    assert problems({"nights": 0, "new_problem": [], "comment": "  "}) == {"new_problem": "required"}


def test_page_is_checked_by_itself():
    assert problems({"nights": 9, "worst": 11}, page="strength") == {"worst": "out_of_range"}


def test_free_text_of_other_stands_with_its_option_and_has_a_limit():
    base = {"nights": 0, "new_problem": ["other"]}
    assert problems(base | {"new_problem.other": "a rash"}) == {}
    assert problems(base | {"new_problem.other": "x" * 301}) == {"new_problem.other": "too_long"}
    assert problems(base | {"new_problem.other": 4}) == {"new_problem.other": "wrong_type"}


def test_answers_of_a_hidden_branch_are_problems_and_are_not_kept():
    answers = {"nights": 0, "worst": 7, "places": ["other"], "places.other": "ear", "new_problem": ["none"]}
    assert problems(answers) == {"worst": "not_asked", "places": "not_asked", "places.other": "not_asked"}
    keep = branching.kept(CHECKIN, answers=answers, facts=FULL, phase="followup")
    assert keep == {"nights": 0, "new_problem": ["none"]}


def test_kept_drops_what_cannot_stand_and_keeps_its_neighbours():
    answers = {"nights": 3, "worst": 99, "places": ["feet", "other"], "places.other": "x" * 301, "tired": ""}
    keep = branching.kept(CHECKIN, answers=answers, facts=PLAIN, phase="followup")
    assert keep == {"nights": 3, "places": ["feet", "other"]}


def test_not_asked_skipped_and_not_reached_are_three_things():
    missing = branching.absent(
        CHECKIN, answers={"nights": 0}, facts=PLAIN, phase="followup", reached={"nights", "days"}
    )
    assert missing["worst"] == "not_asked"
    assert missing["activity"] == "not_asked"
    assert missing["rested"] == "skipped"
    assert missing["change"] == "not_reached"
    assert "nights" not in missing


def test_item_of_the_other_phase_is_not_asked():
    missing = branching.absent(CHECKIN, answers={}, facts=PLAIN, phase="baseline")
    assert (missing["change"], missing["nights"]) == ("not_asked", "skipped")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"usual": 6, "worst": 5}, ("usual_above_worst",)),
        ({"usual": 5, "worst": 5}, ()),
        ({"usual": 6}, ()),
        ({"usual": "6", "worst": 5}, ()),
    ],
)
def test_usual_above_worst_is_noticed(answers, said):
    assert branching.notices(CHECKIN, answers) == said


def test_facts_of_the_wrong_shape_are_refused():
    with pytest.raises(TypeError, match="activities"):
        names({}, {"activities": "sit through a film"})


@quick
@given(sittings(CHECKIN))
def test_every_checkin_a_patient_can_answer_passes(sitting):
    answers, facts, phase = sitting
    assert branching.check(CHECKIN, answers=answers, facts=facts, phase=phase) == {}
    assert branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase) == answers


@quick
@given(sittings(SCREEN))
def test_every_screen_a_patient_can_answer_passes(sitting):
    answers, facts, phase = sitting
    assert branching.check(SCREEN, answers=answers, facts=facts, phase=phase) == {}


@quick
@given(heaps(CHECKIN))
def test_what_is_kept_of_any_heap_of_answers_asks_the_same_and_can_stand(heap):
    answers, facts, phase = heap
    keep = branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase)
    assert names(keep, facts, phase) == names(answers, facts, phase)
    assert set(branching.check(CHECKIN, answers=keep, facts=facts, phase=phase).values()) <= {"required"}


@quick
@given(heaps(CHECKIN))
def test_pages_hold_every_asked_question_once_in_order(heap):
    answers, facts, phase = heap
    views = branching.pages(CHECKIN, answers=answers, facts=facts, phase=phase)
    assert [q.name for view in views for q in view.questions] == names(answers, facts, phase)
    assert [view.key for view in views] == [page for page in CHECKIN.pages if page in {view.key for view in views}]


@quick
@given(heaps(CHECKIN))
def test_question_is_either_kept_or_absent(heap):
    answers, facts, phase = heap
    keep = branching.kept(CHECKIN, answers=answers, facts=facts, phase=phase)
    missing = branching.absent(CHECKIN, answers=keep, facts=facts, phase=phase)
    asked = set(names(answers, facts, phase))
    assert asked - set(keep) == {name for name, why in missing.items() if why == "skipped"}
    assert not set(keep) & set(missing)

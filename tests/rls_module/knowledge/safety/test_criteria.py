"""All vectors of the computable result: what counts as met, not met, incomplete."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.safety.criteria import LABELS, CriteriaAnswers, CriterionAnswers, evaluate, older
from tests.rls_module.knowledge.examples import quick

Y, N, U, O = "yes", "no", "unsure", None  # noqa: E741
ALL4 = ("E1", "E2", "E3", "E4")
SEVERE, TREATED, AUGMENTED = {"very_severe"}, {"treated"}, {"augmented"}


def sitting(four, e5, reasons=()):
    """E1 to E4 are each an answer for now, or a pair of now and past."""
    pairs = [one if isinstance(one, tuple) else (one, None) for one in four]
    given_answers = [CriterionAnswers(current=now, past=past) for now, past in pairs]
    keyed = dict(zip(("e1", "e2", "e3", "e4"), given_answers, strict=True))
    return CriteriaAnswers(**keyed, e5=e5, past_reasons=frozenset(reasons), mimic="leg_cramps" if e5 == "no" else "")


VECTORS = [
    # number, E1, E2, E3, E4, E5, reasons, result, deciding keys, from the past, label
    (1, Y, Y, Y, Y, Y, (), "MET", (), (), ""),
    (2, Y, Y, Y, Y, O, (), "INCOMPLETE", ("E5",), (), "screen_positive"),
    (3, Y, Y, Y, Y, N, (), "NOT_MET", ("mimic",), (), ""),
    (4, N, O, O, O, O, (), "NOT_MET", ("E1",), (), ""),
    (5, Y, Y, N, Y, Y, (), "NOT_MET", ("E3",), (), ""),
    (6, Y, Y, (N, Y), Y, Y, SEVERE, "MET", (), ("E3",), ""),
    (7, Y, Y, U, Y, Y, (), "INCOMPLETE", ("E3",), (), ""),
    (8, O, O, O, O, O, (), "INCOMPLETE", (*ALL4, "E5"), (), ""),
    (9, Y, Y, (N, O), Y, Y, SEVERE, "INCOMPLETE", ("E3",), (), ""),
    (10, Y, Y, Y, (N, N), Y, SEVERE, "NOT_MET", ("E4",), (), ""),
    (11, (N, Y), (N, Y), (N, Y), (N, Y), Y, TREATED, "MET", (), ALL4, ""),
    (12, (N, Y), (N, Y), (N, Y), (N, Y), Y, (), "NOT_MET", ALL4, (), "past_pattern"),
    (13, Y, Y, Y, (N, Y), Y, AUGMENTED, "MET", (), ("E4",), ""),
    (14, Y, (N, U), Y, Y, Y, AUGMENTED, "INCOMPLETE", ("E2",), (), ""),
    (15, (N, O), Y, Y, Y, Y, TREATED, "INCOMPLETE", ("E1",), (), ""),
    (16, (N, N), Y, Y, Y, Y, TREATED, "NOT_MET", ("E1",), (), ""),
    (17, (N, Y), Y, Y, Y, O, TREATED, "INCOMPLETE", ("E5",), ("E1",), "screen_positive"),
    (18, (N, Y), Y, Y, Y, N, TREATED, "NOT_MET", ("mimic",), ("E1",), ""),
    (19, (U, Y), Y, Y, Y, Y, TREATED, "INCOMPLETE", ("E1",), (), ""),
    (20, Y, Y, (N, Y), (N, U), Y, SEVERE | AUGMENTED, "INCOMPLETE", ("E4",), ("E3",), ""),
    (21, (N, Y), Y, Y, Y, Y, SEVERE, "MET", (), ("E1",), "severity_seldom_hides"),
]


@pytest.mark.parametrize("vector", [pytest.param(vector, id=f"vector-{vector[0]}") for vector in VECTORS])
def test_vector(vector):
    _, *answers, reasons, result, keys, from_past, label = vector
    found = evaluate(sitting(answers[:4], answers[4], reasons))
    assert (found.result, found.reasons, found.from_past) == (result, keys, from_past)
    assert found.labels == ((label,) if label else ())
    assert (found.algorithm, found.past_reasons) == ("1", tuple(sorted(reasons)))


def test_arms_only_and_never_the_legs_is_not_met_whatever_the_reason():
    assert evaluate(sitting([(N, N), Y, Y, Y], Y, SEVERE)).result == "NOT_MET"


def test_exclusion_by_another_condition_asks_for_its_name():
    answers = sitting([Y, Y, Y, Y], N).model_copy(update={"mimic": " "})
    assert evaluate(answers).labels == ("name_the_mimic",)


def test_definite_no_wins_over_an_exclusion():
    assert evaluate(sitting([Y, N, Y, Y], N)).reasons == ("E2",)


def test_past_pattern_is_hinted_only_where_the_past_explains_every_no():
    assert evaluate(sitting([(N, Y), (N, N), Y, Y], Y)).labels == ()


def test_labels_have_words_in_both_languages():
    assert LABELS["en"].keys() == LABELS["es"].keys()


answers_strategy = st.sampled_from([Y, N, U, O])
sittings = st.builds(
    sitting,
    st.tuples(*[st.tuples(answers_strategy, answers_strategy)] * 4),
    st.sampled_from([Y, N, O]),
    st.sets(st.sampled_from(["very_severe", "treated", "augmented"])),
)


@quick
@given(sittings)
def test_met_needs_every_criterion_now_or_in_the_past_and_a_clinicians_exclusion(answers):
    result = evaluate(answers)
    four = (answers.e1, answers.e2, answers.e3, answers.e4)
    plain = [one.current == Y or (one.current == N and one.past == Y and bool(answers.past_reasons)) for one in four]
    assert (result.result == "MET") is (all(plain) and answers.e5 == Y)


@quick
@given(sittings)
def test_nothing_counts_from_the_past_without_a_reason(answers):
    found = evaluate(answers.model_copy(update={"past_reasons": frozenset()}))
    assert found.from_past == ()
    assert evaluate(answers) == evaluate(answers)


@pytest.mark.parametrize(
    ("rest", "relief", "together"),
    [("yes", "yes", "yes"), ("yes", "no", "no"), ("yes", "unsure", "unsure"), ("yes", None, None)],
)
def test_the_features_of_1995_follow_from_the_criteria_of_today_and_one_can_not_be_said(rest, relief, together):
    """Decisions 12: the seed's older four stay readable beside the five."""
    found = older(CriteriaAnswers(e2=CriterionAnswers(current=rest), e3=CriterionAnswers(current=relief)))
    assert found == {"L1": None, "L2": None, "L3": together, "L4": None}

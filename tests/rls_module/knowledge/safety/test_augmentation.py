"""The augmentation screen: every branch of the rule, and that no answer is ever guessed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.safety import augmentation
from rls_module.knowledge.safety.augmentation import AugmentationAnswers, all_of, any_of, screen
from tests.rls_module.knowledge.examples import quick

A = {"most_days": "yes", "unexplained": "yes", "earlier_response": "yes"}
TENSE = {"start_before": 22 * 60, "start_now": 17 * 60}  # five hours earlier
MILD = {"start_before": 22 * 60, "start_now": 19 * 60}  # three hours earlier
LATER = {"start_before": 22 * 60, "start_now": 23 * 60}
NO_SIGN = dict.fromkeys(("shorter_rest", "spread", "stronger", "shorter_relief"), "no")

CASES = [
    ({}, "not_screened"),
    (TENSE, "not_screened"),  # what stands in the chart is no answer
    (A | {"paradoxical": "yes"}, "pattern"),
    (A | TENSE, "pattern"),
    (A | TENSE | {"paradoxical": "no"}, "pattern"),
    (A | MILD | NO_SIGN | {"spread": "yes"}, "pattern"),
    (A | MILD | NO_SIGN | {"paradoxical": "no"}, "none"),
    (A | MILD | {"paradoxical": "no"}, "possible"),  # no sign was asked about
    (A | LATER | {"paradoxical": "no", "spread": "yes"}, "none"),
    (A | {"paradoxical": "no"}, "possible"),  # nobody knows the clock
    (A | {"paradoxical": "no", "much_earlier": "no", "earlier": "no"}, "none"),
    (A | {"paradoxical": "no", "much_earlier": "yes"}, "pattern"),
    (A | LATER | {"paradoxical": "no", "earlier": "yes", "stronger": "yes"}, "pattern"),  # the clinician's own view
    (A | TENSE | {"most_days": "no"}, "none"),
    (A | TENSE | {"unexplained": "no"}, "none"),
    (A | TENSE | {"earlier_response": "unknown"}, "possible"),
    (TENSE | {"paradoxical": "yes"}, "possible"),  # A was not asked
    ({"most_days": "no"}, "none"),
    ({"spread": "yes"}, "possible"),
]


@pytest.mark.parametrize(("answers", "result"), CASES)
def test_each_branch(answers, result):
    assert screen(AugmentationAnswers(**answers)).result == result


@pytest.mark.parametrize(
    ("before", "now", "minutes", "c1", "clock"),
    [
        (22 * 60, 17 * 60, 300, "yes", "no"),
        (60, 22 * 60, 180, "no", "yes"),
        (22 * 60, 23 * 60, 0, "no", "no"),
        (22 * 60, 18 * 60, 240, "yes", "no"),
        (22 * 60, 18 * 60 + 1, 239, "no", "yes"),
        (22 * 60, 20 * 60, 120, "no", "yes"),
        (22 * 60, 20 * 60 + 1, 119, "no", "no"),
        (None, 20 * 60, None, "unknown", "unknown"),
        (22 * 60, None, None, "unknown", "unknown"),
    ],
)
def test_the_clock(before, now, minutes, c1, clock):
    """Domain 4.4: 22:00 -> 17:00 = 300, 01:00 -> 22:00 = 180, 22:00 -> 23:00 = 0; four hours and two."""
    found = screen(AugmentationAnswers(start_before=before, start_now=now, spread="yes"))
    assert (found.minutes, found.c1, found.c2) == (minutes, c1, clock)


@pytest.mark.parametrize(("one", "other"), list(itertools.product(("yes", "no", "unknown"), repeat=2)))
def test_and_and_or_over_three_values(one, other):
    both = {one, other}
    assert all_of([one, other]) == ("no" if "no" in both else "yes" if both == {"yes"} else "unknown")
    assert any_of([one, other]) == ("yes" if "yes" in both else "no" if both == {"no"} else "unknown")


ANSWERS = st.builds(
    AugmentationAnswers,
    **dict.fromkeys(augmentation.QUESTIONS["en"], st.sampled_from(("yes", "no", "unknown"))),
    start_before=st.none() | st.integers(0, 1439),
    start_now=st.none() | st.integers(0, 1439),
    much_earlier=st.sampled_from((None, "yes", "no", "unknown")),
    earlier=st.sampled_from((None, "yes", "no", "unknown")),
)


@quick
@given(ANSWERS)
def test_every_sitting_has_one_result_with_words_in_both_languages(answers):
    found = screen(answers)
    assert augmentation.words(found.result, "en") != augmentation.words(found.result, "es-MX")
    assert (found.result == "not_screened") is (
        answers.model_copy(update={"start_before": None, "start_now": None}) == AugmentationAnswers()
    )


@quick
@given(ANSWERS, st.sampled_from(sorted(augmentation.QUESTIONS["en"])))
def test_more_signs_never_make_it_less(answers, question):
    """Monotone: an answer that turns to yes never takes the result down."""
    order = ("none", "possible", "pattern")
    grown = screen(answers.model_copy(update={question: "yes"})).result
    before = screen(answers).result
    assert before == "not_screened" or order.index(grown) >= order.index(before)


def test_the_words_never_say_stop():
    said = " ".join(text for table in augmentation.RESULT_WORDS.values() for text in table.values()).casefold()
    assert not {"stop", "deje", "suspenda", "diagnos"} & set(said.replace(":", " ").split())

"""The result of the five-question screen."""

from __future__ import annotations

import itertools

import pytest

from rls_module.knowledge.instruments.loading import shipped
from rls_module.knowledge.instruments.scoring import criteria
from rls_module.knowledge.safety.criteria import CriterionAnswers
from rls_module.knowledge.safety.screening import WORDS, screen_result

FITS = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"}


def screened(**answers):
    given = FITS | answers
    said = criteria(shipped("rls_screen"), answers=given, facts={}, phase="baseline")
    return screen_result(said, nights=given.get("s5_nights"))


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({}, "fits"),
        ({"s1_urge": "no"}, "does_not_fit"),
        ({"s2_rest": "busy"}, "does_not_fit"),
        ({"s3_move": "worse"}, "does_not_fit"),
        ({"s4_clock": "morning"}, "does_not_fit"),
        ({"s3_move": "same", "s3_past": "no"}, "does_not_fit"),
        ({"s4_clock": "same", "s4_past": "no"}, "does_not_fit"),
        ({"s2_rest": "unsure", "s4_clock": "morning"}, "does_not_fit"),
        ({"s1_urge": "unsure"}, "unclear"),
        ({"s2_rest": "same"}, "unclear"),
        ({"s2_rest": None}, "unclear"),
        ({"s3_move": "same", "s3_past": "yes"}, "unclear"),
        ({"s3_move": "same", "s3_past": "unsure"}, "unclear"),
        ({"s3_move": "same"}, "unclear"),
        ({"s4_clock": "same", "s4_past": "yes"}, "unclear"),
        ({"s3_move": "eases", "s3_past": "no"}, "fits"),
    ],
)
def test_answers_fit_do_not_fit_or_stay_unclear(answers, result):
    assert screened(**answers).result == result


def test_nothing_answered_is_unclear():
    assert screen_result({}).result == "unclear"


@pytest.mark.parametrize(
    ("nights", "tags"), [("lt1", ()), (1, ()), (2, ("often",)), (7, ("often",)), (None, ()), (True, ())]
)
def test_nights_only_add_a_tag(nights, tags):
    found = screened(s5_nights=nights)
    assert (found.result, found.tags) == ("fits", tags)


def test_see_past_becomes_no_for_now_and_the_answer_for_the_past():
    found = screened(s3_move="same", s3_past="yes", s4_clock="same")
    assert found.criteria == {
        "E1": CriterionAnswers(current="yes"),
        "E2": CriterionAnswers(current="yes"),
        "E3": CriterionAnswers(current="no", past="yes"),
        "E4": CriterionAnswers(current="no"),
    }


def test_unknown_answer_is_refused():
    with pytest.raises(ValueError, match="'maybe' is not an answer to E2"):
        screen_result({"E1": "yes", "E2": "maybe"})


def test_every_way_through_has_a_result_with_words():
    options = ["yes", "no", "unsure", "past", None]
    for four in itertools.product(options, repeat=4):
        said = {f"E{n}": value for n, value in enumerate(four, start=1) if value}
        result = screen_result(said).result
        assert WORDS["en"][result]
        assert WORDS["es"][result]
        assert (result == "fits") is (four == ("yes",) * 4)

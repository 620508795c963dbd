"""What is looked at first in an intake that a patient answered alone."""

from __future__ import annotations

import pytest

from rls_module.knowledge.instruments import loading
from rls_module.knowledge.safety import intake_review

ASKED = {item.key: item.required for item in loading.shipped("rls_intake").items}
CALM = {
    "reason": "legs", "where": ["feet_left", "feet_right"], "drive": "no", "health": ["none"], "pregnant": "na",
    "s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening", "nights": 0, "worst": 7,
    "leg_meds": ["never"], "thinner": "no", "flags": ["none"], "needles": ["none"], "onset": "30",
}  # fmt: skip


def found(age: int | None = 58, **answers: object) -> dict[str, tuple[str, ...]]:
    given = {name: value for name, value in (CALM | answers).items() if value is not None}
    return dict(intake_review.exceptions(ASKED, given, age=age))


def test_nothing_stands_out_where_nothing_is_wrong():
    assert found() == {}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"flags": ["calf"]}, {"flags": ("flag",)}),
        ({"needles": ["implant"]}, {"needles": ("flag",)}),
        ({"drive": "yes"}, {"drive": ("flag",)}),
        ({"where": ["feet_left"]}, {"where": ("flag",)}),
        ({"family": ["mother", "unsure"]}, {"family": ("unsure",)}),
        ({"thinner": "unsure"}, {"thinner": ("unsure",)}),
        ({"thinner": None}, {"thinner": ("empty",)}),
        ({"helps": ["nothing"], "s3_move": "same", "tried_massage": "helped"}, {
            "helps": ("contradiction",), "tried_massage": ("contradiction",)}),
        ({"helps": ["nothing"]}, {"helps": ("contradiction",), "s3_move": ("contradiction",)}),
        ({"tried_medicine": "same"}, {"leg_meds": ("contradiction",), "tried_medicine": ("contradiction",)}),
        ({"five": "no", "year": "n4"}, {"five": ("contradiction",), "year": ("contradiction",)}),
        ({"onset": "about 70"}, {"onset": ("beyond_age",)}),
    ],
)  # fmt: skip
def test_each_reason(answers, why):
    assert found(**answers) == why


@pytest.mark.parametrize("onset", ["between 60 and 70", "long ago", "58"])
def test_an_age_that_is_not_one_or_is_todays_is_no_exception(onset):
    assert found(onset=onset) == {}


def test_without_a_known_age_none_is_beyond_it():
    assert found(age=None, onset="99") == {}


def test_every_name_in_the_tables_is_a_question_or_an_answer_of_the_intake():
    instrument = loading.shipped("rls_intake")
    tables = [*intake_review.FLAGS.items(), *(one for pair in intake_review.CONTRADICTIONS for one in pair)]
    for name, keys in tables:
        assert keys <= {option.name for option in instrument.item(name).options}, name

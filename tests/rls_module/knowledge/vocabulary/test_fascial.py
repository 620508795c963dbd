"""Codes of fascial points as therapists type them. Source of the vectors: domain reference 6.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.vocabulary import fascial


@pytest.mark.parametrize(
    ("typed", "key", "side", "grade"),
    [
        ("la-lu dx", "la-lu", "R", None),
        ("er-lu sx", "er-lu", "L", None),
        ("ER PE", "er-pe", "", None),
        ("re-pes", "re-pe", "", None),
        ("an-lu", "an-lu", "", None),
        ("ir-pv lt", "ir-pv", "L", None),
        ("er-th rt", "er-th", "R", None),
        ("an-la cl", "an-la-cl", "", None),
        ("an-la-ca1", "an-la-ca1", "", None),
        ("er ge rt", "er-ge", "R", None),
        ("re-la cx bi", "re-la-cx", "B", None),
        ("re-pes***", "re-pe", "", 3),
        ("an-pes** dx", None, None, None),
        ("an-pes dx**", "an-pe", "R", 2),
        ("  er   pe  lf ", "er-pe", "L", None),
        ("me-th r", "me-th r", "", None),
        ("me-th r sx", "me-th r", "L", None),
        ("an-cp1", "an-cp1", "", None),
    ],
)
def test_what_therapists_type_is_read(typed, key, side, grade):
    if key is None:
        with pytest.raises(fascial.NotAPoint):
            fascial.parse(typed)
        return
    point = fascial.parse(typed)
    assert (point.key, point.side, point.grade) == (key, side, grade)


@pytest.mark.parametrize("typed", ["an-cp", "", "er", "xx-pe", "er-pe-pe", "an-re-pe", "er-pe****", "r", "er pe r r"])
def test_what_follows_no_rule_is_refused(typed):
    with pytest.raises(fascial.NotAPoint):
        fascial.parse(typed)


def test_a_refusal_names_what_was_probably_meant():
    with pytest.raises(fascial.NotAPoint) as refused:
        fascial.parse("er-pw")
    assert "er-pe" in refused.value.near


def test_a_trailing_r_is_the_posterior_variant_and_warns_off_the_trunk():
    assert fascial.parse("me-th r").warning == ""
    odd = fascial.parse("er-pe r")
    assert (odd.key, odd.side, odd.warning) == ("er-pe r", "", "posterior_unusual")


def test_there_are_as_many_points_as_the_grammar_makes():
    kinds = [fascial.parse(key).kind for key in fascial.all_points()]
    assert (kinds.count("cc"), kinds.count("cf"), len(set(fascial.all_points()))) == (96, 56, 152)


def test_points_are_named_in_words():
    assert fascial.name("er-pe", "en") == "extrarotation, foot"
    assert fascial.name("an-la-ca1", "es-MX") == "antemoción-lateromoción, muñeca 1"
    assert fascial.name("me-th r", "en") == "mediomotion, thorax, posterior"
    assert all(fascial.name(key, "es") for key in fascial.all_points())


def test_the_points_offered_first_are_points():
    assert len(fascial.default_points()) == 60
    assert set(fascial.default_points()) <= set(fascial.all_points())


@given(
    st.sampled_from(fascial.all_points()),
    st.sampled_from([("", ""), ("dx", "R"), ("rt", "R"), ("sx", "L"), ("LF", "L"), ("bi", "B")]),
    st.sampled_from([" ", "-", "  "]),
    st.integers(0, 3),
)
def test_every_point_is_read_in_every_spelling(key, side, gap, stars):
    typed = gap.join([*key.upper().split("-"), *([side[0]] if side[0] else [])]) + "*" * stars
    point = fascial.parse(typed)
    assert (point.key, point.side, point.grade) == (key, side[1], stars or None)

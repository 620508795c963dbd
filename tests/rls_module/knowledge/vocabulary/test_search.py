"""A muscle is found by what therapists really type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.vocabulary.loading import muscles
from rls_module.knowledge.vocabulary.search import search_muscles
from tests.rls_module.knowledge.examples import quick


def first(text):
    match = search_muscles(text)[0]
    return match.muscle.key, match.side


@pytest.mark.parametrize(
    ("typed", "key", "side"),
    [
        ("ta", "tibialis_anterior", None),
        ("TA", "tibialis_anterior", None),
        ("tib ant", "tibialis_anterior", None),
        ("tib. ant.", "tibialis_anterior", None),
        ("ant tib", "tibialis_anterior", None),
        ("tib ant dx", "tibialis_anterior", "R"),
        ("gastroc med L", "gastrocnemius_caput_mediale", "L"),
        ("med gastroc left", "gastrocnemius_caput_mediale", "L"),
        ("gastroc lat rt", "gastrocnemius_caput_laterale", "R"),
        ("piri l", "piriformis", "L"),
        ("l piri", "piriformis", "L"),
        ("sol r", "soleus", "R"),
        ("soleus both", "soleus", "B"),
        ("tp", "tibialis_posterior", None),
        ("L tib post", "tibialis_posterior", "L"),
        ("glut med bil", "gluteus_medius", "B"),
        ("gluteus medius", "gluteus_medius", None),
        ("ql", "quadratus_lumborum", None),
        ("qp sx", "quadratus_plantae", "L"),
        ("fdb", "flexor_digitorum_brevis", None),
        ("fdl", "flexor_digitorum_longus", None),
        ("bflh r", "biceps_femoris_caput_longum", "R"),
        ("per long", "fibularis_longus", None),
        ("tfl r", "tensor_fasciae_latae", "R"),
        ("diaphragm l", "diaphragma", "M"),
        ("dia", "diaphragma", "M"),
    ],
)
def test_typed_shorthand_finds_the_muscle_first(typed, key, side):
    assert first(typed) == (key, side)


def test_letter_that_may_be_a_side_or_a_word_is_read_both_ways_side_first():
    found = [(match.muscle.key, match.side) for match in search_muscles("add l")]
    assert found.index(("adductor_longus", "L")) < found.index(("adductor_longus", None))


@pytest.mark.parametrize("typed", ["", "  ", "...", "xyz", "tib nose"])
def test_nothing_that_fits_finds_nothing(typed):
    assert search_muscles(typed) == ()


def test_single_letter_is_the_start_of_a_word_and_not_a_side():
    found = search_muscles("r", limit=50)
    assert {match.side for match in found} == {None}
    assert "rectus_femoris" in [match.muscle.key for match in found]


def test_no_more_than_the_limit_is_returned():
    assert len(search_muscles("a", limit=3)) == 3


def test_every_muscle_is_found_by_its_names_and_aliases():
    names = [(one, name) for one in muscles() for name in (one.latin, one.english, *one.aliases)]
    lost = [name for one, name in names if one not in [match.muscle for match in search_muscles(name)]]
    assert lost == []


@quick
@given(st.text(max_size=12))
def test_any_text_is_searched_without_repeats(text):
    found = search_muscles(text)
    assert len({(match.muscle.key, match.side) for match in found}) == len(found) <= 12

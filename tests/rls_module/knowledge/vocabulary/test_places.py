"""What is offered while a place is typed, and that each offer is read as what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.vocabulary import fascial, loading, places
from tests.rls_module.knowledge.examples import quick


def offered(text: str, language: str = "en", limit: int = 12) -> list[str]:
    return [one.text for one in places.suggest(text, language, limit=limit)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("ta", "tibialis anterior"),
        ("tib ant sx", "tibialis anterior L"),
        ("gastroc med l", "gastrocnemius caput mediale L"),
        ("er", "er-pe"),
        ("er pe dx", "er-pe dx"),
        ("RE-PES***", "re-pe***"),
        ("an la cl", "an-la-cl"),
        ("me-th r", "me-th r"),
        ("heel", "Heel"),
        ("heel bi", "Heel B"),
        ("sole", "Arch and sole"),
        ("soleous", "soleus"),
        ("piriformus r", "piriformis R"),
        ("gastrocnemus med", "gastrocnemius caput mediale"),
        ("tibals anterior", "tibialis anterior"),
    ],
)
def test_what_was_meant_is_offered_first(typed, first):
    assert offered(typed)[0] == first


def test_regions_are_offered_in_the_language_of_the_page():
    assert offered("pantor", "es") == ["Pantorrilla"]
    assert offered("pantorrilla", "en") == []


@pytest.mark.parametrize("typed", ["", "  ", "...", "x", "zzz", "qwertyuiop"])
def test_nothing_is_offered_for_nothing(typed):
    assert offered(typed) == []


def test_no_more_than_asked_for():
    assert len(offered("e", limit=3)) <= 3
    assert len(offered("an", limit=50)) <= 50


def everything() -> list[str]:
    muscles = [name for one in loading.muscles() for name in (one.latin, one.english, *one.aliases)]
    regions = [one.english for one in loading.regions()]
    return [*muscles, *regions, *fascial.all_points()]


@pytest.mark.parametrize("side", ["", " l", " sx", " dx", " bi"])
def test_every_offer_is_read_as_just_one_place_with_the_side_that_it_says(side):
    for name in everything():
        for one in places.suggest(f"{name}{side}", "en"):
            read = places.find(one.text)
            assert read.kind == one.kind, one
            assert places.in_words(read.kind, read.key, "en").startswith(one.name), one


@quick
@given(st.text(max_size=20))
def test_whatever_is_typed_is_answered(text):
    for one in places.suggest(text, "en"):
        places.find(one.text)


def test_a_slip_is_asked_back_and_never_written_down():
    with pytest.raises(places.NoPlace) as caught:
        places.find("soleous")
    assert caught.value.near == ("soleus",)

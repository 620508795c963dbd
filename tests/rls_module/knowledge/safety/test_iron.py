"""Iron: units, thresholds and what modifies them. Source of the vectors: domain reference 3.3 and 3.4."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.safety import iron

TODAY = date(2026, 9, 7)


def judged(ferritin=None, tsat=None, *, age=58, **more) -> iron.IronResult:
    given_values = {"ferritin": ferritin, "tsat": tsat, **more.pop("values", {})}
    values = {name: Decimal(str(value)) for name, value in given_values.items() if value is not None}
    return iron.judge(values, age=age, collected_on=more.pop("on", TODAY), today=TODAY, **more)


@pytest.mark.parametrize(
    ("ferritin", "tsat", "flag"),
    [
        (75, 30, "BELOW_RLS_THRESHOLD"),
        ("75.01", 30, "BORDERLINE_IV_ONLY"),
        (76, 30, "BORDERLINE_IV_ONLY"),
        (100, 20, "BORDERLINE_IV_ONLY"),
        (101, 20, "ABOVE_THRESHOLD"),
        (101, "19.99", "BELOW_RLS_THRESHOLD"),
        (300, 19, "BELOW_RLS_THRESHOLD"),
        (None, 25, "PARTIAL"),
        (200, None, "PARTIAL"),
        (80, None, "BORDERLINE_IV_ONLY"),
        (None, None, "UNKNOWN"),
    ],
)
def test_adults_are_held_against_the_thresholds_of_adults(ferritin, tsat, flag):
    assert judged(ferritin, tsat).flag == flag
    assert judged(ferritin, tsat, age=None).flag == flag


@pytest.mark.parametrize(("ferritin", "flag"), [(49, "BELOW_RLS_THRESHOLD"), (50, "ABOVE_THRESHOLD")])
def test_children_have_a_threshold_of_their_own(ferritin, flag):
    assert judged(ferritin, 30, age=12).flag == flag


@pytest.mark.parametrize("reason", get_args(iron.SpecialistReason))
@pytest.mark.parametrize("ferritin", [10, 500, None])
def test_what_a_specialist_judges_is_not_judged_here(reason, ferritin):
    assert judged(ferritin, 30, specialist=reason).flag == "SPECIALIST_RULE"


def test_the_saturation_is_computed_only_where_none_was_entered():
    assert judged(200, values={"iron": 30, "tibc": 300}).flag == "BELOW_RLS_THRESHOLD"
    found = judged(200, 25, values={"iron": 30, "tibc": 300})
    assert (found.flag, found.doubts) == ("ABOVE_THRESHOLD", ("tsat_differs",))
    assert judged(200, 12, values={"iron": 30, "tibc": 300}).doubts == ()


@pytest.mark.parametrize(
    ("crp", "limit", "modifiers"),
    [(22, None, ("interpret_with_care",)), (5, None, ()), (8, "10", ()), ("10.1", "10", ("interpret_with_care",))],
)
def test_inflammation_is_said_beside_the_flag(crp, limit, modifiers):
    found = judged(140, 30, values={"crp": crp}, crp_limit=None if limit is None else Decimal(limit))
    assert (found.flag, found.modifiers) == ("ABOVE_THRESHOLD", modifiers)


@pytest.mark.parametrize(
    ("on", "stale"),
    [(date(2025, 9, 7), False), (date(2025, 9, 6), True), (date(2025, 7, 1), True), (date(2026, 9, 7), False)],
)
def test_a_panel_is_old_after_twelve_months(on, stale):
    assert ("stale" in judged(140, 30, on=on).modifiers) is stale


def test_a_high_saturation_is_for_the_physician():
    assert judged(140, "45.1").modifiers == ("physician_review",)
    assert judged(140, 45).modifiers == ()


def test_a_value_that_nobody_has_is_asked_about_and_kept():
    assert judged(9000, 30).doubts == ("out_of_range",)


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "canonical"),
    [
        ("ferritin", "96", "ug/L", "96"),
        ("ferritin", "224.7", "pmol/L", "100"),
        ("iron", "10", "umol/L", "55.83"),
        ("tibc", "55", "umol/L", "307.1"),
        ("haemoglobin", "112", "g/L", "11.2"),
        ("haemoglobin", "6.206", "mmol/L", "10"),
        ("crp", "2.2", "mg/dL", "22"),
    ],
)
def test_units_are_converted(analyte, value, unit, canonical):
    assert round(iron.canonical(analyte, Decimal(value), unit), 1) == round(Decimal(canonical), 1)


def test_a_unit_that_does_not_belong_is_refused():
    with pytest.raises(KeyError):
        iron.canonical("ferritin", Decimal(1), "g/dL")


@given(st.decimals(1, 1000, places=2), st.decimals(1, 1000, places=2))
def test_the_saturation_is_the_same_in_either_unit(serum, capacity):
    direct = iron.computed_tsat(iron=serum, tibc=capacity)
    molar = iron.computed_tsat(
        iron=iron.canonical("iron", serum, "umol/L"), tibc=iron.canonical("tibc", capacity, "umol/L")
    )
    assert direct is not None
    assert molar is not None
    assert abs(direct - molar) < Decimal("0.0001")


def test_every_flag_and_modifier_has_words_in_both_languages():
    for language in ("en", "es"):
        assert set(iron.FLAG_WORDS[language]) == set(get_args(iron.Flag))
        assert set(iron.MODIFIER_WORDS[language]) == set(get_args(iron.Modifier))
    assert iron.words(iron.FLAG_WORDS, "UNKNOWN", "es-MX") == "Hierro desconocido"
    assert iron.words(iron.FLAG_WORDS, "UNKNOWN", "fr") == "Iron not known"

"""Each rule answers whatever it is asked, and more of what it looks for never makes it say less."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.instruments import loading
from rls_module.knowledge.safety import course, intake_alerts, intake_review, iron, needling_consent, screening

DAY = date(2026, 9, 7)
INTAKE = loading.shipped("rls_intake")
ASKED = {item.key: item.required for item in INTAKE.items}
LOWER_FIRST = {"BELOW_RLS_THRESHOLD": 0, "BORDERLINE_IV_ONLY": 1, "PARTIAL": 2, "ABOVE_THRESHOLD": 2}
SELDOM_FIRST = {"undetermined": 0, "intermittent": 1, "chronic_persistent": 2}

amounts = st.decimals(min_value=0, max_value=100_000, places=3)
junk = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=8), max_size=4)
picks = st.sets(st.sampled_from([option.name for option in INTAKE.item("flags").options]))


def flag(ferritin: Decimal, tsat: Decimal | None, age: int | None) -> int:
    values = {"ferritin": ferritin} | ({} if tsat is None else {"tsat": tsat})
    return LOWER_FIRST[iron.judge(values, age=age, collected_on=DAY, today=DAY).flag]


@given(amounts, amounts, st.none() | amounts, st.none() | st.integers(0, 120))
def test_more_ferritin_never_gives_a_lower_iron_flag(one, other, tsat, age):
    assert flag(min(one, other), tsat, age) <= flag(max(one, other), tsat, age)


@given(amounts, amounts, amounts, st.none() | st.integers(0, 120))
def test_more_saturation_never_gives_a_lower_iron_flag(ferritin, one, other, age):
    assert flag(ferritin, min(one, other), age) <= flag(ferritin, max(one, other), age)


@given(
    st.none() | st.integers(-5, 130),
    st.booleans(),
    st.none() | st.integers(0, 900),
    st.none() | st.floats(0, 7),
    st.none() | st.integers(0, 9999),
)
def test_every_history_has_a_course(age, is_provoked, months, weekly, events):
    found = course.course(
        age=age,
        is_provoked=is_provoked,
        months_since_onset=months,
        untreated_per_week=weekly,
        lifetime_events=events,
    )
    assert found in course.WORDS["en"]


@given(st.floats(0, 7), st.floats(0, 7), st.integers(12, 900), st.none() | st.integers(0, 9999))
def test_more_nights_are_never_a_lesser_course(one, other, months, events):
    low, high = (
        course.course(
            age=40, is_provoked=False, months_since_onset=months, untreated_per_week=weekly, lifetime_events=events
        )
        for weekly in sorted((one, other))
    )
    assert SELDOM_FIRST[low] <= SELDOM_FIRST[high]


@given(
    st.dictionaries(st.sampled_from(["E1", "E2", "E3", "E4"]), st.sampled_from(["yes", "no", "unsure", "past"])),
    st.dictionaries(st.sampled_from(["E3.past", "E4.past"]), st.sampled_from(["yes", "unsure"])),
    junk,
)
def test_every_screen_has_a_result_and_fits_only_where_all_four_are_yes(said, past, nights):
    found = screening.screen_result({**said, **past}, nights=nights).result
    assert (found == "fits") == ([said.get(key) for key in ("E1", "E2", "E3", "E4")] == ["yes"] * 4)
    assert (found == "does_not_fit") == ("no" in said.values())


@given(st.dictionaries(st.sampled_from(list(ASKED)), junk), st.none() | st.integers(0, 130))
def test_any_answers_of_an_intake_can_be_looked_through(answers, age):
    assert set(intake_review.exceptions(ASKED, answers, age=age)) <= set(ASKED)
    assert len(intake_alerts.told(answers)) <= 3
    assert intake_alerts.is_one_sided(answers) in (True, False)


@given(picks, picks)
def test_ticking_more_never_tells_less(some, more):
    few, many = ({"flags": sorted(ticked)} for ticked in (some, some | more))
    assert set(intake_alerts.red_flags(few)) <= set(intake_alerts.red_flags(many))
    assert {one.patient_page for one in intake_alerts.told(few)} <= {
        one.patient_page for one in intake_alerts.told(many)
    }


@pytest.mark.parametrize(("language", "first"), [("en", "Dry"), ("es", "La"), ("es-mx", "La"), ("fr", "Dry")])
def test_what_is_told_before_a_needle_is_there_in_every_language(language, first):
    assert needling_consent.text(language)[0].split()[0] == first

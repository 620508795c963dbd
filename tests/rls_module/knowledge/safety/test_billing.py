"""Units for a biller's review: every vector of the domain reference, and what holds for every mix of minutes."""

from __future__ import annotations

from itertools import combinations_with_replacement, product

import pytest

from rls_module.knowledge.safety import billing

CODES = ("97110", "97112", "97140", "97530")

# Domain reference 5.9: minutes -> units by the CMS rule; a code that is not named has none.
CMS = [
    ({"97110": 7}, {}),
    ({"97110": 8}, {"97110": 1}),
    ({"97110": 22}, {"97110": 1}),
    ({"97110": 23}, {"97110": 2}),
    ({"97112": 24, "97110": 23}, {"97112": 2, "97110": 1}),
    ({"97110": 33, "97140": 7}, {"97110": 2, "97140": 1}),
    ({"97110": 18, "97140": 13, "97116": 10, "97035": 8}, {"97110": 1, "97140": 1, "97116": 1}),
    ({"97110": 4, "97140": 3}, {}),
    ({"97140": 25, "97112": 8, "97110": 7}, {"97140": 2, "97112": 1}),
    ({"97110": 10, "97140": 10}, {"97110": 1}),
    ({}, {}),
]
AMA = [
    ({"97110": 10, "97140": 10}, {"97110": 1, "97140": 1}),
    ({"97110": 33, "97140": 7}, {"97110": 2}),
    ({"97110": 7}, {}),
    ({"97110": 8}, {"97110": 1}),
    ({"97110": 22}, {"97110": 1}),
    ({"97110": 23}, {"97110": 2}),
]
# Total minutes -> units: the table of the manual, each end of each step.
STEPS = [(0, 7, 0), (8, 22, 1), (23, 37, 2), (38, 52, 3), (53, 67, 4), (68, 82, 5), (83, 97, 6), (98, 112, 7)]
STEPS += [(113, 127, 8), (128, 142, 9)]


def found(minutes, rule, **more):
    return {line.code: line.units for line in billing.units(minutes, rule, **more).lines if line.units}


@pytest.mark.parametrize(("minutes", "expected"), CMS)
def test_the_vectors_of_the_cms_rule(minutes, expected):
    assert found(minutes, "CMS") == expected


@pytest.mark.parametrize(("minutes", "expected"), AMA)
def test_the_vectors_of_the_rule_per_code(minutes, expected):
    assert found(minutes, "AMA") == expected


@pytest.mark.parametrize(("first", "last", "expected"), STEPS)
def test_the_steps_of_the_table(first, last, expected):
    assert {billing.pooled_units(total) for total in range(first, last + 1)} == {expected}


def test_of_equal_codes_the_therapist_picks_and_else_the_lower_number():
    """20 + 20: two and one, either way; 7 + 7 + 7: one, any."""
    twice = {"97112": 20, "97110": 20}
    assert found(twice, "CMS") == {"97110": 2, "97112": 1}
    assert found(twice, "CMS", picked=["97112"]) == {"97110": 1, "97112": 2}
    thrice = {"97112": 7, "97110": 7, "97140": 7}
    assert found(thrice, "CMS") == {"97110": 1}
    for code in thrice:
        assert found(thrice, "CMS", picked=[code]) == {code: 1}


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ({"97112": 20, "97110": 20}, ("97110", "97112")),
        ({"97112": 7, "97110": 7, "97140": 7}, ("97110", "97112", "97140")),
        ({"97110": 25, "97112": 14, "97140": 14}, ()),  # 53: one full, three left, and each of the three gets one
        ({"97110": 25, "97112": 10, "97140": 10, "97530": 3}, ("97112", "97140")),  # 48: the 25 comes before both tens
        ({"97110": 33, "97140": 7}, ()),
        ({"97110": 15}, ()),
        ({}, ()),
    ],
)
def test_codes_that_nothing_but_a_pick_tells_apart_are_named(minutes, expected):
    assert billing.tied(minutes) == expected


@pytest.mark.parametrize(("codes", "most"), [(2, 47), (3, 32)])
def test_a_pick_changes_the_units_exactly_where_codes_tie(codes, most):
    for mix in product(range(most + 1), repeat=codes):
        minutes = dict(zip(CODES, mix, strict=False))
        outcomes = {tuple(sorted(found(minutes, "CMS", picked=[code]).items())) for code in minutes}
        assert (len(outcomes) > 1) == bool(billing.tied(minutes)), minutes


def test_a_pick_decides_nothing_but_a_tie():
    assert found({"97110": 25, "97140": 24}, "CMS", picked=["97140"]) == {"97110": 2, "97140": 1}


@pytest.mark.parametrize(("codes", "most"), [(1, 47), (2, 47), (3, 47), (4, 30)])
def test_units_always_sum_and_never_exceed(codes, most):
    """Every mix: the units are those of the total; no code has fewer than its full quarters, or two beyond."""
    for mix in combinations_with_replacement(range(most + 1), codes):
        cms = billing.units(dict(zip(CODES, mix, strict=False)), "CMS")
        left = billing.pooled_units(sum(mix)) - sum(count // billing.UNIT for count in mix)
        assert cms.total == billing.pooled_units(sum(mix)) == (sum(mix) + 7) // 15
        assert 0 <= left <= sum(1 for count in mix if count % billing.UNIT)
        assert sum(line.extra for line in cms.lines) == left
        for line in cms.lines:
            assert line.full == line.minutes // 15
            assert line.full <= line.units <= line.full + (line.rest > 0)


def test_by_the_rule_per_code_each_stands_alone():
    for mix in product(range(0, 48, 3), repeat=3):
        ama = billing.units(dict(zip(CODES, mix, strict=False)), "AMA")
        assert [line.units for line in ama.lines] == [(count + 7) // 15 for count in mix]


def test_the_order_in_which_codes_come_changes_nothing():
    minutes = {"97112": 20, "97110": 20, "97140": 5}
    for rule in billing.RULES:
        assert billing.units(minutes, rule) == billing.units(dict(reversed(minutes.items())), rule)


def test_minutes_below_none_are_refused():
    with pytest.raises(ValueError, match="from 0 on"):
        billing.units({"97110": -1}, "CMS")


SITES = [
    ([("soleus", "L", 2), ("soleus", "R", 2)], "20560", "20560"),
    ([("soleus", "B", 4), ("tibialis_anterior", "L", 1)], "20561", "20560"),
    ([("soleus", "B", 4), ("soleus", "L", 1)], "20560", "20560"),
    ([("soleus", "L", 2), ("soleus", "L", 3)], "20560", "20560"),
    ([("soleus", "L", 1), ("piriformis", "L", 1), ("rectus_abdominis", "M", 1)], "20561", "20561"),
    ([("soleus", "L", 0)], "", ""),
    ([], "", ""),
]


@pytest.mark.parametrize(("rows", "twice", "once"), SITES)
def test_needling_is_one_untimed_code_by_distinct_muscles(rows, twice, once):
    """Domain reference 5.8: one or the other, once a session; what was not needled does not count."""
    assert billing.needling_code(billing.muscles_needled(rows)) == twice
    assert billing.needling_code(billing.muscles_needled(rows, both_sides_count_twice=False)) == once


def test_needling_is_never_among_the_timed_codes():
    assert {one.code for one in billing.SHIPPED if not one.is_timed} == {billing.FEW, billing.MANY}
    assert len({one.code for one in billing.SHIPPED}) == len(billing.SHIPPED)

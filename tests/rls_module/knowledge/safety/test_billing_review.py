"""What a visit comes to, for review: minutes by code, the host's own of the day, and each doubt by itself."""

from __future__ import annotations

import pytest

from rls_module.knowledge.safety import billing
from rls_module.knowledge.safety.billing_review import NOT_BILLED, Review, Work, review

TABLE = billing.Table()
PER_CODE = billing.Table(rule="AMA")
SITES = (("soleus", "B", 4), ("tibialis_anterior", "L", 1))


def units(found: Review) -> dict[str, int]:
    return {line.code: line.units for line in found.units.lines} | dict.fromkeys(found.untimed, 1)


def doubts(work: Work, table: billing.Table = TABLE) -> list[tuple[str, dict]]:
    return [(one.code, dict(one.values)) for one in review(work, table).doubts]


def test_minutes_of_rows_are_summed_by_code_and_needling_is_one_untimed_unit_beside_them():
    rows = (("97140", 10), ("97140", 8), ("97110", 12), ("97112", 10), (NOT_BILLED, 5))
    found = review(Work(needled=SITES, rows=rows, needling_minutes=8, timed_minutes=40, total_minutes=55), TABLE)
    assert found.own == {"97140": 18, "97110": 12, "97112": 10}
    assert units(found) == {"97140": 1, "97110": 1, "97112": 1, "20561": 1}
    assert (found.muscles, found.own_minutes, found.elsewhere) == (3, 40, None)


def test_the_days_minutes_of_the_clinic_system_are_pooled_with_those_of_the_note():
    alone = review(Work(rows=(("97110", 10),), timed_minutes=10), TABLE)
    day = review(Work(rows=(("97110", 10),), timed_minutes=10, elsewhere={"97110": 5, "97035": 10}), TABLE)
    assert units(alone) == {"97110": 1}
    assert units(day) == {"97110": 1, "97035": 1}
    assert (day.own, day.units.minutes) == ({"97110": 10}, 25)
    assert (dict(day.doubts), day.elsewhere) == ({}, {"97110": 5, "97035": 10})


def test_the_other_rule_is_counted_beside_the_clinics():
    rows = (("97110", 33), ("97140", 7))
    assert [review(Work(rows=rows), table).by_the_other_rule for table in (TABLE, PER_CODE)] == [2, 3]
    assert [review(Work(rows=rows), table).units.total for table in (TABLE, PER_CODE)] == [3, 2]


def test_a_picked_code_gets_the_unit_only_where_codes_tie():
    work = Work(rows=(("97110", 20), ("97112", 20)), picked="97112")
    assert units(review(work, TABLE)) == {"97110": 1, "97112": 2}
    assert review(work, TABLE).tied == ("97110", "97112")
    assert review(work, PER_CODE).tied == ()


def test_an_untimed_code_is_one_unit_whatever_its_minutes():
    table = billing.Table(codes=(*billing.SHIPPED, billing.Code("97010", "warmth", is_timed=False)))
    found = review(Work(rows=(("97010", 20), ("97010", 20)), timed_minutes=0, total_minutes=40), table)
    assert (units(found), list(found.doubts)) == ({"97010": 1}, [])


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (Work(), []),
        (Work(needled=SITES[:1]), []),
        (Work(needled=SITES), [("sides", {})]),
        (Work(rows=(("", 5), ("97110", 10))), [("uncoded", {"count": 1})]),
        (Work(rows=(("00000", 10), ("97110", 10))), [("unknown", {"codes": "00000"})]),
        (Work(rows=(("97110", None), ("97110", 10))), [("unwritten", {"count": 1})]),
        (Work(rows=((NOT_BILLED, None),), timed_minutes=0), []),
        (Work(rows=(("97110", 10),), timed_minutes=12), [("differ", {"rows": 10, "note": 12})]),
        (
            Work(rows=(("97110", 10),), needling_minutes=8, timed_minutes=10, total_minutes=17),
            [("over_total", {"rows": 18, "note": 17})],
        ),
        (Work(rows=(("97110", 7),), timed_minutes=7), [("too_few", {"minutes": 7})]),
        (Work(rows=(("97110", 4), ("97140", 4)), timed_minutes=8), []),
    ],
)
def test_each_thing_to_look_at_is_named_with_its_numbers(work, expected):
    assert doubts(work) == expected


def test_by_the_rule_per_code_minutes_may_be_too_few_though_together_they_are_enough():
    assert doubts(Work(rows=(("97110", 7), ("97140", 7)), timed_minutes=14), PER_CODE) == [("too_few", {"minutes": 14})]


def test_a_clinic_that_has_no_code_for_needling_bills_none():
    assert review(Work(needled=SITES), billing.Table(kinds={})).untimed == ()

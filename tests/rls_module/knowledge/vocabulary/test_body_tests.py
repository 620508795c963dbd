"""The tests of an examination: names, answers and sides, and not a word on how a proprietary one is done."""

from __future__ import annotations

import pytest

from rls_module.knowledge.files import KnowledgeError, shaped
from rls_module.knowledge.vocabulary import loading
from rls_module.knowledge.vocabulary.definition import BodyTests

NAMED = {"key": "a", "english": "A", "spanish": "A"}
TEST = {**NAMED, "key": "t", "group": "a"}


def test_nerves_range_function_and_posture_are_all_there():
    tests = loading.body_tests()
    counts = {group.key: sum(one.group == group.key for one in tests.tests) for group in tests.groups}
    assert counts == {"nerve_vessel": 9, "range": 17, "functional": 6, "postural": 16}
    assert [one.key for one in tests.patterns] == ["left_aic", "right_bc", "left_bc", "bilateral_bc", "pec"]


def test_of_the_postural_tests_only_the_side_that_is_mistaken_is_explained():
    """Decisions 12.15: which leg the adduction lift is named for, and of no test how it is done."""
    explained = {one.key: one.named_for_english for one in loading.body_tests().tests if one.named_for_english}
    assert explained == {"hruska_adduction_lift": "the side is that of the leg on the examiner's shoulder"}


def test_sides_and_stages():
    lift, squat = loading.body_test("hruska_adduction_lift"), loading.body_test("squat")
    assert (lift.sides, lift.stages, lift.unit) == (("L", "R"), ("", "after"), "level")
    assert (squat.sides, squat.stages, squat.options[0]) == (("",), ("",), "full")
    with pytest.raises(KeyError):
        loading.body_test("no_such_test")


@pytest.mark.parametrize(
    "test",
    [
        TEST,
        {**TEST, "options": ("a",), "unit": "degrees"},
        {**TEST, "options": ("b",)},
        {**TEST, "group": "b", "unit": "degrees"},
        {**TEST, "unit": "miles"},
    ],
)
def test_a_test_without_one_kind_of_answer_or_of_no_group_is_refused(test):
    with pytest.raises(KnowledgeError):
        shaped(BodyTests, {"groups": (NAMED,), "options": (NAMED,), "tests": (test,)}, file="tests.toml")

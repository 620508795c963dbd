"""What is typed, read and totalled: which answers stand, what a condition makes of them, which mistakes are named."""

from __future__ import annotations

import re

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import branching, coherence, loading, scoring
from rls_module.knowledge.instruments.definition import Condition, Item, Structure


def item(kind: str, **more) -> Item:
    return Item(key="a", kind=kind, page="p", **more)


def structure(*items: Item, **more) -> Structure:
    return Structure(
        key="x-a", version=1, audience="adult_patient", minutes=1, licence="own", source="own", pages=("p",),
        items=items, **more,
    )  # fmt: skip


def mistake(*items: Item, **more) -> tuple[str, str]:
    with pytest.raises(KnowledgeError) as caught:
        coherence.check_structure(structure(*items, **more), file="in")
    return caught.value.path, caught.value.reason


@pytest.mark.parametrize(
    ("asked", "value", "problem"),
    [
        (item("number"), 7, None), (item("number"), 7.5, "too_precise"), (item("number", decimals=1), 7.5, None),
        (item("number", decimals=1), 7.25, "too_precise"), (item("number"), "7", "wrong_type"),
        (item("number"), True, "wrong_type"), (item("number"), float("nan"), "out_of_range"),
        (item("number"), 10**10, "out_of_range"), (item("number", min=0.5, decimals=1), 0.4, "out_of_range"),
        (item("number", max=9), 9, None), (item("number", max=9), 10, "out_of_range"),
        (item("count", min=0, max=4), 2.0, "wrong_type"),
        (item("date"), "2026-03-01", None), (item("date"), "1.3.2026", "not_a_moment"), (item("date"), 3, "wrong_type"),
        (item("date", min="2026-01-01"), "2025-12-31", "out_of_range"), (item("time", max="12:00"), "12:00", None),
        (item("moment"), "2026-03-01T10:00", None),
        (item("url", max_length=30), "https://example.org", None),
        (item("url", max_length=9), "urn:" + "x" * 9, "too_long"),
        (item("url", max_length=30), "no address", "not_an_address"),
        (item("info"), "x", "unknown"),
        (item("text", max_length=5, several=True), ["a", "b"], None),
        (item("text", max_length=5, several=True), ["a", "toolong"], "too_long"),
        (item("text", max_length=5, several=True), "a", "wrong_type"),
        (item("number", several=True), [1, 2, 3, 4, 5, 6], "too_many"),
    ],
)  # fmt: skip
def test_an_answer_stands_or_says_why_not(asked, value, problem):
    """DI-6: types and ranges on the server."""
    assert branching.problem(asked, value) == problem


A = {"item": "a"}


@pytest.mark.parametrize(
    ("condition", "answer", "holds"),
    [
        ({"answered": True}, "x", True), ({"answered": True}, None, False), ({"answered": False}, None, True),
        ({"above": 2}, 3, True), ({"above": 2}, 2, False), ({"above": 2}, None, False), ({"above": 2}, "3", False),
        ({"at_least": 2}, 2, True), ({"below": 2.5}, 2.4, True), ({"at_most": 2}, 2.1, False),
        ({"at_least": "2026-01-01"}, "2026-01-01", True), ({"below": "2026-01-01"}, "2025-12-31", True),
        ({"below": "2026-01-01"}, 3, False), ({"above": 2}, [1, 3], True), ({"any_of": (1.5,)}, 1.5, True),
    ],
)  # fmt: skip
def test_a_condition_on_one_answer(condition, answer, holds):
    given = {} if answer is None else {"a": answer}
    assert branching.holds(Condition(**A, **condition), standing=given, facts={}) is holds


@pytest.mark.parametrize(
    ("answers", "of_all", "of_any"), [({}, False, False), ({"a": 1}, False, True), ({"a": 1, "b": 2}, True, True)]
)
def test_several_conditions_together_and_one_in_another(answers, of_all, of_any):
    both = (
        Condition(item="a", any_of=(1,)),
        Condition(all=(Condition(item="b", any_of=(2,)), Condition(item="b", above=1))),
    )
    assert branching.holds(Condition(all=both), standing=answers, facts={}) is of_all
    assert branching.holds(Condition(any=both), standing=answers, facts={}) is of_any


@pytest.mark.parametrize(
    "given",
    [
        {}, {"item": "a"}, {"item": "a", "above": 1, "below": 3}, {"item": "a", "fact": "dopaminergic"},
        {"above": 1}, {"item": "a", "all": ({"item": "b", "answered": True},)},
    ],
)  # fmt: skip
def test_a_condition_has_one_form(given):
    with pytest.raises(ValueError, match=r"needs exactly one of|no two of them"):
        Condition(**given)


def test_words_to_read_are_not_answered_and_not_missing():
    said = structure(item("info"), Item(key="b", kind="number", page="p"))
    asking = {"facts": {}, "phase": "followup"}
    assert [one.name for one in branching.questions(said, answers={}, **asking)] == ["a", "b"]
    assert branching.absent(said, answers={}, **asking) == {"b": "skipped"}
    assert branching.check(said, answers={"a": "x"}, **asking) == {"a": "not_asked"}


SECOND = Item(key="b", kind="number", page="p", show_if=Condition(item="a", above=1))


@pytest.mark.parametrize(
    ("items", "path", "reason"),
    [
        ((item("number", options=({"key": 1},)),), "items.a.options", "does not belong"),
        ((item("number", min="x"),), "items.a.min", "is not what an item of kind 'number'"),
        ((item("count", min=0.5, max=2),), "items.a.min", "is not what"),
        ((item("date", max="2026"),), "items.a.max", "is not what"),
        ((item("date", min="2026-02-01", max="2026-01-01"),), "items.a.max", "is not above min"),
        ((item("date", measure={"better": "lower", "unit": "points", "source": "s"}),), "items.a.measure", "a date"),
        ((item("info", required=True),), "items.a", "is to be read"),
        ((item("url"),), "items.a.max_length", "is missing"),
        ((item("count", min=0, max=3, several=True),), "items.a.several", "belongs to what is typed"),
        ((item("number", initial=("x",)),), "items.a.initial", "is no answer"),
        ((item("number", initial=(1, 2)),), "items.a.initial", "it takes one"),
        ((item("text", max_length=9), SECOND), "items.b.show_if.above", "cannot be held against"),
        ((item("date"), SECOND), "items.b.show_if.above", "cannot be held against"),
        ((item("info"), SECOND), "items.b.show_if.item", "is to be read"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_kind_is_named(items, path, reason):
    where, why = mistake(*items)
    assert where == path
    assert reason in why


TOTAL = {"key": "total", "of": ("a", "b"), "measure": {"better": "lower", "unit": "points", "source": "own"}}
PAIR = (item("count", min=0, max=4), Item(key="b", kind="scale", page="p", min=1, max=3))


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({"of": ("a", "c")}, "scores.total.of", "'c' is not an item with a number"),
        ({"of": ("a", "a")}, "scores.total.of.a", "two parts"),
        ({"key": "a"}, "scores.a", "two item or scores"),
        ({"bands": ({"min": 1, "max": 3}, {"min": 5, "max": 7})}, "scores.total.bands", "do not go on from 4"),
        ({"bands": ({"min": 1, "max": 6},)}, "scores.total.bands", "end at 6; it goes to 7"),
        ({"bands": ({"min": 0, "max": 7},)}, "scores.total.bands", "do not go on from 1"),
    ],
)
def test_a_mistake_in_a_score_is_named(changes, path, reason):
    where, why = mistake(*PAIR, scores=(TOTAL | changes,))
    assert where == path
    assert reason in why


def totals(answers, **more) -> dict[str, float]:
    found = scoring.measured(structure(*PAIR, scores=(TOTAL | more.pop("score", {}),)), answers=answers, facts={},
                             phase="followup", **more)  # fmt: skip
    return {one.measure: one.value for one in found}


def test_a_total_needs_every_item():
    assert totals({"a": 4, "b": 2}) == {"x-a:total": 6}
    assert totals({"a": 0, "b": 1}) == {"x-a:total": 1}
    assert totals({"a": 4}) == {}
    assert totals({"a": 5, "b": 2}) == {}


def test_reversed_items_count_from_their_other_end_once_they_are_known():
    score = {"some_reversed": True}
    assert totals({"a": 4, "b": 3}, score=score) == {}
    assert totals({"a": 4, "b": 3}, score=score, reversed_items={"b"}) == {"x-a:total": 5}
    assert totals({"a": 4, "b": 3}, reversed_items={"b"}) == {"x-a:total": 7}, "only where the form has such items"


@pytest.mark.parametrize(
    ("key", "value", "band"),
    [
        ("irls", 0, "none"), ("irls", 1, "mild"), ("irls", 10, "mild"),
        ("irls", 11, "moderate"), ("irls", 20, "moderate"),
        ("irls", 21, "severe"), ("irls", 30, "severe"), ("irls", 31, "very_severe"), ("irls", 40, "very_severe"),
        ("isi", 7, "none"), ("isi", 8, "subthreshold"), ("isi", 14, "subthreshold"), ("isi", 15, "moderate"),
        ("isi", 21, "moderate"), ("isi", 22, "severe"), ("isi", 28, "severe"), ("ess", 10, "normal"), ("ess", 11, ""),
        ("psqi", 5, "up_to_cut"), ("psqi", 6, "poor_sleeper"),
    ],
)  # fmt: skip
def test_the_bands_of_the_licensed_scales(key, value, band):
    (score,) = loading.skeleton(key).scores
    assert score.band(value).key == band


@pytest.mark.parametrize(
    ("key", "items", "top", "counts"),
    [("irls", 10, 40, 5), ("isi", 7, 28, 6), ("ess", 8, 24, 2), ("psqi", 7, 21, 3), ("ears", 6, 24, None)],
)
def test_the_range_and_the_meaningful_change_of_the_licensed_scales(key, items, top, counts):
    form = loading.skeleton(key)
    (score,) = form.scores
    assert (len(form.items), score.measure.counts_from) == (items, counts)
    assert sum(max(coherence.worths(form.item(name))) for name in score.of) == top


def test_what_is_singly_reported_has_no_total():
    assert [loading.skeleton(key).scores for key in ("rls6", "rls_qol", "cgi_i", "cgi_s")] == [(), (), (), ()]


def test_no_form_without_words_has_a_word_of_an_item():
    """A skeleton holds structure: what a patient would read is nowhere in its file."""
    for key, version in loading.skeletons():
        text = (loading.DATA / f"{key}.v{version}.toml").read_text()
        assert not re.search(r"^(text|hint|options\.|low|high|short) ?=", text, re.MULTILINE), key
        assert {item.key for item in loading.skeleton(key).items} <= {f"{p}{n}" for p in "ic" for n in range(1, 11)} | {
            "summary"
        }

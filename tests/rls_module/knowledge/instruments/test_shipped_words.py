"""The words that patients read keep the project's rules for texts."""

from __future__ import annotations

import re

import pytest

from rls_module.knowledge.instruments.loading import shipped, shipped_keys

MEDICINE_EN = "Please do not change or stop any medicine without the person who prescribes it."
WORDINGS = [
    pytest.param(shipped(key).words(lang), id=f"{key}-{lang}") for key in shipped_keys() for lang in ("en", "es")
]


def patient_texts(wording):
    yield wording.introduction
    yield from wording.groups.values()
    for words in wording.items.values():
        yield from (words.text, words.hint, words.note, words.low, words.high, *words.options.values())


ASKED_BY_NAME = {shipped("rls_intake").words(lang).items["told"].text for lang in ("en", "es")}


@pytest.mark.parametrize("wording", WORDINGS)
def test_patients_never_read_the_name_of_the_condition(wording):
    # Content 1.1: in one item of the intake and nowhere else; what a doctor said can't be asked otherwise.
    texts = [text for text in patient_texts(wording) if text not in ASKED_BY_NAME]
    said = " ".join(texts)
    assert not re.search(r"restless|piernas inquietas|\bRLS\b|\bSPI\b", said, re.IGNORECASE)


@pytest.mark.parametrize("wording", WORDINGS)
def test_no_text_has_stray_spaces(wording):
    assert [text for text in patient_texts(wording) if text != text.strip() or "  " in text] == []


def test_spanish_is_a_draft_until_reviewed_and_english_is_not():
    for key in shipped_keys():
        assert (shipped(key).words("es").is_draft, shipped(key).words("en").is_draft) == (True, False)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("source", "items"),
    [
        ("rls_screen", ("s1_urge", "s2_rest", "s3_move", "s3_past", "s4_clock", "s4_past")),
        ("rls_checkin", ("nights", "worst", "usual", "start", "awake", "rested", "tired")),
    ],
)
def test_the_intake_asks_the_pattern_and_how_it_is_now_in_the_very_words_of_screen_and_checkin(source, items, language):
    """Content 5, B and D: one question has one wording and one set of answers, wherever it is asked."""
    intake, other = shipped("rls_intake"), shipped(source)
    for key in items:
        assert intake.words(language).items[key] == other.words(language).items[key]
        assert [one.key for one in intake.item(key).choices] == [one.key for one in other.item(key).choices]
        assert (intake.item(key).min, intake.item(key).max) == (other.item(key).min, other.item(key).max)
        assert (intake.item(key).criterion, intake.item(key).past) == (other.item(key).criterion, other.item(key).past)
        assert intake.item(key).measure is None, "the baseline measures it, once"


def test_medicine_sentence_stands_under_what_changed():
    assert shipped("rls_checkin").words("en").items["med_what"].hint == MEDICINE_EN


def test_none_of_these_is_exclusive_and_last():
    last = shipped("rls_checkin").item("new_problem").options[-1]
    assert (last.key, last.exclusive) == ("none", True)


def test_hours_start_at_noon_and_are_named_on_the_hour():
    item, words = shipped("rls_checkin").item("start"), shipped("rls_checkin").words("en").items["start"]
    labels = [words.label(option.key) for option in item.choices]
    assert [labels[0], labels[1], labels[7], labels[12], labels[23]] == [
        "About 12 noon", "About 1 pm", "About 7 pm", "About 12 midnight", "About 11 am",
    ]  # fmt: skip
    assert labels[24:] == ["It woke me up", "No usual time"]


def test_spanish_hours_agree_in_number():
    words = shipped("rls_checkin").words("es").items["start"]
    assert (words.label(13 * 60), words.label(19 * 60)) == ("Como a la 1 p. m.", "Como a las 7 p. m.")


@pytest.mark.parametrize(
    ("item", "better", "counts", "each", "watch"),
    [
        ("nights", "fewer", 2, None, None),
        ("worst", "lower", 2, None, None),
        ("usual", "lower", 2, None, None),
        ("start", "later", 60, None, 120),
        ("places", "fewer", None, None, None),
        ("awake", "lower", 2, None, None),
        ("rested", "higher", 2, None, None),
        ("tired", "fewer", 2, None, None),
        ("activity", "higher", 2, 3, None),
        ("home_days", "higher", None, None, None),
        ("change", "lower", None, None, None),
    ],
)
def test_measure_has_its_direction_and_thresholds(item, better, counts, each, watch):
    measure = shipped("rls_checkin").item(item).measure
    assert (measure.better, measure.counts_from, measure.counts_from_each, measure.watch_from) == (
        better, counts, each, watch,
    )  # fmt: skip


def test_change_has_bands_instead_of_a_threshold():
    measure = shipped("rls_checkin").item("change").measure
    assert (measure.good_to, measure.bad_from) == (2, 6)

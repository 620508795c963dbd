"""Medicines by what patients say; mimics and red flags; every file in order and in both languages."""

from __future__ import annotations

import pytest

from rls_module.knowledge.vocabulary import loading, medicines


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Mirapex ER 0.5", "pramipexole"),
        ("ropinirole 3 mg", "ropinirole"),
        ("REQUIP XL", "ropinirole"),
        ("Gabapentin Enacarbil", "gabapentin_enacarbil"),
        ("gabapentin 300", "gabapentin"),
        ("a PM pill", "diphenhydramine"),
        ("Hierro", "ferrous_sulfate"),
        ("tramadol", "tramadol"),
    ],
)
def test_a_medicine_is_found_by_generic_or_brand(said, key):
    found = medicines.find(said)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("said", ["", "magnesium", "ropini", "environment"])
def test_what_is_not_known_is_nothing(said):
    assert medicines.find(said) is None


def test_tramadol_and_the_dopaminergic_ones_can_augment():
    """Decisions 12.5."""
    assert {one.key for one in loading.medicines() if one.can_augment} == {
        "pramipexole", "ropinirole", "rotigotine", "levodopa", "cabergoline", "tramadol",
    }  # fmt: skip
    assert all(one.can_augment for one in loading.medicines() if one.dopaminergic)


def test_promethazine_may_worsen_and_bupropion_does_not():
    """Decisions 12.5; domain reference 4.5."""
    roles = {one.key: one.role for one in loading.medicines()}
    assert (roles["promethazine"], roles["bupropion"], roles["cetirizine"]) == (
        "may_worsen", "less_troublesome", "less_troublesome",
    )  # fmt: skip


def test_nobody_is_told_to_stop_a_medicine():
    """Never advice: every sentence leads to the prescriber or to how the therapist works."""
    for table in medicines.WORDS.values():
        assert not any(word in text.casefold() for text in table.values() for word in ("stop", "deje", "suspend"))
    assert set(medicines.WORDS["en"]) == set(medicines.WORDS["es"])


def test_every_alert_of_a_side_effect_has_words():
    assert {one.alert for one in loading.side_effects()} - {""} <= set(medicines.WORDS["en"])
    alerted = {one.key for one in loading.side_effects() if one.alert == "same_day"}
    assert {"impulse_control", "hallucination", "confusion_delirium"} <= alerted


def test_the_mimics_are_those_of_the_checklist():
    keys = [one.key for one in loading.mimics()]
    assert len(keys) == 20
    assert {"leg_cramps", "peripheral_neuropathy", "akathisia", "plmd_alone", "other"} <= set(keys)


def test_red_flags_stand_with_the_most_pressing_first():
    urgency = [one.urgency for one in loading.red_flags()]
    assert urgency == sorted(urgency, key=("now", "working_day").index)
    assert "calf" in {one.key for one in loading.red_flags() if one.urgency == "now"}, "decisions 12.5"
    assert "painful" not in {one.key for one in loading.red_flags()}, "pain alone is no red flag"

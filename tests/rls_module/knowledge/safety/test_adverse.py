"""Adverse events: the tiers of the domain reference, each with words, and by when somebody must see to one."""

from __future__ import annotations

import itertools

import pytest

from rls_module.knowledge.safety import adverse
from rls_module.knowledge.safety.opening import Due

# Domain reference 5.4, as it stands there; "other" is ours.
TABLE = {
    "minor": "bruise bleeding pain_during pain_after aggravation drowsy faint_feeling dizzy nausea headache fatigue "
    "sweating emotional itching shaking numbness_short needle_stuck_or_bent other",
    "significant": "prolonged_pain prolonged_aggravation excessive_bleeding haematoma fainting nerve_symptoms "
    "skin_infection allergic_reaction forgotten_needle",
    "serious": "pneumothorax organ_puncture vascular_injury systemic_infection seizure broken_needle_retained "
    "lasting_nerve_injury admission death",
}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_event_of_the_table_has_its_tier_and_a_word(language):
    found = {tier: " ".join(key for key, _word in named) for tier, named in adverse.choices(language)}
    assert found == TABLE
    words = [adverse.word(key, language) for key in adverse.events()]
    assert len(set(words)) == len(words) == 36


@pytest.mark.parametrize("said", ["", *adverse.TIERS])
def test_a_tier_is_only_ever_raised(said):
    for event in adverse.events():
        found = adverse.tier(event, at_least=said)
        own = adverse.tier(event)
        assert adverse.TIERS.index(found) == max(adverse.TIERS.index(own), adverse.TIERS.index(said or "minor"))


def test_the_graver_the_sooner():
    assert {"minor": None, "significant": Due(working_days=1), "serious": Due(opening_hours=1)} == adverse.DUE


def test_what_is_no_event_has_no_tier():
    with pytest.raises(KeyError):
        adverse.tier("bicycle")
    assert adverse.word("bicycle", "en") == "bicycle"


def test_a_missing_needle_is_never_minor():
    assert {adverse.tier(event) for event in adverse.OF_A_MISSING_NEEDLE} == {"significant", "serious"}


def test_a_language_without_words_of_its_own_reads_the_english_ones():
    assert list(itertools.chain(adverse.choices("fr"))) == adverse.choices("en")

"""Adverse events of treatment: what can happen, in three tiers, and by when somebody must see to it.

Source: domain reference 5.4, with the tiers used for needling: minor is short and no inconvenience,
significant needs medical attention or gets in the way of activities, serious is admission, lasting harm or death.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from rls_module.knowledge.safety.opening import Due

Tier = Literal["minor", "significant", "serious"]
TIERS: tuple[Tier, ...] = get_args(Tier)
OTHER = "other"  # in the therapist's own words

# A needle that did not come out, or was only found later: what a count that does not match leads to.
OF_A_MISSING_NEEDLE = frozenset({"forgotten_needle", "broken_needle_retained"})

DUE: Mapping[Tier, Due | None] = {"minor": None, "significant": Due(working_days=1), "serious": Due(opening_hours=1)}

WORDS: Mapping[str, Mapping[Tier, Mapping[str, str]]] = {
    "en": {
        "minor": {
            "bruise": "bruise",
            "bleeding": "bleeding",
            "pain_during": "pain during treatment",
            "pain_after": "pain afterwards",
            "aggravation": "symptoms stronger for a while",
            "drowsy": "drowsiness",
            "faint_feeling": "felt faint",
            "dizzy": "dizziness",
            "nausea": "nausea",
            "headache": "headache",
            "fatigue": "fatigue",
            "sweating": "sweating",
            "emotional": "emotional reaction",
            "itching": "itching",
            "shaking": "shaking",
            "numbness_short": "numbness, short",
            "needle_stuck_or_bent": "needle stuck or bent",
            OTHER: "something else",
        },
        "significant": {
            "prolonged_pain": "pain for more than a day or two",
            "prolonged_aggravation": "symptoms stronger for more than a day or two",
            "excessive_bleeding": "excessive bleeding",
            "haematoma": "haematoma",
            "fainting": "fainting",
            "nerve_symptoms": "nerve symptoms",
            "skin_infection": "skin infection",
            "allergic_reaction": "allergic reaction",
            "forgotten_needle": "needle forgotten or missing",
        },
        "serious": {
            "pneumothorax": "pneumothorax",
            "organ_puncture": "puncture of an organ",
            "vascular_injury": "injury of a vessel",
            "systemic_infection": "systemic infection",
            "seizure": "seizure",
            "broken_needle_retained": "broken needle left in the body",
            "lasting_nerve_injury": "lasting nerve injury",
            "admission": "admission to hospital",
            "death": "death",
        },
    },
    "es": {
        "minor": {
            "bruise": "moretón",
            "bleeding": "sangrado",
            "pain_during": "dolor durante el tratamiento",
            "pain_after": "dolor después",
            "aggravation": "síntomas más fuertes por un tiempo",
            "drowsy": "somnolencia",
            "faint_feeling": "sensación de desmayo",
            "dizzy": "mareo",
            "nausea": "náuseas",
            "headache": "dolor de cabeza",
            "fatigue": "cansancio",
            "sweating": "sudoración",
            "emotional": "reacción emocional",
            "itching": "picazón",
            "shaking": "temblor",
            "numbness_short": "entumecimiento breve",
            "needle_stuck_or_bent": "aguja atascada o doblada",
            OTHER: "otra cosa",
        },
        "significant": {
            "prolonged_pain": "dolor por más de uno o dos días",
            "prolonged_aggravation": "síntomas más fuertes por más de uno o dos días",
            "excessive_bleeding": "sangrado excesivo",
            "haematoma": "hematoma",
            "fainting": "desmayo",
            "nerve_symptoms": "síntomas nerviosos",
            "skin_infection": "infección de la piel",
            "allergic_reaction": "reacción alérgica",
            "forgotten_needle": "aguja olvidada o que falta",
        },
        "serious": {
            "pneumothorax": "neumotórax",
            "organ_puncture": "punción de un órgano",
            "vascular_injury": "lesión de un vaso",
            "systemic_infection": "infección sistémica",
            "seizure": "convulsión",
            "broken_needle_retained": "aguja rota que quedó en el cuerpo",
            "lasting_nerve_injury": "lesión nerviosa duradera",
            "admission": "ingreso en el hospital",
            "death": "muerte",
        },
    },
}

_TIER_OF: Mapping[str, Tier] = {event: tier for tier, events in WORDS["en"].items() for event in events}


def events() -> tuple[str, ...]:
    """Return every event that has a key, the mildest tier first."""
    return tuple(_TIER_OF)


def tier(event: str, *, at_least: Tier | Literal[""] = "") -> Tier:
    """Return the tier of `event`, or `at_least` where that is graver: what happened can be worse than its name.

    Raises KeyError for an event that there is not.
    """
    return max(_TIER_OF[event], at_least or TIERS[0], key=TIERS.index)


def word(event: str, language: str) -> str:
    """Return an event in words for staff; a key that is none stands as it is."""
    return dict(_each_word(language)).get(event, event)


def choices(language: str) -> list[tuple[Tier, list[tuple[str, str]]]]:
    """Return the events in words by tier, the mildest first."""
    return [(one, list(_of(language)[one].items())) for one in TIERS]


def _each_word(language: str) -> Iterator[tuple[str, str]]:
    for named in _of(language).values():
        yield from named.items()


def _of(language: str) -> Mapping[Tier, Mapping[str, str]]:
    return WORDS.get(language, WORDS["en"])

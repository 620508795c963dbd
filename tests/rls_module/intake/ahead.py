"""An intake as a patient answers it alone, page by page on a phone."""

from __future__ import annotations

from tests.rls_module.surveys.phone import Answers

CALM: dict[str, Answers] = {
    "why": {"reason": "legs"},
    "pattern": {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"},
    "feel": {"where": ["lower_legs_left", "lower_legs_right"], "painful": "sometimes"},
    "now": {"nights": "5", "worst": "7", "start": "1260"},
    "sleep": {"drive": "no", "breathing": "no"},
    "long": {"onset": "about 30", "five": "yes", "year": "n5"},
    "family": {"growing": "unsure"},
    "health": {"health": ["none"], "pregnant": "na"},
    "medicines": {"leg_meds": ["never"], "thinner": "no"},
    "tried": {"tried_massage": "helped"},
    "safety": {"flags": ["none"]},
}


def said(**pages: Answers) -> dict[str, Answers]:
    """The calm patient's answers, with those of some pages as given."""
    return {page: {**answers, **pages.get(page, {})} for page, answers in CALM.items()}

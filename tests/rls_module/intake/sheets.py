"""What is filled in, in the room: screen, intake and baseline as a browser sends them."""

from __future__ import annotations

from typing import Any

FITS = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening", "s5_nights": "6"}
UNCLEAR = FITS | {"s2_rest": "unsure"}
DOES_NOT_FIT = FITS | {"s2_rest": "busy"}

BASELINE: dict[str, Any] = {
    "nights": "6",
    "worst": "8",
    "usual": "6",
    "start": "1200",
    "places": ["lower_legs", "feet"],
    "awake": "4",
    "rested": "1",
    "tired": "5",
    "activity1-text": "sit through a film",
    "activity1-score": "3",
}

# The least of every section of the intake.
NEEDED: dict[str, dict[str, Any]] = {
    "why": {"reason": "legs"},
    "feel": {"where": ["lower_legs_left", "lower_legs_right"]},
    "sleep": {"drive": "no"},
    "health": {"health": ["none"], "pregnant": "na"},
    "medicines": {"leg_meds": ["never"], "thinner": "no"},
    "safety": {"flags": ["none"]},
}

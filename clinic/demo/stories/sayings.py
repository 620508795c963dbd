"""What a therapist writes beside a home exercise, in the language of the patient who takes it home."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

CUES = {
    "en": (
        "At the kitchen counter, before dinner.",
        "Shoes off. Slowly.",
        "Stop when it pulls, not when it hurts.",
        "With the radio on; two songs are enough.",
        "Not in the last hour before bed.",
        "Count aloud, it keeps the breath going.",
        "",
    ),
    "es": (
        "En la cocina, antes de cenar.",
        "Sin zapatos, despacio.",
        "Pare cuando tire, no cuando duela.",
        "No en la última hora antes de dormir.",
        "",
    ),
}


def cues(rng: Random, language: str) -> Iterator[str]:
    """Yield a reminder for one exercise after the other, none twice in a row."""
    while True:
        yield from rng.sample(CUES[language], len(CUES[language]))

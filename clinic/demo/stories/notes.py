"""How the demo's therapists write: muscles, needles and short sentences for one visit after the other. All invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any

Site = dict[str, Any]
Focus = tuple[tuple[str, str], ...]

# What one patient's treatment is about: (muscle, side), the main one first.
FOCUS: dict[str, Focus] = {
    "calf_left": (
        ("soleus", "L"),
        ("gastrocnemius_caput_mediale", "L"),
        ("tibialis_posterior", "L"),
        ("quadratus_plantae", "L"),
        ("soleus", "R"),
    ),
    "calves": (
        ("soleus", "B"),
        ("gastrocnemius_caput_mediale", "B"),
        ("tibialis_anterior", "R"),
        ("tibialis_posterior", "L"),
    ),
    "shins": (
        ("tibialis_anterior", "B"),
        ("soleus", "R"),
        ("gastrocnemius_caput_mediale", "R"),
        ("flexor_digitorum_brevis", "R"),
    ),
    "foot_right": (
        ("quadratus_plantae", "R"),
        ("flexor_digitorum_brevis", "R"),
        ("soleus", "R"),
        ("gastrocnemius_caput_mediale", "R"),
    ),
    "hips": (
        ("gluteus_medius", "L"),
        ("piriformis", "L"),
        ("biceps_femoris_caput_longum", "L"),
        ("soleus", "L"),
        ("gluteus_medius", "R"),
    ),
}
HIP = frozenset({"gluteus_medius", "piriformis"})
WORDS = {"L": "left", "R": "right", "B": "both sides"}

FOUND: dict[str, tuple[str, ...]] = {
    "soleus": (
        "Soleus {side}: taut band a hand above the heel, pressure brings the evening pull.",
        "Soleus {side} soft but for one tender spot on the inner edge.",
        "Soleus {side} guards on passive dorsiflexion with the knee bent.",
    ),
    "gastrocnemius_caput_mediale": (
        "Medial gastrocnemius {side} ropy, jumps under the finger.",
        "Medial gastrocnemius {side}: one band just under the knee crease, refers to the instep.",
        "Calf {side} full and tight after a day of standing, no swelling, no heat.",
    ),
    "tibialis_anterior": (
        "Tibialis anterior {side} tender in the upper third, familiar crawling on pressure.",
        "Shin {side}: upper third only, the rest quiet.",
        "Tibialis anterior {side} tires early in heel walking.",
    ),
    "tibialis_posterior": (
        "Tibialis posterior {side} tender behind the tibia, arch drops on single-leg stance.",
        "Behind the shin bone {side} sore over a hand's width.",
    ),
    "quadratus_plantae": (
        "Sole {side} tender in front of the heel, first steps stiff.",
        "Quadratus plantae {side}: deep ache on pressure, eases after half a minute.",
    ),
    "flexor_digitorum_brevis": (
        "Short toe flexors {side} tight, toes claw when standing on one leg.",
        "Mid sole {side} tender, toe spread weak.",
    ),
    "gluteus_medius": (
        "Gluteus medius {side}: weak in side lying, band under the crest.",
        "Gluteus medius {side} holds 8 s in side lying, then shakes.",
    ),
    "piriformis": (
        "Piriformis {side} tender, slump negative.",
        "Piriformis {side}: pressure gives the restless feeling down to the calf.",
    ),
    "biceps_femoris_caput_longum": (
        "Outer hamstring {side} short, 20 degrees less than the other.",
        "Outer hamstring {side}: band in the middle third.",
    ),
}
RESPONSE: dict[str, tuple[str, ...]] = {
    "better": (
        "Less pull at once, could sit still through the rest of the session.",
        "Calf looser, ankle 5 degrees more. Says it feels quiet.",
        "Good twitch, then warmth. Tender spot 3 down to 1.",
        "Walks off easier, no after-ache so far.",
        "Restless feeling gone on the table, for now.",
        "Palpation 3-2-2 before, 1-0-1 after.",
        "Dozed off on the table.",
    ),
    "same": (
        "Local softening, legs feel much the same.",
        "Tolerated well, little change on the table.",
        "Range a bit better, the restless feeling unchanged.",
        "Palpation 3-2-2 before, 2-2-1 after.",
        "Warm and heavy for a few minutes, then as before.",
    ),
    "worse": (
        "Short relief on the table, twitchy again when sitting up.",
        "Tolerated, but the legs stay busy whatever we do.",
        "No clear effect today.",
        "Eases while I work, back within minutes.",
    ),
}
NEXT: dict[str, tuple[str, ...]] = {
    "better": (
        "Same points, add the foot.",
        "Space out to once a week if it holds.",
        "Fewer needles, more single-leg work.",
        "Go on with calf raises, 3 x 12, every other day.",
        "Re-test sitting time before treatment.",
        "Other side if it starts to complain.",
    ),
    "same": (
        "Change the order: foot first, calf after.",
        "Ask about evening coffee and late training.",
        "Go through the home stretches again, one by one.",
        "Try longer in place, no pistoning.",
        "Re-check hip, it may be driving the calf.",
    ),
    "worse": (
        "Ask again about new medicines before anything else.",
        "Letter to the doctor. Gentle session only.",
        "Keep it short, look at the whole picture first.",
        "Hold the needles if the legs are worse again.",
    ),
}
INSTEAD: tuple[str, ...] = (
    "No needles today: slept badly, wanted it gentle. Fascial work er-pe, re-ta, er-ge, 3 min each.",
    "Exercise day: calf raises, toe spread, step-downs 12 min. Fascial work ir-ta and la-pv.",
    "Hands only: er-pe, re-pe, re-ta, ir-ta. Went through the home programme.",
    "Small bruise still there, so no needles. Foot mobility and balance, 15 min.",
    "Re-test and home programme, fascial work re-cx and re-lu.",
)
SOFT_NEEDLES = "superficial"
MOST_NEEDLES = 10


class Notebook:
    """What is written about one patient, visit by visit; the same sentence comes again only when all were used."""

    def __init__(self, rng: Random, focus: str, *, superficial: bool = False) -> None:
        self._rng = rng
        self._focus = FOCUS[focus]
        self._superficial = superficial
        self._found = {key: self._deck(texts) for key, texts in FOUND.items()}
        self._response = {key: self._deck(texts) for key, texts in RESPONSE.items()}
        self._next = {key: self._deck(texts) for key, texts in NEXT.items()}
        self._instead = self._deck(INSTEAD)

    def sites(self) -> list[Site]:
        """Return the needling of one visit: the main muscle and two or three more, at most ten needles in all."""
        others = self._rng.sample(self._focus[1:], self._rng.randint(2, 3))
        sites = [self._site(muscle, side) for muscle, side in (self._focus[0], *others)]
        while sum(site["needles_in"] for site in sites) > MOST_NEEDLES:
            sites.pop()
        return sites

    def note(self, sites: Sequence[Site], *, since: str, nights: int, is_first: bool) -> dict[str, Any]:
        """Return the note of a visit after which only the therapist's own additions are missing."""
        total = self._rng.choice((40, 45, 45, 50))
        touched = sites or [{"muscle": muscle, "side": side} for muscle, side in self._focus[:1]]
        found = " ".join(self._finding(site) for site in touched[:2])
        return {
            "since_last": since,
            "nights": nights,
            "reaction": "first" if is_first else self._reaction(),
            "safety": "unchanged",
            "findings": found,
            "needles_out": sum(site["needles_in"] for site in sites) if sites else None,
            "aftercare_given": is_first or self._rng.random() < 0.3,  # noqa: PLR2004
            "no_treatment_because": "" if sites else next(self._instead),
            "response": next(self._response[since]),
            "timed_minutes": total - self._rng.choice((5, 8, 10)),
            "total_minutes": total,
            "next_time": next(self._next[since]),
        }

    def _site(self, muscle: str, side: str) -> Site:
        is_hip = muscle in HIP
        technique = SOFT_NEEDLES if self._superficial else self._rng.choice(("deep_pistoning", "in_situ"))
        each = self._rng.randint(1, 2)
        return {
            "muscle": muscle,
            "side": side,
            "technique": technique,
            "gauge_mm": Decimal("0.30") if is_hip else Decimal("0.25"),
            "length_mm": 60 if is_hip else 25 if self._superficial else 40,
            "needles_in": each * 2 if side == "B" else each,
            "twitch": technique == "deep_pistoning" and self._rng.random() < 0.7,  # noqa: PLR2004
            "minutes": 0 if technique == "deep_pistoning" else self._rng.randint(4, 8),
        }

    def _finding(self, site: Site) -> str:
        return next(self._found[site["muscle"]]).format(side=WORDS[site["side"]])

    def _reaction(self) -> str:
        return "sore" if self._rng.random() < 1 / 6 else "none"

    def _deck(self, texts: Sequence[str]) -> Iterator[str]:
        return cycle(self._rng.sample(texts, len(texts)))

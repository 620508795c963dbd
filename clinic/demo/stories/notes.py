"""How the demo's therapists write: short sentences for one visit after the other, fitting what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any

from clinic.demo.stories.hands import Session

WORDS = {"L": "left", "R": "right", "B": "both sides"}

FOUND: dict[str, tuple[str, ...]] = {
    "soleus": (
        "Soleus {side}: taut band a hand above the heel, pressure brings the evening pull.",
        "Soleus {side} soft but for one tender spot on the inner edge.",
        "Soleus {side} guards on passive dorsiflexion with the knee bent.",
        "Deep calf {side} quieter than last time, one band left under the Achilles.",
        "Soleus {side} twitches on its own while lying, settles under the hand.",
        "Soleus {side}: outer border this time, does not refer.",
    ),
    "gastrocnemius_caput_mediale": (
        "Medial gastrocnemius {side} ropy, jumps under the finger.",
        "Medial gastrocnemius {side}: one band just under the knee crease, refers to the instep.",
        "Calf {side} full and tight after a day of standing, no swelling, no heat.",
        "Inner calf {side} short: knee straight, the heel lifts at 5 degrees.",
    ),
    "tibialis_anterior": (
        "Tibialis anterior {side} tender in the upper third, familiar crawling on pressure.",
        "Shin {side}: upper third only, the rest quiet.",
        "Tibialis anterior {side} tires early in heel walking.",
        "Shin muscle {side} hard after the stairs at work, skin warm and dry.",
    ),
    "tibialis_posterior": (
        "Tibialis posterior {side} tender behind the tibia, arch drops on single-leg stance.",
        "Behind the shin bone {side} sore over a hand's width.",
        "Arch {side} holds longer today, tibialis posterior still tender.",
    ),
    "quadratus_plantae": (
        "Sole {side} tender in front of the heel, first steps stiff.",
        "Quadratus plantae {side}: deep ache on pressure, eases after half a minute.",
        "Heel {side}: presses hard now before it hurts.",
    ),
    "flexor_digitorum_brevis": (
        "Short toe flexors {side} tight, toes claw when standing on one leg.",
        "Mid sole {side} tender, toe spread weak.",
        "Toes {side} lie flat again in standing, mid sole still tight.",
    ),
    "gluteus_medius": (
        "Gluteus medius {side}: weak in side lying, band under the crest.",
        "Gluteus medius {side} holds 8 s in side lying, then shakes.",
        "Hip {side} drops less when walking, gluteus medius tender at the front edge.",
    ),
    "piriformis": (
        "Piriformis {side} tender, slump negative.",
        "Piriformis {side}: pressure gives the restless feeling down to the calf.",
        "Piriformis {side} lets go sooner than last time.",
    ),
    "biceps_femoris_caput_longum": (
        "Outer hamstring {side} short, 20 degrees less than the other.",
        "Outer hamstring {side}: band in the middle third.",
    ),
}
FELT: tuple[str, ...] = (  # of a fascial point
    "Most dense at {point} {side}, glides after a few minutes.",
    "{point} {side} sharp at first, refers down the leg.",
    "{point} {side} is the key again, the others follow.",
    "Movement test clear but for {point} {side}.",
    "{point} {side}: tissue like leather, pain familiar.",
)

RESPONSE: dict[str, tuple[tuple[str, str], ...]] = {  # (what it needs, sentence)
    "better": (
        ("", "Less pull at once, could sit still through the rest of the session."),
        ("", "Looser at once, 5 degrees more. Says it feels quiet."),
        ("twitch", "Good twitch, then warmth. Tender spot hardly to be found."),
        ("", "Walks off easier, no after-ache so far."),
        ("", "Restless feeling gone on the table, for now."),
        ("points", "The dense points glide, re-test pain-free."),
        ("", "Dozed off on the table."),
        ("exercises", "Single-leg work steadier than last time, no shaking."),
        ("", "Says the last two evenings were the calmest in months."),
        ("", "Lay still for ten minutes without being asked."),
    ),
    "same": (
        ("", "Local softening, legs feel much the same."),
        ("", "Tolerated well, little change on the table."),
        ("", "Range a bit better, the restless feeling unchanged."),
        ("points", "Two of the points let go, the others hardly."),
        ("", "Warm and heavy for a few minutes, then as before."),
        ("exercises", "Exercises fine and without pain; no difference in the legs yet."),
        ("", "Likes the session, cannot say that it lasts."),
    ),
    "worse": (
        ("", "Short relief on the table, twitchy again when sitting up."),
        ("", "Tolerated, but the legs stay busy whatever we do."),
        ("", "No clear effect today."),
        ("", "Eases while I work, back within minutes."),
        ("points", "Points softer, the urge as strong as before."),
    ),
}
NEXT: dict[str, tuple[tuple[str, str], ...]] = {
    "better": (
        ("points", "Same points, add the foot."),
        ("", "Space out to once a week if it holds."),
        ("needles", "Fewer needles, more single-leg work."),
        ("", "Go on with the home programme, every other day."),
        ("", "Re-test sitting time before treatment."),
        ("", "Other side if it starts to complain."),
        ("exercises", "One step harder: slower on the way down."),
        ("", "Ask how the weekend evening went."),
    ),
    "same": (
        ("points", "Change the order: the far points first."),
        ("", "Ask about evening coffee and late training."),
        ("", "Go through the home stretches again, one by one."),
        ("needles", "Try longer in place, no pistoning."),
        ("", "Re-check the whole leg standing, something else may drive it."),
        ("", "Give it two more visits, then look at the plan again."),
    ),
    "worse": (
        ("", "Ask again about new medicines before anything else."),
        ("", "Gentle session only."),
        ("", "Keep it short, look at the whole picture first."),
        ("needles", "Hold the needles if the legs are worse again."),
    ),
}
REACTIONS: tuple[tuple[str, str], ...] = (
    ("sore", ""),
    ("sore", "For a day, gone by the second morning."),
    ("other", "Small bruise, no bigger than a coin, fading."),
    ("other", "Drowsy for an hour afterwards, had somebody drive."),
    ("sore", "Like after a long walk, one day."),
)
REACTS = 1 / 6  # of all visits, somebody tells of a minor reaction to the one before


class Notebook:
    """What is written about one patient, visit by visit; the same sentence comes again only when all were used."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._found = {key: self._deck(texts) for key, texts in FOUND.items()}
        self._felt = self._deck(FELT)
        self._response = {key: self._deck(texts) for key, texts in RESPONSE.items()}
        self._next = {key: self._deck(texts) for key, texts in NEXT.items()}
        self._reactions = self._deck(REACTIONS)

    def note(self, done: Session, *, since: str, nights: int, is_first: bool) -> dict[str, Any]:
        """Return the note of a visit after which only the therapist's own additions are missing."""
        reaction, told = ("first", "") if is_first else self._reaction()
        return {
            "since_last": since,
            "nights": nights,
            "reaction": reaction,
            "reaction_note": told,
            "safety": "unchanged",
            "findings": self._findings(done),
            "needles_out": done.needles if done.sites else None,
            "aftercare_given": bool(done.sites) and (is_first or self._rng.random() < 0.3),  # noqa: PLR2004
            "response": _fitting(self._response[since], done),
            "timed_minutes": done.timed,
            "total_minutes": done.total,
            "next_time": _fitting(self._next[since], done),
        }

    def _findings(self, done: Session) -> str:
        touched = self._rng.sample(done.sites, min(2, len(done.sites)))
        said = [next(self._found[site["muscle"]]).format(side=WORDS[site["side"]]) for site in touched]
        if done.points and len(said) < 2:  # noqa: PLR2004
            point = done.points[0]
            said.append(next(self._felt).format(point=point["point"], side=WORDS[point["side"]]))
        return " ".join(said) or "Not examined by hand today; movement as last time."

    def _reaction(self) -> tuple[str, str]:
        return next(self._reactions) if self._rng.random() < REACTS else ("none", "")

    def _deck(self, texts: Sequence[Any]) -> Iterator[Any]:
        return cycle(self._rng.sample(texts, len(texts)))


def _fitting(deck: Iterator[tuple[str, str]], done: Session) -> str:
    """Return the next sentence that fits what was done."""
    has = {
        "": True,
        "needles": bool(done.sites),
        "twitch": any(site["twitch"] for site in done.sites),
        "points": bool(done.points),
        "exercises": bool(done.exercises),
    }
    return next(text for needs, text in deck if has[needs])

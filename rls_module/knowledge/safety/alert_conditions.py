"""When each alert rule fires: one function per rule, from the answers of a sitting and the facts of a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rls_module.knowledge.files import Frozen
from rls_module.knowledge.safety.alert_rules import RuleKey

URGENT = ("chest", "calf", "saddle", "weak", "infection")
HANDS_ON_DAYS = 14  # a problem up to this many days after needling or fascial work is a reaction until shown otherwise
WORSE_POINTS = 3
WATCH_POINTS = 2
WATCH_MINUTES = 120
LATER_MINUTES = 1080  # a start "earlier" by more than this is a later one
GAIN = {"nights": 2, "worst": 2}  # the thresholds of the check-in's measures, from which a gain counts
LITTLE_CHANGE = (4, 5)
WORSE_CHANGE = (6, 7)
_DAY_MINUTES = 1440

Params = Mapping[str, object]


class AlertFacts(Frozen, strict=False):
    """What the rules need from the chart, as rows hold it (a list or a Decimal will do).

    `baseline`: measure (`rls_checkin:worst`) -> value before treatment.
    """

    step: str = ""  # of the occurrence: week_6, week_12
    baseline: Mapping[str, float] = {}
    baseline_places: frozenset[str] | None = None  # None = no baseline
    start_before: int | None = None  # usual start before any leg medicine, minutes after midnight
    days_since_hands_on: int | None = None  # since the last needling or fascial visit, None = there was none
    dopaminergic: bool = False  # a dopaminergic drug or tramadol, now or ever
    planned_days: int | None = None  # of the home programme, a week


@dataclass(frozen=True, slots=True)
class Sitting:
    """The answers that can stand, and the facts they are held against."""

    answers: Mapping[str, object]
    facts: AlertFacts

    def picked(self, item: str, *keys: str) -> list[str]:
        """Return which of the options were picked."""
        picks = self.answers.get(item)
        return [key for key in keys if isinstance(picks, list | tuple) and key in picks]

    def ticked(self, *keys: str) -> list[str]:
        """Return which of the new problems were ticked."""
        return self.picked("new_problem", *keys)

    def number(self, item: str) -> int | None:
        """Return a number that was answered, or None."""
        value = self.answers.get(item)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def baseline(self, item: str) -> float | None:
        """Return an item's value before treatment, or None."""
        return self.facts.baseline.get(f"rls_checkin:{item}")

    def gain(self, item: str) -> float | None:
        """Return by how much a measure fell since the baseline (no night with symptoms = 0), or None if unknown."""
        now, before = 0 if self.number("nights") == 0 else self.number(item), self.baseline(item)
        return None if now is None or before is None else before - now

    @property
    def is_after_hands_on(self) -> bool:
        """Say whether the last needling or fascial visit is recent enough to be the cause."""
        days = self.facts.days_since_hands_on
        return days is not None and days <= HANDS_ON_DAYS


def minutes_earlier(before: float, now: float) -> int:
    """Return by how many minutes `now` is earlier on the clock than `before`; 0 when it is later.

    Both are minutes after midnight. 22:00 to 17:00 = 300, 01:00 to 22:00 = 180, 22:00 to 23:00 = 0.
    """
    earlier = int(before - now) % _DAY_MINUTES
    return 0 if earlier > LATER_MINUTES else earlier


def _urgent_symptom(sitting: Sitting) -> Params | None:
    return _labelled(sitting.ticked(*URGENT))


def _drowsy_driving(sitting: Sitting) -> Params | None:
    return {} if sitting.ticked("drive") else None


def _mind_or_urges(sitting: Sitting) -> Params | None:
    return _labelled(sitting.ticked("mind", "urges"))


def _faint(sitting: Sitting) -> Params | None:
    return {} if sitting.ticked("faint") else None


def _treatment_reaction(sitting: Sitting) -> Params | None:
    return _labelled(sitting.ticked("sore", *(("numb", "infection") if sitting.is_after_hands_on else ())))


def _new_numbness(sitting: Sitting) -> Params | None:
    return {} if sitting.ticked("numb") and not sitting.is_after_hands_on else None


def _worse_intensity(sitting: Sitting) -> Params | None:
    before, now = sitting.baseline("worst"), sitting.number("worst")
    if before is None or now is None or now - before < WORSE_POINTS:
        return None
    return {"a": int(before), "b": now}


def _worse_overall(sitting: Sitting) -> Params | None:
    change = sitting.number("change")
    return {"change": change} if change in WORSE_CHANGE else None


def _augmentation_watch(sitting: Sitting) -> Params | None:
    signs = list(_signs(sitting)) if sitting.facts.dopaminergic else []
    return {"n": len(signs), "list": signs} if signs else None


def _no_gain(sitting: Sitting) -> Params | None:
    change = sitting.number("change")
    if sitting.facts.step != "week_12" or change not in LITTLE_CHANGE:
        return None
    gained = any((sitting.gain(item) or 0) >= enough for item, enough in GAIN.items())
    return None if gained else {"change": change}


def _exercise_barrier(sitting: Sitting) -> Params | None:
    done, planned = sitting.number("home_days"), sitting.facts.planned_days
    barriers = sitting.picked("home_barrier", "hurt", "unclear")
    if done is None or not planned or done * 2 > planned or not barriers:
        return None
    return {"barrier": barriers}


def _call_request(sitting: Sitting) -> Params | None:
    wish = sitting.answers.get("call_me")
    return {"time": wish} if wish in ("morning", "afternoon", "any") else None


def _read_comment(sitting: Sitting) -> Params | None:
    texts = {name: text for name, text in sitting.answers.items() if name == "comment" or name.endswith(".other")}
    written = [name for name, text in texts.items() if isinstance(text, str) and text.strip()]
    return {"items": written} if written else None


def _medicine_marker(sitting: Sitting) -> Params | None:
    return {} if sitting.answers.get("med_change") == "yes" else None


# A rule fires when its function returns parameters, be they empty; None means it does not.
FIRES: Mapping[RuleKey, Callable[[Sitting], Params | None]] = {
    "urgent_symptom": _urgent_symptom,
    "drowsy_driving": _drowsy_driving,
    "mind_or_urges": _mind_or_urges,
    "faint": _faint,
    "treatment_reaction": _treatment_reaction,
    "new_numbness": _new_numbness,
    "worse_intensity": _worse_intensity,
    "worse_overall": _worse_overall,
    "augmentation_watch": _augmentation_watch,
    "no_gain": _no_gain,
    "exercise_barrier": _exercise_barrier,
    "call_request": _call_request,
    "read_comment": _read_comment,
    "medicine_marker": _medicine_marker,
}


def _signs(sitting: Sitting) -> Iterator[str]:
    """Name the signs of augmentation among the answers; what has nothing to compare with is no sign."""
    before = sitting.baseline("start") if sitting.facts.start_before is None else sitting.facts.start_before
    start = sitting.number("start")
    if before is not None and start is not None and minutes_earlier(before, start) >= WATCH_MINUTES:
        yield "start"
    places, known = sitting.answers.get("places"), sitting.facts.baseline_places
    if known is not None and isinstance(places, list | tuple) and set(places) - known:
        yield "spread"
    if (sitting.gain("worst") or 0) <= -WATCH_POINTS:
        yield "worst"
    if sitting.answers.get("med_extra") == "yes":
        yield "med_extra"


def _labelled(keys: list[str]) -> Params | None:
    return {"label": keys} if keys else None

"""What a therapist looks at first in an intake that a patient answered alone. It judges no answer, and changes none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from rls_module.knowledge.safety import intake_alerts

Why = Literal["flag", "unsure", "empty", "contradiction", "beyond_age"]

# Answers that change what is done, by question; "none" and its like are never among them. Source: project design.
FLAGS: Mapping[str, frozenset[str]] = {
    "drive": frozenset({"yes"}),
    "breathing": frozenset({"yes"}),
    "iron_loss": frozenset({"stools"}),
    "thinner": frozenset({"yes"}),
    "pregnant": frozenset({"yes"}),
    "health": frozenset({"dialysis", "nerve", "cancer"}),
    "med_trouble": frozenset({"sudden_sleep", "hallucination", "confusion_delirium", "impulse_control", "worse_legs"}),
}
ANY_BUT_NONE = ("flags", "needles")

HELPED = frozenset({"helped"})
_TRIED = frozenset({"helped", "same", "worse"})
_NIGHTLY = frozenset({"n1", "n2", "n3", "n4", "n5", "n6", "n7"})
_LIMITED = frozenset({"avoid_sitting", "skip_outings", "work", "apart", "low"})
_TROUBLE = frozenset({*FLAGS["med_trouble"], "drowsiness", "dizziness", "nausea", "fainting_or_low_bp", "swelling"})

# Pairs that do not go together: (question, answers), (question, answers). Source: project design.
CONTRADICTIONS = (
    (("helps", frozenset({"nothing"})), ("s3_move", frozenset({"eases"}))),
    *((("helps", frozenset({"nothing"})), (f"tried_{one}", HELPED)) for one in ("exercise", "stretching", "massage")),
    (("leg_meds", frozenset({"never"})), ("tried_medicine", _TRIED)),
    (("leg_meds", frozenset({"never"})), ("tried_iron", _TRIED)),
    (("leg_meds", frozenset({"never"})), ("med_trouble", _TROUBLE)),
    (("five", frozenset({"no"})), ("year", _NIGHTLY)),
    (("bother", frozenset({"none"})), ("limits", _LIMITED)),
)
_AGE = re.compile(r"\D*(\d{1,3})\D*")


def exceptions(
    asked: Mapping[str, bool], answers: Mapping[str, object], *, age: int | None = None
) -> Mapping[str, tuple[Why, ...]]:
    """Return question -> why it is looked at first, in the order asked.

    `asked`: question -> whether an intake must have its answer; `age` in years, None where nobody knows it.
    """
    crossed = _crossed(answers)
    found: dict[str, tuple[Why, ...]] = {}
    for name, is_required in asked.items():
        checks: dict[Why, bool] = {
            "flag": _is_flag(name, answers),
            "unsure": "unsure" in picked(answers, name),
            "empty": is_required and answers.get(name) in (None, "", []),
            "contradiction": name in crossed,
            "beyond_age": name == "onset" and _is_beyond(answers.get(name), age),
        }
        if why := tuple(code for code, holds in checks.items() if holds):
            found[name] = why
    return found


def picked(answers: Mapping[str, object], name: str) -> frozenset[str]:
    """Return the options that were picked for a question, as text."""
    value = answers.get(name)
    if value is None:
        return frozenset()
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset({str(value)})


def age_in(value: object) -> int | None:
    """Return the one age that a free text names ("about 30"), or None where it names none, or several."""
    match = _AGE.fullmatch(str(value or ""))
    return int(match[1]) if match else None


def _is_flag(name: str, answers: Mapping[str, object]) -> bool:
    if name == "where":
        return intake_alerts.is_one_sided(answers)
    if name in ANY_BUT_NONE:
        return bool(picked(answers, name) - {"none"})
    return bool(picked(answers, name) & FLAGS.get(name, frozenset()))


def _crossed(answers: Mapping[str, object]) -> frozenset[str]:
    pairs = (pair for pair in CONTRADICTIONS if all(picked(answers, name) & keys for name, keys in pair))
    return frozenset(name for pair in pairs for name, _keys in pair)


def _is_beyond(value: object, age: int | None) -> bool:
    said = age_in(value)
    return said is not None and age is not None and said > age

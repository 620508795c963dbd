"""What the answers of an intake ask of a person: red flags, and when to suggest a physician's visit. Opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rls_module.knowledge.files import Frozen
from rls_module.knowledge.safety.alert_rules import PatientLine, PatientPage
from rls_module.knowledge.safety.opening import Due
from rls_module.knowledge.vocabulary import loading

IntakeRule = Literal["drowsy_driving", "snore_worry", "iron_loss_bleeding"]

# Rule -> the answer that fires it, and how soon somebody must act. Source: project design, beside the check-in's rules.
RULES: Mapping[IntakeRule, tuple[str, str, Due]] = {
    "drowsy_driving": ("drive", "yes", Due(opening_hours=4)),
    "snore_worry": ("breathing", "yes", Due(working_days=2)),
    "iron_loss_bleeding": ("iron_loss", "stools", Due(working_days=2)),
}

# What the patient is told at once, by rule; a sign that must be seen today comes before all others.
PAGES: Mapping[IntakeRule, PatientPage] = {"drowsy_driving": "U2", "iron_loss_bleeding": "U3"}
URGENT = tuple(flag.key for flag in loading.red_flags() if flag.urgency == "now")


class IntakeAlert(Frozen):
    """One rule that fired, and how soon it is due."""

    rule: IntakeRule
    due: Due


def red_flags(answers: Mapping[str, object]) -> tuple[str, ...]:
    """Return the red flags that were ticked, by the keys of their vocabulary."""
    return tuple(key for key in _picked(answers, "flags") if key != "none")


def alerts(answers: Mapping[str, object]) -> tuple[IntakeAlert, ...]:
    """Return what fires besides the red flags; each rule at most once."""
    return tuple(
        IntakeAlert(rule=rule, due=due) for rule, (item, key, due) in RULES.items() if key in _picked(answers, item)
    )


class Told(Frozen):
    """One page that the patient sees because of an answer, as an `Alert` of the check-in names it."""

    patient_page: PatientPage
    patient_line: PatientLine = ""


def told(answers: Mapping[str, object]) -> tuple[Told, ...]:
    """Return what a patient who answers alone must be told at once; each page at most once."""
    flags = red_flags(answers)
    pages = [PAGES.get(alert.rule, "") for alert in alerts(answers)]
    pages += ["U1" if flag in URGENT else "U3" for flag in flags]
    return tuple(Told(patient_page=page) for page in sorted(set(pages)) if page)


def is_one_sided(answers: Mapping[str, object]) -> bool:
    """True when every place that was named is on the same side: consider another cause."""
    sides = {key.rpartition("_")[2] for key in _picked(answers, "where")} & {"left", "right"}
    return len(sides) == 1


def _picked(answers: Mapping[str, object], item: str) -> list[str]:
    value = answers.get(item)
    return [str(one) for one in value] if isinstance(value, list | tuple) else [] if value is None else [str(value)]

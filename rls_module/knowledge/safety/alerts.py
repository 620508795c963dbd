"""Which answers of a check-in a person must act on, how soon, and what the patient is told. Opens no task itself."""

from __future__ import annotations

from collections.abc import Mapping

from rls_module.knowledge.files import Frozen
from rls_module.knowledge.safety.alert_conditions import FIRES, AlertFacts, Params, Sitting
from rls_module.knowledge.safety.alert_rules import (
    CODES,
    RULES,
    PatientLine,
    PatientPage,
    Rule,
    RuleKey,
    Run,
    TaskKind,
)
from rls_module.knowledge.safety.opening import Due

__all__ = ["ALGORITHM", "RULES", "Alert", "AlertFacts", "call_requested", "on_page", "on_submit", "staff_words"]

ALGORITHM = "1"


class Alert(Frozen):
    """One rule that fired: what to open, when it is due, and which page or line the patient sees."""

    rule: RuleKey
    task_kind: TaskKind
    params: Mapping[str, object]  # plain JSON: codes and numbers, no words
    due: Due | None  # None = no due time
    patient_page: PatientPage
    patient_line: PatientLine


def on_page(answers: Mapping[str, object], facts: AlertFacts) -> tuple[Alert, ...]:
    """Return what fires when a page is saved, also of a form that is never finished; each rule at most once.

    `answers` are those that can stand (`branching.kept`), of the page or of all pages so far: item -> answer. For a
    sitting without pages (paper, phone) call this and `on_submit`.
    """
    return _fired("page", answers, facts)


def on_submit(answers: Mapping[str, object], facts: AlertFacts) -> tuple[Alert, ...]:
    """Return what fires at sending, or on what was answered when the window closes; each rule at most once.

    Rules that run at pages are not repeated here. `answers` as for `on_page`, of the whole sitting.
    """
    return _fired("send", answers, facts)


def call_requested() -> Alert:
    """Return the alert of the link "Please call me", which stands on every patient page."""
    return _alert(RULES["call_request"], {"time": "any"})


def staff_words(rule: RuleKey, params: Params, *, language: str, labels: Mapping[str, str] | None = None) -> str:
    """Return what staff read about an alert, in this language or else in English.

    `labels`: option key -> words of the instrument, for codes the table here does not know; a code without words
    stands as it is.
    """
    main = language.replace("_", "-").partition("-")[0]
    words = RULES[rule].words.get(main) or RULES[rule].words["en"]
    known = {**(labels or {}), **CODES.get(main, CODES["en"])}
    return words.format(**{name: _spelled(value, known) for name, value in params.items()})


def _fired(run: Run, answers: Mapping[str, object], facts: AlertFacts) -> tuple[Alert, ...]:
    sitting = Sitting(answers, facts)
    tried = ((rule, FIRES[key](sitting)) for key, rule in RULES.items() if rule.run == run)
    return tuple(_alert(rule, params) for rule, params in tried if params is not None)


def _alert(rule: Rule, params: Params) -> Alert:
    return Alert(
        rule=rule.key,
        task_kind=rule.task_kind,
        params=params,
        due=rule.due,
        patient_page=rule.patient_page,
        patient_line=rule.patient_line,
    )


def _spelled(value: object, known: Mapping[str, str]) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_spelled(one, known) for one in value)
    return known.get(str(value), str(value))

"""The table of alert rules: when each runs, how soon it is due, its words for staff, what the patient sees.

Source of rules, due times and words: project design. What makes a rule fire is in `alerts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rls_module.knowledge.safety.opening import Due

RuleKey = Literal[
    "urgent_symptom", "drowsy_driving", "mind_or_urges", "faint", "treatment_reaction", "new_numbness",
    "worse_intensity", "worse_overall", "augmentation_watch", "no_gain", "exercise_barrier", "call_request",
    "read_comment", "medicine_marker",
]  # fmt: skip
Run = Literal["page", "send"]
TaskKind = Literal["alert", "adverse_event", "call", "review"]
PatientPage = Literal["", "U1", "U2", "U3", "U4"]
PatientLine = Literal["", "harder", "medicines", "will_call"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `run`: when the page is saved, or at sending. `patient_line`: a sentence instead of a whole page."""

    key: RuleKey
    run: Run
    task_kind: TaskKind
    due: Due | None
    english: str
    spanish: str
    patient_page: PatientPage = ""
    patient_line: PatientLine = ""

    @property
    def words(self) -> Mapping[str, str]:
        """Words for staff by language, with the placeholders of the rule's parameters."""
        return {"en": self.english, "es": self.spanish}


RULES: Mapping[RuleKey, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            key="urgent_symptom",
            run="page",
            task_kind="alert",
            due=Due(opening_hours=1),
            patient_page="U1",
            english='Ticked "{label}". Call now; record outcome.',
            spanish='Marcó "{label}". Llame ahora; anote el resultado.',
        ),
        Rule(
            key="drowsy_driving",
            run="page",
            task_kind="alert",
            due=Due(opening_hours=4),
            patient_page="U2",
            english="Reports falling asleep at the wheel. Call; advise prescriber or doctor contact.",
            spanish="Dice que se duerme al volante. Llame; aconseje hablar con quien le receta o con un médico.",
        ),
        Rule(
            key="mind_or_urges",
            run="page",
            task_kind="alert",
            due=Due(opening_hours=4),
            patient_page="U3",
            english="Possible medicine effect. Same-day contact with the prescriber.",
            spanish="Posible efecto de un medicamento. Contacte hoy mismo con quien lo receta.",
        ),
        Rule(
            key="faint",
            run="page",
            task_kind="alert",
            due=Due(working_days=1),
            patient_page="U3",
            english="Fainting reported. Review medicines; needle lying down.",
            spanish="Refiere un desmayo. Revise los medicamentos; punción solo en posición acostada.",
        ),
        Rule(
            key="treatment_reaction",
            run="page",
            task_kind="adverse_event",
            due=Due(opening_hours=4),
            patient_page="U4",
            english="New problem after treatment. Call, and record what happened.",
            spanish="Problema nuevo después del tratamiento. Llame y anote qué pasó.",
        ),
        Rule(
            key="new_numbness",
            run="page",
            task_kind="alert",
            due=Due(working_days=1),
            patient_page="U4",
            english="New lasting numbness. Repeat nerve screen.",
            spanish="Adormecimiento nuevo que no se quita. Repita el examen de nervios.",
        ),
        Rule(
            key="worse_intensity",
            run="send",
            task_kind="alert",
            due=Due(working_days=2),
            patient_line="harder",
            english="Worst went from {a} to {b}.",
            spanish="El peor momento pasó de {a} a {b}.",
        ),
        Rule(
            key="worse_overall",
            run="send",
            task_kind="alert",
            due=Due(working_days=2),
            patient_line="harder",
            english="Says worse than before care.",
            spanish="Dice que está peor que antes del tratamiento.",
        ),
        Rule(
            key="augmentation_watch",
            run="send",
            task_kind="alert",
            due=Due(working_days=2),
            patient_page="U3",
            english="{n} of 4 signs ({list}). Do the augmentation screen before judging the plan.",
            spanish="{n} de 4 signos ({list}). Haga el cribado de potenciación antes de juzgar el plan.",
        ),
        Rule(
            key="no_gain",
            run="send",
            task_kind="review",
            due=Due(working_days=5),
            english="No change that counts. Re-check criteria, iron, medicines, programme.",
            spanish="Sin cambio que cuente. Revise criterios, hierro, medicamentos y programa.",
        ),
        Rule(
            key="exercise_barrier",
            run="send",
            task_kind="review",
            due=Due(working_days=5),
            english="Home programme: {barrier}. Adjust or re-teach.",
            spanish="Programa en casa: {barrier}. Ajuste o enseñe de nuevo.",
        ),
        Rule(
            key="call_request",
            run="page",
            task_kind="call",
            due=Due(working_days=1),
            patient_line="will_call",
            english="Wants a call, {time}.",
            spanish="Quiere una llamada, {time}.",
        ),
        Rule(
            key="read_comment",
            run="send",
            task_kind="review",
            due=Due(working_days=2),
            english="Left a note.",
            spanish="Dejó una nota.",
        ),
        Rule(
            key="medicine_marker",
            run="send",
            task_kind="review",
            due=None,
            patient_line="medicines",
            english="Says that a medicine or iron changed. Confirm what and when.",
            spanish="Dice que cambió un medicamento o el hierro. Confirme cuál y cuándo.",
        ),
    )
}

# Staff words for codes in the parameters, where the patient's own words for an option would not fit the sentence.
CODES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "start": "starts earlier",
        "spread": "spread",
        "worst": "stronger",
        "med_extra": "extra or earlier medicine",
        "hurt": "it hurt",
        "unclear": "wasn't sure how",
        "morning": "in the morning",
        "afternoon": "in the afternoon",
        "any": "any time",
    },
    "es": {
        "start": "empieza antes",
        "spread": "se extendió",
        "worst": "más fuerte",
        "med_extra": "medicina extra o más temprano",
        "hurt": "le dolía",
        "unclear": "no sabía bien cómo",
        "morning": "por la mañana",
        "afternoon": "por la tarde",
        "any": "a cualquier hora",
    },
}

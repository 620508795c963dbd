"""The screen for augmentation: kept with its result, and what it asks of a person is a task."""

from __future__ import annotations

from datetime import datetime

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Task
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.intake import queries
from rls_module.intake.actions.records import record
from rls_module.intake.models import AugmentationScreen
from rls_module.knowledge.safety import augmentation, opening

DUE = opening.Due(working_days=2)


class NothingToScreen(Exception):
    """The patient neither takes nor took a medicine that can augment."""


@transaction.atomic
def screen_augmentation(
    *, case: Case, answers: augmentation.AugmentationAnswers, note: str, actor: Actor, now: datetime
) -> AugmentationScreen:
    """Keep the screen with its result, computed here; a pattern, or a possible one, opens a task: ask the prescriber.

    Raises NothingToScreen without a dopaminergic medicine or tramadol, now or earlier. Source of the rule:
    `knowledge.safety.augmentation`.
    """
    if not queries.has_augmenting(case.chart):
        raise NothingToScreen
    found = augmentation.screen(answers)
    row = store(
        AugmentationScreen(
            chart=case.chart,
            case=case,
            answers=answers.model_dump(mode="json"),
            result=found.result,
            parts={"a": found.a, "b": found.b, "c1": found.c1, "c2": found.c2},
            algorithm=found.algorithm,
            note=note,
            screened_by_id=actor.user_id,
            screened_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, "medication.edit", row, fields=("answers", "result"))
    if found.result in ("pattern", "possible"):
        case_actions.open_task(
            chart=case.chart,
            case=case,
            kind=Task.Kind.ALERT,
            rule=f"augmentation_{found.result}",
            due_at=opening.due_at(now, DUE, queries.opening_hours(case)),
            actor=actor,
            now=now,
            cause_key=f"augmentation:{row.pk}",
        )
    return row

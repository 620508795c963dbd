"""A clinician's judgement of the criteria; the next one stands beside it, never over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.intake.actions.records import record
from rls_module.intake.models import CriteriaReview
from rls_module.knowledge.safety import criteria


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clinician said: the answers to the criteria, the mimics, and the specifiers ("yes", "no" or "")."""

    answers: criteria.CriteriaAnswers
    mimics: Mapping[str, str] = field(default_factory=dict)  # mimic -> present or considered_excluded
    e5_reason: str = ""
    clinically_significant: str = ""
    course: str = ""
    supportive: Mapping[str, str] = field(default_factory=dict)  # supportive feature -> yes, no or unsure


@transaction.atomic
def review_criteria(*, case: Case, judgement: Judgement, actor: Actor, now: datetime) -> CriteriaReview:
    """Keep the judgement with its result, computed here from its inputs; earlier ones stay as they are.

    Source of the rule: `knowledge.safety.criteria`.
    """
    found = criteria.evaluate(judgement.answers)
    kept: dict[str, Any] = judgement.answers.model_dump(mode="json")
    kept["past_reasons"] = sorted(kept["past_reasons"])
    review = store(
        CriteriaReview(
            chart=case.chart,
            case=case,
            answers=kept,
            mimics=dict(judgement.mimics),
            e5_reason=judgement.e5_reason,
            clinically_significant=judgement.clinically_significant,
            course=judgement.course,
            supportive=dict(judgement.supportive),
            result=found.result,
            reasons=list(found.reasons),
            from_past=list(found.from_past),
            labels=list(found.labels),
            algorithm=found.algorithm,
            reviewed_by_id=actor.user_id,
            reviewed_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, "intake.edit", review, fields=("answers", "mimics", "supportive", "result"))
    return review

"""Writes of the patient's room: a page saved, a survey sent in. Only first post and submit are audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.followups import actions as followup_actions
from rls_module.followups.models import Occurrence
from rls_module.host import database, transaction
from rls_module.host.actor import Actor
from rls_module.knowledge.instruments import branching
from rls_module.surveys import queries
from rls_module.surveys.models import Draft


class Unfinished(Exception):
    """Something required was not answered; `problems` maps question to code."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


def save_page(*, occurrence: Occurrence, page: str, answers: Mapping[str, Any], sitting: str, now: datetime) -> None:
    """Keep one page's answers in one statement; the same page saved again replaces them."""
    draft = Draft(
        occurrence=occurrence, page=page, answers=dict(answers), sitting=sitting, saved_at=now, created_at=now
    )
    has_target = database.connection().features.supports_update_conflicts_with_target
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        update_fields=["answers", "sitting", "saved_at"],
        unique_fields=["occurrence", "page"] if has_target else None,
    )


def settle_unfinished(*, scope: str, actor: Actor, now: datetime) -> int:
    """Hold forms of one scope that were begun and never sent in against the alert rules, once their window is over."""
    begun = Draft.objects.filter(
        occurrence__scope=scope, occurrence__state=Occurrence.State.MISSED, occurrence__state_reason=""
    )
    over = Occurrence.objects.filter(pk__in=begun.values("occurrence")).select_related(
        "chart__patient", "enrolment__case"
    )
    for occurrence in over:
        done = queries.progress(occurrence, "en")
        answers = branching.kept(done.instrument, **done.asking)
        followup_actions.judge_unfinished(occurrence=occurrence, answers=answers, actor=actor, now=now)
    return len(over)


@transaction.atomic
def send(*, occurrence: Occurrence, language: str, actor: Actor, now: datetime) -> followup_actions.Submitted:
    """Make the saved pages the occurrence's one response and put the drafts away.

    Answers whose branch was closed again drop out. Raises Unfinished, and what followups' `submit` raises.
    """
    done = queries.progress(occurrence, language)
    answers = branching.kept(done.instrument, **done.asking)
    problems = branching.check(done.instrument, **{**done.asking, "answers": answers})
    if problems:
        raise Unfinished(problems)
    submitted = followup_actions.submit(
        occurrence=occurrence,
        answers=answers,
        reached=done.sittings,
        language=language,
        mode="self_web",
        actor=actor,
        now=now,
    )
    Draft.objects.filter(occurrence=occurrence).delete()
    return submitted

"""Reads of what a therapist sent by mail and no protocol planned."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from rls_module.cases.models import Case
from rls_module.followups.models import Occurrence
from rls_module.followups.queries.standing import UNSENT
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.protocols import ahead
from rls_module.plans import queries as plan_queries


def intake_asked(case: Case) -> Occurrence | None:
    """Return the last time the intake of a case was sent ahead, whatever became of it."""
    asked = Occurrence.objects.filter(enrolment__case=case, step=ahead.STEP)
    return asked.select_related("chart__patient").order_by("-ordinal").first()


def papers_offered(case: Case) -> tuple[str, ...]:
    """Return the keys of the papers that can be mailed: the leaflets, and the home programme where one runs."""
    runs = plan_queries.programme(case).exists()
    return (*papers.LEAFLETS, *([ahead.PROGRAMME] if runs else []))


def handout_of(occurrence: Occurrence, language: str) -> dict[str, Any]:
    """Return the home programme and what was talked about, as it is now, in the words of the patient."""
    case = occurrence.enrolment.case
    return plan_queries.handout(case, plan_queries.running(case), language)


def papers_sent(case: Case) -> QuerySet[Occurrence]:
    """Return the mails that led to papers, the newest first."""
    sent = Occurrence.objects.filter(enrolment__case=case, step=ahead.PAPERS_STEP)
    return sent.prefetch_related("deliveries").order_by("-ordinal", "-pk")


def is_unsent(occurrence: Occurrence) -> bool:
    """True while a mail of this occurrence has not been taken up by any worker, so that it can still grow."""
    return occurrence.is_open and occurrence.deliveries.filter(state__in=UNSENT).exists()

"""Reads of the plan room: which plan stands, what a draft lacks, the home programme, the dates of its certification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Milestone, Signature, Task
from rls_module.host.rows import Row
from rls_module.intake import queries as intake_queries
from rls_module.knowledge.safety import certification
from rls_module.library import queries as library_queries
from rls_module.plans.models import CertificationDate, Goal, Plan, PlannedIntervention, Prescription


@dataclass(frozen=True, slots=True)
class Lack:
    """Something between a draft and a signature: the field, a code, and in which row (from 1) of which block."""

    field: str
    code: str
    row: int = 0
    block: str = ""  # "goal" for a row, else empty


@dataclass(frozen=True, slots=True)
class Content:
    """The typed rows of one plan, each kind in order."""

    goals: Sequence[Goal] = ()
    interventions: Sequence[PlannedIntervention] = ()


def content(plan: Plan) -> Content:
    """Return the plan's goals and planned interventions, as they are stored."""
    return Content(
        goals=list(Goal.objects.filter(plan=plan).select_related("activity").order_by("position")),
        interventions=list(PlannedIntervention.objects.filter(plan=plan).order_by("position")),
    )


def plans(case: Case) -> QuerySet[Plan]:
    """Return the case's plans, newest first; those put aside as drafts too."""
    return Plan.objects.filter(case=case).order_by("-number")


def running(case: Case) -> Plan | None:
    """Return the plan that is active or on hold."""
    return Plan.objects.filter(running_key=case.pk).first()


def draft(case: Case) -> Plan | None:
    """Return the plan that is being written."""
    return Plan.objects.filter(draft_key=case.pk).first()


def as_stored(plan: Plan) -> Plan:
    """Return the plan as the database has it now, beside the one in hand."""
    return Plan.objects.get(pk=plan.pk)


def signature(plan: Plan) -> Signature | None:
    """Return who signed the plan."""
    return Signature.objects.filter(kind="plan", ref=plan.uuid, meaning=Signature.Meaning.AUTHOR).first()


def open_red_flags(plan: Plan) -> QuerySet[Task]:
    """Return the red flags that keep this plan from being signed."""
    return intake_queries.open_red_flags(plan.chart)


def lacks(plan: Plan, has: Content) -> list[Lack]:
    """Return all that must be there before `plan` can be signed, in the order of the page; empty means ready.

    One functional goal (activity, baseline, target, by when), one kind of treatment, how often and how long, a
    diagnosis, precautions reviewed; and no red flag that nobody has answered, by a referral or by a reason why not.
    Source: project design.
    """
    return [*_red_flag_lacks(plan), *_plan_lacks(plan), *_goal_lacks(has), *_intervention_lacks(has)]


def _red_flag_lacks(plan: Plan) -> Iterator[Lack]:
    if open_red_flags(plan).exists():
        yield Lack("red_flags", "open")


def _plan_lacks(plan: Plan) -> Iterator[Lack]:
    if not plan.diagnosis.strip():
        yield Lack("diagnosis", "missing")
    for field in ("times_per_week", "weeks"):
        if not getattr(plan, field):
            yield Lack(field, "missing")
    if not plan.is_precautions_reviewed:
        yield Lack("is_precautions_reviewed", "missing")


def _goal_lacks(has: Content) -> Iterator[Lack]:
    if not any(goal.activity_id for goal in has.goals):
        yield Lack("goals", "no_functional")
    for goal in has.goals:
        for field in ("baseline", "target", "by_on"):
            if not getattr(goal, field):
                yield Lack(field, "missing", goal.position, "goal")


def _intervention_lacks(has: Content) -> Iterator[Lack]:
    if not has.interventions:
        yield Lack("interventions", "none")


_PLAN_FIELDS = (
    "uuid number author_name diagnosis times_per_week weeks planned_sessions review_on is_precautions_reviewed "
    "precautions education discharge_criteria"
).split()
_GOAL_FIELDS = "position activity_id measure text baseline target by_on".split()
_INTERVENTION_FIELDS = "position modality targets note".split()


def content_hash(plan: Plan, has: Content) -> str:
    """Return the SHA-256 of what is signed, the same on every database and after every restore."""
    signed = {
        "plan": _plain(plan, _PLAN_FIELDS),
        "goals": [_plain(goal, _GOAL_FIELDS) for goal in has.goals],
        "interventions": [_plain(one, _INTERVENTION_FIELDS) for one in has.interventions],
    }
    return hashlib.sha256(json.dumps(signed, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _plain(row: Row, fields: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields}
    kept = (bool, int, str, list, type(None))
    return {name: value if isinstance(value, kept) else str(value) for name, value in values.items()}


# The home programme


def programme(case: Case) -> QuerySet[Prescription]:
    """Return the exercises that run, in the order they were prescribed."""
    return Prescription.objects.filter(case=case, stopped_on=None).select_related("exercise").order_by("pk")


def ended(case: Case) -> QuerySet[Prescription]:
    """Return the exercises that were stopped, the last one first."""
    return Prescription.objects.filter(case=case, stopped_on__isnull=False).order_by("-stopped_on", "-pk")


def planned_days(case: Case, *, on: date | None = None) -> int | None:
    """Return on how many days a week the home programme is to be done, or None where there is none.

    As it was on the day `on`, else as it stands now.
    """
    rows = programme(case)
    if on is not None:
        ran = Q(stopped_on=None) | Q(stopped_on__gt=on)
        rows = Prescription.objects.filter(ran, case=case, started_on__lte=on)
    return max(rows.values_list("days_per_week", flat=True), default=None)


# Certification


def certification_dates(case: Case) -> list[CertificationDate]:
    """Return the dates on record, the newest first; of one day, the one recorded last."""
    return list(CertificationDate.objects.filter(case=case).order_by("-happened_on", "-pk"))


def due(case: Case, *, today: date) -> tuple[certification.Due, ...]:
    """Return what is due for the case's plan of care by the clinic's intervals; a treatment day has a signed visit."""
    dates = certification_dates(case)
    certified = next((row for row in dates if row.kind == CertificationDate.Kind.CERTIFIED), None)
    report = next((row for row in dates if row.kind == CertificationDate.Kind.REPORT), None)
    first = case_queries.milestone(case, Milestone.Kind.FIRST_VISIT)
    visited = set(Milestone.objects.filter(case=case, kind=Milestone.Kind.VISIT_SIGNED).values_list("on", flat=True))
    standing = certification.Standing(
        first_treatment=first.on if first else None,
        certified_on=certified.happened_on if certified else None,
        certified_until=certified.holds_until if certified else None,
        visits_authorised=certified.visits if certified else None,
        visits_since_certified=sum(day >= certified.happened_on for day in visited) if certified else 0,
        visits_since_report=sum(report is None or day > report.happened_on for day in visited),
    )
    table = library_queries.billing_table(case.chart.scope)
    intervals = certification.Intervals(table.certify_days, table.recertify_days, table.report_visits)
    return certification.due(standing, intervals, today)


def due_in_words(case: Case, *, today: date) -> list[dict[str, Any]]:
    """Return what is due, as staff read it, with how pressing it is."""
    return [
        {
            "words": _due_words(one),
            "is_near": one.is_near,
            "kind": "act" if one.is_over else "watch",
            "tag": _("overdue") if one.is_over and one.on else _("now") if one.is_over else _("soon"),
        }
        for one in due(case, today=today)
    ]


def _due_words(one: certification.Due) -> str:
    if one.on is not None:
        day = {"day": formats.date_format(one.on, "DATE_FORMAT")}
        return {
            "certification": _("The plan is to be certified by %(day)s."),
            "recertification": _("The plan is to be certified again by %(day)s."),
        }[one.what] % day
    left = max(one.visits_left or 0, 0)
    if one.what == "report":
        words = ngettext(
            "A progress report is due in %(count)d treatment day.",
            "A progress report is due in %(count)d treatment days.",
            left,
        )
    else:
        words = ngettext("%(count)d authorised visit is left.", "%(count)d authorised visits are left.", left)
    return words % {"count": left}

"""A plan: drafted, signed once, then running, on hold, completed or discontinued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError

from rls_module import signals
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Milestone
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store
from rls_module.library.models import PlanTemplate
from rls_module.plans import queries
from rls_module.plans.actions.records import record
from rls_module.plans.models import Goal, Plan, PlannedIntervention

DIAGNOSIS = "G25.81 Restless legs syndrome"
Rows = Sequence[Mapping[str, Any]]
# What a template says of a plan, and what the next plan takes over.
SHAPE = ("times_per_week", "weeks", "planned_sessions", "precautions", "topics", "education", "discharge_criteria")

# From where to where a signed plan may go.
_WAYS = {
    Plan.Status.ACTIVE: {Plan.Status.ON_HOLD, Plan.Status.COMPLETED, Plan.Status.DISCONTINUED},
    Plan.Status.ON_HOLD: {Plan.Status.ACTIVE, Plan.Status.COMPLETED, Plan.Status.DISCONTINUED},
}


class NotTheAuthor(Exception):
    """A draft is edited and signed by the person who began it."""


class NotADraft(Exception):
    """The plan is signed or put aside; its content can't be changed any more."""


class NotReady(Exception):
    """The plan lacks something; `lacks` says what."""

    def __init__(self, lacks: Sequence[queries.Lack]) -> None:
        super().__init__()
        self.lacks = lacks


@transaction.atomic
def open_draft(
    *, case: Case, actor: Actor, now: datetime, template: PlanTemplate | None = None, on: date | None = None
) -> Plan:
    """Begin a plan on `case`, from the running one where there is one; a draft that is there already is returned.

    `template`, one of the clinic's, says instead how often, how long, what is done and explained; its treatments are
    aimed at what the last examination found, its review counts from `on`. Goals stay those of the running plan.
    """
    there = queries.draft(case)
    if there is not None:
        return there
    before = queries.running(case)
    last = queries.plans(case).first()
    copied = ("diagnosis", *SHAPE)
    plan = Plan(
        chart=case.chart,
        case=case,
        number=last.number + 1 if last else 1,
        previous=before,
        draft_key=case.pk,
        author_id=actor.user_id,
        author_name=actor.name,
        created_at=now,
        **({name: getattr(before, name) for name in copied} if before else {"diagnosis": DIAGNOSIS}),
    )
    if template is not None:
        _take_over(plan, template, on)
    try:
        with transaction.atomic():
            store(plan)
    except IntegrityError:  # two taps at once: the other one's draft is the draft
        return Plan.objects.get(draft_key=case.pk)
    has = queries.content(before) if before else queries.Content()
    _write_rows(plan, _goals_of(has), _aimed(case, template) if template else _interventions_of(has), now)
    record(actor, plan, fields=("number", "status"))
    return plan


@transaction.atomic
def save_draft(
    *,
    plan: Plan,
    seen: int,
    values: Mapping[str, Any],
    goals: Rows,
    interventions: Rows,
    actor: Actor,
    now: datetime,
) -> Plan:
    """Store what stands on the page: `values` holds fields of Plan, the others its rows in order.

    Raises NotTheAuthor, NotADraft, or Stale when somebody saved since version `seen`; then nothing is written.
    """
    plan = _own_draft(plan, seen, actor)
    for name, value in values.items():
        setattr(plan, name, value)
    store(plan)
    _write_rows(plan, goals, interventions, now)
    record(actor, plan, fields=(*values, "goals", "interventions"))
    return plan


@transaction.atomic
def sign(*, plan: Plan, seen: int, actor: Actor, now: datetime, on: date) -> Plan:
    """Sign the plan as it is stored, `on` the clinic's date; from here on triggers guard what it says.

    The plan that was running is completed as revised. Raises NotTheAuthor, NotADraft, Stale, or NotReady with
    everything that is still lacking, a red flag that nobody has resolved among it.
    """
    plan = _own_draft(plan, seen, actor)
    has = queries.content(plan)
    lacks = queries.lacks(plan, has)
    if lacks:
        raise NotReady(lacks)
    case_actions.add_signature(
        chart=plan.chart,
        kind="plan",
        ref=plan.uuid,
        meaning="author",
        content_hash=queries.content_hash(plan, has),
        actor=actor,
        now=now,
    )
    _end_running(plan.case, actor)
    plan.status, plan.signed_at = Plan.Status.ACTIVE, now
    plan.draft_key, plan.running_key = None, plan.case_id
    store(plan)
    case_actions.reach(
        case=plan.case, kind=Milestone.Kind.PLAN_SIGNED, on=on, ref=f"plan:{plan.uuid}", actor=actor, now=now
    )
    transaction.on_commit(partial(signals.plan_signed.send, Plan, plan_id=plan.pk))
    return plan


@transaction.atomic
def change_status(*, plan: Plan, seen: int, to: str, reason: str, actor: Actor) -> None:
    """Move a signed plan on; its content stays as it was signed.

    Raises ValueError for a way that does not exist or without a reason where one is due, Stale when the plan changed
    since version `seen`.
    """
    if to not in _WAYS.get(Plan.Status(plan.status), set()):
        raise ValueError("a plan can't go from there to there")
    if to != Plan.Status.ACTIVE and not reason.strip():
        raise ValueError("say why")
    advance(plan, seen=seen)
    is_over = to in (Plan.Status.COMPLETED, Plan.Status.DISCONTINUED)
    plan.status, plan.status_reason = to, reason.strip()
    plan.running_key = None if is_over else plan.case_id
    store(plan)
    record(actor, plan, fields=("status", "status_reason"))


@transaction.atomic
def put_aside(*, plan: Plan, seen: int, actor: Actor) -> None:
    """Put a draft aside; it stays in the database and leaves every list. Raises as `save_draft` does."""
    plan = _own_draft(plan, seen, actor)
    plan.status, plan.status_reason, plan.draft_key = Plan.Status.DISCONTINUED, "put aside", None
    store(plan)
    record(actor, plan, fields=("status",))


def _own_draft(plan: Plan, seen: int, actor: Actor) -> Plan:
    """Take version `seen` of the draft for this transaction and return it as the database now has it."""
    if plan.author_id != actor.user_id or not actor.is_staff:
        raise NotTheAuthor
    if not plan.is_draft:
        raise NotADraft
    advance(plan, seen=seen)
    fresh = Plan.objects.select_related("chart", "case").get(pk=plan.pk)
    if not fresh.is_draft:
        raise Stale
    return fresh


def _end_running(case: Case, actor: Actor) -> None:
    before = queries.running(case)
    if before is not None:
        change_status(plan=before, seen=before.version, to=Plan.Status.COMPLETED, reason="revised", actor=actor)


def _take_over(plan: Plan, template: PlanTemplate, on: date | None) -> None:
    known = plan.precautions  # what this patient needs stays, whatever the template says besides
    for name in SHAPE:
        setattr(plan, name, getattr(template, name))
    if known and template.precautions not in known:
        plan.precautions = "\n".join(filter(None, [known, template.precautions]))
    elif known:
        plan.precautions = known
    plan.template_key, plan.template_version = template.key, template.version
    plan.review_on = on + timedelta(weeks=template.review_weeks) if on else None


def _aimed(case: Case, template: PlanTemplate) -> Rows:
    found = queries.found_targets(case)
    return [
        {"modality": one["modality"], "targets": found.get(one["modality"], []), "note": one["note"]}
        for one in template.interventions
    ]


def _goals_of(has: queries.Content) -> Rows:
    names = ("activity", "measure", "text", "baseline", "target", "by_on")
    return [{name: getattr(goal, name) for name in names} for goal in has.goals]


def _interventions_of(has: queries.Content) -> Rows:
    return [{name: getattr(one, name) for name in ("modality", "targets", "note")} for one in has.interventions]


def _write_rows(plan: Plan, goals: Rows, interventions: Rows, now: datetime) -> None:
    Goal.objects.filter(plan=plan).delete()
    PlannedIntervention.objects.filter(plan=plan).delete()
    for position, values in enumerate(goals, 1):
        store(Goal(plan=plan, position=position, created_at=now, **values))
    for position, values in enumerate(interventions, 1):
        store(PlannedIntervention(plan=plan, position=position, created_at=now, **values))

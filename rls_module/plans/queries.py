"""Reads of the plan room: which plan stands, what a draft lacks, the home programme, the dates of its certification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.assessment import queries as assessment_queries
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Measurement, Milestone, Response, Signature, Task
from rls_module.host.rows import Row
from rls_module.intake import queries as intake_queries
from rls_module.knowledge.planning import education, reassessment
from rls_module.knowledge.safety import certification
from rls_module.library import queries as library_queries
from rls_module.plans.models import CertificationDate, Goal, Plan, PlannedIntervention, Prescription, Teaching

HOME_DAYS, HOME_BARRIER = "rls_checkin:home_days", "rls_checkin.home_barrier"  # a measure, and a key of the answers


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


def last_measured(case: Case) -> dict[tuple[str, str], tuple[float, datetime]]:
    """Return the last value of everything the patient was asked, and when, by (measure, subject)."""
    rows = Measurement.objects.filter(case=case, response__state=Response.State.FINAL).order_by("at", "pk")
    return {(row.measure, row.subject): (row.value, row.at) for row in rows}


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
    "precautions topics education discharge_criteria"
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


# What is explained


def teachings(plan: Plan) -> dict[str, Teaching]:
    """Return how each topic was explained last on the plan's case, by its key: a change of plan unteaches none."""
    rows = Teaching.objects.filter(case=plan.case_id).order_by("taught_on", "pk")
    return {row.topic: row for row in rows}


# What the examination proposes

# The kind of place an examination names -> the treatment that is aimed at it.
AIMED = {"muscle": "needling", "point": "fascial", "region": "exercise"}


def found_targets(case: Case) -> dict[str, list[dict[str, str]]]:
    """Return, by kind of treatment, the places at which the last examination found something, each side once."""
    latest = assessment_queries.latest(case)
    found: dict[str, list[dict[str, str]]] = {}
    for one in assessment_queries.findings(latest) if latest else ():
        target = {"kind": one.place_kind, "key": one.place, "side": one.side}
        places = found.setdefault(AIMED[one.place_kind], [])
        if one.grade != 0 and target not in places:  # grade 0 was looked at and found as it should be
            places.append(target)
    return {modality: places for modality, places in found.items() if places}


# How far a plan is


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a signed plan is: visits made and planned, and the re-assessment that is due."""

    done: int
    planned: int | None
    due: reassessment.Due | None


@dataclass(frozen=True, slots=True)
class Past:
    """What the progress of a plan is read from: the case's plans, days of its signed visits, its last examination."""

    plans: Sequence[Plan]
    visited: Sequence[date]
    examined_on: date | None


def visited(cases: Iterable[int]) -> dict[int, list[date]]:
    """Return the days of the signed visits of each case, by its key, the first one first."""
    rows = Milestone.objects.filter(case_id__in=list(cases), kind=Milestone.Kind.VISIT_SIGNED).order_by("on", "pk")
    days: dict[int, list[date]] = {}
    for case, on in rows.values_list("case_id", "on"):
        days.setdefault(case, []).append(on)
    return days


def progress(plan: Plan, past: Past, *, clinic_weeks: int, zone: ZoneInfo, today: date) -> Progress:
    """Return how far `plan` is by `today`: visits count from the end of what was planned before, as a change goes on.

    A plan on hold asks for no re-assessment. Asks the database nothing.
    """
    begun_on = _line_began_on(plan, past.plans, zone)
    days = [day for day in past.visited if begun_on is None or day >= begun_on]
    signed_at = plan.signed_at
    if signed_at is None or plan.status != Plan.Status.ACTIVE:
        return Progress(len(days), plan.planned_sessions, None)
    course = reassessment.Course(
        started_on=signed_at.astimezone(zone).date(),
        weeks=plan.weeks,
        sessions=plan.planned_sessions,
        visited=days,
        clinic_weeks=clinic_weeks,
        examined_on=past.examined_on,
    )
    return Progress(len(days), plan.planned_sessions, reassessment.due(course, today))


def _line_began_on(plan: Plan, all_of_case: Sequence[Plan], zone: ZoneInfo) -> date | None:
    """Return when the first plan that `plan` goes back to was signed; None where nothing was planned before it."""
    known = {one.pk: one for one in all_of_case}
    first = plan
    while first.previous_id in known:
        first = known[first.previous_id]
    has_earlier = any(one.signed_at and one.number < first.number for one in all_of_case)
    return first.signed_at.astimezone(zone).date() if has_earlier and first.signed_at else None


def progress_of(plan: Plan, *, zone: ZoneInfo, today: date) -> Progress:
    """Return how far `plan` is by `today`, read from the database."""
    examined = assessment_queries.latest_days([plan.case_id])
    past = Past(list(plans(plan.case)), visited([plan.case_id]).get(plan.case_id, []), examined.get(plan.case_id))
    weeks = library_queries.policy(plan.chart.scope).reassess_weeks
    return progress(plan, past, clinic_weeks=weeks, zone=zone, today=today)


# The home programme


def programme(case: Case) -> QuerySet[Prescription]:
    """Return the exercises that run, in the order they were prescribed."""
    return Prescription.objects.filter(case=case, stopped_on=None).select_related("exercise").order_by("pk")


def ended(case: Case) -> QuerySet[Prescription]:
    """Return the exercises that were stopped, the last one first."""
    return Prescription.objects.filter(case=case, stopped_on__isnull=False).order_by("-stopped_on", "-pk")


@dataclass(frozen=True, slots=True)
class Adherence:
    """One answer about the home programme: when, on how many of seven days, how many were planned, what got in the way.

    `barriers` are keys of the check-in's options.
    """

    on: date
    days: int
    planned: int | None
    barriers: tuple[str, ...]


def adherence(case: Case, zone: ZoneInfo) -> list[Adherence]:
    """Return what the patient told of the home programme in the check-ins, newest first; two queries."""
    rows = Measurement.objects.filter(case=case, measure=HOME_DAYS, response__state=Response.State.FINAL)
    rows = rows.select_related("response").order_by("-at", "-pk")
    programme_of_case = list(Prescription.objects.filter(case=case))
    found = []
    for row in rows:
        on = row.at.astimezone(zone).date()
        ran = [
            one.days_per_week
            for one in programme_of_case
            if one.started_on <= on and (one.stopped_on is None or one.stopped_on > on)
        ]
        barriers = tuple(row.response.answers.get(HOME_BARRIER) or ())
        found.append(Adherence(on, int(row.value), max(ran, default=None), barriers))
    return found


def planned_days(case: Case, *, on: date | None = None) -> int | None:
    """Return on how many days a week the home programme is to be done, or None where there is none.

    As it was on the day `on`, else as it stands now.
    """
    rows = programme(case)
    if on is not None:
        ran = Q(stopped_on=None) | Q(stopped_on__gt=on)
        rows = Prescription.objects.filter(ran, case=case, started_on__lte=on)
    return max(rows.values_list("days_per_week", flat=True), default=None)


def handout(case: Case, plan: Plan | None, language: str) -> dict[str, Any]:
    """Return what a patient takes home, in `language`, which is the active one: exercises, and a plan's topics."""
    topics = education.named(plan.topics) if plan else ()
    return {
        "exercises": [_for_the_patient(row, language) for row in programme(case)],
        "topics": [{"name": one.named(language), "text": one.told(language)} for one in topics],
    }


def _for_the_patient(row: Prescription, language: str) -> dict[str, Any]:
    """Return an exercise in the patient's own language where the library has it, with what was said to this patient."""
    known = row.exercise
    return {
        "name": library_queries.words(known.name, language) if known else row.name,
        "dose": dose_words(row),
        "cues": library_queries.words(known.cues, language) if known else "",
        "own_cues": row.cues,
        "precautions": library_queries.words(known.precautions, language) if known else "",
    }


def dose_words(row: Prescription) -> str:
    """Say the dose of an exercise in one line, in the language that is active."""
    parts = [
        (row.sets, ngettext("%(count)d set", "%(count)d sets", row.sets or 0)),
        (row.reps, ngettext("%(count)d repetition", "%(count)d repetitions", row.reps or 0)),
        (row.hold_s, ngettext("hold %(count)d second", "hold %(count)d seconds", row.hold_s or 0)),
        (row.breaths, ngettext("%(count)d breath", "%(count)d breaths", row.breaths or 0)),
        (row.minutes, ngettext("%(count)d minute", "%(count)d minutes", row.minutes or 0)),
        (row.times_per_day, ngettext("%(count)d time a day", "%(count)d times a day", row.times_per_day or 0)),
        (row.days_per_week, ngettext("%(count)d day a week", "%(count)d days a week", row.days_per_week)),
    ]
    said = [words % {"count": count} for count, words in parts if count]
    side = {"L": _("left"), "R": _("right"), "B": _("both sides")}.get(row.side)
    return ", ".join([*([str(side)] if side else []), *said])


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

"""What happened to one patient, from every room, newest first; a constant number of queries whatever the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.assessment.models import Assessment
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Task
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.intake import queries as intake_queries
from rls_module.intake.models import CriteriaReview, Intake, LabPanel, Referral
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.protocols import ahead
from rls_module.outcomes.charts import Tick
from rls_module.outcomes.queries.course import Column
from rls_module.plans.models import Plan
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit

MOST_TIMELINE = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline."""

    on: date
    kind: str
    text: str
    url_name: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What one visit held, in numbers: needles in, fascial points, exercises."""

    needles: int = 0
    points: int = 0
    exercises: int = 0


def treatments(case: Case) -> list[Tick]:
    """Return the days of signed visits by kind of treatment, oldest first, for the marks under a trend."""
    kinds = (("needling", NeedlingSite), ("fascial", FascialPoint), ("exercise", PerformedExercise))
    return [
        Tick(on, kind)
        for kind, model in kinds
        for on in model._default_manager.filter(visit__case=case, visit__status=Visit.Status.SIGNED)
        .order_by("visit__visit_date")
        .values_list("visit__visit_date", flat=True)
        .distinct()
    ]


def done_in(visits: Sequence[Visit]) -> dict[int, Done]:
    """Return visit key -> what was done in it, in three queries."""
    keys = [visit.pk for visit in visits]
    needles = NeedlingSite.objects.filter(visit_id__in=keys).values_list("visit_id").annotate(Sum("needles_in"))
    points = FascialPoint.objects.filter(visit_id__in=keys).values_list("visit_id").annotate(Count("pk"))
    exercises = PerformedExercise.objects.filter(visit_id__in=keys).values_list("visit_id").annotate(Count("pk"))
    found = [dict(rows.order_by("visit_id")) for rows in (needles, points, exercises)]
    return {key: Done(*(counts.get(key) or 0 for counts in found)) for key in keys}


def medicine_changes(case: Case) -> list[Event]:
    """Return what changed about medicines and iron since the case was opened, oldest first."""
    changes = intake_queries.medicine_changes(case)
    return [Event(one.on, "medicine", one.words, "rls:medications", str(case.uuid)) for one in changes]


def sent_in(occurrences: Iterable[Occurrence], zone: ZoneInfo) -> Iterator[Event]:
    """Yield the intakes that the patient answered alone; they are no column of the course."""
    for row in occurrences:
        if row.response and followup_queries.asks_intake(row):
            on, text = _day(row.response.answered_at, zone), _("Intake answered by the patient")
            yield Event(on, "answer", text, "rls:response", str(row.response.uuid))


def papers_mailed(mails: Iterable[Occurrence], zone: ZoneInfo, language: str) -> Iterator[Event]:
    """Yield the papers that went to the patient by mail, and whether somebody opened the link."""
    for row in mails:
        gone = [one.sent_at for one in row.deliveries.all() if one.sent_at is not None]
        if gone:
            text = _("Mailed: %(titles)s") % {"titles": ", ".join(_titles(row, language))}
            opened = _("opened") if row.begun_at else _("not opened yet") if row.is_open else _("not opened")
            yield Event(_day(gone[0], zone), "mark", f"{text} ({opened})")


def _titles(row: Occurrence, language: str) -> Iterator[str]:
    for key in followup_queries.papers_of(row):
        if key == ahead.PROGRAMME:
            yield _("home programme")
        else:
            yield papers.leaflet(key, papers.language_of(language)).title


def timeline(
    case: Case,
    visits: Sequence[Visit],
    columns: Iterable[Column],
    changes: Iterable[Event],
    *,
    zone: ZoneInfo,
    language: str,
) -> tuple[Event, ...]:
    """Return the case's events, newest first; within a day in the order in which care goes."""
    events = [
        Event(case.opened_on, "mark", _("Case opened")),
        *_before_treatment(case, zone),
        *_plans(case, zone),
        *_answers(columns),
        *_visits(visits),
        *changes,
        *_closed_tasks(case.chart, zone, language),
    ]
    events.sort(key=lambda event: event.on)
    return tuple(reversed(events))


def _before_treatment(case: Case, zone: ZoneInfo) -> Iterator[Event]:
    for intake in Intake.objects.filter(case=case, status=Intake.Status.SUBMITTED).order_by("pk"):
        yield Event(
            _day(intake.submitted_at or intake.created_at, zone), "intake", _("Intake"), "rls:intake", str(case.uuid)
        )
    for review in CriteriaReview.objects.filter(case=case).order_by("pk")[:MOST_TIMELINE]:
        text = _("Criteria: %(result)s") % {"result": review.get_result_display()}
        yield Event(_day(review.created_at, zone), "criteria", text, "rls:criteria", str(case.uuid))
    for panel in LabPanel.objects.filter(chart_id=case.chart_id, void_at=None).order_by("collected_on")[:MOST_TIMELINE]:
        yield Event(panel.collected_on, "lab", _("Iron panel"), "rls:labs", str(case.uuid))
    for row in Assessment.objects.filter(case=case).order_by("assessed_on", "pk")[:MOST_TIMELINE]:
        yield Event(row.assessed_on, "assessment", _("Assessment"), "rls:assessment", str(case.uuid))
    for referral in Referral.objects.filter(case=case).order_by("referred_on", "pk")[:MOST_TIMELINE]:
        text = _("Referred: %(whom)s") % {"whom": referral.to}
        yield Event(referral.referred_on, "referral", text, "rls:referral", str(referral.uuid))


def _plans(case: Case, zone: ZoneInfo) -> Iterator[Event]:
    for plan in Plan.objects.filter(case=case, signed_at__isnull=False).order_by("number"):
        text = _("Plan %(number)d signed") % {"number": plan.number}
        yield Event(_day(plan.signed_at or plan.created_at, zone), "plan", text, "rls:plan", str(case.uuid))


def _answers(columns: Iterable[Column]) -> Iterator[Event]:
    for column in columns:
        if column.response:
            text = _("%(label)s answered") % {"label": column.label}
            yield Event(column.on, "answer", text, "rls:response", str(column.response.uuid))


def _visits(visits: Sequence[Visit]) -> Iterator[Event]:
    signed = [visit for visit in visits if visit.status == Visit.Status.SIGNED]
    done = done_in(signed)
    for visit in signed:
        yield Event(visit.visit_date, "visit", visit_words(done[visit.pk]), "rls:visit", str(visit.uuid))


def visit_words(done: Done) -> str:
    """Say in a few words what a visit held."""
    parts = [
        (done.needles, ngettext("%(count)d needle", "%(count)d needles", done.needles)),
        (done.points, ngettext("%(count)d fascial point", "%(count)d fascial points", done.points)),
        (done.exercises, ngettext("%(count)d exercise", "%(count)d exercises", done.exercises)),
    ]
    held = ", ".join(words % {"count": count} for count, words in parts if count)
    return _("Visit: %(held)s") % {"held": held} if held else _("Visit")


def _closed_tasks(chart: Chart, zone: ZoneInfo, language: str) -> Iterator[Event]:
    done = Task.objects.filter(chart=chart, state=Task.State.DONE, closed_at__isnull=False).order_by("-closed_at")
    for task in done[:MOST_TIMELINE]:
        text = f"{case_queries.task_words(task, language)} {task.closed_by_name}: {task.outcome}"
        yield Event(_day(task.closed_at or task.created_at, zone), "task", text, "rls:task", str(task.uuid))


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()

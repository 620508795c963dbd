"""How each room of a case stands, in a few words: the way from the chart to the rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rls_module.assessment.models import Assessment
from rls_module.cases.models import Case
from rls_module.followups.models import Occurrence
from rls_module.intake import queries as intake_queries
from rls_module.intake.models import CriteriaReview, Intake
from rls_module.knowledge.safety import iron
from rls_module.library import queries as library_queries
from rls_module.plans import queries as plan_queries
from rls_module.plans.models import Plan, Prescription

DUE_WORDS = {
    "half": gettext_lazy("re-assessment at half is due"),
    "end": gettext_lazy("re-assessment at the end is due"),
}


@dataclass(frozen=True, slots=True)
class RoomState:
    """One room: its name, its address by name, how it stands, and how pressing that is ("safe", "watch", "act", "")."""

    label: str
    url_name: str
    words: str
    kind: str = ""


def room_states(
    case: Case, intake_asked: Occurrence | None, *, now: datetime, zone: ZoneInfo, language: str
) -> tuple[RoomState, ...]:
    """Return the rooms of `case` in the order of care; `intake_asked` is the last time its intake was sent ahead."""
    today = now.astimezone(zone).date()
    examined = (
        Assessment.objects.filter(case=case).annotate(found=Count("findings")).order_by("-assessed_on", "-pk").first()
    )
    return (
        _intake(case, intake_asked),
        _criteria(case),
        _labs(case, today, language),
        _medicines(case, language),
        _assessment(examined),
        _plan(case, examined, zone, today),
        _programme(case),
    )


def _intake(case: Case, asked: Occurrence | None) -> RoomState:
    row = Intake.objects.filter(case=case).order_by("-pk").first()
    if intake_queries.unreviewed(case) is not None:
        return RoomState(_("Intake"), "rls:intake", _("answered, to review"), "watch")
    if asked is not None and asked.is_open and (row is None or row.status == Intake.Status.SUBMITTED):
        return RoomState(_("Intake"), "rls:intake", _("sent, not answered yet"), "watch")
    if row is None:
        return RoomState(_("Intake"), "rls:intake", _("not begun"), "watch")
    if row.status == Intake.Status.DRAFT:
        return RoomState(_("Intake"), "rls:intake", _("begun"), "watch")
    return RoomState(_("Intake"), "rls:intake", _("complete"), "safe")


def _criteria(case: Case) -> RoomState:
    review = intake_queries.latest_review(case)
    if review is None:
        return RoomState(_("Criteria"), "rls:criteria", _("not reviewed"), "watch")
    kind = {CriteriaReview.Result.MET: "safe", CriteriaReview.Result.NOT_MET: "act"}.get(review.result, "watch")  # type: ignore[call-overload]
    return RoomState(_("Criteria"), "rls:criteria", review.get_result_display(), kind)


def _labs(case: Case, today: date, language: str) -> RoomState:
    panel = intake_queries.latest_labs(case.chart)
    if panel is None:
        return RoomState(_("Iron"), "rls:labs", _("not known"), "watch")
    is_stale = iron.is_stale(panel.collected_on, today)
    is_fine = panel.flag == "ABOVE_THRESHOLD" and not panel.modifiers and not is_stale
    words = iron.words(iron.SHORT_WORDS, panel.flag, language)
    return RoomState(_("Iron"), "rls:labs", f"{words}, {_day(panel.collected_on)}", "safe" if is_fine else "watch")


def _medicines(case: Case, language: str) -> RoomState:
    rows = [row for row in intake_queries.medicines(case.chart) if row.stopped_on is None]
    count = len(rows)
    words = ngettext("%(count)d now", "%(count)d now", count) % {"count": count} if count else _("none recorded")
    has_alert = any(intake_queries.medicine_alerts(row, language) for row in rows)
    return RoomState(_("Medicines"), "rls:medications", words, "watch" if has_alert else "")


def _assessment(latest: Any) -> RoomState:
    if latest is None:
        return RoomState(_("Assessment"), "rls:assessment", _("not done"), "watch")
    found = ngettext("%(count)d finding", "%(count)d findings", latest.found) % {"count": latest.found}
    return RoomState(_("Assessment"), "rls:assessment", f"{_day(latest.assessed_on)}, {found}")


def _plan(case: Case, examined: Any, zone: ZoneInfo, today: date) -> RoomState:
    plans = list(Plan.objects.filter(case=case).order_by("number"))
    plan = next((one for one in plans if one.draft_key or one.running_key), None)
    if plan is None:
        ended = [one.get_status_display() for one in plans if one.signed_at]
        return RoomState(_("Plan"), "rls:plan", ended[-1] if ended else _("none"), "" if ended else "watch")
    if plan.is_draft:
        return RoomState(_("Plan"), "rls:plan", _("draft, unsigned"), "watch")
    past = plan_queries.Past(
        plans, plan_queries.visited([case.pk]).get(case.pk, []), examined.assessed_on if examined else None
    )
    weeks = library_queries.policy(case.chart.scope).reassess_weeks
    so_far = plan_queries.progress(plan, past, clinic_weeks=weeks, zone=zone, today=today)
    is_due = so_far.due is not None or (plan.review_on is not None and plan.review_on <= today)
    words = [str(plan.get_status_display())]
    if so_far.planned:
        words.append(_("%(done)d of %(planned)d visits") % {"done": so_far.done, "planned": so_far.planned})
    if plan.review_on:
        words.append(_("review %(day)s") % {"day": _day(plan.review_on)})
    if so_far.due:
        words.append(str(DUE_WORDS[so_far.due.stage]))
    return RoomState(_("Plan"), "rls:plan", ", ".join(words), "watch" if is_due else "safe")


def _programme(case: Case) -> RoomState:
    days = list(Prescription.objects.filter(case=case, stopped_on=None).values_list("days_per_week", flat=True))
    if not days:
        return RoomState(_("Home programme"), "rls:programme", _("none"))
    count = ngettext("%(count)d exercise", "%(count)d exercises", len(days)) % {"count": len(days)}
    weekly = ngettext("%(days)d day a week", "%(days)d days a week", max(days)) % {"days": max(days)}
    return RoomState(_("Home programme"), "rls:programme", f"{count}, {weekly}")


def _day(on: date) -> str:
    return formats.date_format(on, "DATE_FORMAT")

"""Intakes: the draft, the last one that was submitted, and how far each section is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from rls_module.cases.models import Case, Response
from rls_module.host import adapter
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.knowledge.safety.opening import OpeningHours
from rls_module.library import queries as library_queries


@dataclass(frozen=True, slots=True)
class SectionState:
    """How far one section is: whether it was saved, and how many of its required answers are open.

    `awaits_review`: the patient answered it ahead, and no therapist has confirmed or changed it yet.
    """

    key: str
    is_saved: bool
    lacking: int
    awaits_review: bool = False


def intakes(case: Case) -> QuerySet[Intake]:
    """Return the case's intakes, newest first."""
    return Intake.objects.filter(case=case).order_by("-pk")


def draft_intake(case: Case) -> Intake | None:
    """Return the intake that was begun and not submitted."""
    return Intake.objects.filter(open_key=case.pk).select_related("sent").first()


def latest_intake(case: Case) -> Intake | None:
    """Return the last intake that was submitted."""
    return intakes(case).filter(status=Intake.Status.SUBMITTED).select_related("response", "sent").first()


def instrument_of(intake: Intake) -> Instrument:
    """Return the instrument version that the intake was begun with."""
    return library_queries.instrument(intake.instrument, intake.instrument_version, scope=intake.chart.scope)


def sections(intake: Intake) -> list[SectionState]:
    """Return every section of an intake in order, with how far it is."""
    instrument = instrument_of(intake)
    asked: Mapping[str, str] = branching.check(instrument, answers=intake.answers, facts={}, phase="baseline")
    pages = {item.key: item.page for item in instrument.items}
    open_in = [pages[name] for name, code in asked.items() if code == "required"]
    is_review = intake.sent_id is not None
    return [
        SectionState(key, key in intake.saved, open_in.count(key), awaits_review=is_review and key not in intake.saved)
        for key in instrument.pages
    ]


def start_before(case: Case) -> int | None:
    """Return when it usually started before any leg medicine, in minutes after midnight, if the intake says so."""
    latest = latest_intake(case)
    minutes = latest.answers.get("start_before") if latest else None
    return minutes if isinstance(minutes, int) else None


def has_baseline(case: Case) -> bool:
    """True when the check-in was answered before the first treatment."""
    rows = Response.objects.filter(case=case, phase="baseline", state=Response.State.FINAL)
    return rows.filter(instruments__has_key="rls_checkin").exists()


def opening_hours(case: Case) -> OpeningHours:
    """Return when the clinic that treats the case is open."""
    return library_queries.opening_hours(case.chart.scope, adapter().brand(case.chart.scope).zone)

"""Intakes: the draft, the last one that was submitted, and how far each section is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from rls_module.cases.models import Case, Response
from rls_module.host import adapter
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching, scoring
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.knowledge.protocols import ahead
from rls_module.knowledge.safety import intake_review, screening
from rls_module.knowledge.safety.opening import OpeningHours
from rls_module.library import queries as library_queries

_NOW = ("nights", "worst", "usual", "start", "awake", "rested", "tired")  # as the check-in calls them
_PREFIX = f"{ahead.INSTRUMENT}."


@dataclass(frozen=True, slots=True)
class SectionState:
    """How far one section is: whether it was saved, and how many of its required answers are open.

    `awaits_review`: the patient answered it ahead, and no therapist has confirmed or changed it yet.
    `has_conflict`: an answer in it does not go together with another one.
    """

    key: str
    is_saved: bool
    lacking: int
    awaits_review: bool = False
    has_conflict: bool = False


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


def answers_of(response: Response) -> dict[str, Any]:
    """Return a sitting's answers to the intake, question -> answer."""
    return {name.removeprefix(_PREFIX): value for name, value in response.answers.items() if name.startswith(_PREFIX)}


def sent_answers(intake: Intake) -> dict[str, Any]:
    """Return what the patient sent in ahead of this intake; empty where nothing was."""
    return answers_of(intake.sent) if intake.sent else {}


def facts_of(intake: Intake) -> dict[str, bool]:
    """Return what an intake asks besides its own: what the patient was asked ahead, to be gone through again.

    In the room it is the screen and the baseline that ask for the pattern and how it is now.
    """
    sent = sent_answers(intake)
    return {"asks_pattern": "s1_urge" in sent, "asks_now": "nights" in sent}


def sections(intake: Intake) -> list[SectionState]:
    """Return every section of an intake in order, with how far it is."""
    instrument = instrument_of(intake)
    asking: dict[str, Any] = {"answers": intake.answers, "facts": facts_of(intake), "phase": "baseline"}
    asked: Mapping[str, str] = branching.check(instrument, **asking)
    pages = {item.key: item.page for item in instrument.items}
    open_in = [pages[name] for name, code in asked.items() if code == "required"]
    found = intake_review.exceptions(dict.fromkeys(intake.answers, False), intake.answers)
    crossed = {pages.get(name) for name, why in found.items() if "contradiction" in why}
    is_review = intake.sent_id is not None
    return [
        SectionState(
            key,
            key in intake.saved,
            open_in.count(key),
            awaits_review=is_review and key not in intake.saved,
            has_conflict=key in crossed,
        )
        for key in (page.key for page in branching.pages(instrument, **asking))
    ]


def told_ahead(case: Case) -> dict[str, Any]:
    """Return what the patient told ahead of how it is now, as the baseline asks it: the reviewed answers, if there are.

    The places are read from where it is felt, sides left out. Empty where nothing was told.
    """
    latest = latest_intake(case)
    if latest is None or not facts_of(latest)["asks_now"]:
        return {}
    told = {name: latest.answers[name] for name in _NOW if name in latest.answers}
    parts = (one.removesuffix("_left").removesuffix("_right") for one in latest.answers.get("where", ()))
    return {**told, "places": list(dict.fromkeys(parts))}


def told_criteria(intake: Intake) -> dict[str, Any]:
    """Return what the patient told ahead of E1 to E4, now and past, as a screen holds it; empty where nothing was."""
    facts = facts_of(intake)
    said = scoring.criteria(instrument_of(intake), answers=intake.answers, facts=facts, phase="baseline")
    found = screening.screen_result(said).criteria if said else {}
    return {key: value.model_dump(mode="json") for key, value in found.items()}


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

"""Reads of the follow-up room: what is due, what a link opens, what an alert rule needs to know."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from rls_module import conf
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Measurement, Response, Task
from rls_module.followups import links
from rls_module.followups.models import (
    Delivery,
    EngineState,
    Enrolment,
    Occurrence,
    Preference,
    ProtocolVersion,
)
from rls_module.host import adapter
from rls_module.intake import queries as intake_queries
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE, Instrument, Phase
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.protocols import ahead, schedule
from rls_module.knowledge.safety.alerts import AlertFacts
from rls_module.library import queries as library_queries
from rls_module.plans import queries as plan_queries
from rls_module.visits import queries as visit_queries

logger = logging.getLogger(__name__)

CHECKIN = "rls_checkin"
INTAKE = ahead.INSTRUMENT
UNSENT = (Delivery.State.SCHEDULED, Delivery.State.RETRY)
FAILED_STATES = (Delivery.State.DEAD, Delivery.State.BOUNCED, Delivery.State.SUPPRESSED)


def marked_cases(scope: str) -> QuerySet[Case]:
    """Return the cases of a scope whose follow-ups must be planned anew."""
    marked = Case.objects.filter(chart__scope=scope, replan_at__isnull=False)
    return marked.select_related("chart__patient").order_by("replan_at", "pk")


def open_enrolment(chart: Chart, version: ProtocolVersion) -> Enrolment | None:
    """Return the chart's open enrolment on the protocol of `version`."""
    return Enrolment.objects.filter(open_key=open_key(chart, version)).first()


def open_key(chart: Chart, version: ProtocolVersion) -> str:
    """Return the key that keeps a chart from being on one protocol twice."""
    return f"{chart.pk}:{version.protocol_id}"


def zone_of(chart: Chart) -> ZoneInfo:
    """Return the patient's zone as the host knows it now."""
    return adapter().timezone(chart.patient)


def due(scope: str, now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries whose time has come; `due` is a question, not a state."""
    return Delivery.objects.filter(scope=scope, state__in=UNSENT, next_attempt_at__lte=now)


def engine_state(scope: str) -> EngineState | None:
    """Return the engine's last tick and pause of one scope."""
    return EngineState.objects.filter(scope=scope).first()


def asking() -> QuerySet[Occurrence]:
    """Return every time of asking: all occurrences but papers to read, which no answer ever comes to."""
    return Occurrence.objects.exclude(step=ahead.PAPERS_STEP)


# Links


def occurrence_by_link(token: str, purpose: links.Purpose) -> Occurrence | None:
    """Return the occurrence a link token was made for, whatever its state; None for every token that was not.

    One row is looked for and one verifier computed and compared, whatever is wrong: no clock tells what it was.
    """
    selector, given = links.split(token) or links.NO_LINK
    occurrence = by_selector(selector)
    kid = occurrence.link_kid if occurrence else links.newest_kid()
    try:
        true = links.verifier(
            purpose,
            kid=kid,
            scope=occurrence.scope if occurrence else "",
            selector=selector,
            version=_version(occurrence, purpose) if occurrence else 1,
        )
    except KeyError:
        logger.error("the link key %r is missing from LINK_KEYS: links made with it do not open", kid)
        return None
    return occurrence if links.same(true, given) else None


def by_selector(selector: str) -> Occurrence | None:
    """Return the occurrence with this selector; alone it grants nothing."""
    return Occurrence.objects.select_related("chart__patient").filter(selector=selector).first()


def is_answerable(occurrence: Occurrence, now: datetime) -> bool:
    """True while the occurrence's link opens its survey: due, not closed or cancelled, patient active and willing."""
    if occurrence.state in (Occurrence.State.CANCELLED, Occurrence.State.SKIPPED):
        return False
    is_in_time = schedule.link_open(
        now=now,
        due_at=occurrence.due_at,
        window_end=occurrence.window_end,
        link_days=conf.get("LINK_DAYS"),
        begun_at=occurrence.begun_at,
    )
    chart = occurrence.chart
    return is_in_time and adapter().is_active(chart.patient) and not case_queries.has_withdrawn(chart, "survey")


def link_closes_at(occurrence: Occurrence) -> datetime:
    """Return the first instant at which the link no longer opens."""
    return schedule.link_closes_at(
        due_at=occurrence.due_at,
        window_end=occurrence.window_end,
        link_days=conf.get("LINK_DAYS"),
        begun_at=occurrence.begun_at,
    )


def link_token(occurrence: Occurrence, purpose: links.Purpose) -> str:
    """Return the token of the occurrence's link for one purpose; the same at every retry."""
    return links.token(
        purpose,
        kid=occurrence.link_kid,
        scope=occurrence.scope,
        selector=occurrence.selector,
        version=_version(occurrence, purpose),
    )


def _version(occurrence: Occurrence, purpose: links.Purpose) -> int:
    """The way out of all mail outlives every revocation: an old mail must still be able to stop the next."""
    return 1 if purpose == "unsubscribe" else occurrence.link_version


# What a survey asks and what its answers are held against


def instrument_of(occurrence: Occurrence) -> Instrument:
    """Return the instrument version that the occurrence pinned when it was planned.

    An imported one is that of the clinic whose protocol asks it, also where the patient has moved to another since.
    """
    [(key, version)] = occurrence.instruments.items()
    scope = "" if library_queries.is_shipped(key) else occurrence.enrolment.version.protocol.scope
    return library_queries.instrument(key, version, scope=scope)


def instrument_of_response(response: Response, key: str, version: int) -> Instrument:
    """Return the version of an instrument that one sitting answered, from the clinic that asked it."""
    asked = Occurrence.objects.filter(response=response).select_related("enrolment__version__protocol").first()
    scope = asked.enrolment.version.protocol.scope if asked else response.chart.scope
    return library_queries.instrument(key, version, scope=scope)


def has_rules(occurrence: Occurrence) -> bool:
    """True where answers are held against the check-in's alert rules, which are about its questions and no others."""
    return CHECKIN in occurrence.instruments


def asks_intake(occurrence: Occurrence) -> bool:
    """True where the intake is asked: it has rules of its own, and what comes of it is reviewed by a therapist."""
    return INTAKE in occurrence.instruments


def is_papers(occurrence: Occurrence) -> bool:
    """True where nothing is asked: papers to read, sent because a therapist wanted it."""
    return occurrence.step == ahead.PAPERS_STEP


def papers_of(occurrence: Occurrence) -> tuple[str, ...]:
    """Return the keys of the papers that a mail leads to, in the order in which they are offered."""
    return tuple(occurrence.piped.get("papers", ()))


def is_taken_in_room(occurrence: Occurrence) -> bool:
    """True for an intake that was sent ahead and taken in the room since: nobody is reminded of it any more."""
    if not asks_intake(occurrence):
        return False
    latest = intake_queries.latest_intake(occurrence.enrolment.case)
    return latest is not None and latest.submitted_at is not None and latest.submitted_at > occurrence.created_at


def phase_of(occurrence: Occurrence) -> Phase:
    """Return the phase in which an occurrence asks: an intake comes before treatment, all else after."""
    return "baseline" if asks_intake(occurrence) else "followup"


def facts_of(occurrence: Occurrence) -> dict[str, Any]:
    """Return what branching and wording need, as the patient meets it.

    The activities are those piped in at planning. The home programme and the leg medicines are what they were on the
    day on which the patient began the form, so that nothing changes under a form that is half answered.
    """
    on = _begun_on(occurrence)
    days = plan_queries.planned_days(occurrence.enrolment.case, on=on)
    return {
        "activities": occurrence.piped.get("activities", ()),
        "since": _asked_since(occurrence).isoformat(),
        "home_programme": days is not None,
        "planned_days": days,
        "dopaminergic": intake_queries.takes_augmenting(occurrence.chart, on=on),
        **_asked_ahead(occurrence),
    }


def _asked_ahead(occurrence: Occurrence) -> dict[str, bool]:
    """Return what an intake that is answered alone asks for, since no room will: the pattern, and how it is now."""
    is_alone = asks_intake(occurrence)
    is_told = is_alone and intake_queries.has_told_pattern(occurrence.chart, before=occurrence.begun_at)
    return {"asks_pattern": is_alone and not is_told, "asks_now": is_alone}


def _begun_on(occurrence: Occurrence) -> date | None:
    """Return the day on which the patient began the form; None while nobody has: then it is as it stands now."""
    return occurrence.begun_at.astimezone(ZoneInfo(occurrence.zone)).date() if occurrence.begun_at else None


def _asked_since(occurrence: Occurrence) -> date:
    """Return the day of the last check-in that was sent in, else of the first visit."""
    answered = Occurrence.objects.filter(enrolment_id=occurrence.enrolment_id, response__isnull=False)
    last = (
        answered.exclude(pk=occurrence.pk)
        .exclude(step=ahead.STEP)
        .select_related("response")
        .order_by("-response__answered_at")
        .first()
    )
    if last is None or last.response is None:
        return occurrence.anchor_on
    return last.response.answered_at.astimezone(ZoneInfo(occurrence.zone)).date()


def language_for(occurrence: Occurrence) -> str:
    """Return the patient's language, or English where the pinned words have not been released in it."""
    wanted = adapter().language(occurrence.chart.patient).replace("_", "-").split("-")[0]
    return wanted if wanted in languages_for(occurrence) else "en"


def languages_for(occurrence: Occurrence) -> list[str]:
    """Return the languages that may be sent: English, and others that are released and, if licensed, permitted.

    A draft is released by a second reader's sign-off in the licence register of the clinic that asks, and by
    DRAFT_WORDING in demos. English is what was planned: a permission that ends keeps it from being planned anew.
    Papers to read are in every language they are printed in.
    """
    if is_papers(occurrence):
        return list(papers.LANGUAGES)
    instrument = instrument_of(occurrence)
    return [
        code for code in instrument.languages if code == FALLBACK_LANGUAGE or _may_send(occurrence, instrument, code)
    ]


def _may_send(occurrence: Occurrence, instrument: Instrument, language: str) -> bool:
    def stands(asks_register: Callable[..., bool]) -> bool:
        return asks_register(
            scope=occurrence.enrolment.version.protocol.scope,
            instrument=instrument.key,
            version=instrument.version,
            language=language,
            on=occurrence.due_on,
        )

    if instrument.is_licensed and not stands(library_queries.is_wording_permitted):
        return False
    is_released = conf.get("DRAFT_WORDING") or not instrument.words(language).is_draft
    return is_released or stands(library_queries.is_wording_signed_off)


def alert_facts(occurrence: Occurrence, now: datetime) -> AlertFacts:
    """Return what the alert rules hold an answer against: the baseline, and how long ago hands were on."""
    baseline = baseline_of(occurrence.enrolment.case)
    hands_on = visit_queries.last_hands_on(occurrence.chart)
    today = now.astimezone(ZoneInfo(occurrence.zone)).date()
    return AlertFacts(
        step=occurrence.step,
        baseline={} if baseline is None else values_of(baseline),
        baseline_places=frozenset(baseline.answers.get(f"{CHECKIN}.places", ())) if baseline else None,
        days_since_hands_on=None if hands_on is None else (today - hands_on).days,
        planned_days=plan_queries.planned_days(occurrence.enrolment.case, on=_begun_on(occurrence)),
        dopaminergic=intake_queries.has_augmenting(occurrence.chart),
        start_before=intake_queries.start_before(occurrence.enrolment.case),
    )


def baseline_of(case: Case) -> Response | None:
    """Return the case's baseline: the last sitting in the baseline phase, or None."""
    responses = Response.objects.filter(case=case, phase="baseline", state=Response.State.FINAL)
    return responses.filter(instruments__has_key=CHECKIN).order_by("-answered_at", "-pk").first()


def values_of(response: Response) -> Mapping[str, float]:
    """Return measure -> value of one sitting, without the values of single subjects."""
    return dict(Measurement.objects.filter(response=response, subject="").values_list("measure", "value"))


def has_mail_off(chart: Chart) -> bool:
    """True when the patient chose to get no more forms by mail."""
    return Preference.objects.filter(chart=chart, mail_off_at__isnull=False).exists()


def may_mail(chart: Chart) -> bool:
    """True when the patient agreed to forms by mail, here or in the host, and has not taken back being asked at all."""
    return case_queries.consents_to(chart, "email") and not case_queries.has_withdrawn(chart, "survey")


def why_not_mailed(chart: Chart) -> Literal["", "inactive", "opted_out", "no_consent", "no_address"]:
    """Return why a mail to this patient would not go out as things stand, or "" where it would."""
    if not adapter().is_active(chart.patient):
        return "inactive"
    if has_mail_off(chart):
        return "opted_out"
    if not may_mail(chart):
        return "no_consent"
    return "" if adapter().email(chart.patient) else "no_address"


def occurrences_of(chart: Chart) -> QuerySet[Occurrence]:
    """Return the chart's occurrences in the order they are due."""
    return asking().filter(chart=chart).select_related("response").order_by("due_at", "pk")


def has_asked_for_call(occurrence: Occurrence) -> bool:
    """True when the patient asked to be called, on any page of this form."""
    return Task.objects.filter(cause_key=f"call_request:{occurrence.pk}").exists()


def next_occurrence(occurrence: Occurrence) -> Occurrence | None:
    """Return the next time this patient will be asked, if one is planned."""
    later = asking().filter(chart=occurrence.chart, state=Occurrence.State.OPEN, due_at__gt=occurrence.due_at)
    return later.order_by("due_at").first()

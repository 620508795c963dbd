"""What a therapist sends by mail and no protocol plans: the intake before the first visit, and papers to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from rls_module.cases.models import Case
from rls_module.followups import queries
from rls_module.followups.actions import records
from rls_module.followups.actions.planning import enrol, make
from rls_module.followups.models import Delivery, Occurrence, ProtocolVersion
from rls_module.host import database, transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.knowledge.protocols import ahead, schedule


class CannotAsk(Exception):
    """It can't be sent; `why` says what is in the way, as a key."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def send_intake(*, case: Case, actor: Actor, now: datetime) -> Occurrence:
    """Ask the patient for the intake by mail, before there is anything to plan, and return the time of asking.

    While one waits for its answer there is no second: the same link goes out again, and not before the last mail has
    gone. Raises CannotAsk where the case is closed, no mail may go, or the scope has no protocol yet (`rls_setup`).
    """
    case, version = _mailable(case)
    asked = queries.intake_asked(case)
    if asked is not None and asked.is_open and queries.is_answerable(asked, now):
        _write_again(asked, now)
    else:
        asked = _at_once(ahead.INTAKE, case, version, asked.ordinal + 1 if asked else 1, now)
    records.of_occurrence(actor, "intake.send", asked, fields=("deliveries",))
    return asked


@transaction.atomic
def send_papers(*, case: Case, keys: Collection[str], actor: Actor, now: datetime) -> Occurrence:
    """Mail the patient a link to the papers `keys` (leaflets, `ahead.PROGRAMME`) and return the row that owns it.

    While the last such mail has not gone, what is asked for joins it: papers sent one by one are one mail. Raises
    CannotAsk as `send_intake` does, "no_paper" where `keys` names none, and "no_programme" where none runs.
    """
    case, version = _mailable(case)
    offered = queries.papers_offered(case)
    if wrong := set(keys) - set(offered) or not keys:
        raise CannotAsk("no_programme" if wrong == {ahead.PROGRAMME} else "no_paper")
    sent = queries.papers_sent(case).first()
    if sent is None or not queries.is_unsent(sent):
        sent = _at_once(ahead.PAPERS, case, version, sent.ordinal + 1 if sent else 1, now)
    there = queries.papers_of(sent)
    sent.piped = {"papers": [key for key in offered if key in there or key in keys]}
    Occurrence.objects.filter(pk=sent.pk).update(piped=sent.piped)
    words = " ".join(sorted(keys))
    records.of_occurrence(actor, "contact.create", sent, fields=("deliveries",), purpose=f"sent by mail: {words}")
    return sent


def _mailable(case: Case) -> tuple[Case, ProtocolVersion]:
    """Return the case, locked, and the protocol that its enrolment begins on; raises CannotAsk where no mail may go."""
    case = database.locked(Case.objects.all()).select_related("chart__patient").get(pk=case.pk)
    version = queries.protocol_version(case.chart.scope)
    why = queries.why_not_mailed(case.chart) if case.is_open else "case_closed"
    if why or version is None:
        raise CannotAsk(why or "not_set_up")
    return case, version


def _at_once(request: ahead.OnRequest, case: Case, version: ProtocolVersion, ordinal: int, now: datetime) -> Occurrence:
    """The invite is due at once, for somebody has just asked for it; a reminder waits for the clinic's send hour."""
    enrolment = enrol(case, version, now)
    zone, send_time = queries.zone_of(enrolment.chart), enrolment.version.send_time
    today = now.astimezone(zone).date()
    [one] = schedule.plan([request], anchor_on=today, zone=zone, now=now, send_time=send_time)
    invite, *reminders = one.deliveries
    deliveries = (replace(invite, due_at=now), *reminders)
    return make(enrolment, request, replace(one, ordinal=ordinal, due_at=now, deliveries=deliveries), zone, now)


def _write_again(asked: Occurrence, now: datetime) -> None:
    """Queue the invite once more, unless one is on its way or the next to go."""
    letters = Delivery.objects.filter(occurrence=asked).exclude(kind=Delivery.Kind.REMINDER)
    if letters.filter(state__in=(*queries.UNSENT, Delivery.State.SENDING, Delivery.State.UNCERTAIN)).exists():
        return
    store(
        Delivery(
            occurrence=asked,
            chart=asked.chart,
            scope=asked.scope,
            kind=Delivery.Kind.RESEND,
            ordinal=letters.filter(kind=Delivery.Kind.RESEND).count() + 1,
            due_at=now,
            next_attempt_at=now,
            created_at=now,
        )
    )

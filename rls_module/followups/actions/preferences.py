"""What a patient chooses about survey mail: later, fewer, none, or again."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from rls_module import signals
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Chart
from rls_module.followups import queries
from rls_module.followups.actions import records
from rls_module.followups.actions.revoking import revoke_links_of
from rls_module.followups.models import Delivery, Occurrence, Preference
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.knowledge.protocols import schedule


@transaction.atomic
def stop_mail(*, chart: Chart, source: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Send this patient no more forms by mail; reaches what is queued at once, and closes the links that went out.

    Saying it twice is once. `reason` is for the record, where staff do it for the patient.
    """
    preference, _ = Preference.objects.get_or_create(chart=chart, defaults={"created_at": now})
    if preference.mail_off_at is None:
        preference.mail_off_at, preference.source = now, source
        store(preference)
        revoke_links_of(chart=chart, actor=actor)
        transaction.on_commit(partial(signals.patient_opted_out.send, Chart, chart_id=chart.pk))
    Delivery.objects.filter(chart=chart, state__in=queries.UNSENT).update(
        state=Delivery.State.SUPPRESSED, state_reason="opted_out"
    )
    records.of_chart(actor, "preference.edit", chart, fields=("mail_off_at",), purpose=reason)


@transaction.atomic
def withdraw_consent(*, chart: Chart, purpose: str, actor: Actor, now: datetime) -> None:
    """Take consent to "email" or "survey" back, and close the links that went out under it.

    What is queued asks in its claim and stays; agreed to again before it is due, it goes.
    """
    case_actions.withdraw_consent(chart=chart, purpose=purpose, actor=actor, now=now)
    revoke_links_of(chart=chart, actor=actor)


@transaction.atomic
def resume_mail(*, chart: Chart, source: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Turn forms by mail on again; what has not come due yet goes out as planned. `reason` as in `stop_mail`.

    The links that went out were closed by the stop: for an open form of which no mail is left to come, one more goes
    out on the next morning.
    """
    Preference.objects.filter(chart=chart).update(mail_off_at=None, source=source)
    Delivery.objects.filter(
        chart=chart, state=Delivery.State.SUPPRESSED, state_reason="opted_out", due_at__gt=now
    ).update(state=Delivery.State.SCHEDULED, state_reason="")
    asked = queries.asking().filter(chart=chart, state=Occurrence.State.OPEN, due_at__lte=now)
    for occurrence in asked.exclude(deliveries__state__in=queries.UNSENT):
        snooze(occurrence=occurrence, days=1, actor=actor, now=now)
    records.of_chart(actor, "preference.edit", chart, fields=("mail_off_at",), purpose=reason)


@transaction.atomic
def stop_reminders(*, occurrence: Occurrence, actor: Actor) -> None:
    """Send no more reminders for this one form; the form itself stays open."""
    Delivery.objects.filter(occurrence=occurrence, state__in=queries.UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason="reminders_off"
    )
    records.of_occurrence(actor, "preference.edit", occurrence, fields=("deliveries",))


@transaction.atomic
def snooze(*, occurrence: Occurrence, days: int, actor: Actor, now: datetime) -> datetime | None:
    """Write again in `days` (1, 3 or 7) at the send hour, instead of the reminders before that day.

    Returns when, or None where the window would be over by then. Snoozing again moves the same row.
    """
    zone = ZoneInfo(occurrence.zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    at = schedule.instant(day, occurrence.send_time, zone)
    if not occurrence.is_open or at >= occurrence.window_end:
        return None
    unsent = Delivery.objects.filter(occurrence=occurrence, state__in=queries.UNSENT)
    unsent.exclude(kind=Delivery.Kind.SNOOZED).filter(due_at__lte=at).update(
        state=Delivery.State.CANCELLED, state_reason="snoozed"
    )
    if not unsent.filter(kind=Delivery.Kind.SNOOZED).update(due_at=at, next_attempt_at=at):
        count = Delivery.objects.filter(occurrence=occurrence, kind=Delivery.Kind.SNOOZED).count()
        store(
            Delivery(
                occurrence=occurrence,
                chart=occurrence.chart,
                scope=occurrence.scope,
                kind=Delivery.Kind.SNOOZED,
                ordinal=count + 1,
                due_at=at,
                next_attempt_at=at,
                created_at=now,
            )
        )
    records.of_occurrence(actor, "preference.edit", occurrence, fields=("deliveries",))
    return at

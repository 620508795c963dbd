"""What is agreed to, what is signed, and what is handed over on paper."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from rls_module.audit import log
from rls_module.cases.actions.records import record
from rls_module.cases.models import Chart, Consent, Signature
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store


@transaction.atomic
def give_consent(
    *,
    chart: Chart,
    purpose: str,
    text_version: str,
    language: str,
    actor: Actor,
    now: datetime,
    expires_on: date | None = None,
    method: str = "",
    note: str = "",
) -> Consent:
    """Record that the patient agreed to `purpose`, in which words and language, how, and who wrote it down.

    `method` is "verbal" or "signed" where it matters; `expires_on` is the last day on which it counts.
    """
    consent = store(
        Consent(
            chart=chart,
            purpose=purpose,
            text_version=text_version,
            language=language,
            given_at=now,
            expires_on=expires_on,
            method=method,
            note=note,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, "consent.create", chart, consent, fields=("purpose",))
    return consent


@transaction.atomic
def withdraw_consent(*, chart: Chart, purpose: str, actor: Actor, now: datetime) -> int:
    """Withdraw every standing consent to `purpose`; returns how many there were. The record stays."""
    count = Consent.objects.filter(chart=chart, purpose=purpose, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by_name=actor.name
    )
    record(actor, "consent.withdraw", chart, chart, fields=("withdrawn_at",))
    return count


@transaction.atomic
def add_signature(
    *, chart: Chart, kind: str, ref: UUID, meaning: str, content_hash: str, actor: Actor, now: datetime
) -> Signature:
    """Append who signed the `kind` with the uuid `ref`, as what, and the hash of what they saw."""
    signature = store(
        Signature(
            chart=chart,
            kind=kind,
            ref=ref,
            meaning=meaning,
            signer_id=actor.user_id,
            signer_name=actor.name,
            signed_at=now,
            content_hash=content_hash,
            created_at=now,
        )
    )
    record(actor, f"{kind}.sign", chart, signature, fields=("meaning", "content_hash"))
    return signature


@transaction.atomic
def hand_over(*, chart: Chart, kind: str, ref: UUID, paper: str, actor: Actor) -> None:
    """Record that a printed paper left the room: `paper` is its key and language, `kind` and `ref` what it is about.

    The paper itself is not kept: it says what the record says.
    """
    log.record(
        actor=actor,
        verb="contact.create",
        kind=kind,
        ref=ref,
        patient=chart.patient_id,
        scope=chart.scope,
        purpose=f"handed over: {paper}",
    )

"""Writing the audit: one function, one event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rls_module.audit.models import AuditEvent

if TYPE_CHECKING:
    from rls_module.host.actor import Actor


def record(
    *,
    actor: Actor,
    verb: str,
    kind: str = "",
    ref: object = "",
    patient: object = "",
    scope: str = "",
    fields: Iterable[str] = (),
    purpose: str = "",
    refused: bool = False,
) -> AuditEvent:
    """Append one event in the caller's transaction, and return it.

    `verb` is an action of the registry or a word of the engine; `kind` and `ref` name the object, `patient` is the
    host's key; `fields` are names, never values. Raises what the database raises: an event that can't be stored must
    stop what it was to witness.
    """
    return AuditEvent.objects.create(
        actor=actor.ref,
        verb=verb,
        outcome=AuditEvent.Outcome.REFUSED if refused else AuditEvent.Outcome.DONE,
        object_kind=kind,
        object_id=str(ref)[:80],
        patient=str(patient)[:80],
        scope=scope,
        route=actor.route,
        request_id=actor.request_id,
        purpose=purpose[:500],
        fields=sorted(fields),
    )


def record_list(*, actor: Actor, verb: str, kind: str, patients: Mapping[object, str]) -> None:
    """Append, in one statement, one event for each patient that a list showed; `patients` maps key to scope.

    One row a patient, not one row a list: "who saw this chart" stays a single indexed question.
    """
    AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=actor.ref,
            verb=verb,
            object_kind=f"{kind} list",
            patient=str(patient)[:80],
            scope=scope,
            route=actor.route,
            request_id=actor.request_id,
        )
        for patient, scope in patients.items()
    )

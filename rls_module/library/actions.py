"""Writes of the library: exercises, plan templates, policy, billing, licences, instruments; each with its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from rls_module.audit import log
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Row, Stale, advance, store
from rls_module.knowledge.exercises import library as shipped_library
from rls_module.knowledge.instruments import storing
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE, Instrument
from rls_module.knowledge.planning import templates as shipped_templates
from rls_module.library import queries
from rls_module.library.models import BillingTable, ClinicPolicy, Exercise, ImportedInstrument, Licence, PlanTemplate


@transaction.atomic
def install_exercises(*, scope: str, actor: Actor, now: datetime) -> int:
    """Give `scope` a copy of each shipped exercise it has never had; returns how many. What was edited stays."""
    there = set(Exercise.objects.filter(scope=scope).values_list("key", flat=True))
    missing = [one for one in shipped_library.shipped() if one.key not in there]
    for one in missing:
        row = store(Exercise(scope=scope, created_at=now, **one.model_dump(mode="json")))
        _record(actor, "library.edit", row, scope, fields=("name",))
    return len(missing)


@transaction.atomic
def save_exercise(*, exercise: Exercise, seen: int | None, values: Mapping[str, Any], actor: Actor) -> Exercise:
    """Store a new exercise (`seen` None) or a change of one; raises Stale when it changed since version `seen`."""
    if seen is not None:
        advance(exercise, seen=seen)
    _assign(exercise, values)
    store(exercise)
    _record(actor, "library.edit", exercise, exercise.scope, fields=values)
    return exercise


@transaction.atomic
def retire_exercise(*, exercise: Exercise, seen: int, reason: str, actor: Actor, now: datetime) -> None:
    """Offer an exercise no more; what was prescribed goes on. Raises Stale, or ValueError without a reason."""
    advance(exercise, seen=seen)
    exercise.retired_at = now
    store(exercise)
    _record(actor, "library.edit", exercise, exercise.scope, fields=("retired_at",), reason=_reason(reason))


@transaction.atomic
def install_plan_templates(*, scope: str, actor: Actor, now: datetime) -> int:
    """Give `scope` a copy of each shipped plan template it has never had; returns how many. What was edited stays."""
    there = set(PlanTemplate.objects.filter(scope=scope).values_list("key", flat=True))
    missing = [one for one in shipped_templates.shipped() if one.key not in there]
    for one in missing:
        row = store(PlanTemplate(scope=scope, created_at=now, **one.model_dump(mode="json")))
        _record(actor, "library.edit", row, scope, fields=("name",))
    return len(missing)


@transaction.atomic
def save_plan_template(
    *, template: PlanTemplate, seen: int | None, values: Mapping[str, Any], actor: Actor
) -> PlanTemplate:
    """Store a new plan template (`seen` None) or a change of one; raises Stale when it changed since `seen`."""
    if seen is not None:
        advance(template, seen=seen)
    _assign(template, values)
    store(template)
    _record(actor, "library.edit", template, template.scope, fields=values)
    return template


@transaction.atomic
def retire_plan_template(*, template: PlanTemplate, seen: int, reason: str, actor: Actor, now: datetime) -> None:
    """Offer a plan template no more; plans that began from it stay. Raises Stale, or ValueError without a reason."""
    advance(template, seen=seen)
    template.retired_at = now
    store(template)
    _record(actor, "library.edit", template, template.scope, fields=("retired_at",), reason=_reason(reason))


@transaction.atomic
def save_policy(*, scope: str, seen: int, values: Mapping[str, Any], actor: Actor, now: datetime) -> ClinicPolicy:
    """Store how a clinic works; `seen` is the version the page was made from, 1 where it had none yet.

    Raises Stale when somebody saved in the meantime.
    """
    row = ClinicPolicy.objects.filter(scope=scope).first()
    if row is not None:
        advance(row, seen=seen)
    elif seen != 1:
        raise Stale
    row = row or ClinicPolicy(scope=scope, created_at=now)
    _assign(row, values)
    store(row)
    _record(actor, "policy.edit", row, scope, fields=values)
    return row


@transaction.atomic
def write_billing_table(
    *, scope: str, seen: int, values: Mapping[str, Any], reason: str, actor: Actor, now: datetime
) -> BillingTable:
    """Bill by `values`, fields of BillingTable, from now on; what was signed before keeps the version of its day.

    `seen` is the number of the version the page was made from, 0 for the shipped table. Raises Stale when somebody
    wrote another version meanwhile, ValueError without a reason.
    """
    why = _reason(reason)
    if queries.billing_table(scope).number != seen:
        raise Stale
    row = BillingTable(
        scope=scope,
        number=seen + 1,
        reason=why,
        written_by_id=actor.user_id,
        written_by_name=actor.printed,
        created_at=now,
        **values,
    )
    try:
        with transaction.atomic():
            store(row)
    except IntegrityError:
        raise Stale from None
    _record(actor, "policy.edit", row, scope, fields=values, reason=why)
    return row


@transaction.atomic
def record_licence(
    *,
    scope: str,
    kind: str,
    instrument: str,
    instrument_version: int,
    language: str,
    holder: str,
    granted_on: date,
    actor: Actor,
    now: datetime,
    note: str = "",
    expires_on: date | None = None,
) -> Licence:
    """Enter a permission or a second reader's sign-off (`kind`) for one wording into the register."""
    row = store(
        Licence(
            scope=scope,
            kind=kind,
            instrument=instrument,
            instrument_version=instrument_version,
            language=language,
            holder=holder,
            note=note,
            granted_on=granted_on,
            expires_on=expires_on,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.printed,
            created_at=now,
        )
    )
    _record(actor, "licence.edit", row, scope, fields=("kind", "instrument", "language"))
    return row


@transaction.atomic
def revoke_licence(*, licence: Licence, reason: str, actor: Actor, now: datetime) -> None:
    """Take an entry out of force; it stays in the register. Raises Stale when it was revoked already."""
    revoked = Licence.objects.filter(pk=licence.pk, revoked_at=None).update(
        revoked_at=now, revoked_by_name=actor.printed, revoked_because=_reason(reason)
    )
    if not revoked:
        raise Stale
    _record(actor, "licence.edit", licence, licence.scope, fields=("revoked_at",), reason=reason)


@dataclass(frozen=True, slots=True)
class Permission:
    """What allows somebody else's words to be used: who permits it, from when to when, and where the paper is."""

    holder: str
    granted_on: date
    expires_on: date | None = None
    note: str = ""


class NotNext(Exception):
    """The clinic has that version, or a later one, already; `newest` is the number of the newest."""

    def __init__(self, newest: int) -> None:
        super().__init__()
        self.newest = newest


@transaction.atomic
def import_instrument(
    *, scope: str, instrument: Instrument, permission: Permission | None, actor: Actor, now: datetime
) -> ImportedInstrument:
    """Keep an instrument that was read from a file as the clinic's own, for good: a correction is the next version.

    With a `permission` the words are somebody else's, and an entry for each language goes into the register. Raises
    NotNext where the clinic has this version or a later one, Stale when somebody imported it meanwhile.
    """
    newest = queries.imported(scope).filter(key=instrument.key).first()
    if newest is not None and newest.version >= instrument.version:
        raise NotNext(newest.version)
    structure, wording = storing.structure_of(instrument), storing.wording_of(instrument)
    row = ImportedInstrument(
        scope=scope,
        key=instrument.key,
        version=instrument.version,
        structure=structure,
        wording=wording,
        content_hash=storing.hash_of(structure, wording),
        licence=_permit(scope, instrument, permission, actor, now) if permission else None,
        imported_by_id=actor.user_id,
        imported_by_name=actor.printed,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(row)
    except IntegrityError:  # two admins at once: the other one's is kept
        raise Stale from None
    _record(actor, "instrument.import", row, scope, fields=("structure", "wording", "licence"))
    return row


def _permit(scope: str, instrument: Instrument, permission: Permission, actor: Actor, now: datetime) -> Licence:
    entries = {
        language: record_licence(
            scope=scope,
            kind=Licence.Kind.PERMISSION,
            instrument=instrument.key,
            instrument_version=instrument.version,
            language=language,
            holder=permission.holder,
            granted_on=permission.granted_on,
            expires_on=permission.expires_on,
            note=permission.note,
            actor=actor,
            now=now,
        )
        for language in instrument.languages
    }
    return entries[FALLBACK_LANGUAGE]


@transaction.atomic
def retire_instrument(*, instrument: ImportedInstrument, reason: str, actor: Actor, now: datetime) -> None:
    """Offer one imported version no more; what is planned with it is asked, what was answered stays readable.

    Raises Stale when it was retired already, ValueError without a reason.
    """
    retired = queries.imported(instrument.scope).filter(pk=instrument.pk, retired_at=None)
    if not retired.update(retired_at=now, retired_by_name=actor.printed, retired_because=_reason(reason)):
        raise Stale
    _record(actor, "instrument.retire", instrument, instrument.scope, fields=("retired_at",), reason=reason)


def _assign(row: Row, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValueError("say why")
    return reason.strip()


def _record(actor: Actor, verb: str, row: Row, scope: str, *, fields: Iterable[str], reason: str = "") -> None:
    log.record(
        actor=actor,
        verb=verb,
        kind=row._meta.model_name or "",
        ref=row.uuid,
        scope=scope,
        fields=tuple(fields),
        purpose=reason,
    )

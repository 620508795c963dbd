"""The triggers that guard what was signed or witnessed, from one table; PostgreSQL and SQLite. No ORM path is trusted.

A guarded row's content can't be updated by anyone, ORM or raw SQL; keys to staff may only become NULL. DELETE and
TRUNCATE pass only while the same transaction holds a row in `rls_module_erasure`. A child of a signed visit can be
neither added, changed nor removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ERASURE_TABLE = "rls_module_erasure"
_GUARDED_VENDORS = ("postgresql", "sqlite")


@dataclass(frozen=True, slots=True)
class Guard:
    """One guarded table; `signed_when` is SQL over `OLD`, empty for rows that are guarded from their first moment."""

    table: str
    columns: list[str]
    user_keys: tuple[str, ...] = ()
    signed_when: str = ""


@dataclass(frozen=True, slots=True)
class ChildGuard:
    """A table whose rows belong to a guarded parent."""

    table: str
    parent: str
    key: str
    signed_when: str


GUARDS: tuple[Guard, ...] = (
    Guard(
        "rls_module_visit",
        columns=(
            "id uuid created_at chart_id case_id host_visit visit_date visit_started_at status author_name since_last "
            "nights reaction reaction_note safety safety_note findings needles_out discrepancy_note "
            "patient_checked aftercare_given no_treatment_because response timed_minutes total_minutes unit_code "
            "next_time version"
        ).split(),
        user_keys=("author_id",),
        signed_when="OLD.status = 'signed'",
    ),
    Guard(
        "rls_module_plan",
        columns=(
            "id uuid created_at chart_id case_id number previous_id author_name template_key template_version "
            "diagnosis times_per_week weeks planned_sessions review_on is_precautions_reviewed precautions topics "
            "education discharge_criteria signed_at"
        ).split(),
        user_keys=("author_id",),
        signed_when="OLD.signed_at IS NOT NULL",
    ),
    Guard(
        "rls_module_teaching",
        columns="id uuid created_at chart_id case_id plan_id topic taught_on is_taught_back taught_by_name".split(),
        user_keys=("taught_by_id",),
    ),
    Guard(
        "rls_module_criteriareview",
        columns=(
            "id uuid created_at chart_id case_id answers mimics e5_reason clinically_significant supportive course "
            "result reasons from_past labels algorithm reviewed_by_name"
        ).split(),
        user_keys=("reviewed_by_id",),
    ),
    Guard(
        "rls_module_augmentationscreen",
        columns="id uuid created_at chart_id case_id answers result parts algorithm note screened_by_name".split(),
        user_keys=("screened_by_id",),
    ),
    Guard(
        "rls_module_referral",
        columns=(
            "id uuid created_at chart_id case_id to_kind to_name urgency red_flags reason referred_on referred_by_name"
        ).split(),
        user_keys=("referred_by_id",),
    ),
    Guard(
        "rls_module_referraloutcome",
        columns="id uuid created_at chart_id referral_id kind answered_on note recorded_by_name".split(),
        user_keys=("recorded_by_id",),
    ),
    Guard(
        "rls_module_addendum",
        columns="id uuid created_at chart_id visit_id text author_name".split(),
        user_keys=("author_id",),
    ),
    Guard(
        "rls_module_adverseevent",
        columns=(
            "id uuid created_at chart_id case_id visit_id event tier occurred_on onset relation muscle description "
            "action_taken outcome resolved_on reported_to source recorded_by_name"
        ).split(),
        user_keys=("recorded_by_id",),
    ),
    Guard(
        "rls_module_financialnotice",
        columns="id uuid created_at chart_id kind amount signed_on holds_until recorded_by_name".split(),
        user_keys=("recorded_by_id",),
    ),
    Guard(
        "rls_module_certificationdate",
        columns=(
            "id uuid created_at chart_id case_id plan_id kind happened_on holds_until visits party recorded_by_name"
        ).split(),
        user_keys=("recorded_by_id",),
    ),
    Guard(
        "rls_module_adverseeventfollowup",
        columns="id uuid created_at chart_id event_id outcome told_on note reported_to recorded_by_name".split(),
        user_keys=("recorded_by_id",),
    ),
    Guard(
        "rls_module_assessment",
        columns=(
            "id uuid created_at chart_id case_id assessed_on dominance work sport nerve_vessel nerve_vessel_note "
            "patterns hypothesis planes red_flags red_flags_note is_none_found note assessed_by_name"
        ).split(),
        user_keys=("assessed_by_id",),
    ),
    Guard(
        "rls_module_finding",
        columns=(
            "id uuid created_at assessment_id position kind place place_kind side grade activity signs pain spreads_to "
            "note"
        ).split(),
    ),
    Guard(
        "rls_module_complaint",
        columns=(
            "id uuid created_at assessment_id position kind place place_kind side year since course how_often pain_now "
            "pain_worst worse_when movement movement_pain note"
        ).split(),
    ),
    Guard(
        "rls_module_examresult",
        columns="id uuid created_at assessment_id position test side stage answer number".split(),
    ),
    Guard(
        "rls_module_signature",
        columns=(
            "id uuid created_at chart_id kind ref meaning signer_name signed_at content_hash hash_version reason"
        ).split(),
        user_keys=("signer_id",),
    ),
    Guard(
        "rls_module_emergencyaccess",
        columns="id uuid created_at chart_id user_name reason opened_at ends_at stored_at".split(),
        user_keys=("user_id",),
    ),
    Guard(
        "rls_module_importedinstrument",  # what is asked of patients; being retired may be added to it
        columns=(
            "id uuid created_at scope key version structure wording content_hash licence_id imported_by_name"
        ).split(),
        user_keys=("imported_by_id",),
    ),
    Guard(
        "rls_module_auditevent",
        columns=(
            "id at actor verb outcome object_kind object_id patient scope route request_id purpose fields"
        ).split(),
    ),
    Guard(
        "rls_module_hold", columns="id uuid created_at chart_id reason put_by_name".split(), user_keys=("put_by_id",)
    ),
    Guard(
        "rls_module_holdlift",
        columns="id uuid created_at chart_id hold_id reason lifted_by_name".split(),
        user_keys=("lifted_by_id",),
    ),
    Guard(
        "rls_module_seal",
        columns="id scope number events erased last_event latest_at previous hash sealed_at".split(),
    ),
)
CHILD_GUARDS: tuple[ChildGuard, ...] = (
    ChildGuard("rls_module_needlingsite", "rls_module_visit", "visit_id", "status = 'signed'"),
    ChildGuard("rls_module_fascialpoint", "rls_module_visit", "visit_id", "status = 'signed'"),
    ChildGuard("rls_module_performedexercise", "rls_module_visit", "visit_id", "status = 'signed'"),
    ChildGuard("rls_module_goal", "rls_module_plan", "plan_id", "signed_at IS NOT NULL"),
    ChildGuard("rls_module_plannedintervention", "rls_module_plan", "plan_id", "signed_at IS NOT NULL"),
)


def install(connection: Any) -> None:
    """Create every trigger anew on `connection`; where the database has none of ours to offer, do nothing."""
    if connection.vendor not in _GUARDED_VENDORS:
        return
    remove(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop every trigger of ours that is there."""
    if connection.vendor not in _GUARDED_VENDORS:
        return
    with connection.cursor() as cursor:
        for table, name in trigger_names(connection.vendor):
            suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")
        if connection.vendor == "postgresql":
            for table in dict.fromkeys(table for table, _name in trigger_names(connection.vendor)):
                cursor.execute(f"DROP FUNCTION IF EXISTS {table}_guard()")


def missing(connection: Any) -> list[str]:
    """Return the names of triggers that should guard this database and do not."""
    if connection.vendor not in _GUARDED_VENDORS:
        return []
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for _, name in trigger_names(connection.vendor) if name not in there]


def trigger_names(vendor: str) -> Iterator[tuple[str, str]]:
    """Yield (table, trigger name) of every guard on `vendor`."""
    for guard in GUARDS:
        verbs = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
        yield from ((guard.table, f"{guard.table}_no_{verb}") for verb in verbs)
    for child in CHILD_GUARDS:
        verbs = ("change", "truncate") if vendor == "postgresql" else ("insert", "update", "delete")
        yield from ((child.table, f"{child.table}_no_{verb}") for verb in verbs)


def _statements(vendor: str) -> Iterator[str]:
    build = {"postgresql": (_postgresql, _postgresql_child), "sqlite": (_sqlite, _sqlite_child)}[vendor]
    for guard in GUARDS:
        yield from build[0](guard)
    for child in CHILD_GUARDS:
        yield from build[1](child)


# PostgreSQL: one function per table; SQLSTATE 23000 reaches Django as IntegrityError.

_PG_DOOR = f"EXISTS (SELECT 1 FROM {ERASURE_TABLE} WHERE transaction_id = txid_current())"
_PG_REFUSE = "RAISE EXCEPTION '{table} is signed or witnessed and cannot be {deed}' USING ERRCODE = '23000'"


def _pg_changed(guard: Guard) -> str:
    changed = [f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in guard.columns]
    moved = [f"(NEW.{key} IS NOT NULL AND NEW.{key} IS DISTINCT FROM OLD.{key})" for key in guard.user_keys]
    return " OR ".join(changed + moved)


def _postgresql(guard: Guard) -> Iterator[str]:
    table, when = guard.table, guard.signed_when or "TRUE"
    yield f"""CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            IF NOT {_PG_DOOR} THEN {_PG_REFUSE.format(table=table, deed="emptied")}; END IF;
            RETURN NULL;
        ELSIF TG_OP = 'DELETE' THEN
            IF {when} AND NOT {_PG_DOOR} THEN {_PG_REFUSE.format(table=table, deed="deleted")}; END IF;
            RETURN OLD;
        END IF;
        IF {when} AND ({_pg_changed(guard)}) THEN {_PG_REFUSE.format(table=table, deed="changed")}; END IF;
        RETURN NEW;
    END $guard$"""
    yield from _pg_triggers(table, {"update": "ROW", "delete": "ROW", "truncate": "STATEMENT"}, f"{table}_guard")


def _postgresql_child(child: ChildGuard) -> Iterator[str]:
    table = child.table
    # FOR SHARE waits for a signature in flight: without it a site could slip in beside the note being signed.
    signed = f"EXISTS (SELECT 1 FROM {child.parent} WHERE id = {{row}}.{child.key} AND {child.signed_when})"
    lock = f"PERFORM 1 FROM {child.parent} WHERE id = {{row}}.{child.key} FOR SHARE"
    refuse = _PG_REFUSE.format(table=table, deed="changed")
    yield f"""CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            IF NOT {_PG_DOOR} THEN {_PG_REFUSE.format(table=table, deed="emptied")}; END IF;
            RETURN NULL;
        END IF;
        IF TG_OP IN ('UPDATE', 'DELETE') THEN
            {lock.format(row="OLD")};
            IF {signed.format(row="OLD")} AND NOT (TG_OP = 'DELETE' AND {_PG_DOOR})
            THEN {refuse}; END IF;
        END IF;
        IF TG_OP IN ('INSERT', 'UPDATE') THEN
            {lock.format(row="NEW")};
            IF {signed.format(row="NEW")} THEN {refuse}; END IF;
            RETURN NEW;
        END IF;
        RETURN OLD;
    END $guard$"""
    yield f"""CREATE TRIGGER {table}_no_change BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_guard()"""
    yield from _pg_triggers(table, {"truncate": "STATEMENT"}, f"{table}_guard")


def _pg_triggers(table: str, verbs: dict[str, str], function: str) -> Iterator[str]:
    for verb, each in verbs.items():
        yield f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
            FOR EACH {each} EXECUTE FUNCTION {function}()"""


# SQLite: `recursive_triggers` must be on, or INSERT OR REPLACE deletes without asking (a system check looks).
# There is no transaction id; the row never outlives its transaction, and a leftover is worth nothing after a minute.

_SQLITE_DOOR = (
    f"EXISTS (SELECT 1 FROM {ERASURE_TABLE} WHERE opened_at > STRFTIME('%Y-%m-%d %H:%M:%f', 'now', '-60 seconds'))"
)


def _sqlite_refuse(table: str, deed: str) -> str:
    return f"SELECT RAISE(ABORT, '{table} is signed or witnessed and cannot be {deed}');"


def _sqlite(guard: Guard) -> Iterator[str]:
    table, when = guard.table, guard.signed_when or "1"
    changed = [f"NEW.{column} IS NOT OLD.{column}" for column in guard.columns]
    moved = [f"(NEW.{key} IS NOT NULL AND NEW.{key} IS NOT OLD.{key})" for key in guard.user_keys]
    yield f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
        WHEN {when} AND ({" OR ".join(changed + moved)}) BEGIN {_sqlite_refuse(table, "changed")} END"""
    yield f"""CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
        WHEN {when} AND NOT {_SQLITE_DOOR} BEGIN {_sqlite_refuse(table, "deleted")} END"""


def _sqlite_child(child: ChildGuard) -> Iterator[str]:
    table = child.table

    def signed(row: str) -> str:
        return f"EXISTS (SELECT 1 FROM {child.parent} WHERE id = {row}.{child.key} AND {child.signed_when})"

    conditions = {
        "insert": signed("NEW"),
        "update": f"{signed('OLD')} OR {signed('NEW')}",
        "delete": f"{signed('OLD')} AND NOT {_SQLITE_DOOR}",
    }
    for verb, condition in conditions.items():
        yield f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
            WHEN {condition} BEGIN {_sqlite_refuse(table, "changed")} END"""

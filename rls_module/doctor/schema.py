"""Tables as they should be: migrated, whole, of the host they were written for, and guarded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.migrations.executor import MigrationExecutor

from rls_module.audit import guards
from rls_module.doctor.finding import Finding, judged
from rls_module.host import database, identity, patient_model


def look(scope: str) -> Iterator[Finding]:
    """Yield how the tables stand in one scope."""
    chart = apps.get_model("rls_module", "Chart")
    connection = database.connection()
    waiting = [one for one in _unapplied(connection) if one.startswith("rls_module.")]
    yield judged(
        "schema.migrations",
        good=not waiting,
        message=f"{scope}: {len(waiting)} migrations wait" if waiting else f"{scope}: all migrations are applied",
        hint="Run migrate.",
    )
    there = set(connection.introspection.table_names())
    lacking = sorted({model._meta.db_table for model in apps.get_app_config("rls_module").get_models()} - there)
    yield judged(
        "schema.tables",
        good=not lacking,
        message=f"{scope}: missing {', '.join(lacking)}" if lacking else f"{scope}: every table is there",
        hint="migrate rls_module zero --fake, then migrate where the patients' tables are.",
    )
    if lacking:
        return
    difference = identity.mismatch()
    yield judged(
        "schema.identity",
        good=not difference,
        message=f"{scope}: {difference or 'written for this host'}",
        hint="Point PATIENT_MODEL back: every chart would belong to somebody else.",
    )
    ours, theirs = _column(connection, chart._meta.db_table, "patient_id"), _patient_key(connection)
    yield judged(
        "schema.patient_key",
        good=ours == theirs,
        message=f"{scope}: the key to the patient is {ours}, the patient's own {theirs}",
        hint="The host changed its key's type; restore from before, or ask for help.",
    )
    gone = guards.missing(connection)
    yield judged(
        "schema.triggers",
        good=not gone,
        message=f"{scope}: {len(gone)} guards are missing" if gone else f"{scope}: every guard of signed rows is there",
        hint="Run migrate rls_module 0001 and then migrate rls_module.",
    )


def _unapplied(connection: Any) -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan([key for key in executor.loader.graph.leaf_nodes() if key[0] == "rls_module"])
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _patient_key(connection: Any) -> str:
    model = apps.get_model(patient_model())
    key: Any = model._meta.pk
    return _column(connection, model._meta.db_table, key.column)


def _column(connection: Any, table: str, column: str) -> str:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    field = next(one for one in described if one.name == column)
    kind = str(connection.introspection.get_field_type(field.type_code, field))
    # The same column is called a key where it counts itself up, and SQLite has one kind of whole number.
    kind = kind.replace("Auto", "Integer") if "Auto" in kind else kind
    return kind.replace("Big", "") if connection.vendor == "sqlite" else kind

"""A new table, or a new column of one, is a decision: each is named for the exports, or named as left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import models

from rls_module.outcomes.queries import exported
from rls_module.outcomes.queries.exported import LEFT_OUT, TABLES, Table

USES = ("record", "shared", "out")


def undecided(tables: tuple[Table, ...]) -> list[str]:
    """Columns of the exported tables that are named nowhere, twice, or that the table does not have."""
    found = []
    for table in tables:
        named = Counter(name for use in USES for name in getattr(table, use))
        there = {field.name for field in table.model._meta.concrete_fields}
        found += [f"{table.name}.{name}" for name in there ^ named.keys()]
        found += [f"{table.name}.{name}" for name, count in named.items() if count > 1]
    return found


def tables_undecided(ours: set[type[models.Model]]) -> set[str]:
    named = {table.model.__name__ for table in TABLES} | set(LEFT_OUT)
    return {model.__name__ for model in ours} ^ named


def ours() -> set[type[models.Model]]:
    return set(apps.get_app_config("rls_module").get_models())


def test_every_column_of_every_clinical_table_is_exported_or_named_as_left_out(record_property):
    """PV-6, PV-8: an allowlist, column by column; there is no "all"."""
    assert undecided(TABLES) == []
    record_property("columns decided for exports", sum(len(table.model._meta.concrete_fields) for table in TABLES))


def test_every_table_is_exported_or_left_out_with_a_reason():
    assert tables_undecided(ours()) == set()
    assert not {table.model.__name__ for table in TABLES} & set(LEFT_OUT)
    assert len({table.name for table in TABLES}) == len(TABLES)


@pytest.mark.parametrize("use", USES)
def test_a_column_that_nobody_decided_on_is_found(use):
    """PV-6: seeded violations, a column that was added, and one that was taken away."""
    visits = next(table for table in TABLES if table.name == "visits")
    names = getattr(visits, use)
    assert undecided((replace(visits, **{use: names[1:]}),)) == [f"visits.{names[0]}"]
    assert undecided((replace(visits, **{use: (*names, "gone")}),)) == ["visits.gone"]
    assert undecided((replace(visits, **{use: (*names, names[0])}),)) == [f"visits.{names[0]}"]


def test_a_table_that_nobody_decided_on_is_found():
    """PV-6: seeded violation."""
    assert tables_undecided(ours() - {next(iter(ours()))}) != set()


def test_what_names_a_person_or_a_place_is_in_no_table_of_the_registry():
    """Decisions 12.14: by the names of columns, beside what the tests of the registry look for in the cells."""
    shared = {f"{table.name}.{name}" for table in TABLES for name in table.shared}
    assert [one for one in shared if one.endswith(("_name", "note", "text", "scope", "uuid", "_because"))] == []
    assert exported.TABLES is TABLES

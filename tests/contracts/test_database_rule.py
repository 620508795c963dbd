"""No way round the routers: the plugin says `default` nowhere, for a host may keep each clinic in its own database."""

from __future__ import annotations

import ast

import pytest

from tests.contracts.test_audit_rule import Sources, sources

MEANS_DEFAULT = {"connection", "transaction", "DEFAULT_DB_ALIAS"}  # names of django.db
ASKS_THE_ROUTERS = {"rls_module.host.transaction"}


def names_of_the_default_database(where: Sources) -> list[str]:
    """AZ-16: names of `django.db` that are bound to `default`, used where the routers are not asked."""
    return [
        f"{module}:{node.lineno} {alias.name}"
        for module, source in where.items()
        if module not in ASKS_THE_ROUTERS
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db")
        for alias in node.names
        if alias.name in MEANS_DEFAULT or node.module == "django.db.transaction"
    ]


def test_the_code_asks_the_routers():
    assert names_of_the_default_database(sources()) == []


@pytest.mark.parametrize(
    "line",
    [
        "from django.db import connection",
        "from django.db import IntegrityError, transaction",
        "from django.db.transaction import atomic",
        "from django.db.utils import DEFAULT_DB_ALIAS",
    ],
)
def test_a_breach_is_found(line):
    """AZ-16: seeded violations."""
    module = "rls_module.visits.actions"
    [found] = names_of_the_default_database(sources() | {module: f"{line}\n"})
    assert found.startswith(f"{module}:1 ")

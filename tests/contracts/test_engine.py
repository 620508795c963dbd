"""Whatever turns the engine turns all of it: mails, unfinished forms, exports. No door can leave one out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.core.management import call_command

from rls_module import tasks
from tests import factories as make
from tests.contracts.test_audit_rule import Sources, sources
from tests.rls_module.host.pages import at
from tests.rls_module.outcomes import exporting

__all__ = ["at"]

ENGINE = "rls_module.engine"
PARTS = {"tick", "settle_unfinished", "make_exports"}
DOORS = {"rls_module.tasks", "rls_module.management.commands.rls_followups", "clinic.demo.stories"}
BREACHES = [
    ("rls_module.tasks", "def peek(now):\n    followup_actions.tick(now=now)"),
    ("rls_module.management.commands.rls_setup", "def peek(now):\n    survey_actions.settle_unfinished(now=now)"),
    ("clinic.demo.stories", "def peek(now):\n    outcome_actions.make_exports(now=now)"),
]


def everywhere() -> dict[str, str]:
    return sources() | sources(Path(__file__).parents[2] / "clinic")


def calls(where: Sources, names: set[str]) -> dict[str, set[str]]:
    """Module -> which of the names it calls as a function of another module."""
    found: dict[str, set[str]] = {}
    for module, source in where.items():
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=there), attr=name)) if name in names:
                    if name != "turn" or there == "engine":
                        found.setdefault(module, set()).add(name)
    return found


def test_the_parts_of_a_turn_are_called_in_one_place_only(record_property):
    """A door that called one of them would forget the others."""
    assert calls(everywhere(), PARTS) == {ENGINE: PARTS}
    record_property("seeded violations", len(BREACHES))


@pytest.mark.parametrize(("module", "lines"), BREACHES)
def test_a_breach_is_found(module, lines):
    where = everywhere()
    assert module in calls({**where, module: f"{where[module]}\n\n{lines}\n"}, PARTS)


def test_every_door_turns_the_whole_engine():
    assert set(calls(everywhere(), {"turn"})) == DOORS


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize(
    "door", [tasks.tick, lambda: call_command("rls_followups", "run", "--once")], ids=["Celery's task", "command"]
)
def test_each_door_makes_exports(at, door):
    """PV-8: an export that was asked for is made, whichever way the engine is turned."""
    user = make.therapist()
    export = exporting.ask(user, make.case(user).chart)
    door()
    export.refresh_from_db()
    assert export.state == "ready"

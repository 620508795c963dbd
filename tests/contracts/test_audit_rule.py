"""Every write has its witness: what actions do is audited in the same transaction, and nobody else writes.

The rules read the source (AST); each has a breach seeded below that shows it firing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Sources = Mapping[str, str]  # dotted module name -> source

# Public functions of actions that leave no event of their own, each with its reason.
NOT_AUDITED = {
    "rls_module.surveys.actions.answers.save_page": "drafts are not audited, first post and submit are (decisions 9)",
    **dict.fromkeys(
        (f"rls_module.surveys.actions.limits.{name}" for name in ("may_write", "may_fail", "takes", "forget")),
        "a count of a minute is about nobody",
    ),
    "rls_module.followups.actions.planning.enrol": "planning and sending record what they did as a whole",
    "rls_module.followups.actions.planning.make": "as above",
}
# Public functions of actions that are no single transaction, each with its reason.
NOT_ATOMIC = {
    "rls_module.surveys.actions.answers.save_page": "one statement",
    "rls_module.surveys.actions.limits.may_write": "each count is its own, and is kept whatever becomes of the next",
    "rls_module.surveys.actions.limits.may_fail": "as above",
    "rls_module.followups.actions.planning.plan_marked": "each case is planned in its own: one bad case stops no other",
    "rls_module.followups.actions.planning.move_strays": "each chart is moved in its own",
    "rls_module.surveys.actions.answers.settle_unfinished": "each form is settled in its own",
    "rls_module.outcomes.actions.making.make_exports": "each export is claimed, made and kept by itself",
    "rls_module.followups.actions.engine.tick": "a turn speaks to mail servers, which no transaction may wait for",
    "rls_module.followups.actions.notices.tell_of_emergencies": "it speaks to a mail server; the mark is one",
    "rls_module.followups.actions.planning.enrol": "a step of planning and of sending, in their transaction",
    "rls_module.followups.actions.planning.make": "as above",
    "rls_module.cases.actions.records.record": "one statement, in the caller's transaction",
    "rls_module.plans.actions.records.record": "one statement, in the caller's transaction",
    "rls_module.intake.actions.records.record": "one statement, in the caller's transaction",
    "rls_module.followups.actions.records.of_occurrence": "one statement, in the caller's transaction",
    "rls_module.followups.actions.records.of_chart": "one statement, in the caller's transaction",
}
# Modules besides actions and queues that write rows, each with its reason and the calls it makes.
WRITERS = {
    "rls_module.audit.log": {"create", "bulk_create"},  # the witness itself
    "rls_module.audit.sealing": {"save"},  # the witness's seal
    "rls_module.audit.purging": {"delete"},  # retention, through the door, on record
    "rls_module.outcomes.cells": {"update"},  # a hash's, and no row's
    "rls_module.host.rows": {"save", "update"},  # store() and advance(), which actions call
    "rls_module.host.identity": {"update_or_create"},  # the row written by migrate
}
# Modules that speak SQL themselves.
SQL_SPEAKERS = {
    "rls_module.audit.guards",  # triggers
    "rls_module.audit.erasure",  # the door
    "rls_module.host.clock",  # the database's clock
    "rls_module.checks.databases",  # is the migration recorded, is the pragma on
}
# Who may name the erasure door: its table, its guard, its two functions. `rls_release` and the purge come here.
DOOR_KEEPERS = {
    "rls_module.audit.purging",
    "rls_module.cases.actions.release",
    "rls_module.audit.guards",
    "rls_module.audit.erasure",
    "rls_module.audit.models",
    "rls_module.models",
}

# Who takes rows away, each with its reason. What is clinical is withdrawn, marked or closed, and stays.
DELETERS = {
    "rls_module.cases.actions.release.release": "the erasure of one patient, through the door, under no hold",
    "rls_module.audit.purging.purge": "the retention of audit events, through the door, under no hold",
    "rls_module.assessment.actions._end_draft": "a draft that has become an examination, or that its writer discards",
    "rls_module.visits.actions.notes._write_rows": "typed rows of a note that nobody has signed are written anew",
    "rls_module.plans.actions.plan._write_rows": "goals and treatments of an unsigned plan are written anew",
    "rls_module.outcomes.actions.fetching.fetch": "the locked parts of an export that was fetched",
    "rls_module.outcomes.actions.making._end": "the locked parts of an export that is over",
    "rls_module.surveys.actions.answers.send": "saved pages are put away when they have become the response",
    "rls_module.surveys.actions.limits.forget": "counts of minutes that are over",
}

WRITES = {"save", "update", "delete", "create", "get_or_create", "update_or_create", "_raw_delete", "truncate"}


def sources(folder: Path = ROOT / "rls_module") -> dict[str, str]:
    """Every module of the plugin but its migrations."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        if "migrations" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return found


def is_actions(module: str) -> bool:
    return "actions" in module.split(".")[2:3]


def is_queue(module: str) -> bool:
    return "queue" in module.split(".")[2:3]


@dataclass(frozen=True)
class Function:
    """A function of a module, with what it calls: (module, name) pairs as far as imports tell."""

    module: str
    node: ast.FunctionDef
    calls: frozenset[tuple[str, str]]

    @property
    def name(self) -> str:
        return f"{self.module}.{self.node.name}"

    @property
    def is_public(self) -> bool:
        return not self.node.name.startswith("_")

    @property
    def decorators(self) -> set[str]:
        return {ast.unparse(one).split("(")[0] for one in self.node.decorator_list}


def functions(where: Sources) -> dict[tuple[str, str], Function]:
    """Every function at the top of a module."""
    found = {}
    for module, source in where.items():
        tree = ast.parse(source)
        named = _imports(tree)
        local = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                calls = frozenset(_calls(node, module, local, named))
                found[module, node.name] = Function(module, node, calls)
    return found


def _imports(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name of what `from ... import ...` brought."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _calls(node: ast.FunctionDef, module: str, local: set[str], named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is called, or handed to partial() to be called."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        targets = [call.func]
        if isinstance(call.func, ast.Name) and call.func.id == "partial":
            targets = call.args[:1]
        for target in targets:
            match target:
                case ast.Name(id=name) if name in local:
                    yield module, name
                case ast.Name(id=name) if name in named:
                    home, _, function = named[name].rpartition(".")
                    yield home, function
                case ast.Attribute(value=ast.Name(id=alias), attr=name) if alias in named:
                    yield named[alias], name


def reached(start: Function, known: Mapping[tuple[str, str], Function]) -> set[tuple[str, str]]:
    """Everything that `start` calls, and what that calls; a package stands for its modules."""
    seen: set[tuple[str, str]] = set()
    waiting = list(start.calls)
    while waiting:
        call = waiting.pop()
        if call in seen:
            continue
        seen.add(call)
        package, name = call
        for (module, function), found in known.items():
            if function == name and (module == package or module.rpartition(".")[0] == package):
                waiting += found.calls
    return seen


# The rules: each returns its breaches


def without_event(where: Sources) -> list[str]:
    """AU-2: public functions of actions from which no way leads to the audit."""
    known = functions(where)
    return [
        one.name
        for one in known.values()
        if is_actions(one.module)
        and one.is_public
        and one.name not in NOT_AUDITED
        and ("rls_module.audit.log", "record") not in reached(one, known)
    ]


def without_transaction(where: Sources) -> list[str]:
    """AU-3: public functions of actions whose writes and event could come apart."""
    return [
        one.name
        for one in functions(where).values()
        if is_actions(one.module)
        and one.is_public
        and one.name not in NOT_ATOMIC
        and "transaction.atomic" not in one.decorators
    ]


def _called_methods(where: Sources) -> Iterator[tuple[str, int, str]]:
    for module, source in where.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield module, node.lineno, node.func.attr


def writes_elsewhere(where: Sources) -> list[str]:
    """AU-2, DI-2: rows written outside actions, queues and the few modules that may."""
    return [
        f"{module}:{line} .{method}("
        for module, line, method in _called_methods(where)
        if (method in WRITES or method.startswith("bulk_"))
        and not (is_actions(module) or is_queue(module) or method in WRITERS.get(module, ()))
    ]


def deletes_elsewhere(where: Sources) -> list[str]:
    """DI-11: rows taken away outside of the few functions that may; whatever an ORM or a cursor calls it."""
    return [
        f"{module}:{node.lineno}"
        for module, source in where.items()
        for function, node in _each_call(ast.parse(source))
        if node.func.attr in ("delete", "_raw_delete", "adelete", "truncate") and f"{module}.{function}" not in DELETERS
    ]


def _each_call(tree: ast.AST, function: str = "") -> Iterator[tuple[str, Any]]:
    """Every call of an attribute, with the function it stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield function, node
        yield from _each_call(node, node.name if isinstance(node, ast.FunctionDef) else function)


def sql_elsewhere(where: Sources) -> list[str]:
    """AP-3, AU-2: SQL spoken past the ORM, where no rule above could see a write."""
    ways = {"execute", "executemany", "executescript", "callproc", "raw", "extra", "RawSQL"}
    return [
        f"{module}:{line} .{method}("
        for module, line, method in _called_methods(where)
        if method in ways and module not in SQL_SPEAKERS
    ]


def door_elsewhere(where: Sources) -> list[str]:
    """DI-4: who else names the erasure door."""
    words = ("ERASURE_TABLE", "rls_module_erasure", "Erasure", "open_door")
    found = []
    for module, source in where.items():
        names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
        names |= {
            alias.name
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        said = names.intersection(words) or any("INTO rls_module_erasure" in str(text) for text in strings)
        if said and module not in DOOR_KEEPERS:
            found.append(module)
    return found


RULES = {
    rule.__name__: rule
    for rule in (without_event, without_transaction, writes_elsewhere, deletes_elsewhere, sql_elsewhere, door_elsewhere)
}

BURN_VISIT = "def burn(*, visit):\n    visit.findings = ''\n    store(visit)"
BURN_BY_HELPER = "def burn(*, visit):\n    _ash(visit)\n\n\ndef _ash(visit):\n    store(visit)"
NOTE_LOOSELY = "def note(*, chart, actor):\n    _record(actor, 'x', chart, chart, fields=())"
BREACHES = [
    ("without_event", "rls_module.visits.actions.notes", BURN_VISIT),
    ("without_event", "rls_module.visits.actions.notes", BURN_BY_HELPER),
    ("without_event", "rls_module.followups.actions.preferences", "def forget(*, chart):\n    store(chart)"),
    ("without_transaction", "rls_module.cases.actions", NOTE_LOOSELY),
    ("writes_elsewhere", "rls_module.visits.views", "def burn(request, visit):\n    visit.save()"),
    ("writes_elsewhere", "rls_module.visits.queries", "def burn(rows):\n    rows.update(findings='')"),
    ("deletes_elsewhere", "rls_module.visits.actions.notes", "def burn(rows):\n    rows.delete()"),
    ("deletes_elsewhere", "rls_module.cases.actions.release", "def burn(rows):\n    rows._raw_delete(rows.db)"),
    (
        "deletes_elsewhere",
        "rls_module.followups.queue.finishing",
        "class Burn:\n    def burn(self, row):\n        row.delete()",
    ),
    ("writes_elsewhere", "rls_module.outcomes.views", "def burn(rows):\n    rows.delete()"),
    ("writes_elsewhere", "rls_module.intake.forms", "def burn(model, rows):\n    model.bulk_update(rows, ['x'])"),
    ("writes_elsewhere", "rls_module.outcomes.queries", "def burn(model):\n    model.objects.get_or_create(x=1)"),
    ("writes_elsewhere", "rls_module.management.commands.rls_setup", "def burn(row):\n    row.save()"),
    ("writes_elsewhere", "rls_module.audit.log", "def burn(rows):\n    rows.delete()"),
    ("sql_elsewhere", "rls_module.cases.actions", "def burn(cursor):\n    cursor.execute('DELETE FROM x')"),
    ("sql_elsewhere", "rls_module.outcomes.queries", "def peek(model):\n    return model.objects.raw('SELECT 1')"),
    (
        "door_elsewhere",
        "rls_module.visits.actions.notes",
        "from rls_module.audit import erasure\nerasure.open_door(None)",
    ),
    ("door_elsewhere", "rls_module.cases.actions", "from rls_module.audit.models import Erasure"),
    ("door_elsewhere", "rls_module.cases.queries", "STATEMENT = 'INSERT INTO rls_module_erasure VALUES (1)'"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_the_rule(rule):
    """AU-2, AU-3, DI-2, DI-4, DI-11, AP-3."""
    assert RULES[rule](sources()) == []


@pytest.mark.parametrize(("rule", "module", "lines"), BREACHES)
def test_a_breach_is_found(rule, module, lines):
    """AU-2: seeded violations."""
    where = sources()
    assert module in where
    before = RULES[rule](where)
    after = RULES[rule]({**where, module: f"{where[module]}\n\n{lines}\n"})
    assert [one for one in after if one not in before and module in one] != []


def test_every_rule_has_a_breach_that_shows_it_firing():
    assert {rule for rule, _, _ in BREACHES} == set(RULES)


def test_every_exception_is_still_needed():
    """An exception for what is gone, or for what keeps the rule by now, is taken off the list."""
    where = sources()
    known = functions(where)
    names = {one.name for one in known.values()}
    assert set(NOT_AUDITED) | set(NOT_ATOMIC) | set(DELETERS) <= names
    for module, methods in WRITERS.items():
        assert methods <= {method for there, _, method in _called_methods(where) if there == module}, module
    assert set(where) >= SQL_SPEAKERS


def test_the_rules_see_all_actions_that_there_are():
    """At least the verbs of today, in modules and in packages."""
    public = {one.name for one in functions(sources()).values() if is_actions(one.module) and one.is_public}
    assert {
        "rls_module.cases.actions.charts.open_chart",
        "rls_module.intake.actions.screen.decide",
        "rls_module.visits.actions.notes.sign",
        "rls_module.followups.actions.answers.submit",
        "rls_module.surveys.actions.answers.send",
    } <= public
    assert len(public) >= 33

"""No way round the gate: what staff see was fetched through it, and views hold no queries of their own."""

from __future__ import annotations

import ast

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from rls_module.api.doors import Door
from rls_module.host import web
from tests.contracts.test_audit_rule import Sources, functions, reached, sources

GATE = "rls_module.cases.access"
GATES = {(GATE, name) for name in ("fetch", "listing", "paged", "patient", "clinic_wide", "may")}
DOORS = ("views", "forms", "admin", "api", "serializers", "tasks", "commands", "templatetags")
# Views that anybody may open; the survey's own checks and the status page's bearer token stand in for the gate.
PUBLIC = {
    "rls_module.surveys.views.survey.survey",
    "rls_module.surveys.views.preferences.unsubscribe",
    "rls_module.followups.views.status",
}
# Modules besides the gate that may ask the adapter what somebody may see or do.
ASK_THE_ADAPTER = {
    f"{GATE}.asking",
    "rls_module.host.adapter",
    "rls_module.checks.configuration",
    "rls_module.doctor.host",
}


def is_views(module: str) -> bool:
    return "views" in module.split(".")[2:3]


def is_door(module: str) -> bool:
    return any(part in DOORS for part in module.split("."))


def past_the_gate(where: Sources) -> list[str]:
    """AU-1, AZ-2: staff views from which no way leads through the gate."""
    known = functions(where)
    return [
        one.name
        for one in known.values()
        if is_views(one.module) and "web.staff" in one.decorators and not GATES & reached(one, known)
    ]


def queries_in_doors(where: Sources) -> list[str]:
    """AZ-3: managers reached in views, forms, commands and the like."""
    return [
        f"{module}:{node.lineno} .{node.attr}"
        for module, source in where.items()
        if is_door(module)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]


def adapter_asked_elsewhere(where: Sources) -> list[str]:
    """AZ-2: one policy function; nobody asks the adapter past it."""
    return [
        f"{module}:{node.lineno} .{node.func.attr}("
        for module, source in where.items()
        if module not in ASK_THE_ADAPTER
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("visible_patients", "can")
    ]


def superuser_consulted(where: Sources) -> list[str]:
    """AZ-12: the flag opens nothing."""
    return [
        f"{module}:{node.lineno}"
        for module, source in where.items()
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr == "is_superuser")
        or (isinstance(node, ast.Constant) and node.value == "is_superuser")
    ]


RULES = {
    rule.__name__: rule for rule in (past_the_gate, queries_in_doors, adapter_asked_elsewhere, superuser_consulted)
}

PEEK = "@web.staff\ndef peek(request):\n    return queries.all_of_it()"
PEEK_BY_HELPER = (
    "@web.staff\ndef peek(request):\n    return _peek(request)\n\n\ndef _peek(request):\n    return adapter()"
)
ASK_SIGHT = "def peek(request):\n    return adapter().visible_patients(request)"
ASK_RIGHT = "def _peek(request, person):\n    return adapter().can(request, 'visit.view', person)"
BREACHES = [
    ("past_the_gate", "rls_module.outcomes.views", PEEK),
    ("past_the_gate", "rls_module.visits.views", PEEK_BY_HELPER),
    ("queries_in_doors", "rls_module.visits.views", "def _peek(pk):\n    return Visit.objects.filter(pk=pk)"),
    ("queries_in_doors", "rls_module.intake.forms", "def _peek(model):\n    return model._default_manager.all()"),
    ("queries_in_doors", "rls_module.management.commands.rls_setup", "def peek(one):\n    return one.objects.all()"),
    ("adapter_asked_elsewhere", "rls_module.outcomes.queries", ASK_SIGHT),
    ("adapter_asked_elsewhere", "rls_module.visits.views", ASK_RIGHT),
    ("superuser_consulted", "rls_module.cases.access.gate", "def peek(request):\n    return request.user.is_superuser"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_code_keeps_the_rule(rule):
    """AU-1, AZ-2, AZ-3, AZ-12, AN-1."""
    assert RULES[rule](sources()) == []


@pytest.mark.parametrize(("rule", "module", "lines"), BREACHES)
def test_a_breach_is_found(rule, module, lines):
    """AZ-3: seeded violations."""
    where = sources()
    assert module in where
    before = RULES[rule](where)
    after = RULES[rule]({**where, module: f"{where[module]}\n\n{lines}\n"})
    assert [one for one in after if one not in before and module in one] != []


def test_every_rule_has_a_breach_that_shows_it_firing():
    assert {rule for rule, _, _ in BREACHES} == set(RULES)


def routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found.append((path, pattern.callback))
        else:
            found += routes(pattern, path)
    return found


def ours() -> list[tuple[str, object]]:
    return [(path, view) for path, view in routes(get_resolver()) if view.__module__.startswith("rls_module.")]


def without_door(found: list[tuple[str, object]]) -> list[str]:
    """AN-1: routes whose view is neither for staff, nor of the admin site, nor public by the list above."""
    return [path for path, view in found if not _has_door(path, view)]


def _has_door(path: str, view: object) -> bool:
    match getattr(view, "rls_door", None):
        case "staff":
            return True
        case "machine":
            return issubclass(view.cls, Door)  # type: ignore[attr-defined]
        case "admin":
            return path.startswith("admin/")
        case "public":
            return f"{view.__module__}.{view.__name__}" in PUBLIC  # type: ignore[attr-defined]
        case _:
            return False


def test_every_route_of_ours_has_a_door_and_the_public_ones_are_on_the_list():
    """AN-1: walked in the reference host, as it is mounted there."""
    assert len(ours()) >= 13
    assert without_door(ours()) == []
    assert {f"{view.__module__}.{view.__name__}" for _, view in ours() if view.rls_door == "public"} == PUBLIC


def test_a_route_without_a_door_is_found():
    """AN-1: bare, and public without being on the list."""

    def bare(request):
        return None

    assert without_door([*ours(), ("bare/", bare), ("peek/", web.public(bare))]) == ["bare/", "peek/"]


@pytest.mark.both
@pytest.mark.django_db
def test_nobody_without_a_login_gets_anything_from_a_staff_route(client):
    """AN-1: every route and method of staff and admin."""
    known = {
        "<uuid:uuid>": "0189f7a2-3c4d-4e5f-8a9b-0c1d2e3f4a5b",
        "<str:key>": "1",
        "<slug:section>": "safety",
        "<slug:key>": "rls_checkin",
    }
    for path, view in ours():
        if view.rls_door == "public":
            continue
        for name, value in known.items():
            path = path.replace(name, value)  # noqa: PLW2901
        assert "<" not in path
        for method in ("get", "post", "put", "patch", "delete", "options"):
            response = getattr(client, method)(f"/{path}")
            assert response.status_code in (302, 401, 404, 405), (path, method)

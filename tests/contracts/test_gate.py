"""STAFF_GATE stands before every action that the registry marks, at every door, and its no writes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse

from rls_module.audit.models import AuditEvent
from rls_module.host import ACTIONS
from tests.contracts.matrix import DOORS, GRANTS, ROLES
from tests.contracts.test_matrix import browsers, is_open, knock, world
from tests.rls_module.host.pages import at

__all__ = ["at", "world"]
pytestmark = pytest.mark.django_db

asked: list[str] = []
# To look at the form of an action is not yet the action; but in an emergency the gate comes before the reason is typed.
# Where nobody has the right, the gate has nothing to ask.
GATED = [
    door
    for door in DOORS
    if ACTIONS[door.gate_action].gated
    and (door.method == "post" or door.action == "patient.break_glass")
    and GRANTS[door.action]
]
OPEN = [door for door in DOORS if door not in GATED and not door.of_lists]


def passes(request: Any, action: str) -> None:
    """A gate that lets everybody through and remembers what it was asked."""
    asked.append(action)


def refuses(request: Any, action: str) -> HttpResponse:
    return HttpResponse("Your second factor, please.", status=403)


def says_yes(request: Any, action: str) -> bool:
    """True is no pass: only None is."""
    return True


def breaks(request: Any, action: str) -> None:
    raise RuntimeError


def behind(settings: Any, gate: str) -> None:
    settings.RLS_MODULE = settings.RLS_MODULE | {"STAFF_GATE": gate}


def role_for(door: Any) -> str:
    return door.owner or next((role for role in ROLES if role in GRANTS[door.action]), "admin")


def test_it_is_asked_once_for_each_marked_action_and_for_no_other(world, settings, record_property):
    """AN-11: door by door; tests/clinic/front_door has the wiring to a second factor."""
    users, keys = world
    behind(settings, f"{__name__}.passes")
    clients, wrong = browsers(users), {}
    for door in (*GATED, *OPEN):
        asked.clear()
        knock(clients[role_for(door)], door, keys)
        if asked != [door.gate_action] * (door in GATED):
            wrong[door.method, door.address, door.gate_action] = list(asked)
    assert wrong == {}
    assert len({door.gate_action for door in GATED}) >= 5
    record_property("doors behind the gate", len(GATED))


@pytest.mark.parametrize("gate", ["refuses", "says_yes", "breaks", "is_not_there"])
def test_whatever_is_not_none_refuses_and_writes_nothing(world, settings, gate):
    """AN-11: a response, True, an exception, a gate that can't be imported."""
    users, keys = world
    behind(settings, f"{__name__}.{gate}")
    clients, before = browsers(users), counts()
    for door in GATED:
        response = knock(clients[role_for(door)], door, keys)
        assert not is_open(response), (gate, door.address)
        assert response.status_code < 500, (gate, door.address)
    assert counts() == before


def counts() -> dict[str, int]:
    models = apps.get_app_config("rls_module").get_models()
    return {model.__name__: model._default_manager.count() for model in models if model is not AuditEvent}

"""Every cell of the matrix through every door: who is granted comes in, who is not is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from clinic.models import Role
from rls_module.cases import access
from rls_module.host import ACTIONS, adapter
from tests import factories as make
from tests.contracts import everything, narrower
from tests.contracts.knocking import is_open, knock
from tests.contracts.matrix import ADMIN, DOORS, GRANTS, ROLES, Door
from tests.contracts.test_access_rule import ours
from tests.rls_module.host.pages import at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]

CANARY = "Canaryabbott"


@pytest.fixture
def world(at):
    """A patient with one of everything, and somebody in every role; returns who they are and the rows by name."""
    therapist = make.therapist()
    person = make.patient(therapist, family=CANARY, given="Zofiacanary", email="canary@example.org")
    found = people(therapist)
    case = everything.one_of_everything(person, therapist, found["admin"])
    return found, everything.rows(case, person)


def people(therapist) -> dict[str, Any]:
    superuser = make.therapist()
    superuser.clinic_staff.delete()
    superuser.is_superuser = True
    hillside = make.clinic("hillside")
    found = {
        "therapist": therapist,
        "colleague": make.therapist(),
        "stranger": make.therapist(hillside),
        "admin": make.therapist(role=Role.CLINIC_ADMIN),
        "superuser": superuser,
    }
    for user in found.values():
        user.is_staff = True  # Django's admin lets staff in; what they find there is the adapter's answer
        user.save()
    return {role: get_user_model().objects.get(pk=user.pk) for role, user in found.items()}


def browsers(users: dict[str, Any]) -> dict[str, Client]:
    return {"nobody": Client(), **{role: signed_in(user) for role, user in users.items()}}


# --- The policy itself


def test_the_matrix_names_every_action_and_no_other():
    """AZ-1: the registry and the data."""
    assert set(GRANTS) == set(ACTIONS)
    assert {role for roles in GRANTS.values() for role in roles} <= set(ROLES)
    assert (len(DOORS), len(ROLES), len(ACTIONS)) == (158, 6, 94), "a new one is meant, or somebody lost one"


def test_every_cell_of_the_policy(world, record_property):
    """AZ-1, AZ-12: action by role, as the gate answers."""
    users, keys = world
    person = adapter().patients().get(pk=keys["patient"])
    found, cells = {}, 0
    for role, user in users.items():
        request = RequestFactory().get("/")
        request.user = user
        for name, action in ACTIONS.items():
            patient = person if action.patient else None
            found[role, name] = access.may(request, name, patient)
            cells += 1
    assert {key for key, granted in found.items() if granted} == {
        (role, name) for name, roles in GRANTS.items() for role in roles
    }
    record_property("cells of the policy", cells)


# --- Through the doors


def expected(door: Door, role: str) -> bool:
    if role in ("superuser", "nobody") or (role == "stranger" and door.of):
        return False
    if door.owner and role != door.owner:
        return False
    return door.of_lists or role in GRANTS[door.action]


@pytest.mark.parametrize("role", ROLES)
def test_every_door_for_every_role(world, role, record_property):
    """AZ-1, AZ-5, AZ-8, AN-1, AD-1: pages, API and admin answer as the matrix says, and a refusal shows nothing."""
    users, keys = world
    client = browsers(users)[role]
    wrong, told = {}, {}
    for door in DOORS:
        response = knock(client, door, keys)
        if is_open(response) != expected(door, role):
            wrong[door.method, door.address, *door.sends.values()] = response.status_code
        body = response.content.decode(errors="replace")
        may_know_the_name = role == "colleague" and door.action in ("patient.view", "patient.break_glass")
        if (
            role in ("colleague", "stranger", "superuser", "nobody")
            and not may_know_the_name
            and CANARY in body.replace('value="Canary', "")
        ):
            told[door.method, door.address] = response.status_code
    assert wrong == {}
    assert told == {}
    record_property("cells through doors", len(DOORS))


@pytest.mark.parametrize("role", ["therapist", "colleague", "admin"])
def test_each_door_asks_for_its_own_action(world, role, settings, record_property):
    """AZ-1, AZ-2: with that one right taken away, and no other, the door is closed."""
    users, keys = world
    client = browsers(users)[role]
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    still_open = {}
    doors = [door for door in DOORS if not door.of_lists and role in GRANTS[door.action]]
    for door in doors:
        with narrower.without(door.action):
            response = knock(client, door, keys)
        if is_open(response) or response.status_code >= 500:
            still_open[door.method, door.address, *door.sends.values()] = response.status_code
    assert still_open == {}
    record_property("doors tried without their right", len(doors))


def test_a_list_without_the_right_to_its_rows_shows_none(world, settings):
    """AZ-5: a list asks for each patient on it."""
    users, keys = world
    client = browsers(users)["therapist"]
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    for door in (one for one in DOORS if one.of_lists and "/api/" in one.address):
        assert knock(client, door, keys).json()["results"], door.address
        with narrower.without(door.action):
            assert knock(client, door, keys).json()["results"] == [], door.address


# --- Nothing is outside of the table

DJANGOS_OWN = ("add", "change", "delete", "history", "changelist")


def covered() -> set[str]:
    """The addresses of the table as patterns: a key of any kind is a key."""
    keys = (
        ("intake/safety/", "intake/{key}/"),
        ("leaflets/iron/", "leaflets/{key}/"),
        ("forms/irls/", "forms/{key}/"),
        ("rls_checkin", "{key}"),
    )
    found = {door.address for door in DOORS}
    for known, pattern in keys:
        found = {address.replace(known, pattern) for address in found}
    return found


def patterns(keep: Callable[[str], bool]) -> set[str]:
    found = set()
    for path, view in ours():
        if getattr(view, "rls_door", "") == "public" or not keep(path):
            continue
        for kind in ("<uuid:uuid>", "<str:key>", "<slug:section>", "<slug:key>", "<path:object_id>"):
            path = path.replace(kind, "{key}")  # noqa: PLW2901
        found.add(path)
    return found


def test_every_address_of_staff_stands_in_the_table(record_property):
    """AZ-1: a new page or list without a row fails here."""
    known = patterns(lambda path: path.startswith("rls/"))
    known = {path.replace("intake/{key}/{key}/", "intake/{key}/") for path in known}
    here = {one.replace("cases/{key}/intake/{key}/", "cases/{key}/intake/{key}/") for one in covered()}
    assert known - here == {"rls/api/v1/schema/"}, "the schema shows nothing of anybody"
    record_property("routes", len(known))


def test_every_page_of_admin_stands_in_the_table():
    """AD-1: models of ours in Django admin."""
    names = {name for name in admin_names() if name.startswith("rls_module_")}
    models = {name.removeprefix("rls_module_").rpartition("_")[0] for name in names if name.endswith("_changelist")}
    assert models == {door.address.split("/")[2] for door in ADMIN}
    own = {name for name in names if not name.endswith(DJANGOS_OWN)}
    assert own == {"rls_module_delivery_engine"}


def admin_names() -> set[str]:
    resolver = get_resolver().namespace_dict["admin"][1]
    return {name for name in resolver.reverse_dict if isinstance(name, str)}


@pytest.mark.parametrize("name", ["delivery", "exercise", "preference", "protocol", "licence"])
def test_djangos_own_further_pages_are_closed_or_of_the_own_clinic(world, name):
    """AD-1, AD-2: nothing is deleted by anybody; a history is not found from outside of the clinic."""
    users, keys = world
    for role, client in browsers(users).items():
        for further in ("delete", "history"):
            address = reverse(f"admin:rls_module_{name}_{further}", args=[keys[name]])
            may_be_open = further == "history" and role in ("therapist", "colleague", "admin")
            assert may_be_open or not is_open(client.get(address)), (role, address)


# --- The rules fire


def test_a_door_that_forgets_its_right_is_found(world, settings):
    """AZ-1: seeded violation, a door said to ask for what it does not ask for."""
    users, keys = world
    liar = Door("rls/charts/{key}/", "plan.view", "chart")
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without(liar.action):
        assert is_open(knock(browsers(users)["therapist"], liar, keys))

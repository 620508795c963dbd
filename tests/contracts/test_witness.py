"""Every door leaves its event, and where the event can't be stored nothing is shown and nothing is written."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from rls_module.audit.models import AuditEvent
from tests.contracts.matrix import DOORS, GRANTS
from tests.contracts.test_gate import GATED, role_for
from tests.contracts.test_matrix import CANARY, browsers, is_open, world
from tests.rls_module.host.pages import at
from tests.rls_module.host.test_audit_failure import no_audit

__all__ = ["at", "world"]

OF_THE_PATIENT = {
    *("chart", "case", "patient", "screen", "lab", "medication", "plan", "prescription", "visit", "task", "response"),
    *("adverse event", "referral", "occurrence", "delivery", "dead delivery", "preference", "export"),
}
READS = [door for door in DOORS if door.method == "get" and door.of in OF_THE_PATIENT]
LISTS = [door for door in DOORS if door.of_lists]
WITHOUT_EVENT = {"rls/status/", "rls/api/v1/docs/", "rls/api/v1/instruments/", "rls/api/v1/instruments/rls_checkin/"}


@pytest.mark.django_db
def test_every_read_of_a_patients_record_names_the_patient(world, record_property):
    """AU-1, AU-7: door by door, also the API's and admin's; the actor is who asked."""
    users, keys = world
    clients, silent = browsers(users), {}
    for door in (*READS, *LISTS):
        role = role_for(door)
        before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        address = "/" + door.address.format(key=keys.get(door.of, ""))
        getattr(clients[role], door.method)(address, dict(door.sends))
        events = AuditEvent.objects.filter(pk__gt=before, patient=str(keys["patient"]), outcome="done")
        if {event.actor for event in events} != {f"user:{users[role].pk}"}:
            silent[door.method, door.address] = list(events.values_list("actor", "verb"))
    assert silent == {}
    record_property("reads that left an event", len(READS) + len(LISTS))


@pytest.mark.parametrize("atomic", [False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
@pytest.mark.django_db(transaction=True)
def test_every_refusal_is_an_event_that_stays(world, monkeypatch, atomic):
    """AU-5, part: a stranger at every door of the patient's; also where each request is a transaction."""
    users, keys = world
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    client, silent = browsers(users)["stranger"], set()
    for door in (one for one in DOORS if one.of in OF_THE_PATIENT and not one.address.startswith("admin/")):
        before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        getattr(client, door.method)("/" + door.address.format(key=keys[door.of]), dict(door.sends))
        refused = AuditEvent.objects.filter(pk__gt=before, outcome="refused", actor=f"user:{users['stranger'].pk}")
        if not refused.exists():
            silent.add((door.method, door.address))
    assert silent == set()


@pytest.mark.parametrize("atomic", [False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
@pytest.mark.django_db(transaction=True)
def test_the_gates_no_is_an_event_that_stays(world, monkeypatch, settings, atomic):
    """AU-5, part: what STAFF_GATE refuses is on record by its action."""
    users, keys = world
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    settings.RLS_MODULE = settings.RLS_MODULE | {"STAFF_GATE": "tests.contracts.test_gate.refuses"}
    clients = browsers(users)
    for door in GATED:
        getattr(clients[role_for(door)], door.method)(
            "/" + door.address.format(key=keys.get(door.of, "")), dict(door.sends)
        )
    refused = set(AuditEvent.objects.filter(outcome="refused").values_list("verb", flat=True))
    assert refused == {door.gate_action for door in GATED}


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_without_a_witness_no_door_opens(world, record_property):
    """AU-3: reads are refused with 503, writes leave nothing, no page shows a word of the patient."""
    users, keys = world
    clients, before = browsers(users), contents()
    doors = [door for door in DOORS if door.address not in WITHOUT_EVENT]
    opened, told = {}, set()
    with no_audit():
        for door in doors:
            address = "/" + door.address.format(key=keys.get(door.of, ""))
            response = getattr(clients[role_for(door)], door.method)(address, dict(door.sends))
            body = response.content.decode(errors="replace")
            if CANARY in body.replace('value="Canary', ""):
                told.add(door.address)
            if response.status_code != 503 and is_open(response) and door.of in OF_THE_PATIENT:
                opened[door.method, door.address, *door.sends.values()] = response.status_code
    assert opened == {}
    assert told == set()
    assert contents() == before
    record_property("doors tried without a witness", len(doors))


def contents() -> dict[str, list[object]]:
    models = apps.get_app_config("rls_module").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def test_the_doors_of_this_file_are_most_of_the_table():
    assert len(READS) >= 30
    assert {role for door in DOORS for role in GRANTS[door.action]} >= {"therapist", "admin"}

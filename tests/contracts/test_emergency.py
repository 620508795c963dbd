"""A chart opened in an emergency, through every door: what is read opens, whatever else stays shut."""

from __future__ import annotations

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions
from rls_module.cases.access.emergencies import READING
from rls_module.cases.models import Chart
from rls_module.host import ACTIONS
from tests import factories as make
from tests.contracts.matrix import DOORS, Door
from tests.contracts.test_matrix import browsers, is_open, knock, world
from tests.contracts.test_witness import OF_THE_PATIENT, contents
from tests.rls_module.host.pages import MONDAY, at

__all__ = ["at", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]

# The cells "! R" of the matrix in words of the registry.
READ = """
    chart.view intake.view assessment.view lab.view medication.view plan.view visit.view addendum.view
    adverse_event.view consent.view contact.view task.view response.view attachment.view
"""
THE_PATIENTS = [door for door in DOORS if door.of in OF_THE_PATIENT and door.action != "patient.break_glass"]


@pytest.fixture
def opened(world):
    """The world, and what the colleague opened of its one chart."""
    users, keys = world
    chart, who = Chart.objects.get(uuid=keys["chart"]), make.actor(users["colleague"])
    return users, keys, actions.open_in_emergency(chart=chart, reason="Collapsed in the room", actor=who, now=MONDAY)


def is_reading(door: Door) -> bool:
    return door.method == "get" and door.action in READ.split()


def test_what_an_emergency_opens_is_the_matrixs_own_list():
    """AZ-11: views of one patient, and of those not the administrative ones."""
    assert set(READ.split()) == READING
    assert all(ACTIONS[name].patient and not ACTIONS[name].gated and name.endswith(".view") for name in READING)


def test_every_reading_door_opens_and_no_other(opened, record_property):
    """AZ-11: pages, API and admin; nothing is written by any of them."""
    users, keys, _emergency = opened
    client, before, wrong = browsers(users)["colleague"], contents(), {}
    for door in THE_PATIENTS:
        response = knock(client, door, keys)
        if is_open(response) != is_reading(door):
            wrong[door.method, door.address, *door.sends.values()] = response.status_code
    assert wrong == {}
    assert contents() == before
    record_property("doors that open in an emergency", sum(map(is_reading, THE_PATIENTS)))


def test_every_page_says_so_and_every_event_says_why(opened):
    """AZ-11, AU-5, part: the banner, and the purpose on each read and each refusal."""
    users, keys, emergency = opened
    client, silent = browsers(users)["colleague"], {}
    for door in THE_PATIENTS:
        before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        response = getattr(client, door.method)("/" + door.address.format(key=keys[door.of]), dict(door.sends))
        events = AuditEvent.objects.filter(pk__gt=before, actor=f"user:{users['colleague'].pk}")
        # What stays a 404, in Django admin too, is refused as if nothing had been opened.
        if {event.purpose for event in events} != {emergency.ref} and response.status_code not in (302, 404):
            silent[door.method, door.address] = response.status_code
        if response.status_code == 200 and "/api/" not in door.address:
            assert "Emergency access, to read only" in response.content.decode(), door.address
    assert silent == {}


@pytest.mark.parametrize("who", ["stranger", "admin", "superuser", "nobody"])
def test_it_opens_nothing_for_anybody_else(opened, who):
    """AZ-11, AZ-12, AD-4: the doors answer each as they did."""
    users, keys, _emergency = opened
    client = browsers(users)[who]
    for door in filter(is_reading, THE_PATIENTS):
        assert not is_open(knock(client, door, keys)), door.address

"""Every role of the matrix that the reference host lacks, through every door there is, on the two-clinic host."""

from __future__ import annotations

import pytest

from rls_module.doctor import host
from rls_module.host import ACTIONS
from tests import factories as make
from tests.contracts.knocking import is_open, knock
from tests.contracts.matrix import DOORS, Door
from tests.hosts.two_clinics import roles
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.models import Role
from tests.hosts.two_clinics.world import BOTH, NAME, browser, covers, person, staff, whole_chart
from tests.rls_module.host.pages import at

__all__ = ["at"]
pytestmark = [BOTH, pytest.mark.usefixtures("at")]

# Who: the rights on the patient, the rights in the clinic.
EXPECTED = {
    "therapist": (roles.TREATING, Role.THERAPIST),
    "covering": (roles.TREATING, Role.THERAPIST),
    "cover expired": (roles.COLLEAGUE, Role.THERAPIST),
    "colleague": (roles.COLLEAGUE, Role.THERAPIST),
    "front desk": (Role.FRONT_DESK, ""),
    "biller": (Role.BILLER, ""),
    "admin": (Role.CLINIC_ADMIN, Role.CLINIC_ADMIN),
    "platform": ("", Role.PLATFORM),
    "auditor": ("", Role.AUDITOR),
    "stranger": ("", ""),
    "other admin": ("", ""),
}
SEES_THE_NAME = {"therapist", "covering", "cover expired", "colleague", "front desk", "biller", "admin"}
READS_THE_CHART = {"therapist", "covering"}
CLINICAL = "Less pull in the calf."  # of the signed note


@pytest.fixture
def world(at):
    people = staff()
    covers(people)
    at(make.NOW + make.days(43))  # the day on which one cover has ended and the other has a day to go
    _case, rows = whole_chart("alpha", people, first="Alma", last=NAME)
    return people, rows


def expected(door: Door, who: str) -> bool:
    if door.owner and who != door.owner:
        return False
    of_patient, of_clinic = EXPECTED[who]
    rights = roles.OF_A_PATIENT.get(of_patient, frozenset()) | roles.OF_A_CLINIC.get(of_clinic, frozenset())
    if door.action == "contact.create":  # what was handed over is known only to whoever reads contacts
        return rights >= {"contact.create", "contact.view"}
    return door.of_lists or door.action in rights


@pytest.mark.parametrize("who", EXPECTED)
def test_every_door_for_every_role(world, who, record_property):
    """AZ-1, AZ-12: pages, API and admin answer as the host's table says; what is refused tells no clinical word."""
    people, rows = world
    client = browser("alpha", people[who])
    wrong, told = {}, {}
    for door in DOORS:
        response = knock(client, door, rows, using="alpha")
        key = (door.method, door.address, *door.sends.values())
        if is_open(response) != expected(door, who):
            wrong[key] = response.status_code
        body = response.content.decode(errors="replace").replace(f'value="{NAME}"', "")
        if (CLINICAL in body and who not in READS_THE_CHART) or (NAME in body and who not in SEES_THE_NAME):
            told[key] = response.status_code
    assert wrong == {}
    assert told == {}
    record_property("cells through doors of the two-clinic host", len(DOORS))


def test_the_table_knows_only_listed_actions():
    named = frozenset().union(*roles.OF_A_PATIENT.values(), *roles.OF_A_CLINIC.values())
    assert named <= set(ACTIONS)


@pytest.mark.parametrize("who", EXPECTED)
def test_the_adapter_passes_the_suite_that_is_shipped(world, who):
    """AZ-15: one patient in sight, one who left; every role, asked in both clinics."""
    people, rows = world
    with inside("alpha"):
        person("alpha", people["therapist"], key=2, left_at=make.NOW)
    for label in CLINICS:
        with inside(label):
            keys = (str(rows["patient"]) if label == "alpha" else None, str(people[who].pk))
            found = list(host.look(label, *keys))
            assert [one for one in found if one.level == "failure"] == []
            asked = {one.id for one in found} >= {"adapter.sight", "adapter.removed", "adapter.default"}
            assert asked is (label == "alpha"), "beta has no patient to ask about"

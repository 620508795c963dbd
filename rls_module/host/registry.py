"""The public registry of actions: every question `HostAdapter.can` may be asked, once, for every door alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Action:
    """`<object>.<verb>`; `patient`: asked with the patient of the chart; `gated`: STAFF_GATE is asked as well."""

    name: str
    patient: bool
    gated: bool


# One line per object: the verbs, `*` marks those that STAFF_GATE guards as well.
_WITH_PATIENT = """
patient: view contact break_glass*
chart: view
case: open edit close
screen: create
intake: view edit send amend
assessment: view edit
lab: view edit
medication: view edit
plan: view edit sign*
visit: view edit sign* cosign* void*
addendum: view create sign*
adverse_event: view create follow_up
consent: view create withdraw
attachment: view create
contact: view create
task: view edit close call assign
response: view create reopen void
enrolment: view edit
delivery: view resend requeue cancel
link: show revoke
preference: view edit
billing: view edit
notice: view create
hold: view create lift
audit: report
export: patient*
"""
_WITHOUT_PATIENT = """
export: create* identified* download
audit: view
outcome: view
protocol: view edit*
text: view edit*
instrument: view import* retire*
licence: view edit*
library: view edit
policy: view edit
competence: view edit
cover: view edit
queue: view pause resume
link: revoke_all*
status: view
"""


def _read(table: str, *, patient: bool) -> dict[str, Action]:
    actions = {}
    for line in table.strip().splitlines():
        subject, verbs = line.split(": ")
        for verb in verbs.split():
            name = f"{subject}.{verb.rstrip('*')}"
            actions[name] = Action(name, patient=patient, gated=verb.endswith("*"))
    return actions


ACTIONS: Mapping[str, Action] = MappingProxyType(
    _read(_WITH_PATIENT, patient=True) | _read(_WITHOUT_PATIENT, patient=False)
)

"""Who may do what in the reference host, and by which doors: the policy once more, as data that no code reads.

Roles: `therapist` treats the patient; `colleague` works in the same clinic and does not, but knows the name and may
open the chart in an emergency (what then opens is walked in test_emergency.py); `stranger` is a therapist of the other
clinic; `admin` manages the patient's clinic; `superuser` has Django's flag and no clinic; `nobody` is not
signed in. A role that is not named for an action has no right to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.rls_module.knowledge.instruments.samples import sleep

SLEEP = sleep().decode()
ROLES = ("therapist", "colleague", "stranger", "admin", "superuser", "nobody")

# Asked about one patient of the therapist's.
OF_A_PATIENT = {
    "therapist colleague admin": "patient.view",
    "colleague": "patient.break_glass",
    "therapist admin": """
        patient.contact task.assign enrolment.view enrolment.edit delivery.view link.revoke
        preference.view preference.edit hold.view audit.report
    """,
    "therapist": """
        chart.view case.open case.edit case.close screen.create intake.view intake.edit intake.send intake.amend
        assessment.view assessment.edit lab.view lab.edit medication.view medication.edit
        plan.view plan.edit plan.sign visit.view visit.edit visit.sign visit.void
        addendum.view addendum.create addendum.sign adverse_event.view adverse_event.create adverse_event.follow_up
        consent.view consent.create consent.withdraw attachment.view attachment.create contact.view contact.create
        task.view task.edit task.close task.call response.view response.create response.reopen
        delivery.resend link.show billing.view billing.edit notice.view notice.create export.patient
    """,
    "admin": "delivery.requeue delivery.cancel hold.create hold.lift",
    "": "visit.cosign response.void",
}
# Asked about the own clinic as a whole.
OF_A_CLINIC = {
    "therapist colleague stranger admin": """
        protocol.view text.view instrument.view licence.view library.view policy.view competence.view cover.view
        outcome.view export.download
    """,
    "admin": """
        protocol.edit text.edit instrument.import instrument.retire licence.edit library.edit policy.edit
        competence.edit cover.edit queue.view queue.pause queue.resume link.revoke_all status.view audit.view
        export.create
    """,
    "": "export.identified",
}


def _read(*tables: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {
        action: frozenset(roles.split())
        for table in tables
        for roles, actions in table.items()
        for action in actions.split()
    }


GRANTS = _read(OF_A_PATIENT, OF_A_CLINIC)


@dataclass(frozen=True)
class Door:
    """One way to an action: an address, a method, what is sent. `{key}` in the address is filled from the rows.

    A door `of_lists` lets everybody in and shows each only what is theirs. One with an `owner` lets nobody else in,
    whoever else has the right to its action: the row is the owner's. STAFF_GATE is asked for `gate` where that is not
    the door's own action.
    """

    address: str
    action: str
    of: str = ""
    method: str = "get"
    sends: Mapping[str, Any] = field(default_factory=dict)
    of_lists: bool = False
    owner: str = ""
    gate: str = ""

    @property
    def gate_action(self) -> str:
        return self.gate or self.action


def _do(value: str) -> dict[str, str]:
    return {"do": value}


PAGES = (
    Door("rls/charts/{key}/", "chart.view", "chart"),
    Door("rls/charts/{key}/audit/", "audit.report", "chart"),
    Door("rls/charts/{key}/emergency/", "patient.break_glass", "chart"),
    Door("rls/charts/{key}/emergency/", "patient.break_glass", "chart", "post", {"reason": "Collapsed, asks for help"}),
    Door("rls/patients/{key}/", "chart.view", "patient"),
    Door("rls/patients/{key}/", "screen.create", "patient", "post", {"x": "1"}),
    Door("rls/charts/{key}/screen/", "screen.create", "chart"),
    Door("rls/charts/{key}/screen/", "screen.create", "chart", "post", _do("keep")),
    Door("rls/screens/{key}/", "chart.view", "screen"),
    Door("rls/screens/{key}/", "screen.create", "screen", "post", _do("later")),
    Door("rls/charts/{key}/consent/", "consent.create", "chart", "post", {"agrees": "yes"}),
    Door("rls/charts/{key}/consent/", "consent.withdraw", "chart", "post", {"agrees": "no"}),
    Door("rls/charts/{key}/consent/needling/", "consent.view", "chart"),
    Door("rls/charts/{key}/consent/needling/", "consent.create", "chart", "post", _do("agree")),
    Door("rls/charts/{key}/consent/needling/", "consent.withdraw", "chart", "post", _do("withdraw")),
    Door("rls/cases/{key}/baseline/", "response.create", "case"),
    Door("rls/cases/{key}/baseline/", "response.create", "case", "post"),
    Door("rls/cases/{key}/forms/", "response.create", "case"),
    Door("rls/cases/{key}/forms/irls/", "response.create", "case"),
    Door("rls/cases/{key}/forms/irls/", "response.create", "case", "post"),
    Door("rls/cases/{key}/intake/", "intake.view", "case"),
    Door("rls/cases/{key}/intake/", "intake.edit", "case", "post", _do("begin")),
    Door("rls/cases/{key}/intake-ahead/", "intake.send", "case", "post"),
    Door("rls/cases/{key}/intake/safety/", "intake.view", "case"),
    Door("rls/cases/{key}/intake/safety/", "intake.edit", "case", "post"),
    Door("rls/cases/{key}/criteria/", "intake.view", "case"),
    Door("rls/cases/{key}/criteria/", "intake.edit", "case", "post"),
    Door("rls/cases/{key}/labs/", "lab.view", "case"),
    Door("rls/cases/{key}/labs/", "lab.edit", "case", "post"),
    Door("rls/labs/{key}/void/", "lab.edit", "lab"),
    Door("rls/labs/{key}/void/", "lab.edit", "lab", "post"),
    Door("rls/cases/{key}/medications/", "medication.view", "case"),
    Door("rls/cases/{key}/medications/", "medication.edit", "case", "post"),
    Door("rls/cases/{key}/augmentation/", "medication.view", "case"),
    Door("rls/cases/{key}/augmentation/", "medication.edit", "case", "post"),
    Door("rls/medications/{key}/", "medication.view", "medication"),
    Door("rls/medications/{key}/", "medication.edit", "medication", "post"),
    Door("rls/cases/{key}/referrals/", "intake.view", "case"),
    Door("rls/cases/{key}/referrals/", "intake.edit", "case", "post"),
    Door("rls/referrals/{key}/", "intake.view", "referral"),
    Door("rls/referrals/{key}/", "intake.edit", "referral", "post"),
    Door("rls/referrals/{key}/letter/", "intake.view", "referral"),
    Door("rls/referrals/{key}/letter/", "contact.create", "referral", "post"),
    Door("rls/cases/{key}/letters/iron/", "lab.view", "case"),
    Door("rls/cases/{key}/letters/iron/", "contact.create", "case", "post"),
    Door("rls/cases/{key}/letters/prescriber/", "medication.view", "case"),
    Door("rls/cases/{key}/letters/prescriber/", "contact.create", "case", "post"),
    Door("rls/cases/{key}/leaflets/", "plan.view", "case"),
    Door("rls/cases/{key}/leaflets/iron/", "plan.view", "case"),
    Door("rls/cases/{key}/leaflets/iron/", "contact.create", "case", "post"),
    Door("rls/cases/{key}/papers-by-mail/", "contact.create", "case", "post"),
    Door("rls/cases/{key}/assessment/", "assessment.view", "case"),
    Door("rls/cases/{key}/assessment/", "assessment.edit", "case", "post"),
    Door("rls/cases/{key}/plan/", "plan.view", "case"),
    Door("rls/cases/{key}/plan/", "plan.edit", "case", "post", _do("begin")),
    Door("rls/plans/{key}/", "plan.view", "plan"),
    Door("rls/plans/{key}/", "plan.edit", "plan", "post", _do("save")),
    Door("rls/plans/{key}/", "plan.sign", "plan", "post", _do("sign")),
    Door("rls/plans/{key}/handout/", "plan.view", "plan"),
    Door("rls/cases/{key}/programme/", "plan.view", "case"),
    Door("rls/cases/{key}/programme/", "plan.edit", "case", "post"),
    Door("rls/prescriptions/{key}/stop/", "plan.view", "prescription"),
    Door("rls/prescriptions/{key}/stop/", "plan.edit", "prescription", "post"),
    Door("rls/cases/{key}/certification/", "billing.view", "case"),
    Door("rls/cases/{key}/certification/", "billing.edit", "case", "post"),
    Door("rls/charts/{key}/notices/", "notice.view", "chart"),
    Door("rls/charts/{key}/notices/", "notice.create", "chart", "post"),
    Door("rls/charts/{key}/billing/", "billing.view", "chart"),
    Door("rls/cases/{key}/visits/", "visit.edit", "case", "post"),
    Door("rls/visits/{key}/", "visit.view", "visit"),
    Door("rls/visits/{key}/", "visit.edit", "visit", "post", _do("save")),
    Door("rls/visits/{key}/", "visit.sign", "visit", "post", _do("sign")),
    Door("rls/visits/{key}/addendum/", "addendum.view", "visit"),
    Door("rls/visits/{key}/addendum/", "addendum.sign", "visit", "post"),
    Door("rls/cases/{key}/adverse-events/", "adverse_event.view", "case"),
    Door("rls/cases/{key}/adverse-events/", "adverse_event.create", "case", "post"),
    Door("rls/adverse-events/{key}/", "adverse_event.view", "adverse event"),
    Door("rls/adverse-events/{key}/", "adverse_event.follow_up", "adverse event", "post"),
    Door("rls/charts/{key}/holds/", "hold.view", "chart"),
    Door("rls/charts/{key}/holds/", "hold.create", "chart", "post", _do("put")),
    Door("rls/charts/{key}/holds/", "hold.lift", "chart", "post", _do("lift")),
    Door("rls/occurrences/{key}/link/", "link.revoke", "occurrence"),
    Door("rls/occurrences/{key}/link/", "link.revoke", "occurrence", "post"),
    Door("rls/places/", "library.view"),
    Door("rls/tasks/{key}/", "task.view", "task"),
    Door("rls/tasks/{key}/", "task.edit", "task", "post", _do("take")),
    Door("rls/tasks/{key}/", "task.close", "task", "post", _do("close")),
    Door("rls/responses/{key}/", "response.view", "response"),
    Door("rls/occurrences/{key}/answers/", "response.view", "occurrence"),
    Door("rls/charts/{key}/export/", "export.patient", "chart", "post"),
    Door("rls/exports/", "export.download"),
    Door("rls/exports/", "export.create", "", "post"),
    Door("rls/exports/", "export.identified", "", "post", {"is_identified": "1"}),
    Door("rls/exports/{key}/", "export.download", "export", "post", owner="therapist", gate="export.patient"),
    Door("rls/exports/{key}/", "export.download", "registry export", "post", owner="admin", gate="export.create"),
    Door("rls/status/", "status.view"),
    Door("rls/api/v1/docs/", "instrument.view"),
    Door("rls/", "task.view", of_lists=True),
    Door("rls/billing/", "billing.view", sends={"first": "2026-09-01", "last": "2026-10-31"}, of_lists=True),
    Door("rls/find/", "patient.view", method="post", sends={"text": "Canaryabbott"}, of_lists=True),
)

API = (
    Door("rls/api/v1/charts/", "chart.view", of_lists=True),
    Door("rls/api/v1/charts/{key}/", "chart.view", "chart"),
    Door("rls/api/v1/charts/{key}/summary/", "chart.view", "chart"),
    Door("rls/api/v1/cases/", "chart.view", of_lists=True),
    Door("rls/api/v1/cases/{key}/", "chart.view", "case"),
    Door("rls/api/v1/visits/", "visit.view", of_lists=True),
    Door("rls/api/v1/visits/{key}/", "visit.view", "visit"),
    Door("rls/api/v1/followups/", "enrolment.view", of_lists=True),
    Door("rls/api/v1/followups/{key}/", "enrolment.view", "occurrence"),
    Door("rls/api/v1/responses/", "response.view", of_lists=True),
    Door("rls/api/v1/responses/{key}/", "response.view", "response"),
    Door("rls/api/v1/instruments/", "instrument.view"),
    Door("rls/api/v1/instruments/rls_checkin/", "instrument.view"),
)

ADMIN = (
    Door("admin/rls_module/protocol/", "protocol.view"),
    Door("admin/rls_module/protocol/{key}/change/", "protocol.view", "protocol"),
    Door("admin/rls_module/protocol/{key}/change/", "protocol.edit", "protocol", "post", {"release": "1"}),
    Door("admin/rls_module/mailtext/", "text.view"),
    Door("admin/rls_module/mailtext/invite-en/change/", "text.view"),
    Door("admin/rls_module/mailtext/invite-en/change/", "text.edit", "", "post", {"write": "1"}),
    Door("admin/rls_module/mailtext/invite-en/change/", "text.edit", "", "post", {"restore": "1"}),
    Door("admin/rls_module/delivery/", "queue.view"),
    Door("admin/rls_module/delivery/engine/", "queue.pause", "", "post", {"pause": "1"}),
    Door("admin/rls_module/delivery/engine/", "queue.resume", "", "post", {"resume": "1"}),
    Door("admin/rls_module/delivery/engine/", "link.revoke_all", "", "post", {"revoke_all": "1"}),
    Door("admin/rls_module/delivery/{key}/change/", "delivery.view", "delivery"),
    Door("admin/rls_module/delivery/{key}/change/", "delivery.requeue", "dead delivery", "post", {"requeue": "1"}),
    Door("admin/rls_module/delivery/{key}/change/", "delivery.cancel", "delivery", "post", {"cancel": "1"}),
    Door("admin/rls_module/delivery/{key}/change/", "link.revoke", "delivery", "post", {"revoke": "1"}),
    Door("admin/rls_module/preference/", "queue.view"),
    Door("admin/rls_module/preference/{key}/change/", "preference.view", "preference"),
    Door("admin/rls_module/preference/{key}/change/", "preference.edit", "preference", "post", {"resume": "1"}),
    Door("admin/rls_module/exercise/", "library.view"),
    Door("admin/rls_module/exercise/add/", "library.edit"),
    Door("admin/rls_module/exercise/add/", "library.edit", "", "post", {"save": "1"}),
    Door("admin/rls_module/exercise/{key}/change/", "library.view", "exercise"),
    Door("admin/rls_module/exercise/{key}/change/", "library.edit", "exercise", "post", {"retire": "1"}),
    Door("admin/rls_module/plantemplate/", "library.view"),
    Door("admin/rls_module/plantemplate/add/", "library.edit"),
    Door("admin/rls_module/plantemplate/add/", "library.edit", "", "post", {"save": "1"}),
    Door("admin/rls_module/plantemplate/{key}/change/", "library.view", "plan template"),
    Door("admin/rls_module/plantemplate/{key}/change/", "library.edit", "plan template", "post", {"retire": "1"}),
    Door("admin/rls_module/licence/", "licence.view"),
    Door("admin/rls_module/licence/add/", "licence.edit"),
    Door("admin/rls_module/licence/add/", "licence.edit", "", "post", {"record": "1"}),
    Door("admin/rls_module/licence/{key}/change/", "licence.view", "licence"),
    Door("admin/rls_module/licence/{key}/change/", "licence.edit", "licence", "post", {"revoke": "1"}),
    Door("admin/rls_module/importedinstrument/", "instrument.view"),
    Door("admin/rls_module/importedinstrument/add/", "instrument.import"),
    Door("admin/rls_module/importedinstrument/add/", "instrument.import", "", "post", {"import": "1", "text": SLEEP}),
    Door("admin/rls_module/importedinstrument/{key}/change/", "instrument.view", "instrument"),
    Door(
        "admin/rls_module/importedinstrument/{key}/change/", "instrument.retire", "instrument", "post", {"retire": "1"}
    ),
    Door("admin/rls_module/clinicpolicy/", "policy.view"),
    Door("admin/rls_module/clinicpolicy/", "policy.edit", "", "post", {"save": "1"}),
    Door("admin/rls_module/billingtable/", "policy.view"),
    Door("admin/rls_module/billingtable/", "policy.edit", "", "post", {"write": "1"}),
    Door("admin/rls_module/emergencyaccess/", "audit.view"),
    Door("admin/rls_module/auditevent/", "audit.view"),
    Door("admin/rls_module/auditevent/{key}/change/", "audit.view", "event"),
)

DOORS = (*PAGES, *API, *ADMIN)

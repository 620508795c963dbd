"""What each role may do: the matrix of the requirements as this host's data. What is not here is nobody's."""

from __future__ import annotations

from collections.abc import Mapping

from tests.hosts.two_clinics.models import Role

COLLEAGUE, TREATING = "colleague", "treating"  # what a therapist is to one patient


def _read(table: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {role: frozenset(actions.split()) for role, actions in table.items()}


OF_A_PATIENT = _read(
    {
        TREATING: """
            patient.view patient.contact chart.view case.open case.edit case.close screen.create
            intake.view intake.edit intake.send intake.amend assessment.view assessment.edit lab.view lab.edit
            medication.view medication.edit plan.view plan.edit plan.sign
            visit.view visit.edit visit.sign visit.void
            addendum.view addendum.create addendum.sign adverse_event.view adverse_event.create adverse_event.follow_up
            consent.view consent.create consent.withdraw attachment.view attachment.create contact.view contact.create
            task.view task.edit task.close task.call task.assign response.view response.create response.reopen
            enrolment.view enrolment.edit delivery.view delivery.resend link.show link.revoke
            preference.view preference.edit billing.view billing.edit notice.view notice.create
            hold.view audit.report export.patient
        """,
        COLLEAGUE: "patient.view patient.break_glass enrolment.view delivery.view",
        Role.FRONT_DESK: "patient.view patient.contact contact.create task.call",
        Role.BILLER: "patient.view billing.view notice.view notice.create",
        Role.CLINIC_ADMIN: """
            patient.view patient.contact task.assign enrolment.view enrolment.edit
            delivery.view delivery.requeue delivery.cancel link.revoke preference.view preference.edit
            hold.view hold.create hold.lift audit.report
        """,
    }
)

_READS = "protocol.view text.view instrument.view licence.view library.view policy.view competence.view cover.view"
OF_A_CLINIC = _read(
    {
        Role.THERAPIST: f"{_READS} outcome.view export.download",
        Role.CLINIC_ADMIN: f"""
            {_READS} protocol.edit text.edit instrument.import instrument.retire licence.edit library.edit policy.edit
            competence.edit cover.edit queue.view queue.pause queue.resume link.revoke_all status.view
            outcome.view audit.view export.create export.download
        """,
        Role.PLATFORM: f"{_READS} queue.view status.view",
        Role.AUDITOR: "audit.view",
    }
)

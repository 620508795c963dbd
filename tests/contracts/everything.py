"""One of everything that a patient can have, in any host, and the rows by the names that the matrix has for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Response, Task
from rls_module.followups import actions
from rls_module.followups.models import Delivery, EngineState, Occurrence, Preference, Protocol
from rls_module.host.actor import system
from rls_module.host.clock import database_now, now
from rls_module.intake import actions as intake_actions
from rls_module.intake.models import LabPanel, Medication, Referral, Screen
from rls_module.library import actions as library_actions
from rls_module.library.models import Exercise, ImportedInstrument, Licence, PlanTemplate
from rls_module.outcomes import actions as outcome_actions
from rls_module.outcomes.models import Export
from rls_module.plans.models import Plan, Prescription
from rls_module.visits.models import AdverseEvent, Visit
from tests import factories as make
from tests.rls_module.outcomes import exporting


def one_of_everything(person: Any, therapist: Any, admin: Any) -> Case:
    """Give `person`, whom `therapist` treats, one row in every room, and their clinic one in every table of its own.

    The patient's record is ready to be fetched by `therapist`, the clinic's registry by `admin`.
    """
    case = make.planned(therapist, person=person)
    scope = case.chart.scope
    intake_actions.record_known(chart=case.chart, actor=make.actor(therapist), now=make.NOW)
    make.everything_before_treatment(case, therapist)
    intake_actions.begin_intake(case=case, language="en", actor=make.actor(therapist), now=make.NOW)
    referral = make.referral(case, therapist)
    came_of_it = {"kind": "written", "answered_on": make.TODAY, "note": "Nothing found."}
    intake_actions.answer_referral(referral=referral, values=came_of_it, actor=make.actor(therapist), now=make.NOW)
    make.certification_date(make.plan(case, therapist), therapist)
    make.notice(case, therapist)
    make.plan_draft(case, therapist)
    make.prescription(case, therapist)
    visit = make.draft(case, therapist)
    make.adverse_event(case, therapist, visit=visit)
    make.task(case)
    make.answered(Occurrence.objects.get(step="week_6"), now=make.NOW + make.days(43))
    actions.stop_mail(chart=case.chart, source="mail", actor=system("test"), now=make.NOW)
    later = Delivery.objects.filter(occurrence__step="week_12")
    later.filter(kind="invite").update(state="scheduled", state_reason="")
    later.filter(kind="reminder").update(state="dead", state_reason="refused_content")
    library_actions.install_exercises(scope=scope, actor=system("test"), now=make.NOW)
    library_actions.install_plan_templates(scope=scope, actor=system("test"), now=make.NOW)
    library_actions.record_licence(
        scope=scope, kind="wording_review", instrument="rls_checkin", instrument_version=1, language="es",
        holder="M. Ruiz", granted_on=make.TODAY, actor=make.actor(therapist), now=make.NOW,
    )  # fmt: skip
    words = {"subject": "A form", "body": "Open: {link}\nStop: {stop_link}", "reason": "Ours."}
    actions.write_text(
        scope=scope, name="invite", language="en", seen=0, **words, actor=make.actor(therapist), now=make.NOW
    )
    make.instrument(scope=scope)
    EngineState.objects.create(scope=scope, last_tick_at=database_now())
    for reason in ("asked by a court", "asked by another"):
        hold = case_actions.put_hold(chart=case.chart, reason=reason, actor=make.actor(therapist), now=make.NOW)
    case_actions.lift_hold(hold=hold, reason="settled since", actor=make.actor(therapist), now=make.NOW)
    for ask in (
        partial(exporting.ask, therapist, case.chart, scope=scope, now=now()),
        partial(exporting.ask, admin, scope=scope, now=now()),
    ):
        ask()
        outcome_actions.make_exports(now=now(), until=database_now() + make.days(1))
    return case


def rows(case: Case, person: Any) -> dict[str, Any]:
    """Return the key of each row under the name that doors of the matrix have for it."""

    def first(model: Any, **filters: Any) -> Any:
        return model.objects.filter(**filters).order_by("pk").first()

    return {
        "chart": case.chart.uuid,
        "case": case.uuid,
        "patient": person.pk,
        "screen": first(Screen).uuid,
        "lab": first(LabPanel).uuid,
        "medication": first(Medication).uuid,
        "referral": first(Referral).uuid,
        "plan": first(Plan, draft_key=case.pk).uuid,
        "prescription": first(Prescription).uuid,
        "visit": first(Visit, status="draft").uuid,
        "adverse event": first(AdverseEvent).uuid,
        "task": first(Task, rule="no_answer").uuid,
        "response": first(Response).uuid,
        "occurrence": first(Occurrence).uuid,
        "protocol": first(Protocol, scope=case.chart.scope).pk,
        "delivery": first(Delivery, state="scheduled").pk,
        "dead delivery": first(Delivery, state="dead").pk,
        "preference": first(Preference).pk,
        "exercise": first(Exercise).pk,
        "plan template": first(PlanTemplate).pk,
        "licence": first(Licence).pk,
        "instrument": first(ImportedInstrument, scope=case.chart.scope).pk,
        "export": first(Export, kind="patient").uuid,
        "registry export": first(Export, kind="registry").uuid,
        "event": first(AuditEvent, scope=case.chart.scope).pk,
    }

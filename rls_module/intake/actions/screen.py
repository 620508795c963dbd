"""A screen and the decision on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Chart, Response
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.intake.actions.records import record
from rls_module.intake.models import Screen
from rls_module.knowledge.instruments import branching, loading, scoring
from rls_module.knowledge.safety import screening

SCREEN = "rls_screen"


class AlreadyDecided(Exception):
    """The screen has its decision; a second one would hide the first."""


@transaction.atomic
def record_screen(*, chart: Chart, answers: Mapping[str, Any], language: str, actor: Actor, now: datetime) -> Screen:
    """Keep a screen taken in the room; return it with its result.

    Raises ValueError for answers that the instrument does not allow. Source: project design; a screen, no diagnosis.
    """
    instrument = loading.shipped(SCREEN)
    asking: dict[str, Any] = {"answers": answers, "facts": {}, "phase": "baseline"}
    problems = branching.check(instrument, **asking)
    if problems:
        raise ValueError(f"answers do not stand: {sorted(problems.items())}")
    response = case_actions.store_response(
        chart=chart,
        case=None,
        instruments={SCREEN: instrument.version},
        phase="baseline",
        language=language,
        mode=Response.Mode.IN_ROOM,
        answers={f"{SCREEN}.{name}": value for name, value in answers.items()},
        missing={f"{SCREEN}.{name}": why for name, why in branching.absent(instrument, **asking).items()},
        measured=scoring.measured(instrument, **asking),
        actor=actor,
        now=now,
    )
    found = screening.screen_result(scoring.criteria(instrument, **asking), nights=_nights(answers.get("s5_nights")))
    screen = store(
        Screen(
            chart=chart,
            response=response,
            result=found.result,
            criteria={key: value.model_dump(mode="json") for key, value in found.criteria.items()},
            tags=list(found.tags),
            algorithm=found.algorithm,
            screened_by_id=actor.user_id,
            screened_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, "screen.create", screen, fields=("result", "criteria"))
    return screen


def _nights(answer: Any) -> int | None:
    return answer if isinstance(answer, int) else None


@transaction.atomic
def record_known(*, chart: Chart, actor: Actor, now: datetime) -> Screen:
    """Note that a doctor has already told the patient: no question is asked."""
    screen = store(
        Screen(
            chart=chart,
            result=Screen.Result.KNOWN,
            algorithm=screening.ALGORITHM,
            screened_by_id=actor.user_id,
            screened_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, "screen.create", screen, fields=("result",))
    return screen


@transaction.atomic
def decide(
    *,
    screen: Screen,
    decision: str,
    actor: Actor,
    now: datetime,
    on: date,
    note: str = "",
    reason: str = Case.Reason.INCIDENTAL,
) -> Case | None:
    """Write down what follows from a screen; "open_case" opens the case and returns it, `on` the clinic's date.

    Raises AlreadyDecided, or CaseAlreadyOpen from the case room.
    """
    if not Screen.objects.filter(pk=screen.pk, decision="").update(decision=decision, decision_note=note):
        raise AlreadyDecided
    screen.decision, screen.decision_note = decision, note
    record(actor, "screen.create", screen, fields=("decision",))
    if decision != Screen.Decision.OPEN_CASE:
        return None
    case = case_actions.open_case(
        chart=screen.chart,
        reason=reason,
        on=on,
        actor=actor,
        now=now,
        note=note,
        known_elsewhere=screen.result == Screen.Result.KNOWN,
    )
    Screen.objects.filter(pk=screen.pk).update(case=case)
    return case

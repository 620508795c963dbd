"""The baseline: how it is before the first treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Response
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.knowledge.instruments import branching, loading, scoring

CHECKIN = "rls_checkin"


@transaction.atomic
def record_baseline(
    *,
    case: Case,
    answers: Mapping[str, Any],
    activities: Sequence[str],
    scores: Sequence[int | None],
    language: str,
    actor: Actor,
    now: datetime,
) -> Response:
    """Keep the baseline taken in the room, with up to three activities the patient names and how each goes now (0-10).

    `scores` stand beside `activities`. Raises ValueError for answers that the instrument does not allow.
    """
    scored = dict(zip(activities, scores, strict=False))
    named = case_actions.name_activities(case=case, texts=list(scored), actor=actor, now=now)
    facts = {"activities": [{"n": row.position, "ref": str(row.uuid), "name": row.text} for row in named]}
    given = {f"activity.{row.position}": scored[row.text] for row in named if scored[row.text] is not None}
    instrument = loading.shipped(CHECKIN)
    asking: dict[str, Any] = {"answers": {**answers, **given}, "facts": facts, "phase": "baseline"}
    problems = branching.check(instrument, **asking)
    if problems:
        raise ValueError(f"answers do not stand: {sorted(problems.items())}")
    return case_actions.store_response(
        chart=case.chart,
        case=case,
        instruments={CHECKIN: instrument.version},
        phase="baseline",
        language=language,
        mode=Response.Mode.IN_ROOM,
        answers={f"{CHECKIN}.{name}": value for name, value in asking["answers"].items()},
        missing={f"{CHECKIN}.{name}": why for name, why in branching.absent(instrument, **asking).items()},
        measured=scoring.measured(instrument, **asking),
        actor=actor,
        now=now,
    )

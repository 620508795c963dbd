"""Numbers of a licensed form that was filled in on paper: no word of the form is here, and none is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Response
from rls_module.host import adapter, database, transaction
from rls_module.host.actor import Actor
from rls_module.host.clock import clinic_day
from rls_module.knowledge.instruments import branching, scoring
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.library import queries as library_queries

NOON = time(12)  # of a form whose day alone is known


@transaction.atomic
def record_scores(
    *,
    case: Case,
    instrument: Instrument,
    answers: Mapping[str, Any],
    on: date,
    language: str,
    actor: Actor,
    now: datetime,
) -> Response:
    """Keep what was ticked on a paper form on the day `on`, with its total where every item was answered.

    The same form entered again for the same day takes the place of what was there, which stays to be read. Raises
    ValueError for answers that the form does not allow, and for none at all.
    """
    asking: dict[str, Any] = {"answers": answers, "facts": {}, "phase": "followup"}
    problems = branching.check(instrument, **asking)
    if problems or not answers:
        raise ValueError(f"answers do not stand: {sorted(problems.items())}")
    database.locked(Case.objects.all()).get(pk=case.pk)  # two taps on the same button are one form
    scope = case.chart.scope
    zone = adapter().brand(scope).zone
    key = instrument.key
    for before in case_queries.on_paper(case, key, on=on, zone=zone):
        case_actions.supersede_response(response=before, actor=actor)
    return case_actions.store_response(
        chart=case.chart,
        case=case,
        instruments={key: instrument.version},
        phase="followup",
        language=language,
        mode=Response.Mode.PAPER,
        respondent_role="clinician" if instrument.audience == "clinician" else "patient",
        answers={f"{key}.{name}": value for name, value in answers.items()},
        missing={f"{key}.{name}": why for name, why in branching.absent(instrument, **asking).items()},
        measured=scoring.measured(instrument, **asking, reversed_items=library_queries.reversed_items(key, scope)),
        actor=actor,
        now=now,
        answered_at=now if on == clinic_day(now, scope) else datetime.combine(on, NOON, zone),
    )

"""Keeping one sitting with what was measured in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rls_module.cases.actions.records import record
from rls_module.cases.models import Case, Chart, Measurement, Response
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.knowledge.instruments import scoring


@transaction.atomic
def store_response(
    *,
    chart: Chart,
    case: Case | None,
    instruments: Mapping[str, int],
    phase: str,
    language: str,
    mode: str,
    answers: Mapping[str, Any],
    missing: Mapping[str, str],
    measured: Iterable[scoring.Measured],
    actor: Actor,
    now: datetime,
    respondent_role: str = "patient",
    answered_at: datetime | None = None,
) -> Response:
    """Keep one sitting and what was measured in it; it was answered `now` unless `answered_at` says when.

    `answers` and `missing` are keyed `instrument.item`; `measured` comes from the pinned instruments' own scoring.
    """
    at = answered_at or now
    response = store(
        Response(
            chart=chart,
            case=case,
            instruments=dict(instruments),
            phase=phase,
            language=language,
            mode=mode,
            respondent_role=respondent_role,
            answers=dict(answers),
            missing=dict(missing),
            answered_at=at,
            entered_by_id=actor.user_id,
            entered_by_name=actor.name,
            created_at=now,
        )
    )
    Measurement.objects.bulk_create(
        Measurement(
            chart=chart,
            case=case,
            response=response,
            measure=row.measure,
            subject=row.subject,
            value=row.value,
            at=at,
            derived=row.derived,
            algorithm=scoring.ALGORITHM,
            created_at=now,
        )
        for row in measured
    )
    record(actor, "response.create", chart, response, fields=("answers",))
    return response


@transaction.atomic
def supersede_response(*, response: Response, actor: Actor) -> None:
    """Mark a sitting as replaced by a later entry of the same one; it stays to be read, and counts no more."""
    response.state = Response.State.SUPERSEDED
    store(response)
    record(actor, "response.reopen", response.chart, response, fields=("state",))

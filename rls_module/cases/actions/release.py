"""Erasing everything that the plugin holds of one patient, so that the host may do the same."""

from __future__ import annotations

from rls_module.audit import erasure, log
from rls_module.cases import queries
from rls_module.cases.models import Chart
from rls_module.host import database, transaction
from rls_module.host.actor import Actor


class Held(Exception):
    """A legal hold stands: nothing may be erased."""


@transaction.atomic
def release(*, chart: Chart, reason: str, actor: Actor) -> dict[str, int]:
    """Erase every row that hangs from `chart`, and the chart; return how many rows of each kind went.

    Raises Held while a legal hold stands. Audit events stay: they hold keys and names of fields, no value.
    Runs in the caller's transaction where there is one, so that a host may delete its patient together with it.
    """
    Chart.objects.select_for_update().get(pk=chart.pk)
    if queries.is_held(chart):
        raise Held
    connection = database.connection()
    erasure.open_door(connection)
    counts = {rows.model._meta.model_name or "": rows._raw_delete(rows.db) for rows in queries.rows_of(chart)}
    erasure.close_door(connection)
    log.record(
        actor=actor,
        verb="patient.release",
        kind="chart",
        ref=chart.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        purpose=reason,
        fields=[f"{kind} {count}" for kind, count in counts.items() if count],
    )
    return counts


@transaction.atomic
def refuse_release(*, chart: Chart, reason: str, actor: Actor) -> None:
    """Note that somebody wanted a chart erased while a legal hold stood."""
    log.record(
        actor=actor,
        verb="patient.release",
        kind="chart",
        ref=chart.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        purpose=reason,
        refused=True,
    )

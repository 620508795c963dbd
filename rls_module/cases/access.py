"""The one gate: who may see or do what with a chart. It asks the adapter, records the answer, then hands the row out.

Deny by default: nothing but a literal True grants, an adapter that raises denies, an empty `visible_patients` means
no access. What may not be seen does not exist (404); what may be seen but not done is refused (403).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host import ACTIONS, adapter, web
from rls_module.host.actor import Actor

logger = logging.getLogger(__name__)
_Row = TypeVar("_Row", bound=models.Model)


def fetch(request: HttpRequest, actor: Actor, model: type[_Row], uuid: UUID, action: str) -> _Row:
    """Return the row of `model` (a Chart, or anything with a chart) on which `actor` may do `action`; record the read.

    `action` is one of `rls_module.host.ACTIONS`; another raises KeyError. Raises web.NotFound where the row does not
    exist or may not be known of, web.Forbidden where it may be seen but `action` may not be done, and web.Interposed
    where STAFF_GATE wants something first. Every refusal is an event too.
    """
    row = _of(model).filter(uuid=uuid).first()
    if row is None:
        log.record(actor=actor, verb=action, kind=_kind(model), ref=uuid, refused=True)
        raise web.NotFound
    chart = chart_of(row)
    if not (_is_visible(request, chart.patient) and may(request, _view_of(action), chart.patient)):
        _refuse(actor, action, row)
        raise web.NotFound
    if not may(request, action, chart.patient):
        _refuse(actor, action, row)
        raise web.Forbidden
    _step_up(request, actor, action, row)
    log.record(actor=actor, verb=action, kind=_kind(model), ref=uuid, patient=chart.patient_id, scope=chart.scope)
    return row


def patient(request: HttpRequest, actor: Actor, key: str, action: str) -> Any:
    """Return the host's patient with the key `key`, for pages that come before there is a chart.

    Raises web.NotFound unless the patient is visible and `action` is granted; records either way.
    """
    try:
        found = _visible(request).filter(pk=key).first() if key.isprintable() else None
    except (ValueError, TypeError):
        found = None
    key = key if found is not None else ""  # what a stranger typed is nobody's key
    granted = found is not None and may(request, action, found)
    log.record(actor=actor, verb=action, kind="patient", ref=key, patient=key, refused=not granted)
    if not granted:
        raise web.NotFound
    return found


def listing(request: HttpRequest, actor: Actor, rows: models.QuerySet[_Row], action: str, *, limit: int) -> list[_Row]:
    """Return at most `limit` of `rows` on which `actor` may do `action`; record one read for each patient among them.

    Rows of patients that this request can't see are never fetched; the order of `rows` is kept.
    """
    return paged(request, actor, rows, action, pick=lambda visible: visible[:limit])


def paged(
    request: HttpRequest,
    actor: Actor,
    rows: models.QuerySet[_Row],
    action: str,
    *,
    pick: Callable[[models.QuerySet[_Row]], Iterable[_Row]],
) -> list[_Row]:
    """Return those of one page on which `actor` may do `action`; `pick` takes the page out of the visible rows.

    Otherwise as `listing`.
    """
    path = "" if rows.model is Chart else "chart__"
    found = pick(of_visible(request, rows).select_related(f"{path}patient"))
    answers: dict[Any, bool] = {}
    allowed = []
    for row in found:
        chart = chart_of(row)
        if chart.patient_id not in answers:
            answers[chart.patient_id] = may(request, action, chart.patient)
        if answers[chart.patient_id]:
            allowed.append(row)
    log.record_list(
        actor=actor,
        verb=action,
        kind=_kind(rows.model),
        patients={chart.patient_id: chart.scope for chart in map(chart_of, allowed)},
    )
    return allowed


def of_visible(request: HttpRequest, rows: models.QuerySet[_Row]) -> models.QuerySet[_Row]:
    """Return those of `rows`, charts or what hangs from one, that this request may know of: a query, not yet asked."""
    path = "" if rows.model is Chart else "chart__"
    return rows.filter(**{f"{path}patient__in": _visible(request).values("pk")})


def clinic_wide(request: HttpRequest, actor: Actor, action: str, *, scope: str) -> None:
    """Let `actor` do `action`, one that concerns no single patient, in the clinic `scope`; every refusal is an event.

    Raises web.Forbidden, or web.Interposed where STAFF_GATE wants something first; KeyError for an action not listed.
    """
    if not may(request, action, None):
        log.record(actor=actor, verb=action, scope=scope, refused=True)
        raise web.Forbidden
    refusal = _stepped_in(request, action)
    if refusal is not None:
        log.record(actor=actor, verb=action, scope=scope, refused=True)
        raise refusal


def search(request: HttpRequest, actor: Actor, text: str, *, limit: int) -> list[Any]:
    """Return at most `limit` of the host's patients that match what was typed and that `actor` may know of.

    The host searches; what it finds beyond `visible_patients` is never fetched. One read is recorded for each.
    """
    try:
        found = adapter().search(request, text).filter(pk__in=_visible(request).values("pk"))[:limit]
        patients = [one for one in found if may(request, "patient.view", one)]
    except (ValueError, TypeError):  # the host's own lookup could make nothing of the words
        patients = []
    log.record_list(
        actor=actor,
        verb="patient.view",
        kind="patient",
        patients={one.pk: adapter().scope_of(one) for one in patients},
    )
    return patients


def may(request: HttpRequest, action: str, patient: Any | None) -> bool:
    """True when the host grants `action` on `patient`, literally. Raises KeyError for an action that is not listed."""
    listed = ACTIONS[action]
    if listed.patient != (patient is not None):
        raise KeyError(f"{action} is asked {'with' if listed.patient else 'without'} a patient")
    try:
        return adapter().can(request, action, patient) is True
    except Exception as error:  # noqa: BLE001  and its text may hold a patient: only its type is told
        logger.error("the host adapter's can() raised %s for %s: denied", type(error).__name__, action)
        return False


def chart_of(row: models.Model) -> Chart:
    """Return the chart that `row` hangs from, or is."""
    return row if isinstance(row, Chart) else row.chart  # type: ignore[attr-defined]


def _of(model: type[_Row]) -> models.QuerySet[_Row]:
    path = "patient" if model is Chart else "chart__patient"
    return model._default_manager.select_related(path)


def _kind(model: type[models.Model]) -> str:
    return model._meta.model_name or ""


def _view_of(action: str) -> str:
    """The right to know that the object exists: `<object>.view` where there is one, else the chart's.

    Who may ask who has seen a chart need not see it.
    """
    if action == "audit.report":
        return action
    view = f"{action.split('.', maxsplit=1)[0]}.view"
    return view if view in ACTIONS and ACTIONS[view].patient else "chart.view"


def _visible(request: HttpRequest) -> models.QuerySet[Any]:
    """Ask the host whom this request may know of; a host that can't answer denies."""
    try:
        return adapter().visible_patients(request)
    except Exception as error:  # noqa: BLE001  as in may()
        logger.error("the host adapter's visible_patients() raised %s: denied", type(error).__name__)
        raise web.Forbidden from None


def _is_visible(request: HttpRequest, patient: Any) -> bool:
    try:
        return adapter().visible_patients(request).filter(pk=patient.pk).exists()
    except Exception as error:  # noqa: BLE001  as in may()
        logger.error("the host adapter's visible_patients() raised %s: denied", type(error).__name__)
        return False


def _refuse(actor: Actor, action: str, row: models.Model) -> None:
    chart = chart_of(row)
    log.record(
        actor=actor,
        verb=action,
        kind=_kind(type(row)),
        ref=row.uuid,  # type: ignore[attr-defined]
        patient=chart.patient_id,
        scope=chart.scope,
        refused=True,
    )


def _step_up(request: HttpRequest, actor: Actor, action: str, row: models.Model) -> None:
    refusal = _stepped_in(request, action)
    if refusal is not None:
        _refuse(actor, action, row)
        raise refusal


def _stepped_in(request: HttpRequest, action: str) -> Exception | None:
    """Ask STAFF_GATE before an action marked for it; anything but None or a response of its own refuses."""
    path = conf.get("STAFF_GATE")
    if not (ACTIONS[action].gated and path):
        return None
    try:
        answer = import_string(path)(request, action)
    except Exception as error:  # noqa: BLE001  as in may()
        logger.error("STAFF_GATE raised %s for %s: refused", type(error).__name__, action)
        answer = False
    if answer is None:
        return None
    return web.Interposed(answer) if isinstance(answer, HttpResponse) else web.Forbidden()

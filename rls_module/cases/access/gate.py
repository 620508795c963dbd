"""The gate itself: the only ways from a request of staff to a row that belongs to a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rls_module.audit import log
from rls_module.cases.access import emergencies
from rls_module.cases.access.asking import askable, is_visible, may, view_of, visible, what_comes_first
from rls_module.cases.access.lists import Granted
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import Actor

_Row = TypeVar("_Row", bound=models.Model)


class Locked(web.NotFound):
    """The chart may not be seen, but this person may open it in an emergency; whoever does not offer that says 404."""

    def __init__(self, patient: Any) -> None:
        super().__init__()
        self.patient = patient


def fetch(request: HttpRequest, actor: Actor, model: type[_Row], uuid: UUID, action: str) -> _Row:
    """Return the row of `model` (a Chart, or anything with a chart) on which `actor` may do `action`; record the read.

    `action` is one of `rls_module.host.ACTIONS`; another raises KeyError. Raises web.NotFound where the row does not
    exist or may not be known of (Locked where the chart could be opened in an emergency), web.Forbidden where it may
    be seen but `action` may not be done, and web.Interposed where STAFF_GATE wants something first. Every refusal is
    an event too.
    """
    row = _of(model).filter(uuid=uuid).first()
    if row is None:
        log.record(actor=actor, verb=action, kind=_kind(model), ref=uuid, refused=True)
        raise web.NotFound
    chart = chart_of(row)
    is_known = is_visible(request, chart.patient)
    if not (is_known and emergencies.right_to(request, actor, view_of(action), chart.patient)):
        _refuse(actor, action, row)
        raise _hidden(request, action, chart.patient, is_known=is_known)
    right = permit(request, actor, row, action)
    log.record(
        actor=actor,
        verb=action,
        kind=_kind(model),
        ref=uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        purpose=right.purpose,
    )
    _show_emergency(request, right)
    return row


def permit(request: HttpRequest, actor: Actor, row: models.Model, action: str) -> emergencies.Right:
    """Return by what right `actor` may do `action` with a `row` that is known to be there; every refusal is an event.

    Raises web.Forbidden, or web.Interposed where STAFF_GATE wants something first. What is granted is not recorded:
    the action itself is.
    """
    patient = chart_of(row).patient
    right = emergencies.right_to(request, actor, action, patient)
    if right is None:
        opened = emergencies.standing(request, actor, patient)
        _refuse(actor, action, row, purpose=opened.ref if opened else "")
        raise web.Forbidden(_only_to_read() if opened else "")
    refusal = what_comes_first(request, action)
    if refusal is not None:
        _refuse(actor, action, row)
        raise refusal
    return right


def patient(request: HttpRequest, actor: Actor, key: str, action: str) -> Any:
    """Return the host's patient with the key `key`, for pages that come before there is a chart; records either way.

    Raises web.NotFound unless the patient is visible and `action` is granted, as `fetch` does.
    """
    try:
        found = visible(request).filter(pk=key).first() if key.isprintable() else None
    except (ValueError, TypeError):
        found = None
    key = key if found is not None else ""  # what a stranger typed is nobody's key
    right = emergencies.right_to(request, actor, action, found) if found is not None else None
    opened = emergencies.standing(request, actor, found) if found is not None and right is None else None
    purpose = right.purpose if right else opened.ref if opened else ""
    log.record(actor=actor, verb=action, kind="patient", ref=key, patient=key, refused=right is None, purpose=purpose)
    if opened:
        raise web.Forbidden(_only_to_read())
    if right is None:
        raise _hidden(request, action, found, is_known=found is not None)
    _show_emergency(request, right)
    return found


def listing(request: HttpRequest, actor: Actor, rows: models.QuerySet[_Row], action: str, *, limit: int) -> list[_Row]:
    """Return the first `limit` of `rows` on which `actor` may do `action`; record one read for each patient among them.

    Rows of patients that this request can't see are never fetched; the order of `rows` is kept.
    """
    return paged(request, actor, rows, action, pick=lambda granted: granted[:limit])


def paged(
    request: HttpRequest,
    actor: Actor,
    rows: models.QuerySet[_Row],
    action: str,
    *,
    pick: Callable[[Granted[_Row]], Iterable[_Row]],
) -> list[_Row]:
    """Return one page of the rows on which `actor` may do `action`; `pick` takes the page out of them.

    Otherwise as `listing`.
    """
    path = "" if rows.model is Chart else "chart__"
    answers: dict[Any, bool] = {}

    def is_granted(row: _Row) -> bool:
        patient = chart_of(row).patient
        if patient.pk not in answers:
            answers[patient.pk] = may(request, action, patient)
        return answers[patient.pk]

    asked = rows.filter(**{f"{path}patient__in": askable(request, action).values("pk")})
    shown = list(pick(Granted(asked.select_related(f"{path}patient"), is_granted)))
    log.record_list(
        actor=actor,
        verb=action,
        kind=_kind(rows.model),
        patients={chart.patient_id: chart.scope for chart in map(chart_of, shown)},
    )
    return shown


def of_visible(request: HttpRequest, rows: models.QuerySet[_Row]) -> models.QuerySet[_Row]:
    """Return those of `rows`, charts or what hangs from one, that this request may know of: a query, not yet asked."""
    path = "" if rows.model is Chart else "chart__"
    return rows.filter(**{f"{path}patient__in": visible(request).values("pk")})


def clinic_wide(request: HttpRequest, actor: Actor, action: str, *, scope: str) -> None:
    """Let `actor` do `action`, one that concerns no single patient, in the clinic `scope`; every refusal is an event.

    Raises web.Forbidden, or web.Interposed where STAFF_GATE wants something first; KeyError for an action not listed.
    """
    refusal = what_comes_first(request, action) if may(request, action, None) else web.Forbidden()
    if refusal is not None:
        log.record(actor=actor, verb=action, scope=scope, refused=True)
        raise refusal


def search(request: HttpRequest, actor: Actor, text: str, *, limit: int) -> list[Any]:
    """Return at most `limit` of the host's patients that match what was typed and that `actor` may know of.

    The host searches; what it finds beyond `visible_patients` is never fetched. One read is recorded for each.
    """
    try:
        found = adapter().search(request, text).filter(pk__in=visible(request).values("pk"))[:limit]
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


def chart_of(row: models.Model) -> Chart:
    """Return the chart that `row` hangs from, or is."""
    return row if isinstance(row, Chart) else row.chart  # type: ignore[attr-defined]


def _of(model: type[_Row]) -> models.QuerySet[_Row]:
    path = "patient" if model is Chart else "chart__patient"
    return model._default_manager.select_related(path)


def _kind(model: type[models.Model]) -> str:
    return model._meta.model_name or ""


def _refuse(actor: Actor, action: str, row: models.Model, *, purpose: str = "") -> None:
    chart = chart_of(row)
    log.record(
        actor=actor,
        verb=action,
        kind=_kind(type(row)),
        ref=row.uuid,  # type: ignore[attr-defined]
        patient=chart.patient_id,
        scope=chart.scope,
        purpose=purpose,
        refused=True,
    )


def _hidden(request: HttpRequest, action: str, patient: Any, *, is_known: bool) -> web.NotFound:
    """Return what to raise for what may not be seen; the way in of an emergency is offered at the chart only."""
    can_open = is_known and action == "chart.view" and emergencies.may_open(request, patient)
    return Locked(patient) if can_open else web.NotFound()


def _show_emergency(request: HttpRequest, right: emergencies.Right) -> None:
    """Have every page of this request say that it is shown in an emergency."""
    if right.emergency:
        request.rls_emergency = right.emergency  # type: ignore[attr-defined]


def _only_to_read() -> str:
    return _("You opened this chart in an emergency: you can read it, but change nothing.")

"""The questions that the gate puts to the host: whom a request may know of, what it may do, what must come first.

An answer that is missing, wrong or an exception is a no. Its text may hold a patient: only its type is logged.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.host import ACTIONS, adapter, web

logger = logging.getLogger(__name__)


def may(request: HttpRequest, action: str, patient: Any | None) -> bool:
    """True when the host grants `action` on `patient`, literally. Raises KeyError for an action that is not listed."""
    listed = ACTIONS[action]
    if listed.patient != (patient is not None):
        raise KeyError(f"{action} is asked {'with' if listed.patient else 'without'} a patient")
    try:
        return adapter().can(request, action, patient) is True
    except Exception as error:  # noqa: BLE001
        logger.error("the host adapter's can() raised %s for %s: denied", type(error).__name__, action)
        return False


def view_of(action: str) -> str:
    """Return the right to know that the object exists: `<object>.view` where there is one, else the chart's.

    Who may ask who has seen a chart need not see it; what a patient is called is known without it; a link is known to
    whoever knows of its form.
    """
    if action == "audit.report":
        return action
    if action.startswith("link."):
        return "enrolment.view"
    view = f"{action.split('.', maxsplit=1)[0]}.view"
    return view if view in ACTIONS and ACTIONS[view].patient else "chart.view"


def visible(request: HttpRequest) -> models.QuerySet[Any]:
    """Return the patients of whom this request may know; raises web.Forbidden where the host can't say."""
    try:
        return adapter().visible_patients(request)
    except Exception as error:  # noqa: BLE001
        logger.error("the host adapter's visible_patients() raised %s: denied", type(error).__name__)
        raise web.Forbidden from None


def askable(request: HttpRequest, action: str) -> models.QuerySet[Any]:
    """Return the visible patients of whom `action` need be asked; raises web.Forbidden where the host can't say."""
    try:
        narrowed = adapter().patients_to_ask(request, action)
    except Exception as error:  # noqa: BLE001
        logger.error("the host adapter's patients_to_ask() raised %s: denied", type(error).__name__)
        raise web.Forbidden from None
    return visible(request).filter(pk__in=narrowed.values("pk"))


def is_visible(request: HttpRequest, patient: Any) -> bool:
    """True when this request may know of `patient`."""
    try:
        return adapter().visible_patients(request).filter(pk=patient.pk).exists()
    except Exception as error:  # noqa: BLE001
        logger.error("the host adapter's visible_patients() raised %s: denied", type(error).__name__)
        return False


def what_comes_first(request: HttpRequest, action: str) -> Exception | None:
    """Ask STAFF_GATE before an action marked for it; return what to raise, or None where it lets the action pass.

    Anything but None or a response of its own refuses.
    """
    path = conf.get("STAFF_GATE")
    if not (ACTIONS[action].gated and path):
        return None
    try:
        answer = import_string(path)(request, action)
    except Exception as error:  # noqa: BLE001
        logger.error("STAFF_GATE raised %s for %s: refused", type(error).__name__, action)
        answer = False
    if answer is None:
        return None
    return web.Interposed(answer) if isinstance(answer, HttpResponse) else web.Forbidden()

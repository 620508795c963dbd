"""The adapter asked every question for one patient: right types, in time, and nothing for strangers.

This is the contract suite of an adapter: a host runs it against its own data, in its own system.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from rls_module.doctor.finding import Finding, failure, judged, ok, warning
from rls_module.host import ACTIONS, Birth, Brand, HostAdapter, adapter
from rls_module.host.clock import clinic_day, now

SLOW_S = 0.2
MOST_LOOKED_AT = 500
UNHEARD_OF = ("patient.unheard_of", "patient.view ", "*")


def look(scope: str, patient_key: str | None, user_key: str | None) -> Iterator[Finding]:
    """Yield what the adapter answers in one scope."""
    asked = adapter()
    yield from _of_scope(asked, scope)
    yield from _of_strangers(asked, scope)
    patient = _patient(asked, scope, patient_key)
    if patient is None:
        hint = "Name one by --patient, as the host keeps its key."
        make = failure if patient_key else warning
        yield make("adapter.patient", f"{scope}: no such patient to ask for", hint)
        return
    yield from _of_patient(asked, scope, patient)
    if user_key is not None:
        yield from _of_user(asked, scope, patient, user_key)


def _patient(asked: HostAdapter, scope: str, key: str | None) -> Any:
    patients = asked.patients()
    if key is not None:
        try:
            found = patients.filter(pk=key).first()
        except (ValueError, TypeError):
            return None
        return found if found is not None and asked.scope_of(found) == scope else None
    return next((one for one in patients[:MOST_LOOKED_AT] if asked.scope_of(one) == scope), None)


def _of_scope(asked: HostAdapter, scope: str) -> Iterator[Finding]:
    yield from _answer("base_url", scope, lambda: asked.base_url(scope), str, lambda said: "://" in said)
    yield from _answer("brand", scope, lambda: asked.brand(scope), Brand, lambda said: bool(said.sender))
    yield from _contacts(asked, scope)


def _contacts(asked: HostAdapter, scope: str) -> Iterator[Finding]:
    """Somebody must be told when a chart is opened in an emergency; without contacts the notice waits for ever."""
    told: list[str] = []
    yield from _answer("privacy_contacts", scope, lambda: told.extend(asked.privacy_contacts(scope)), NoneType)
    if not told:
        message = f"{scope}: nobody is told when a chart is opened in an emergency"
        yield warning("adapter.privacy_contacts", message, "Answer one mail address or more in privacy_contacts().")


def _of_patient(asked: HostAdapter, scope: str, patient: Any) -> Iterator[Finding]:
    text = (str, NoneType)
    questions: tuple[tuple[str, Any, Callable[[Any], bool] | None], ...] = (
        ("is_active", bool, None),
        ("display_name", str, bool),
        ("public_ref", str, bool),
        ("email", text, None),
        ("phone", text, None),
        ("birth", Birth, None),
        ("timezone", ZoneInfo, None),
        ("language", str, bool),
        ("respondents", list, bool),
        ("scope_of", str, lambda said: said == scope),
        ("visits_for", Iterable, None),
        ("patient_url", text, None),
    )
    for name, kind, holds in questions:
        yield from _answer(name, scope, partial(getattr(asked, name), patient), kind, holds)
    today = clinic_day(now(), scope)
    yield from _answer("other_minutes", scope, lambda: asked.other_minutes(patient, today), (Mapping, NoneType))
    yield from _answer("consent", scope, lambda: asked.consent(patient, "email"), (bool, NoneType))


def _answer(
    name: str,
    scope: str,
    ask: Callable[[], Any],
    kind: Any,
    holds: Callable[[Any], bool] | None = None,
) -> Iterator[Finding]:
    """Ask one question; what was answered is never told, only whether it is of the right kind and came in time."""
    about, began = f"adapter.{name}", time.monotonic()
    try:
        said = ask()
    except Exception as error:  # noqa: BLE001  its text may hold a patient
        yield failure(about, f"{scope}: {name}() raised {type(error).__name__}", "Answer None where nothing is known.")
        return
    took = time.monotonic() - began
    if not isinstance(said, kind):
        yield failure(about, f"{scope}: {name}() answered {type(said).__name__}", "See the adapter's page in docs/.")
    elif holds is not None and not holds(said):
        yield failure(about, f"{scope}: {name}() answered something empty or of another scope", "See docs/adapter.md.")
    elif took > SLOW_S:
        yield warning(about, f"{scope}: {name}() took {took * 1000:.0f} ms", "Every page asks; 200 ms is the limit.")
    else:
        yield ok(about, f"{scope}: {name}() answers")


def _of_strangers(asked: HostAdapter, scope: str) -> Iterator[Finding]:
    nobody = _request(AnonymousUser())
    try:
        seen = asked.visible_patients(nobody).exists()
        granted = [name for name, action in ACTIONS.items() if not action.patient and asked.can(nobody, name, None)]
    except Exception as error:  # noqa: BLE001  a refusal by raising is a refusal; the pages treat it so
        yield ok("adapter.anonymous", f"{scope}: an anonymous request is refused ({type(error).__name__})")
        return
    yield judged(
        "adapter.anonymous",
        good=not seen and not granted,
        message=f"{scope}: an anonymous request gets {'patients' if seen else f'{len(granted)} rights'}"
        if seen or granted
        else f"{scope}: an anonymous request gets nothing",
        hint="Return .none() and False where request_user() is None.",
    )


def _of_user(asked: HostAdapter, scope: str, patient: Any, key: str) -> Iterator[Finding]:
    try:
        user = get_user_model()._default_manager.filter(pk=key).first()
    except (ValueError, TypeError):
        user = None
    if user is None:
        yield failure("adapter.user", f"{scope}: there is no such user", "Name one by --user, by its key.")
        return
    request = _request(user)
    seen = set(asked.visible_patients(request).values_list("pk", flat=True))
    rights = sum(asked.can(request, name, patient) is True for name, action in ACTIONS.items() if action.patient)
    yield judged(
        "adapter.user",
        good=patient.pk in seen or not rights,
        message=f"{scope}: the user sees {len(seen)} patients and has {rights} rights on the one asked about",
        hint="can() grants what visible_patients() does not show: make them agree.",
    )
    yield from _sight(asked, scope, request, [patient, *asked.patients()[:MOST_LOOKED_AT]])
    yield from _asked_by_lists(asked, scope, request, [patient, *asked.patients()[:MOST_LOOKED_AT]])
    yield from _default(asked, scope, request, patient)
    is_patient = type(user) is asked.patients().model and asked.patients().filter(pk=user.pk).exists()
    yield judged(
        "adapter.staff_are_no_patients",
        good=not is_patient,
        message=f"{scope}: patients() {'holds' if is_patient else 'leaves out'} this member of staff",
        hint="Filter staff out of patients().",
    )


def _sight(asked: HostAdapter, scope: str, request: HttpRequest, patients: list[Any]) -> Iterator[Finding]:
    """Two answers to one question agree, for patients and for rows that are patients no more."""
    rows, keys = asked.patients().model._base_manager, asked.patients().values("pk")
    removed = list(rows.exclude(pk__in=keys)[:MOST_LOOKED_AT])
    seen = set(asked.visible_patients(request).values_list("pk", flat=True))
    sees = {one.pk: asked.can(request, "patient.view", one) is True for one in [*patients, *removed]}
    apart = {one.pk for one in patients if (one.pk in seen) != sees[one.pk]}
    yield judged(
        "adapter.sight",
        good=not apart,
        message=f"{scope}: sight and the right patient.view differ for {len(apart)} of {len(patients)} patients",
        hint="A patient is in visible_patients() exactly when can(request, 'patient.view', patient) is True.",
    )
    opened = [one for one in removed if one.pk in seen or sees[one.pk]]
    yield judged(
        "adapter.removed",
        good=not opened,
        message=f"{scope}: of {len(removed)} rows that patients() leaves out, {len(opened)} can be seen all the same",
        hint="Start visible_patients() from patients(), and let can() look there.",
    )


def _asked_by_lists(asked: HostAdapter, scope: str, request: HttpRequest, patients: list[Any]) -> Iterator[Finding]:
    """What lists leave unasked is nothing that would be granted."""
    missed = 0
    for action in ("patient.view", "chart.view", "task.view", "delivery.view"):
        keys = set(asked.patients_to_ask(request, action).values_list("pk", flat=True))
        missed += sum(one.pk not in keys and asked.can(request, action, one) is True for one in patients)
    yield judged(
        "adapter.patients_to_ask",
        good=not missed,
        message=f"{scope}: lists leave out {missed} rights that can() would grant",
        hint="patients_to_ask() must hold every patient on whom can() grants the action; or leave it as it is.",
    )


def _default(asked: HostAdapter, scope: str, request: HttpRequest, patient: Any) -> Iterator[Finding]:
    """What the host's table does not name is nobody's."""
    about_a_patient = [name for name, action in ACTIONS.items() if action.patient]
    granted = [name for name in UNHEARD_OF if asked.can(request, name, patient) is True]
    granted += [name for name in about_a_patient if asked.can(request, name, None) is True]
    yield judged(
        "adapter.default",
        good=not granted,
        message=f"{scope}: {len(granted)} rights are granted that nobody was given"
        if granted
        else f"{scope}: what is not listed is not granted",
        hint="Grant by a table of actions. An unknown action, or one about a patient asked without one, is False.",
    )


def _request(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.user = user
    return request

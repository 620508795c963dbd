"""Reads of the case room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from graphlib import TopologicalSorter
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from rls_module.cases.models import Activity, Case, Chart, Consent, Hold, Milestone, Response, Task
from rls_module.host import adapter
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.protocols import ahead
from rls_module.knowledge.protocols import loading as protocol_loading
from rls_module.knowledge.safety import adverse, alerts
from rls_module.knowledge.vocabulary import loading as vocabulary


def chart_of_patient(patient: Any) -> Chart | None:
    """Return the chart of the host's `patient`, if there is one."""
    return Chart.objects.filter(patient=patient).first()


def charts_of(patients: Iterable[Any]) -> dict[Any, Chart]:
    """Return the charts of several patients by the host's key; whoever has none is not in it."""
    return {chart.patient_id: chart for chart in Chart.objects.filter(patient__in=[one.pk for one in patients])}


def chart_of_key(key: str) -> Chart | None:
    """Return the chart of the patient with the host's key `key`, as text; None where there is none."""
    try:
        return Chart.objects.filter(patient__pk=key).first()
    except (ValueError, TypeError):
        return None


def holds(chart: Chart) -> list[Hold]:
    """Return the chart's legal holds, standing and lifted, the newest first."""
    return list(Hold.objects.filter(chart=chart).select_related("lift").order_by("-created_at", "-pk"))


def is_held(chart: Chart) -> bool:
    """True while a legal hold stands."""
    return Hold.objects.filter(chart=chart, lift=None).exists()


def held_patients() -> set[str]:
    """Return the host's keys, as text, of all patients on whom a legal hold stands."""
    return {str(key) for key in Hold.objects.filter(lift=None).values_list("chart__patient", flat=True)}


def open_case(chart: Chart) -> Case | None:
    """Return the chart's case that is open or on hold, if there is one."""
    return Case.objects.filter(open_key=chart.pk).first()


def open_cases(charts: Iterable[Chart]) -> dict[int, Case]:
    """Return the cases of `charts` that are open or on hold, by the chart's key, in one query."""
    return {case.chart_id: case for case in Case.objects.filter(open_key__in=[chart.pk for chart in charts])}


def latest_case(chart: Chart) -> Case | None:
    """Return the open case, else the one opened last."""
    return open_case(chart) or Case.objects.filter(chart=chart).order_by("-opened_on", "-pk").first()


def activities(case: Case) -> list[Activity]:
    """Return what the patient named, in order; at most three."""
    return list(Activity.objects.filter(case=case, retired_at=None).order_by("position"))


def milestone(case: Case, kind: str) -> Milestone | None:
    """Return the case's milestone of `kind` with the latest date, if it was reached."""
    return Milestone.objects.filter(case=case, kind=kind).order_by("-on", "-pk").first()


def consent(chart: Chart, purpose: str, *, on: date | None = None) -> Consent | None:
    """Return our own record of a consent that stands for `purpose`, if there is one; expired by `on` it does not."""
    rows = Consent.objects.filter(chart=chart, purpose=purpose, withdrawn_at=None)
    if on is not None:
        rows = rows.filter(Q(expires_on=None) | Q(expires_on__gte=on))
    return rows.order_by("-given_at", "-pk").first()


def consents_to(chart: Chart, purpose: str, *, on: date | None = None) -> bool:
    """True when the patient agreed to `purpose` ("email", "survey", "needling" or "research").

    The host's answer counts; where it has none, our own record does, unless it has expired by the day `on`. No record
    is a no.
    """
    answer = adapter().consent(chart.patient, purpose)
    return consent(chart, purpose, on=on) is not None if answer is None else answer is True


def consenting(charts: Sequence[Chart], purpose: str, *, on: date) -> list[Chart]:
    """Return those of `charts` whose patients agreed to `purpose`, as `consents_to` says; our records are read once."""
    rows = Consent.objects.filter(Q(expires_on=None) | Q(expires_on__gte=on), purpose=purpose, withdrawn_at=None)
    own = set(rows.values_list("chart_id", flat=True))
    answers = ((chart, adapter().consent(chart.patient, purpose)) for chart in charts)
    return [chart for chart, answer in answers if (chart.pk in own if answer is None else answer is True)]


def has_withdrawn(chart: Chart, purpose: str) -> bool:
    """True when the patient took consent to `purpose` back, here or in the host; who was never asked has not."""
    answer = adapter().consent(chart.patient, purpose)
    if answer is not None:
        return answer is not True
    last = Consent.objects.filter(chart=chart, purpose=purpose).order_by("-given_at", "-pk").first()
    return last is not None and last.withdrawn_at is not None


# Words for staff


def step_name(step: str, language: str) -> str:
    """Return how staff call a touchpoint; a clinic's own steps are called by their key."""
    named = {one.step: one.name for one in protocol_loading.shipped("default").touchpoints}
    words = {**named, ahead.STEP: ahead.INTAKE.name, ahead.PAPERS_STEP: ahead.PAPERS.name}.get(step)
    return (words.get(language) or words["en"]) if words else step


def task_words(task: Task, language: str) -> str:
    """Return in words for staff why a task is there."""
    if task.rule in alerts.RULES:
        return alerts.staff_words(task.rule, task.params, language=language, labels=_option_labels(language))  # type: ignore[arg-type]
    if task.rule == "red_flag":
        return _("Red flag: %(sign)s. Refer, or write why not.") % {"sign": _red_flag(task, language)}
    if task.rule == "referral":
        return _("Referral: ask what came of it.")
    if task.rule == "adverse_event":
        what = adverse.word(str(task.params.get("what", "")), language)
        return _("Adverse event: %(what)s. See to it until it is resolved.") % {"what": what}
    step = step_name(str(task.params.get("step", "")), language)
    return {
        "no_answer": _("Has not answered the %(step)s check-in. Call."),
        "undeliverable": _undeliverable(task),
        "snore_worry": _("Somebody worries about the breathing at night: suggest a physician's visit."),
        "iron_loss_bleeding": _("Black or bloody stools in the last year: suggest a physician's visit soon."),
        "augmentation_pattern": _("Augmentation pattern. Refer to the prescriber; it can look like care that fails."),
        "augmentation_possible": _("Augmentation is possible. Ask the prescriber before the plan is judged."),
        "mail_uncertain": _("It is not known whether the %(step)s mail arrived. Call."),
    }.get(task.rule, task.rule) % {"step": step}


def _undeliverable(task: Task) -> str:
    return {
        ahead.STEP: _("The intake sent ahead can't be delivered. Call, and check the address."),
        ahead.PAPERS_STEP: _("The papers sent by mail can't be delivered. Call, and check the address."),
    }.get(
        str(task.params.get("step", "")),
        _("The mail for the %(step)s check-in can't be delivered. Call, and check the address."),
    )


def _red_flag(task: Task, language: str) -> str:
    found = next((one for one in vocabulary.red_flags() if one.key == task.params.get("flag")), None)
    return "" if found is None else found.spanish if language == "es" else found.english


def _option_labels(language: str) -> dict[str, str]:
    words = loading.shipped("rls_checkin").words(language)
    labels: dict[str, str] = {}
    for key in ("new_problem", "home_barrier", "places"):
        labels |= words.items[key].options
    return labels


def on_paper(case: Case, key: str, *, on: date, zone: ZoneInfo) -> QuerySet[Response]:
    """Return what counts of one form that was filled in on paper on a day."""
    begins = datetime.combine(on, time(), zone)
    rows = Response.objects.filter(case=case, mode=Response.Mode.PAPER, state=Response.State.FINAL)
    ends = datetime.combine(on + timedelta(days=1), time(), zone)
    return rows.filter(instruments__has_key=key, answered_at__gte=begins, answered_at__lt=ends).select_related("chart")


def rows_of(chart: Chart) -> list[QuerySet[models.Model]]:
    """Return everything that hangs from `chart`: what points at other rows before those, the chart last.

    Read from the tables themselves, so that a table of tomorrow is not forgotten.
    """
    paths = paths_to_chart()
    depends: TopologicalSorter[type[models.Model]] = TopologicalSorter()
    for model in paths:
        depends.add(model, *(other for _field, other in _keys(model) if other in paths and other is not model))
    in_order = reversed(list(depends.static_order()))
    return [model._base_manager.filter(**{paths[model]: chart.pk}) for model in in_order]


def paths_to_chart() -> dict[type[models.Model], str]:
    """Return each table of the plugin that hangs from a chart, with the lookup that leads there."""
    paths: dict[type[models.Model], str] = {Chart: "pk"}
    ours = list(apps.get_app_config("rls_module").get_models())
    found = True
    while found:
        found = False
        for model in ours:
            for name, other in _keys(model):
                if model not in paths and other in paths:
                    paths[model] = name if other is Chart else f"{name}__{paths[other]}"
                    found = True
    return paths


def _keys(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    """The keys of a table and what they point at, one to the chart first: the shortest way is taken."""
    found = [
        (field.name, field.related_model)
        for field in model._meta.concrete_fields
        if field.is_relation and isinstance(field.related_model, type)
    ]
    return sorted(found, key=lambda key: key[1] is not Chart)

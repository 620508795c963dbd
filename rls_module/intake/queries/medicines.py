"""What a patient takes and took, and what staff are told beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from rls_module.cases.models import Case, Chart, Measurement
from rls_module.intake.models import AugmentationScreen, Medication
from rls_module.intake.queries.intakes import start_before
from rls_module.knowledge.vocabulary import loading
from rls_module.knowledge.vocabulary import medicines as vocabulary

_AUGMENTING = [one.key for one in loading.medicines() if one.can_augment]


@dataclass(frozen=True, slots=True)
class Change:
    """One day on which a medicine was started, changed or stopped, in words."""

    on: date
    words: str


def medicines(chart: Chart) -> QuerySet[Medication]:
    """Return the chart's medicines, those taken now first."""
    return Medication.objects.filter(chart=chart).order_by(F("stopped_on").asc(nulls_first=True), "name", "pk")


def takes_augmenting(chart: Chart, *, on: date | None = None) -> bool:
    """True when a dopaminergic medicine or tramadol is taken: on that day, else as it stands now."""
    rows = Medication.objects.filter(chart=chart, code__in=_AUGMENTING)
    runs = Q(stopped_on=None) if on is None else Q(stopped_on=None) | Q(stopped_on__gt=on)
    return rows.filter(runs).exists()


def augmenting(chart: Chart) -> list[str]:
    """Return the names of the dopaminergic medicines, and of tramadol, that are or were taken."""
    return list(medicines(chart).filter(code__in=_AUGMENTING).values_list("name", flat=True))


def augmentation_screens(case: Case) -> QuerySet[AugmentationScreen]:
    """Return the case's screens for augmentation, newest first."""
    return AugmentationScreen.objects.filter(case=case).order_by("-created_at", "-pk")


def clock_of_symptoms(case: Case) -> dict[str, int | None]:
    """Return when it usually started before treatment and starts now, in minutes after midnight, as far as was told."""
    starts = Measurement.objects.filter(response__case=case, measure="rls_checkin:start", subject="")
    now = starts.order_by("-at", "-pk").values_list("value", flat=True).first()
    return {"start_before": start_before(case), "start_now": None if now is None else int(now)}


def has_augmenting(chart: Chart) -> bool:
    """True when a dopaminergic medicine or tramadol is or was taken."""
    return Medication.objects.filter(chart=chart, code__in=_AUGMENTING).exists()


def medicine_changes(case: Case) -> list[Change]:
    """Return what changed about medicines since the case was opened, oldest first: no part of the treatment."""
    rows = Medication.objects.filter(chart_id=case.chart_id).order_by("pk")
    changes = [change for row in rows for change in _changes(row) if change.on >= case.opened_on]
    return sorted(changes, key=lambda change: change.on)


def _changes(row: Medication) -> Iterator[Change]:
    for on, words in (
        (row.started_on, _("%(medicine)s started")),
        (row.changed_on, _("%(medicine)s changed")),
        (row.stopped_on, _("%(medicine)s stopped")),
    ):
        if on is not None:
            yield Change(on, words % {"medicine": row.name})


def medicine_alerts(row: Medication, language: str) -> list[str]:
    """Return what staff are told beside a medicine that is taken now: never to stop it, always whom to ask."""
    if row.stopped_on is not None:
        return []
    known = vocabulary.by_key(row.code)
    codes = ["may_worsen"] if known and known.role == "may_worsen" else []
    alerts = {one.key: one.alert for one in loading.side_effects()}
    codes += [alerts[key] for key in row.side_effects if alerts.get(key)]
    return [vocabulary.words(code, language) for code in dict.fromkeys(codes)]

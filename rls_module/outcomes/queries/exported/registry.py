"""The de-identified registry: days from the case's opening and the year of it, ages of 90 and over as one, no words.

Only charts of patients who agree to research. No clinic, no therapist, no free text, no key by which a row could be
found again; whoever is in it has a number that is drawn anew for each export.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from rls_module.assessment.models import Assessment
from rls_module.cases.models import Case, Chart, Response
from rls_module.host import adapter
from rls_module.library.models import Exercise
from rls_module.outcomes.cells import Sheet
from rls_module.outcomes.queries.exported import known
from rls_module.outcomes.queries.exported.record import batches
from rls_module.outcomes.queries.exported.tables import TABLES, Table
from rls_module.plans.models import Plan
from rls_module.visits.models import Visit

OLDEST = 90
# Rows that others belong to are numbered within their patient: the number says which row of which table is meant.
NUMBERED: Mapping[type[models.Model], str] = {
    Case: "case",
    Response: "response",
    Assessment: "assessment",
    Plan: "plan",
    Visit: "visit",
}
_STUDY_BYTES = 6
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _People:
    """Who is in it: charts by their study number, and the days that their rows are counted from."""

    charts: Sequence[Chart]
    study: Mapping[int, str]  # chart -> study number
    opened: Mapping[int, date]  # case -> the day it was opened
    first: Mapping[int, date]  # chart -> the day its first case was opened
    zone: ZoneInfo


def registry(charts: Iterable[Chart], *, zone: ZoneInfo) -> Iterator[Sheet]:
    """Yield the tables of those of `charts` that have a case; an instant's day is the clinic's, in `zone`."""
    people = _drawn(list(charts), zone)
    yield Sheet("patients", ("patient", "age_at_opening", "cases"), _patients(people))
    for table in TABLES:
        if table.shared:
            yield Sheet(table.name, columns(table), _rows(table, people))
    yield Sheet("answers", ("patient", "response", "instrument", "version", "item", "value"), _answers(people))


def columns(table: Table) -> tuple[str, ...]:
    """Return what a table's columns are called in the registry."""
    own = NUMBERED.get(table.model, "")
    lead = ["patient", *(["case"] if table.case else []), *([own] if own not in ("", "case") else [])]
    return (*lead, *(_name(table, one) for one in table.fields("shared")))


def _name(table: Table, column: models.Field) -> str:
    if not isinstance(column, models.DateField):
        return column.name
    stem = column.name.removesuffix("_on").removesuffix("_at").removesuffix("_date")
    kind = "year" if (table.model, column.name) == (Case, "opened_on") else "day"
    return kind if stem in ("at", "on") else f"{stem}_{kind}"


def _drawn(charts: Sequence[Chart], zone: ZoneInfo) -> _People:
    """Draw the study numbers; the order of the numbers is the order of the rows, and tells nothing."""
    opened: dict[int, date] = {}
    first: dict[int, date] = {}
    for some in batches(charts):
        cases = Case.objects.filter(chart__in=[chart.pk for chart in some])
        for pk, key, day in cases.values_list("pk", "chart_id", "opened_on"):
            opened[pk] = day
            first[key] = min(day, first.get(key, day))
    drawn: dict[str, Chart] = {}
    for chart in (one for one in charts if one.pk in first):
        while (number := f"P{secrets.token_hex(_STUDY_BYTES)}") in drawn:
            pass
        drawn[number] = chart
    order = sorted(drawn)
    study = {drawn[number].pk: number for number in order}
    return _People([drawn[number] for number in order], study, opened, first, zone)


def _patients(people: _People) -> Iterator[Sequence[Any]]:
    for some in batches(people.charts):
        keys = [chart.pk for chart in some]
        counts = Counter(Case.objects.filter(chart__in=keys).values_list("chart_id", flat=True))
        for chart in some:
            yield people.study[chart.pk], _age(chart, people.first[chart.pk]), counts[chart.pk]


def _age(chart: Chart, on: date) -> int | str | None:
    """The age in years when the first case was opened; the oldest are few and stand together."""
    birth = adapter().birth(chart.patient)
    if birth.on is not None:
        age: int | None = on.year - birth.on.year - ((on.month, on.day) < (birth.on.month, birth.on.day))
    else:
        age = birth.age if birth.year is None else on.year - birth.year
    return f"{OLDEST}+" if age is not None and age >= OLDEST else age


def _rows(table: Table, people: _People) -> Iterator[Sequence[Any]]:
    fields = table.fields("shared")
    paths = ["pk", table.chart, *([table.case] if table.case else []), *map(_path, fields)]
    wanted = {table.model, *(one.related_model for one in fields), *([Case] if table.case else [])}
    for some in batches(people.charts):
        keys = [chart.pk for chart in some]
        numbers = {model: _numbers(model, keys) for model in NUMBERED if model in wanted}
        found = table.model._default_manager.filter(**{f"{table.chart}__in": keys}).values(*paths)
        for row in sorted(found, key=lambda row: (people.study[row[table.chart]], row["pk"])):
            yield _row(table, fields, row, people, numbers)


def _row(
    table: Table,
    fields: Sequence[models.Field],
    row: _Row,
    people: _People,
    numbers: Mapping[Any, Mapping[int, int]],
) -> Sequence[Any]:
    chart, case = row[table.chart], (row[table.case] or 0) if table.case else 0  # 0: of no case, as no row is
    lead: list[Any] = [people.study[chart]]
    if table.case:
        lead.append(numbers[Case].get(case))
    if NUMBERED.get(table.model, "case") != "case":
        lead.append(numbers[table.model][row["pk"]])
    anchor = people.opened.get(case, people.first[chart])
    return [*lead, *(_cell(table, one, row[_path(one)], anchor, people.zone, numbers) for one in fields)]


def _cell(  # noqa: PLR0917  one return for each kind of column
    table: Table, column: models.Field, value: Any, anchor: date, zone: ZoneInfo, numbers: Mapping[Any, Any]
) -> Any:
    if value is None:
        return None
    if column.related_model in NUMBERED:
        return numbers[column.related_model].get(value)
    match column:
        case models.DateField():
            day = value.astimezone(zone).date() if isinstance(value, datetime) else value
            return day.year if _name(table, column) == "opened_year" else (day - anchor).days
        case models.JSONField():
            return known.unfolded(column.name, value)
        case models.BooleanField() | models.IntegerField() | models.FloatField() | models.DecimalField():
            return value
    if column.choices:
        return value if value in dict(column.flatchoices) else ""
    return known.code(column.name, value)


def _path(column: models.Field) -> str:
    return f"{column.name}__key" if column.related_model is Exercise else column.attname


def _numbers(model: type[models.Model], charts: Sequence[int]) -> dict[int, int]:
    """Number the rows of each chart from one, in the order in which they were made."""
    counts: Counter[int] = Counter()
    numbers = {}
    rows = model._default_manager.filter(chart__in=charts).order_by("pk")
    for pk, chart in rows.values_list("pk", "chart_id"):
        counts[chart] += 1
        numbers[pk] = counts[chart]
    return numbers


def _answers(people: _People) -> Iterator[Sequence[Any]]:
    for some in batches(people.charts):
        keys = [chart.pk for chart in some]
        numbers = _numbers(Response, keys)
        rows = Response.objects.filter(chart__in=keys).values("pk", "chart_id", "answers", "instruments")
        for row in sorted(rows, key=lambda row: (people.study[row["chart_id"]], row["pk"])):
            for said in known.answered(row["answers"], row["instruments"]):
                yield people.study[row["chart_id"]], numbers[row["pk"]], *said

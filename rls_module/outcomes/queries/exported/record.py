"""The identified export: one patient's record, or all of a clinic's, as the rows stand, with who they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models

from rls_module.cases.models import Chart, Response
from rls_module.host import adapter
from rls_module.knowledge.instruments import loading
from rls_module.library.models import Exercise
from rls_module.outcomes.cells import Sheet
from rls_module.outcomes.queries import sitting
from rls_module.outcomes.queries.exported.tables import TABLES, Table

BATCH = 200  # charts whose rows are read at once


def record(charts: Sequence[Chart]) -> Iterator[Sheet]:
    """Yield every table of these charts, with the names that the host gives; rows are read as they are written."""
    yield Sheet("patients", ("chart", "name", "reference", "born"), map(_person, charts))
    for table in TABLES:
        fields = table.fields("record", "shared")
        yield Sheet(table.name, tuple(field.name for field in fields), _rows(table, fields, charts))
    columns = ("response", "position", "instruments", "question", "answer", "is_answered")
    yield Sheet("answers", columns, _answers(charts))


def batches(charts: Sequence[Chart]) -> Iterator[Sequence[Chart]]:
    """Yield the charts in the portions in which their rows are read: memory does not grow with the clinic."""
    for start in range(0, len(charts), BATCH):
        yield charts[start : start + BATCH]


def _person(chart: Chart) -> tuple[object, ...]:
    birth = adapter().birth(chart.patient)
    return (
        chart.uuid,
        adapter().display_name(chart.patient),
        adapter().public_ref(chart.patient),
        birth.on or birth.year,
    )


def _rows(table: Table, fields: Sequence[models.Field], charts: Sequence[Chart]) -> Iterator[Sequence[Any]]:
    for some in batches(charts):
        rows = table.model._default_manager.filter(**{f"{table.chart}__in": [chart.pk for chart in some]})
        yield from rows.order_by(table.chart, "pk").values_list(*map(_path, fields))


def _path(field: models.Field) -> str:
    """A key is shown as what it leads to: the other row's uuid, or the exercise's key in the clinic's library."""
    if not field.is_relation:
        return field.name
    return f"{field.name}__{'key' if field.related_model is Exercise else 'uuid'}"


def _answers(charts: Sequence[Chart]) -> Iterator[Sequence[Any]]:
    for some in batches(charts):
        for response in Response.objects.filter(chart__in=some).select_related("case").order_by("chart", "pk"):
            for position, line in enumerate(_lines(response), start=1):
                yield response.uuid, position, response.instruments, *line


def _lines(response: Response) -> Iterator[tuple[str, str, bool]]:
    """The questions as they were asked, in our own words; of other people's instruments the keys, and no wording."""
    if set(response.instruments) <= set(loading.shipped_keys()):
        for line in sitting.lines(response, response.language):
            yield line.text, line.answer, line.is_answered
        return
    for name, value in response.answers.items():
        yield name, str(value), True

"""One export as a whole: its tables, a codebook of their columns, and a page for whoever opens it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import models

from rls_module.cases.models import Chart
from rls_module.outcomes.cells import Sheet
from rls_module.outcomes.queries.exported.record import record
from rls_module.outcomes.queries.exported.registry import NUMBERED, OLDEST, columns, registry
from rls_module.outcomes.queries.exported.tables import TABLES

README = "README.txt"
CODEBOOK = "codebook"
MANIFEST = "manifest.json"

_CELLS = """
Each table is a file of its own: UTF-8, comma between columns, every text in quotation marks, no number in them. A text
that a spreadsheet could take for a formula begins with an apostrophe that is not part of it; so does what follows a
semicolon, a tab or a line break within a text. Truth is 1 or 0, lists of codes stand in one cell. codebook.csv names
every column; manifest.json says how many rows there are, with a SHA-256 of each file.
"""
_RECORD = """
This export names people. It holds clinical records as they stand: keep it locked, give it to nobody who may not read
the chart, and delete it when it is no longer needed.

`patients` says who it is about; `chart`, `case`, `visit` and so on are keys that lead from one table to another. Times
are UTC. `answers` holds every question as it was asked, in the language of the form; of questionnaires that belong to
others it holds the keys and not the words.
"""
_REGISTRY = """
This export names nobody, and it is not anonymous. It holds one row for each thing that happened to a person. Left out:
names, numbers, clinic, therapist, all that was written in words, every key of the system, every date. Days are counted
from the opening of the case (rows of no case: from the first case), of which the year stands in `cases`. Ages of 90 and
over stand together. `patient` is drawn anew for each export: two exports can't be joined by it. Only patients whose
agreement to research stood on the day of the export are in it.

What remains: nothing was grouped or blurred beyond that. Who knows a few things of a person (how many visits, between
which days, which muscles, which medicine, a rare combination of answers) may find the row, and then reads the rest. In
a small clinic, or of a person with a rare course, that is easy. So treat the tables as health data: keep them locked,
agree in writing not to look for people, give them to nobody else, and publish no count under 5.
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """Tables to be written in this order, and the page that stands beside them."""

    sheets: Iterator[Sheet]
    readme: str


def identified(charts: Sequence[Chart]) -> Contents:
    """Return all that is held about these charts."""
    return Contents(_with_codebook(record(charts), _record_columns()), (_RECORD + _CELLS).strip() + "\n")


def de_identified(charts: Sequence[Chart], *, zone: ZoneInfo) -> Contents:
    """Return the registry of these charts; who is in it must have agreed to research already."""
    return Contents(
        _with_codebook(registry(charts, zone=zone), _registry_columns()), (_REGISTRY + _CELLS).strip() + "\n"
    )


_Columns = Iterator[tuple[str, str, str, str]]
_OF_NO_TABLE = (
    ("patients", "patient", "number drawn for this export", ""),
    ("patients", "age_at_opening", f"years when the first case was opened; {OLDEST}+ = {OLDEST} or older", ""),
    ("patients", "cases", "number", ""),
    ("answers", "patient", "number drawn for this export", ""),
    ("answers", "response", "number within the patient", ""),
    ("answers", "instrument", "code", ""),
    ("answers", "version", "number", ""),
    ("answers", "item", "code; activity.1 to activity.3 are the activities that the patient named", ""),
    ("answers", "value", "number, or codes with a space between; a clock is minutes after midnight", ""),
)


def _with_codebook(sheets: Iterator[Sheet], described: _Columns) -> Iterator[Sheet]:
    yield from sheets
    yield Sheet(CODEBOOK, ("table", "column", "kind", "codes"), described)


def _record_columns() -> _Columns:
    for table in TABLES:
        for column in table.fields("record", "shared"):
            yield table.name, column.name, _kind(column, is_identified=True), _codes(column)


def _registry_columns() -> _Columns:
    yield from _OF_NO_TABLE
    for table in TABLES:
        if not table.shared:
            continue
        fields = table.fields("shared")
        names = columns(table)
        for lead in names[: len(names) - len(fields)]:
            yield (
                table.name,
                lead,
                "number drawn for this export" if lead == "patient" else "number within the patient",
                "",
            )
        for name, column in zip(names[-len(fields) :], fields, strict=True):
            yield table.name, name, _kind(column, is_identified=False), _codes(column)


def _kind(column: models.Field, *, is_identified: bool) -> str:
    match column:
        case models.DateField():
            exact = "date and time, UTC" if isinstance(column, models.DateTimeField) else "date"
            opened = "year" if column.name == "opened_on" else "days from the opening of the case"
            return exact if is_identified else opened
        case models.BooleanField():
            return "1 = true, 0 = false"
        case models.JSONField():
            return "JSON" if is_identified else "codes"
        case models.ForeignKey():
            return "key" if is_identified or column.related_model not in NUMBERED else "number within the patient"
        case models.IntegerField() | models.FloatField() | models.DecimalField():
            return "number"
    return "code" if column.choices or not is_identified else "text"


def _codes(column: models.Field) -> str:
    return "; ".join(f"{value} = {label}" for value, label in column.flatchoices if value) if column.choices else ""

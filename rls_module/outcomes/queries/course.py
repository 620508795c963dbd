"""A case's course: the times of asking, every measure over them, and the picture of the nights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Activity, Case, Measurement, Response
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.instruments.definition import Instrument, Item, Wording
from rls_module.outcomes.change import Change, change
from rls_module.outcomes.charts import Mark, Tick, Trend, trend
from rls_module.outcomes.queries.words import signed, tenths

CHECKIN = followup_queries.CHECKIN
NIGHTS = f"{CHECKIN}:nights"


@dataclass(frozen=True, slots=True)
class Column:
    """One time of asking: the baseline, or an occurrence with the response to it if there is one."""

    label: str
    on: date
    response: Response | None
    is_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One measure in words, each value with its column's label; `change` is the latest answer's since the baseline."""

    label: str
    labelled: tuple[tuple[str, str], ...]
    change: Change | None
    change_text: str
    counts_text: str


def columns_of(
    case: Case, occurrences: Sequence[Occurrence], zone: ZoneInfo, language: str, now: datetime
) -> tuple[Column, ...]:
    """Return the times of asking of a case: the baseline first, then what was or will be asked."""
    baseline = followup_queries.baseline_of(case)
    on = baseline.answered_at.astimezone(zone).date() if baseline else case.opened_on
    first = Column(_("Baseline"), on, baseline)
    return first, *(
        Column(
            case_queries.step_name(row.step, language),
            row.response.answered_at.astimezone(zone).date() if row.response else row.due_on,
            row.response,
            is_ahead=row.response is None and row.due_at > now,
        )
        for row in occurrences
        if row.state != Occurrence.State.SKIPPED and not followup_queries.asks_intake(row)
    )


Values = Mapping[tuple[int, str, str], Measurement]


def values_of(columns: Sequence[Column]) -> Values:
    """Return every measurement of the columns by (response, measure, subject), in one query."""
    responses = [column.response.pk for column in columns if column.response]
    rows = Measurement.objects.filter(response_id__in=responses)
    return {(row.response_id, row.measure, row.subject): row for row in rows}


def rows_of(
    columns: Sequence[Column], values: Values, activities: Sequence[Activity], language: str
) -> tuple[Row, ...]:
    """Return every measure in words over the columns; measures that were never answered are left out.

    The check-in's come first, then those of what the clinic imported; versions stand in one row only where the
    instrument says that they can be compared.
    """
    if not values:
        return ()
    rows = _rows_of(loading.shipped(CHECKIN), columns, values, activities, language)
    for instrument, apart in _imported(columns):
        rows += _rows_of(instrument, apart, values, activities, language)
    return tuple(rows)


def _imported(columns: Sequence[Column]) -> Iterator[tuple[Instrument, Sequence[Column]]]:
    """Yield each imported instrument that was answered, with the columns whose answers may share a row."""
    versions: dict[str, set[int]] = {}
    for column in columns:
        for key, version in column.response.instruments.items() if column.response else ():
            if key != CHECKIN:
                versions.setdefault(key, set()).add(version)
    for key in sorted(versions):
        while versions[key]:
            newest = max(versions[key])
            response = next(one.response for one in columns if one.response and _version(one, key) == newest)
            instrument = followup_queries.instrument_of_response(response, key, newest)
            together = {newest, *instrument.comparable_with}
            versions[key] -= together
            yield (
                instrument,
                [one if _version(one, key) in together else replace(one, response=None) for one in columns],
            )


def _version(column: Column, key: str) -> int | None:
    return column.response.instruments.get(key) if column.response else None


def _rows_of(
    instrument: Instrument, columns: Sequence[Column], values: Values, activities: Sequence[Activity], language: str
) -> list[Row]:
    words = instrument.words(language)
    prefix = "" if instrument.key == CHECKIN else f"{words.title}: "
    found = []
    for item in instrument.items:
        if item.measure is None:
            continue
        subjects = [("", prefix + _label(item, words))]
        if item.repeat:
            mean = [("", prefix + _("Named activities, mean"))] if len(activities) > 1 else []
            subjects = mean + [(str(one.uuid), prefix + one.text) for one in activities]
        measure = f"{instrument.key}:{item.key}"
        rows = (
            _row(columns, values, measure, item, words, subject=subject, label=label) for subject, label in subjects
        )
        found += [row for row in rows if row is not None]
    return found


def _label(item: Item, words: Wording) -> str:
    said = words.items[item.key]
    unit = words.units.get(item.measure.unit, "") if item.measure else ""
    name = said.short or said.text
    return name if not unit or unit in name.lower() else f"{name}, {unit}"


def _row(
    columns: Sequence[Column], values: Values, measure: str, item: Item, words: Wording, *, subject: str, label: str
) -> Row | None:
    found = [_value(values, column, measure, subject) for column in columns]
    if not any(found):
        return None
    before = found[0]
    latest = next((value for value in reversed(found[1:]) if value is not None), None)
    moved = None
    if item.measure and before and latest and item.measure.unit != "word":
        moved = change(item.measure, before=before.value, now=latest.value, is_single_subject=bool(subject))
    return Row(
        label=label,
        labelled=tuple(
            ("" if column.is_ahead else _cell(item, words, value), column.label)
            for column, value in zip(columns, found, strict=True)
        ),
        change=moved,
        change_text=_change_text(item, moved) if moved else "",
        counts_text=_counts_text(item, moved) if moved else "",
    )


def _value(values: Values, column: Column, measure: str, subject: str = "") -> Measurement | None:
    if column.response is None:
        return None
    return values.get((column.response.pk, measure, subject))


def _cell(item: Item, words: Wording, row: Measurement | None) -> str:
    if row is None:
        return "–"
    if item.measure and item.measure.unit == "clock":
        return formats.time_format(time(int(row.value) // 60, int(row.value) % 60), "H:i")
    if item.measure and item.measure.unit in ("band", "word"):
        return next(
            (words.items[item.key].label(option.key) for option in item.options if option.weight == int(row.value)), "–"
        )
    return tenths(row.value)


def _change_text(item: Item, moved: Change) -> str:
    if item.measure and item.measure.unit == "clock":
        hours, minutes = divmod(int(abs(moved.delta)), 60)
        size = f"{hours} h" + (f" {minutes} min" if minutes else "")
    else:
        size = tenths(abs(moved.delta))
    return signed(moved.delta, size)


def _counts_text(item: Item, moved: Change) -> str:
    if moved.counts_from is None:
        return ""
    size = (
        f"{moved.counts_from / 60:g} h" if item.measure and item.measure.unit == "clock" else f"{moved.counts_from:g}"
    )
    return _("counts from %(size)s") % {"size": size}


def nights_trend(
    columns: Sequence[Column], values: Values, treated: Sequence[Tick], changes: Sequence[date]
) -> Trend | None:
    """Return the picture of the nights, with what was done and what else changed on the way; None before a baseline."""
    if not values:
        return None
    item = loading.shipped(CHECKIN).item("nights")
    found = [_value(values, column, NIGHTS) for column in columns]
    marks = [
        Mark(column.on, value.value if value else None, column.label, derived=bool(value and value.derived))
        for column, value in zip(columns, found, strict=True)
        if not column.is_ahead
    ]
    threshold = item.measure.counts_from if item.measure else None
    goal = found[0].value - threshold if found[0] and threshold else None
    return trend(marks, low=0, high=7, goal=goal, ticks=treated, changes=changes)


def trend_words(columns: Sequence[Column], values: Values) -> str:
    """Say the trend in words, for those who can't see it."""
    if not values:
        return ""
    said = []
    for column in columns:
        if column.is_ahead:
            continue
        row = _value(values, column, NIGHTS)
        said.append(f"{column.label}: {row.value:g}" if row else f"{column.label}: {_('no answer')}")
    return _("Nights with symptoms, of 7. %(values)s") % {"values": "; ".join(said)}

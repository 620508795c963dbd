"""Everything on one patient's chart page, in a constant number of queries whatever the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Activity, Case, Chart, Measurement, Response, Task
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import adapter
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.instruments.definition import Item, Wording
from rls_module.outcomes.change import Change, change
from rls_module.outcomes.charts import Mark, Trend, trend
from rls_module.outcomes.queries.words import state_words
from rls_module.outcomes.queries.worklist import open_tasks
from rls_module.visits import queries as visit_queries
from rls_module.visits.models import Visit

CHECKIN = "rls_checkin"
MOST_TIMELINE = 50


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


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline."""

    on: date
    kind: str
    text: str
    url_name: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class ChartPage:
    """Everything on the chart page of one patient."""

    case: Case | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    trend: Trend | None
    trend_words: str
    tasks: tuple[tuple[Task, str], ...]
    drafts: tuple[Visit, ...]
    signed_count: int
    followups: tuple[tuple[Occurrence, str, str], ...]
    timeline: tuple[Event, ...]
    has_baseline: bool
    mail_agreed: bool
    mail_off: bool


def chart_page(chart: Chart, *, now: datetime, language: str) -> ChartPage:
    """Return the chart page of `chart` at `now`: the latest case, its course, and what needs a person."""
    case = case_queries.latest_case(chart)
    zone = adapter().brand(chart.scope).zone
    occurrences = list(_occurrences(case)) if case else []
    columns = _columns(case, occurrences, zone, language, now) if case else ()
    values = _values(columns)
    visits = list(visit_queries.visits_of(case)[:MOST_TIMELINE]) if case else []
    treated = visit_queries.treated_days(case) if case else []
    return ChartPage(
        case=case,
        columns=columns,
        rows=_rows(columns, values, _activities(case), language),
        trend=_nights_trend(columns, values, treated),
        trend_words=_trend_words(columns, values),
        tasks=tuple((task, case_queries.task_words(task, language)) for task in open_tasks().filter(chart=chart)),
        drafts=tuple(visit for visit in visits if visit.is_draft),
        signed_count=visit_queries.signed_count(case) if case else 0,
        followups=tuple(
            (row, case_queries.step_name(row.step, language), state_words(row, now, zone)) for row in occurrences
        ),
        timeline=_timeline(case, visits, columns, _needles(visits), _closed_tasks(chart, zone, language)),
        has_baseline=bool(columns) and columns[0].response is not None,
        mail_agreed=followup_queries.may_mail(chart),
        mail_off=followup_queries.has_mail_off(chart),
    )


def _occurrences(case: Case) -> QuerySet[Occurrence]:
    deliveries = Prefetch("deliveries", queryset=Delivery.objects.order_by("due_at", "pk"))
    rows = Occurrence.objects.filter(enrolment__case=case).exclude(state=Occurrence.State.CANCELLED)
    return rows.select_related("response").prefetch_related(deliveries).order_by("due_at", "pk")


def _columns(
    case: Case, occurrences: Sequence[Occurrence], zone: ZoneInfo, language: str, now: datetime
) -> tuple[Column, ...]:
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
        if row.state != Occurrence.State.SKIPPED
    )


_Values = Mapping[tuple[int, str, str], Measurement]


def _values(columns: Sequence[Column]) -> _Values:
    """Return every measurement of the columns by (response, measure, subject), in one query."""
    responses = [column.response.pk for column in columns if column.response]
    rows = Measurement.objects.filter(response_id__in=responses)
    return {(row.response_id, row.measure, row.subject): row for row in rows}


def _activities(case: Case | None) -> list[Activity]:
    return case_queries.activities(case) if case else []


def _rows(columns: Sequence[Column], values: _Values, activities: Sequence[Activity], language: str) -> tuple[Row, ...]:
    if not values:
        return ()
    instrument = loading.shipped(CHECKIN)
    words = instrument.words(language)
    rows = []
    for item in instrument.items:
        if item.measure is None:
            continue
        subjects = [("", _label(item, words))]
        if item.repeat:
            mean = [("", _("Named activities, mean"))] if len(activities) > 1 else []
            subjects = mean + [(str(one.uuid), one.text) for one in activities]
        for subject, label in subjects:
            row = _row(columns, values, item, words, subject=subject, label=label)
            if row is not None:
                rows.append(row)
    return tuple(rows)


def _label(item: Item, words: Wording) -> str:
    said = words.items[item.key]
    unit = words.units.get(item.measure.unit, "") if item.measure else ""
    name = said.short or said.text
    return name if not unit or unit in name.lower() else f"{name}, {unit}"


def _row(
    columns: Sequence[Column], values: _Values, item: Item, words: Wording, *, subject: str, label: str
) -> Row | None:
    found = [_value(values, column, item, subject) for column in columns]
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


def _value(values: _Values, column: Column, item: Item, subject: str) -> Measurement | None:
    if column.response is None:
        return None
    return values.get((column.response.pk, f"{CHECKIN}:{item.key}", subject))


def _cell(item: Item, words: Wording, row: Measurement | None) -> str:
    if row is None:
        return "–"
    if item.measure and item.measure.unit == "clock":
        return formats.time_format(time(int(row.value) // 60, int(row.value) % 60), "H:i")
    if item.measure and item.measure.unit in ("band", "word"):
        return next(
            (words.items[item.key].label(option.key) for option in item.options if option.weight == int(row.value)), "–"
        )
    return formats.number_format(row.value, decimal_pos=1 if row.value % 1 else 0)


def _change_text(item: Item, moved: Change) -> str:
    if item.measure and item.measure.unit == "clock":
        hours, minutes = divmod(int(abs(moved.delta)), 60)
        size = f"{hours} h" + (f" {minutes} min" if minutes else "")
    else:
        size = formats.number_format(abs(moved.delta), decimal_pos=1 if moved.delta % 1 else 0)
    sign = "+" if moved.delta > 0 else "−" if moved.delta < 0 else ""  # noqa: RUF001  a real minus sign, for the eye
    return f"{sign}{size}"


def _counts_text(item: Item, moved: Change) -> str:
    if moved.counts_from is None:
        return ""
    size = (
        f"{moved.counts_from / 60:g} h" if item.measure and item.measure.unit == "clock" else f"{moved.counts_from:g}"
    )
    return _("counts from %(size)s") % {"size": size}


def _nights_trend(columns: Sequence[Column], values: _Values, treated: Sequence[date]) -> Trend | None:
    if not values:
        return None
    item = loading.shipped(CHECKIN).item("nights")
    found = [_value(values, column, item, "") for column in columns]
    marks = [
        Mark(column.on, value.value if value else None, column.label, derived=bool(value and value.derived))
        for column, value in zip(columns, found, strict=True)
        if not column.is_ahead
    ]
    threshold = item.measure.counts_from if item.measure else None
    goal = found[0].value - threshold if found[0] and threshold else None
    return trend(marks, low=0, high=7, goal=goal, ticks=treated)


def _trend_words(columns: Sequence[Column], values: _Values) -> str:
    """Say the trend in words, for those who can't see it."""
    if not values:
        return ""
    item = loading.shipped(CHECKIN).item("nights")
    said = []
    for column in columns:
        if column.is_ahead:
            continue
        row = _value(values, column, item, "")
        said.append(f"{column.label}: {row.value:g}" if row else f"{column.label}: {_('no answer')}")
    return _("Nights with symptoms, of 7. %(values)s") % {"values": "; ".join(said)}


def _needles(visits: Sequence[Visit]) -> dict[int, int]:
    """Return how many needles went in at each visit that had any, in one query."""
    return visit_queries.needles_by_visit([visit.pk for visit in visits])


def _closed_tasks(chart: Chart, zone: ZoneInfo, language: str) -> list[Event]:
    done = Task.objects.filter(chart=chart, state=Task.State.DONE, closed_at__isnull=False).order_by("-closed_at")
    return [
        Event(
            (task.closed_at or task.created_at).astimezone(zone).date(),
            "task",
            f"{case_queries.task_words(task, language)} {task.closed_by_name}: {task.outcome}",
            "rls:task",
            str(task.uuid),
        )
        for task in done[:MOST_TIMELINE]
    ]


def _timeline(
    case: Case | None,
    visits: Iterable[Visit],
    columns: Iterable[Column],
    needles: Mapping[int, int],
    closed_tasks: Iterable[Event],
) -> tuple[Event, ...]:
    if case is None:
        return ()
    events = [Event(case.opened_on, "mark", _("Case opened"))]
    events += [
        Event(
            column.on,
            "answer",
            _("%(label)s answered") % {"label": column.label},
            "rls:response",
            str(column.response.uuid),
        )
        for column in columns
        if column.response
    ]
    for visit in visits:
        if visit.status == Visit.Status.SIGNED:
            count = needles.get(visit.pk)
            what = (
                ngettext("Visit, %(count)d needle", "Visit, %(count)d needles", count) % {"count": count}
                if count
                else _("Visit")
            )
            events.append(Event(visit.visit_date, "visit", what, "rls:visit", str(visit.uuid)))
    events += closed_tasks
    events.sort(key=lambda event: event.on)  # within a day: opened, answered, treated
    return tuple(reversed(events))

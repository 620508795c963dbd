"""Scales and their totals over a case: what was entered from paper, and what a licensed form asked by link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rls_module.cases.models import Case, Measurement, Response
from rls_module.knowledge.instruments import scoring
from rls_module.knowledge.instruments.definition import Band, Instrument, Measure, Score, Structure, Wording
from rls_module.library import queries as library_queries
from rls_module.outcomes.change import Change, change
from rls_module.outcomes.queries.words import change_words, tenths


@dataclass(frozen=True, slots=True)
class Sitting:
    """One time that a scale was filled in: the values in words, and the change of each since the first."""

    response: Response
    on: date
    mode: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: in words, with its band or why there is none, and how it differs from the first time."""

    label: str
    text: str
    band: str
    change: Change | None = None
    change_text: str = ""
    counts_text: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale, in versions that can be compared; the newest sitting comes first."""

    title: str
    sittings: tuple[Sitting, ...]


Values = Mapping[tuple[int, str], float]


def scales_of(case: Case, zone: ZoneInfo, language: str) -> tuple[Scale, ...]:
    """Return every scale of a case that was filled in, by name; what was entered anew counts as it was entered last."""
    responses = [row for row in _sittings(case) if any(library_queries.is_scale(key) for key in row.instruments)]
    measured = Measurement.objects.filter(response__in=responses, subject="") if responses else ()
    values = {(one.response_id, one.measure): one.value for one in measured}
    groups: dict[tuple[str, int], list[Response]] = {}
    known: dict[tuple[str, int], Instrument] = {}
    for row in responses:
        for key, version in row.instruments.items():
            if library_queries.is_scale(key):
                if (key, version) not in known:
                    known[key, version] = library_queries.instrument(key, version, scope=case.chart.scope)
                groups.setdefault(_together(key, version, known), []).append(row)
    found = []
    for (key, version), rows in groups.items():
        instrument = known[key, version]
        counts_from = library_queries.counts_from(key, case.chart.scope)
        reading = _Reading(instrument, instrument.words(language), rows[0], values, counts_from)
        found.append(_scale(reading, rows, zone))
    return tuple(sorted(found, key=lambda scale: scale.title.casefold()))


def _sittings(case: Case) -> list[Response]:
    rows = Response.objects.filter(case=case, state=Response.State.FINAL)
    return list(rows.order_by("answered_at", "pk"))


def _together(key: str, version: int, known: Mapping[tuple[str, int], Structure]) -> tuple[str, int]:
    """Return under which version a sitting stands: an earlier one that its own can be compared with, or its own."""
    comparable = [one for one in known[key, version].comparable_with if (key, one) in known]
    return key, min([version, *comparable])


@dataclass(frozen=True, slots=True)
class _Reading:
    """One scale as it is read: what it asks, its first sitting, every value, and what the clinic counts from."""

    instrument: Instrument
    words: Wording
    first: Response
    values: Values
    counts_from: float | None

    def cells(self, row: Response) -> Iterator[Cell]:
        """Yield what was measured in one sitting, item by item, then the totals."""
        for item in self.instrument.items:
            if item.measure is not None:
                label = self.words.items[item.key].short if len(self.instrument.items) > 1 else ""
                yield self._cell(item.key, item.measure, row, label=label)
        for score in self.instrument.scores:
            yield self._total(score, row)

    def _value(self, key: str, row: Response) -> float | None:
        return self.values.get((row.pk, f"{self.instrument.key}:{key}"))

    def _total(self, score: Score, row: Response) -> Cell:
        found = self._value(score.key, row)
        if found is not None:
            return self._cell(score.key, score.measure, row, band=band_words(score.band(found)))
        prefix = f"{self.instrument.key}."
        answered, needed = scoring.answered(
            score, {name.removeprefix(prefix): one for name, one in row.answers.items()}
        )
        if answered == needed:
            return Cell("", "–", _("no total: the clinic has not said which items run in reverse"))
        return Cell("", "–", _("%(answered)d/%(needed)d answered, no total") % {"answered": answered, "needed": needed})

    def _cell(self, key: str, measure: Measure, row: Response, *, label: str = "", band: str = "") -> Cell:
        found, before = self._value(key, row), self._value(key, self.first)
        text = "–" if found is None else tenths(found)
        is_change_itself = measure.good_to is not None
        if row == self.first or found is None or before is None or is_change_itself:
            return Cell(label, text, band)
        chosen = measure.model_copy(update={"counts_from": self.counts_from or measure.counts_from})
        moved = change(chosen, before=before, now=found)
        counts = _("counts from %(size)s") % {"size": f"{moved.counts_from:g}"} if moved.counts_from else ""
        return Cell(label, text, band, moved, change_words(moved.delta), counts)


def _scale(reading: _Reading, rows: Sequence[Response], zone: ZoneInfo) -> Scale:
    sittings = [
        Sitting(row, row.answered_at.astimezone(zone).date(), row.get_mode_display(), tuple(reading.cells(row)))
        for row in reversed(rows)
    ]
    return Scale(reading.words.title, tuple(sittings))


def band_words(band: Band | None) -> str:
    """Return a band in words; one without a name goes by its ends."""
    if band is None:
        return ""
    named = {
        "none": _("none"),
        "mild": _("mild"),
        "moderate": _("moderate"),
        "severe": _("severe"),
        "very_severe": _("very severe"),
        "subthreshold": _("below the threshold"),
        "normal": _("normal"),
        "up_to_cut": _("up to the cut"),
        "poor_sleeper": _("above the cut: poor sleeper"),
    }
    return named.get(band.key) or f"{band.min}–{band.max}"

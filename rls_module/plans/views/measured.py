"""What goals are measured by, in words: the check-in's questions, and what the patient answered last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.utils import formats
from django.utils.translation import get_language

from rls_module.cases.models import Activity, Case
from rls_module.host import adapter
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.instruments.definition import Item
from rls_module.plans import queries

CHECKIN = "rls_checkin"
ACTIVITY = f"{CHECKIN}:activity"
NIGHTS = f"{CHECKIN}:nights"
_BANDED = ("band", "word")  # units whose values are options


def spoken() -> str:
    """Return the language that is read now, as a key of language tables."""
    return (get_language() or "en").split("-")[0]


def choices(language: str) -> list[tuple[str, str]]:
    """Return what a goal can be linked to besides an activity: measure and name, in the order they are asked."""
    check_in = loading.shipped(CHECKIN)
    words = check_in.words(language)
    return [
        (f"{CHECKIN}:{item.key}", words.items[item.key].short or words.items[item.key].text)
        for item in check_in.items
        if item.measure and not item.repeat and item.measure.unit != "word"
    ]


def said(measure: str, value: float, language: str) -> str:
    """Write a value of the check-in as staff read it: a number, a time of day, or the option's own words."""
    instrument = loading.shipped(CHECKIN)
    item = instrument.item(measure.partition(":")[2])
    unit = item.measure.unit if item.measure else ""
    if unit == "clock":
        return formats.time_format(time(int(value) // 60, int(value) % 60), "H:i")
    if unit in _BANDED:
        words = instrument.words(language).items[item.key]
        return next((words.label(one.key) for one in item.options if one.weight == int(value)), "")
    return f"{value:g}{_out_of(item)}"


def _out_of(item: Item) -> str:
    return f"/{item.numbers[-1]}" if item.numbers else ""


class Answered:
    """What the patient answered last, by what a goal is about."""

    def __init__(self, case: Case, language: str) -> None:
        self.zone = adapter().brand(case.chart.scope).zone
        self.language = language
        self.latest: Mapping[tuple[str, str], tuple[float, datetime]] = queries.last_measured(case)

    def value(self, *, activity: Activity | None = None, measure: str = "") -> str:
        """Return the last answer in words, or nothing where there is none."""
        found = self._found(activity, measure)
        return said(found[0], found[1], self.language) if found else ""

    def dated(self, *, activity: Activity | None = None, measure: str = "") -> dict[str, Any] | None:
        """Return the last answer and its day, or None."""
        found = self._found(activity, measure)
        if found is None:
            return None
        return {"value": said(found[0], found[1], self.language), "on": found[2].astimezone(self.zone).date()}

    def _found(self, activity: Activity | None, measure: str) -> tuple[str, float, datetime] | None:
        name, subject = (ACTIVITY, str(activity.uuid)) if activity else (measure, "")
        found = self.latest.get((name, subject))
        return (name, *found) if found and name.startswith(f"{CHECKIN}:") else None

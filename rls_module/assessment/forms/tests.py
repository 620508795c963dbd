"""The tests of an examination as fields: each side and stage is one, and what stays empty was not tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from rls_module.assessment.models import ExamResult
from rls_module.knowledge.vocabulary import loading
from rls_module.knowledge.vocabulary.definition import BodyTest

# What a number may be: more would be a slip of the keys.
_LIMITS = {"degrees": (-60, 200), "seconds": (0, 600), "times": (0, 200), "level": (0, 5)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer as the page asks it: of which side and stage, as a choice or a number, and what it was last time."""

    place: str
    name: str
    id: str
    value: str
    choices: tuple[tuple[str, str], ...]
    least: int
    most: int
    error: str
    last: str


@dataclass(frozen=True, slots=True)
class Line:
    """One test as the page shows it: its words, its unit, which leg a side is named for, and a cell for each answer."""

    name: str
    unit: str
    named_for: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The tests that stand together."""

    key: str
    name: str
    lines: tuple[Line, ...]
    is_repositioned: bool
    is_open: bool


class TestsForm(forms.Form):
    """Fields by test, side and stage: `hip_flexion-L`, `adduction_drop-R-after`."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        language: str,
        last: Mapping[tuple[str, str, str], ExamResult] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix="test", initial=initial)
        self._language, self._last = language, last or {}
        self._options = {
            one.key: one.spanish if language == "es" else one.english for one in loading.body_tests().options
        }
        self._keys = {
            "-".join(filter(None, (test.key, side, stage))): (test, side, stage)
            for test in loading.body_tests().tests
            if not test.retired
            for side in test.sides
            for stage in test.stages
        }
        for name, (test, side, stage) in self._keys.items():
            self.fields[name] = self._field(test, side, stage)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return what was answered, as ExamResult holds it, in the order of the examination."""
        return [
            {"test": test.key, "side": side, "stage": stage, **_answer(test, self.cleaned_data[name])}
            for name, (test, side, stage) in self._keys.items()
            if self.cleaned_data.get(name) not in (None, "")
        ]

    @property
    def unusual(self) -> list[str]:
        """Return the names of the nerve and vessel tests with an answer that is not the usual one."""
        found = {
            self._words(test): None
            for name, (test, _side, _stage) in self._keys.items()
            if test.group == "nerve_vessel" and self.cleaned_data.get(name) not in (None, "", test.options[0])
        }
        return list(found)

    @property
    def groups(self) -> list[Group]:
        """Return the tests as the page shows them; a group opens by itself where something was typed into it."""
        return [
            Group(
                group.key,
                group.spanish if self._language == "es" else group.english,
                tuple(self._line(test) for test in tests),
                any(test.repositioned for test in tests),
                any(self[name].value() or self[name].errors for name in self._names(tests)),
            )
            for group in loading.body_tests().groups
            if (tests := [one for one in loading.body_tests().tests if one.group == group.key and not one.retired])
        ]

    def _line(self, test: BodyTest) -> Line:
        cells = tuple(self._cell(name) for name, (one, _side, _stage) in self._keys.items() if one.key == test.key)
        named_for = test.named_for_spanish if self._language == "es" else test.named_for_english
        return Line(self._words(test), unit_words(test.unit), named_for, cells)

    def _cell(self, name: str) -> Cell:
        test, side, stage = self._keys[name]
        field, value = self[name], self[name].value()
        least, most = _LIMITS.get(test.unit, (0, 0))
        return Cell(
            place=self._place(side, stage),
            name=field.html_name,
            id=str(field.auto_id or ""),
            value="" if value is None else str(value),
            choices=tuple((key, self._options[key]) for key in test.options),
            least=least,
            most=most,
            error=str(field.errors[0]) if field.errors else "",
            last=self._said(test.key, side, stage),
        )

    def _names(self, tests: list[BodyTest]) -> list[str]:
        return [name for name, (test, _side, _stage) in self._keys.items() if test in tests]

    def _said(self, test: str, side: str, stage: str) -> str:
        last = self._last.get((test, side, stage))
        return "" if last is None else result_words(last, self._options)

    def _words(self, test: BodyTest) -> str:
        return test.spanish if self._language == "es" else test.english

    def _field(self, test: BodyTest, side: str, stage: str) -> forms.Field:
        label = ", ".join(filter(None, (self._words(test), self._place(side, stage))))
        if test.options:
            choices = [("", "–"), *((key, self._options[key]) for key in test.options)]
            return forms.ChoiceField(label=label, choices=choices, required=False)
        least, most = _LIMITS[test.unit]
        return forms.IntegerField(label=label, min_value=least, max_value=most, required=False)

    @staticmethod
    def _place(side: str, stage: str) -> str:
        sides = {"": "", "L": _("left"), "R": _("right")}
        return " ".join(filter(None, (sides[side], _("after") if stage else "")))


def unit_words(unit: str) -> str:
    """Return a unit as it stands beside a number."""
    return {"degrees": "°", "seconds": _("s"), "times": "×", "level": _("of 5")}.get(unit, "")


def result_words(result: ExamResult, options: Mapping[str, str]) -> str:
    """Return a result as people read it: its answer in words, or its number with the unit."""
    if result.answer:
        return options.get(result.answer, result.answer)
    unit = unit_words(loading.body_test(result.test).unit)
    return f"{result.number}{'' if unit == '°' else ' '}{unit}"


def _answer(test: BodyTest, value: Any) -> dict[str, Any]:
    return {"answer": value} if test.options else {"number": value}

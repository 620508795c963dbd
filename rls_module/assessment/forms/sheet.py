"""The page of one examination: its parts, what was typed into them, and what was typed elsewhere meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from rls_module.assessment import queries
from rls_module.assessment.forms.examination import AssessmentForm
from rls_module.assessment.forms.rows import Rows, as_typed, complaint_rows, finding_rows, with_more
from rls_module.assessment.forms.tests import TestsForm
from rls_module.assessment.models import Assessment, AssessmentDraft
from rls_module.host import clashes
from rls_module.questionnaire import Target

MORE_FINDINGS, MORE_COMPLAINTS = "more_findings", "more_complaints"
LONGEST_DRAFT = 64 * 1024
_MORE = 4
_LASTING = ("dominance", "work", "sport")  # what is so of a person; the next examination begins with it

Typed = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """What can only be decided as one: a field of the page, or all of a row, so that no two rows are mixed."""

    name: str
    text: str
    fields: tuple[BoundField, ...]

    @property
    def words(self) -> str:
        """What was typed into it, as people read it."""
        return ", ".join(filter(None, map(_words, self.fields)))


class Sheet:
    """The forms of one examination: empty, as its draft holds them, or as sent."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        language: str,
        today: date,
        latest: Assessment | None,
        draft: AssessmentDraft | None = None,
    ) -> None:
        self._language, self._today, self._latest, self.draft = language, today, latest, draft
        self._last = {} if latest is None else queries.results_by_place(latest)
        self._chosen = clashes.chosen(data)
        self._data: QueryDict
        self.form: AssessmentForm
        self.tests: TestsForm
        self.found: Rows
        self.complaints: Rows
        if data is not None and draft is not None:
            data = self._decided(data)
        self._begin(data if data is not None or draft is None else as_sent(draft.typed))
        if data is None and draft is not None:
            self.unjudged()

    @property
    def version(self) -> int:
        """The version of the draft that is stored; 0 for none."""
        return self.draft.version if self.draft else 0

    def is_valid(self) -> bool:
        """All of it, each part looked at so that every mistake is told at once."""
        parts = [part.is_valid() for part in (self.form, self.tests, self.found, self.complaints)]
        return all(parts) and self.form.agrees_with(self.tests.unusual) and self._says_something()

    @property
    def unsent(self) -> list[str]:
        """What is wrong with the rows as a whole: too many, or not sent whole."""
        return [str(said) for rows in (self.complaints, self.found) if rows.is_bound for said in rows.non_form_errors()]

    @property
    def typed(self) -> Typed:
        """What was sent into the fields of this page, and nothing else that came with it."""
        data = self._data
        names = [field.html_name for part in self.parts.values() for field in part.fields]
        counts = [name for rows in (self.found, self.complaints) for name in _counts(rows)]
        values = {name: [value.replace("\0", "") for value in data.getlist(name)] for name in (*counts, *names)}
        return {name: value for name, value in values.items() if any(value)}

    @property
    def parts(self) -> dict[str, Part]:
        """Return what can be decided apart, by name."""
        single = [
            Part(field.html_name, str(field.label), (field,)) for form in (self.form, self.tests) for field in form
        ]
        rows = [
            Part(str(form.prefix), name % {"number": number}, tuple(form))
            for name, several in ((_("Site %(number)s"), self.complaints), (_("Finding %(number)s"), self.found))
            for number, form in enumerate(several.forms, 1)
        ]
        return {part.name: part for part in (*single, *rows)}

    def clashes(self) -> list[clashes.Clash]:
        """Return where the draft that is stored says something else than was typed here, each in words."""
        if self.draft is None:
            return []
        ours, theirs = self.parts, self._stored.parts
        texts = {name: part.text for name, part in (*theirs.items(), *ours.items())}
        told = [clashes.Clash(name, text, _said(theirs, name), _said(ours, name)) for name, text in texts.items()]
        return [clash for clash in told if clash.stored != clash.typed]

    @property
    def undecided(self) -> list[Target]:
        """Return what a page showed twice and nobody has decided, for the error summary."""
        names = {name: part.text for name, part in self.parts.items()}
        return [
            Target(clashes.id_of(name), names.get(name, name)) for name, choice in self._chosen.items() if not choice
        ]

    @property
    def is_too_long(self) -> bool:
        """True where more was typed than a draft holds."""
        return sum(len(value) for values in self.typed.values() for value in values) > LONGEST_DRAFT

    def unjudged(self, wanted: str = "") -> Sheet:
        """Put what was typed back as it is, mistakes untold yet, with more empty rows of the kind that is wanted."""
        self.form = self._about(None, as_typed(self.form))
        self.tests = self._tests(None, as_typed(self.tests))
        self.found = with_more(self.found, more=_MORE if wanted == MORE_FINDINGS else 0)
        self.complaints = with_more(self.complaints, more=_MORE if wanted == MORE_COMPLAINTS else 0)
        return self

    @property
    def _stored(self) -> Sheet:
        assert self.draft is not None  # noqa: S101  asked for only where there is one
        data = as_sent(self.draft.typed)
        return Sheet(data, language=self._language, today=self._today, latest=self._latest)

    def _decided(self, data: QueryDict) -> QueryDict:
        """Return what was sent, with the stored answer wherever a page showed two and that one was chosen."""
        taken = [name for name, choice in self._chosen.items() if choice == clashes.STORED]
        if not taken:
            return data
        stored, together = self._stored, data.copy()
        fields = [field.html_name for name in taken if name in stored.parts for field in stored.parts[name].fields]
        for name in fields:
            together.setlist(name, stored._data.getlist(name))
        for count in (name for rows in (stored.found, stored.complaints) for name in _counts(rows)):
            together[count] = max(data.get(count, ""), stored._data.get(count, ""), key=_number)
        return together

    def _begin(self, data: QueryDict | None) -> None:
        self._data = data if data is not None else QueryDict()
        known = {} if self._latest is None else {name: getattr(self._latest, name) for name in _LASTING}
        self.form = self._about(data, {"assessed_on": self._today, **known})
        self.tests = self._tests(data)
        self.found = finding_rows(data)
        self.complaints = complaint_rows(data, today=self._today)

    def _about(self, data: QueryDict | None, initial: dict[str, Any]) -> AssessmentForm:
        return AssessmentForm(data, language=self._language, today=self._today, initial=initial)

    def _tests(self, data: QueryDict | None, initial: dict[str, Any] | None = None) -> TestsForm:
        return TestsForm(data, language=self._language, last=self._last, initial=initial)

    def _says_something(self) -> bool:
        """One finding, or that there is none: an empty examination says neither."""
        if bool(self.found.rows) != self.form.cleaned_data["is_none_found"]:
            return True
        said = _("Enter at least one finding, or tick that nothing was found; not both.")
        self.form.add_error("is_none_found", said)
        return False


def as_sent(typed: Mapping[str, list[str]]) -> QueryDict:
    """Return what a draft holds as the page sends it."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def _said(parts: Mapping[str, Part], name: str) -> str:
    return parts[name].words if name in parts else ""


def _counts(rows: Rows) -> list[str]:
    return [f"{rows.prefix}-{name}" for name in ("TOTAL_FORMS", "INITIAL_FORMS")]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0  # noqa: PLR2004


def _words(field: BoundField) -> str:
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return str(field.label) if value else ""
    values = value if isinstance(value, list) else [value]
    names = {str(key): str(name) for key, name in getattr(field.field, "choices", ())}
    return ", ".join(names.get(str(one), str(one)) for one in values if one not in (None, ""))

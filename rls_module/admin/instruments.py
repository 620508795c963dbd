"""Questionnaires that a clinic brings in: a file is read, looked at, kept for good, and retired when it has served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rls_module.admin.managed import Deed, Looked, ManagedAdmin, Refused, Sheet, reason_field, scope_of
from rls_module.host.actor import Actor
from rls_module.host.clock import now
from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import importing, limits, loading
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.library import actions, queries
from rls_module.library.models import ImportedInstrument

_PASTED = "text"  # how a mistake names what came without a file
_PART = "admin/rls_module/_instrument.html"


class ImportForm(forms.Form):
    """A file or its text, and by whose leave the words are used where they are somebody else's."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("TOML, or a FHIR R4 Questionnaire as JSON. It is read into the field below."),
    )
    text = forms.CharField(
        label=gettext_lazy("Its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "cols": 90, "spellcheck": "false"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Who permits the words"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Empty where they are the clinic's own. Otherwise they stand in the licence register."),
    )
    granted_on = forms.DateField(
        label=gettext_lazy("Permitted from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Until, that day included"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label=gettext_lazy("Where the paper is"), required=False, max_length=2000)

    reading: importing.Reading | None = None

    def clean(self) -> dict[str, Any]:
        """Read what came; a mistake is told by its place and reason."""
        values = super().clean() or {}
        name = values["file"].name if values.get("file") else _PASTED
        try:
            values["text"] = self._text(values)
            if values["text"].strip():
                content = values["text"].encode("utf-8", "surrogatepass")
                self.reading = importing.read(content, file=name, skeletons=loading.skeletons())
            else:
                self.add_error("text", _("Choose a file, or paste its text."))
        except KnowledgeError as mistake:
            self.add_error("text", f"{mistake.path or name}: {mistake.reason}")
        _check_permission(self, values)
        return values

    def _text(self, values: dict[str, Any]) -> str:
        """Return the text of the file, or what was pasted; the file's stands in the field from now on."""
        file = values.get("file")
        if not file:
            return str(values.get("text", ""))
        limits.check_size(file.size, file=file.name)
        text = limits.text_of(file.read(), file=file.name)
        sent = cast("QueryDict", self.data).copy()
        sent["text"] = text
        self.data = sent
        return text

    @property
    def permission(self) -> actions.Permission | None:
        """By whose leave; None for the clinic's own words."""
        typed = self.cleaned_data
        if not typed["holder"]:
            return None
        return actions.Permission(typed["holder"], typed["granted_on"], typed["expires_on"], typed["note"])


class RetireForm(forms.Form):
    """Why it is offered no more."""

    reason = reason_field()


class InstrumentAdmin(ManagedAdmin):
    """Versions are added and retired, never edited: what patients were asked stays readable as it was asked."""

    view_action = "instrument.view"
    edit_action = "instrument.import"
    adds = True
    list_display = ("title", "key", "version", "imported_by_name", "created_at", "offered")
    ordering = ("key", "-version")

    @admin.display(description=gettext_lazy("questionnaire"))
    def title(self, row: ImportedInstrument) -> str:
        return _title(queries.instrument_in(row))

    @admin.display(description=gettext_lazy("offered"), boolean=True)
    def offered(self, row: ImportedInstrument) -> bool:
        return row.retired_at is None

    def sheet(self, request: HttpRequest, row: ImportedInstrument | None, data: Any) -> Sheet:
        if row is None:
            return _import_sheet(ImportForm(data, request.FILES or None))
        instrument = queries.instrument_in(row)
        deeds = [Deed("retire", _("Retire"), "instrument.retire", needs_reason=True)]
        can_retire = row.retired_at is None and self.may_edit(request)
        return Sheet(
            f"{_title(instrument)} ({row.key} {row.version})",
            RetireForm(data),
            deeds if can_retire else (),
            facts=[*_facts(instrument), *_history(row)],
            part=_PART,
            context={"languages": _questions(instrument)},
        )

    def do(self, request: HttpRequest, row: ImportedInstrument | None, deed: str, form: Any, actor: Actor) -> str:
        if row is not None:
            reason = form.cleaned_data["reason"]
            actions.retire_instrument(instrument=row, reason=reason, actor=actor, now=now())
            return _("It is offered no more. What is planned with it is still asked.")
        if deed == "look":
            raise Looked(_("It can be read. Below is what it asks; nothing is stored yet."))
        try:
            actions.import_instrument(
                scope=scope_of(request),
                instrument=form.reading.instrument,
                permission=form.permission,
                actor=actor,
                now=now(),
            )
        except actions.NotNext as known:
            said = _("The clinic has version %(newest)s of it already; a correction has a higher number.")
            raise Refused(said % {"newest": known.newest}) from None
        return _("It is imported. A protocol can ask it from now on.")


def _import_sheet(form: ImportForm) -> Sheet:
    """The page of an import; a file is always looked at first, so that nobody keeps what nobody saw."""
    deeds = [Deed("look", _("Look at it"), "instrument.view")]
    reading = form.reading if form.is_bound and form.is_valid() else None
    if reading is None:
        return Sheet(_("Import a questionnaire"), form, deeds)
    if not form.files or "look" in form.data:
        deeds.append(Deed("import", _("Import it"), "instrument.import"))
    remarks = [(_("Mind"), remark) for remark in reading.remarks]
    return Sheet(
        _("Import a questionnaire"),
        form,
        deeds,
        facts=[*_facts(reading.instrument), *remarks],
        part=_PART,
        context={"languages": _questions(reading.instrument)},
    )


def _check_permission(form: forms.Form, values: dict[str, Any]) -> None:
    begins, ends = values.get("granted_on"), values.get("expires_on")
    if values.get("holder") and not begins and "granted_on" not in form.errors:
        form.add_error("granted_on", _("From which day do they permit it?"))
    if not values.get("holder") and (begins or ends or values.get("note")):
        form.add_error("holder", _("Who permits it?"))
    if begins and ends and ends < begins:
        form.add_error("expires_on", _("This is before the day it begins."))


def _title(instrument: Instrument) -> str:
    return instrument.words(get_language() or "en").title


def _facts(instrument: Instrument) -> list[tuple[str, str]]:
    return [
        (_("Questionnaire"), f"{instrument.key}, {_('version')} {instrument.version}"),
        (_("Questions"), str(sum(item.is_asked for item in instrument.items))),
        (_("Languages"), ", ".join(instrument.languages)),
        (_("Source"), instrument.source),
        (_("Licence"), instrument.licence),
    ]


def _history(row: ImportedInstrument) -> Iterator[tuple[str, str]]:
    yield _("Imported"), f"{_day(row.created_at)}, {row.imported_by_name}"
    if row.licence:
        until = _day(row.licence.expires_on) if row.licence.expires_on else _("no end")
        yield _("Permitted by"), f"{row.licence.holder}, {_day(row.licence.granted_on)} – {until}"
    if row.retired_at:
        yield _("Retired"), f"{_day(row.retired_at)}, {row.retired_by_name}: {row.retired_because}"


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


@dataclass(frozen=True, slots=True)
class _Question:
    """One question as it is asked in one language."""

    text: str
    kind: str
    answers: tuple[str, ...]
    is_required: bool


def _questions(instrument: Instrument) -> list[tuple[str, list[_Question]]]:
    """Return what is asked, language by language."""
    asked = []
    for code in instrument.languages:
        words = instrument.words(code).items
        asked.append(
            (
                code,
                [
                    _Question(
                        words[item.key].text,
                        item.kind,
                        tuple(words[item.key].label(option.key) for option in item.options),
                        item.required,
                    )
                    for item in instrument.items
                ],
            )
        )
    return asked

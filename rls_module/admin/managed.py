"""The base of admin pages that change something: details, one form, the gate before it, one action behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from rls_module.admin.gated import GatedAdmin, answering
from rls_module.cases import access
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.rows import Stale


class Refused(Exception):
    """What was asked for is not done; `sentences` say why, for the top of the page."""

    def __init__(self, *sentences: str) -> None:
        super().__init__()
        self.sentences = sentences


class Looked(Refused):
    """Nothing is stored because nothing was to be: `sentences` say what the page shows now."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One button of a page. `action` is asked of the gate; a deed that needs a reason is refused without one."""

    name: str
    label: str
    action: str
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page shows: its title, facts as (name, words), its form, its buttons, and a part of its own."""

    title: str
    form: forms.Form
    deeds: Sequence[Deed]
    facts: Sequence[tuple[str, str]] = ()
    part: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


class ManagedAdmin(GatedAdmin):
    """A subclass finds its row, lays out the sheet, and does the deed; the rest is the same everywhere."""

    edit_action = ""
    adds = False

    def may_edit(self, request: HttpRequest) -> bool:
        """True where the request may change what these pages are about."""
        return access.may(request, self.edit_action, None)

    def found(self, request: HttpRequest, key: str | None) -> Any:
        """Return what the page is about: the clinic's row, or None for one that is to be added."""
        if key is None:
            if not self.has_add_permission(request):
                raise web.NotFound
            return None
        row = self.get_object(request, key)
        if row is None:
            raise web.NotFound
        return row

    def admit(self, request: HttpRequest, actor: Actor, row: Any, action: str) -> None:
        """Ask the gate for `action`; raises what the gate raises."""
        access.clinic_wide(request, actor, action, scope=scope_of(request))

    def sheet(self, request: HttpRequest, row: Any, data: Any) -> Sheet:
        """Return the page of `row`, its form holding `data` where something was sent."""
        raise NotImplementedError

    def do(self, request: HttpRequest, row: Any, deed: str, form: forms.Form, actor: Actor) -> str:
        """Do what the button says and return a sentence that tells it; raises Refused or Stale."""
        raise NotImplementedError

    def after(self, request: HttpRequest, row: Any) -> str:
        """Return the address to go on to."""
        return reverse(f"admin:rls_module_{self.opts.model_name}_changelist", current_app=self.admin_site.name)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.adds and self.may_edit(request)

    @answering
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the sheet, or do the deed whose button was pressed; what was typed stays where it can't be done."""
        actor = of_request(request)
        if adapter().request_user(request) is None or not scope_of(request):
            raise web.NotFound
        row = self.found(request, object_id)
        self.admit(request, actor, row, self.view_action)
        sheet = self.sheet(request, row, request.POST if request.method == "POST" else None)
        problems: list[str] = []
        if request.method == "POST":
            deed = next((one for one in sheet.deeds if one.name in request.POST), None)
            if deed is None:
                raise web.Forbidden
            self.admit(request, actor, row, deed.action)
            said = self._done(request, row, deed, sheet, actor, problems)
            if said is not None:
                messages.success(request, said)
                return redirect(self.after(request, row))
        return self._shown(request, row, sheet, problems)

    def _done(  # noqa: PLR0917  one caller
        self, request: HttpRequest, row: Any, deed: Deed, sheet: Sheet, actor: Actor, problems: list[str]
    ) -> str | None:
        """Do it and return what to say, or None with the reasons against it on the form or in `problems`."""
        form = sheet.form
        if not form.is_valid():
            return None
        if deed.needs_reason and not form.cleaned_data.get("reason", "").strip():
            form.add_error("reason", _("Write why."))
            return None
        try:
            return self.do(request, row, deed.name, form, actor)
        except Looked as looked:
            for sentence in looked.sentences:
                messages.info(request, sentence)
        except Refused as refused:
            problems.extend(refused.sentences)
        except Stale:
            problems.append(_("Somebody changed this meanwhile. Open the page again to see how it stands."))
        except ValidationError as mistakes:
            problems.extend(mistakes.messages)
        return None

    def _shown(self, request: HttpRequest, row: Any, sheet: Sheet, problems: list[str]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **sheet.context,
            "opts": self.opts,
            "title": sheet.title,
            "sheet": sheet,
            "problems": problems,
            "media": forms.Media(css={"all": ["admin/css/forms.css"]}),
        }
        status = 422 if problems or sheet.form.errors else 200
        return TemplateResponse(request, "admin/rls_module/managed.html", context, status=status)


def scope_of(request: HttpRequest) -> str:
    """Return the clinic of the request, or "" where it has none."""
    return adapter().request_scope(request) or ""


def reason_field(**more: Any) -> forms.CharField:
    """Return the field in which a deed says why; whether it must be filled is the deed's matter."""
    return forms.CharField(label=_("Why"), required=False, max_length=400, **more)

"""The clinic's own words for its mails: one page a mail and language, with what the patient would read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.admin.gated import answering
from rls_module.admin.library import languages
from rls_module.admin.managed import Deed, Looked, ManagedAdmin, Refused, Sheet, reason_field, scope_of
from rls_module.cases import access
from rls_module.followups import actions, emails, queries
from rls_module.host import web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge import mail_texts

NAMES = {
    "invite": gettext_lazy("Please answer"),
    "reminder_1": gettext_lazy("First reminder"),
    "reminder_2": gettext_lazy("Last reminder"),
    "papers": gettext_lazy("Something to read"),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One of the clinic's mails in one language, and the newest version of the clinic's words, if there ever was."""

    scope: str
    name: str
    language: str
    newest: Any

    @property
    def key(self) -> str:
        """How the address names it."""
        return f"{self.name}-{self.language}"

    @property
    def title(self) -> str:
        return f"{NAMES[self.name]} ({self.language})"

    @property
    def number(self) -> int:
        return self.newest.number if self.newest else 0

    @property
    def is_own(self) -> bool:
        return bool(self.newest and self.newest.body)


class TextForm(forms.Form):
    """The words of one mail."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(label=gettext_lazy("Subject"), required=False, widget=forms.TextInput(attrs={"size": 80}))
    body = forms.CharField(
        label=gettext_lazy("Text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 18, "cols": 90})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        braced = ", ".join(f"{{{name}}}" for name in mail_texts.PLACEHOLDERS)
        self.fields["body"].help_text = _("Filled in for each mail: %(names)s.") % {"names": braced}
        self.fields["reason"] = reason_field()


class MailTextAdmin(ManagedAdmin):
    """Versions are kept; the newest goes out from the next mail on, and the shipped words can be had back."""

    view_action = "text.view"
    edit_action = "text.edit"

    @answering
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List every mail in every language, whether the clinic ever wrote its own words or not."""
        scope = scope_of(request)
        access.clinic_wide(request, of_request(request), self.view_action, scope=scope)
        mails = [_mail(scope, name, code) for name in mail_texts.NAMES for code in languages()]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Mail texts"), "mails": mails}
        return TemplateResponse(request, "admin/rls_module/texts.html", context)

    def found(self, request: HttpRequest, key: str | None) -> Mail:
        name, _dash, language = (key or "").partition("-")
        if name not in mail_texts.NAMES or language not in languages():
            raise web.NotFound
        return _mail(scope_of(request), name, language)

    def sheet(self, request: HttpRequest, row: Mail, data: Any) -> Sheet:
        shipped = emails.shipped_words(row.name, row.language, emails.BARE)
        subject, body = (row.newest.subject, row.newest.body) if row.is_own else (shipped.subject, shipped.text)
        form = TextForm(data, initial={"seen": row.number, "subject": subject, "body": body})
        deeds = [
            Deed("preview", _("Preview"), "text.view"),
            Deed("write", _("Send these words"), "text.edit", needs_reason=True),
        ]
        if row.is_own:
            deeds.append(Deed("restore", _("Send the shipped words again"), "text.edit", needs_reason=True))
        if data is not None and form.is_valid():
            subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        values = emails.example_values(row.scope, row.language, clinic_day(now(), row.scope) + timedelta(weeks=3))
        return Sheet(
            row.title,
            form,
            deeds if self.may_edit(request) else (),
            facts=[(_("Goes out now"), _("the clinic's own words") if row.is_own else _("the shipped words"))],
            part="admin/rls_module/_mail.html",
            context={
                "words": emails.own_words(subject, body, row.language, values),
                "versions": queries.text_versions(row.scope, row.name, row.language),
            },
        )

    def do(self, request: HttpRequest, row: Mail, deed: str, form: Any, actor: Actor) -> str:
        typed, moment = form.cleaned_data, now()
        target = {"scope": row.scope, "name": row.name, "language": row.language, "seen": typed["seen"]}
        if deed == "restore":
            actions.restore_shipped(**target, reason=typed["reason"], actor=actor, now=moment)
            return _("The shipped words go out from the next mail on.")
        _check(typed["subject"], typed["body"])
        if deed == "preview":
            raise Looked(_("These words may go out. Below is how they read; nothing is stored yet."))
        actions.write_text(
            **target, subject=typed["subject"], body=typed["body"], reason=typed["reason"], actor=actor, now=moment
        )
        return _("These words go out from the next mail on.")


def _mail(scope: str, name: str, language: str) -> Mail:
    return Mail(scope, name, language, queries.newest_text(scope, name, language))


def _check(subject: str, body: str) -> None:
    problems = mail_texts.problems(subject.strip(), body.replace("\r\n", "\n").strip())
    if problems:
        raise Refused(*(in_words(one) for one in problems))


def in_words(problem: mail_texts.Problem) -> str:
    """Return what keeps a text from going out, as a sentence."""
    where = {"subject": _("Subject"), "body": _("Text")}[problem.field]
    what = {
        "empty": _("is empty."),
        "too_long": _("is longer than %(what)s characters."),
        "unreadable": _("holds characters that can't be read, or more than one line."),
        "braces": _("%(what)s can't stand here; braces are for the names that are filled in."),
        "markup": _("holds markup; only plain text goes out."),
        "address": _("“%(what)s” looks like an address; only the links that are filled in may stand here."),
        "word": _("“%(what)s” would tell others what this is about."),
        "missing": _("%(what)s is missing; every mail carries it."),
        "twice": _("%(what)s stands here twice."),
        "line_end": _("%(what)s must be the only link of its line and end it."),
    }[problem.kind]
    return f"{where}: " + what % {"what": problem.what or formats.localize(mail_texts.LONGEST[problem.field])}

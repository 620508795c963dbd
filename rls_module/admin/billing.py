"""What a clinic bills by: its codes with its own labels, which work has which code, its rule, its intervals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.admin.gated import answering
from rls_module.admin.managed import Deed, ManagedAdmin, Sheet, reason_field, scope_of
from rls_module.host.actor import Actor
from rls_module.host.clock import now
from rls_module.knowledge.safety import billing
from rls_module.library import actions, queries
from rls_module.library.models import BillingTable, Exercise

LONGEST_CODE, LONGEST_LABEL, MOST_CODES = 12, 80, 60
TIMED, UNTIMED = "timed", "untimed"
SEPARATOR = "|"
_PARTS = 3


class BillingTableForm(forms.Form):
    """The table on one sheet: a code a line, then the code of each kind of work."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    rule = forms.ChoiceField(
        label=gettext_lazy("Units are counted by"), choices=BillingTable.Rule.choices, widget=forms.RadioSelect
    )
    codes = forms.CharField(
        label=gettext_lazy("Codes"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 70}),
        help_text=gettext_lazy(
            "One a line: code | your own short label | timed, or untimed. The descriptors of a code set are its "
            "owner's; write them here only under your licence."
        ),
    )
    both_sides_count_twice = forms.BooleanField(
        label=gettext_lazy("A muscle needled on both sides counts as two"), required=False
    )
    warns_without_notice = forms.BooleanField(
        label=gettext_lazy("Warn before needling without a financial notice"), required=False
    )
    certify_days = forms.IntegerField(
        label=gettext_lazy("A plan is certified within, days of the first treatment"), min_value=1, max_value=365
    )
    recertify_days = forms.IntegerField(
        label=gettext_lazy("A certification holds at most, days"), min_value=1, max_value=365
    )
    report_visits = forms.IntegerField(
        label=gettext_lazy("A progress report is due every, treatment days"), min_value=1, max_value=100
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label in kind_labels().items():
            self.fields[f"kind_{kind}"] = forms.CharField(
                label=_("Code for %(kind)s") % {"kind": label}, max_length=LONGEST_CODE, required=False
            )
        self.fields["reason"] = reason_field()

    def clean_codes(self) -> list[dict[str, Any]]:
        """Return the codes in order, each once; say which line can't be read."""
        found: dict[str, dict[str, Any]] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["codes"].splitlines())):
            one = _read(line)
            if one["code"] in found:
                raise forms.ValidationError(_("The code “%(code)s” stands here twice.") % {"code": one["code"]})
            found[one["code"]] = one
        if len(found) > MOST_CODES:
            raise forms.ValidationError(_("These are more than %(most)d codes.") % {"most": MOST_CODES})
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        """The code of a kind of work stands in the table; those of needling are untimed."""
        values = super().clean() or {}
        if "codes" not in values:
            return values
        timed = {one["code"]: one["is_timed"] for one in values["codes"]}
        for kind in billing.KINDS:
            name, code = f"kind_{kind}", values.get(f"kind_{kind}", "")
            if code and code not in timed:
                self.add_error(name, _("“%(code)s” is not among the codes above.") % {"code": code})
            elif code and kind in billing.NEEDLING_KINDS and timed[code]:
                self.add_error(name, _("A code for needling is untimed: one unit a session."))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as the row holds it."""
        typed = self.cleaned_data
        kinds = {kind: typed[f"kind_{kind}"] for kind in billing.KINDS if typed[f"kind_{kind}"]}
        names = (
            *("rule", "codes", "both_sides_count_twice", "warns_without_notice"),
            *("certify_days", "recertify_days", "report_visits"),
        )
        return {"kinds": kinds, **{name: typed[name] for name in names}}


class BillingTableAdmin(ManagedAdmin):
    """Versions are kept: a note is counted by the table that stood when it was signed."""

    view_action = "policy.view"
    edit_action = "policy.edit"

    @answering
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one table a clinic: its list is the table itself."""
        return self.changeform_view(request, "own")

    def found(self, request: HttpRequest, key: str | None) -> Any:
        """Return the clinic's newest table, or the shipped one that it bills by until it says otherwise."""
        return queries.billing_table(scope_of(request))

    def after(self, request: HttpRequest, row: Any) -> str:
        return reverse("admin:rls_module_billingtable_changelist", current_app=self.admin_site.name)

    def sheet(self, request: HttpRequest, row: BillingTable, data: Any) -> Sheet:
        deeds = [Deed("write", _("Bill by this"), "policy.edit", needs_reason=True)]
        may_edit = self.may_edit(request)
        return Sheet(
            _("What the clinic bills by"),
            BillingTableForm(data, initial=_initial(row)),
            deeds if may_edit else (),
            facts=[
                (_("In force"), _("version %(number)d") % {"number": row.number} if row.number else _("as shipped"))
            ],
            part="admin/rls_module/_billing.html",
            context={
                "versions": queries.billing_tables(row.scope),
                "table": None if may_edit else row,
                "kinds": _kinds_to_read(row),
            },
        )

    def do(self, request: HttpRequest, row: BillingTable, deed: str, form: Any, actor: Actor) -> str:
        typed = form.cleaned_data
        actions.write_billing_table(
            scope=row.scope, seen=typed["seen"], values=form.values, reason=typed["reason"], actor=actor, now=now()
        )
        return _("Notes that are signed from now on are counted by this.")


def kind_labels() -> dict[str, str]:
    """Return the kinds of work that have a code, in words."""
    families = {str(family): str(Exercise.Family(family).label) for family in billing.FAMILIES}
    return {
        "needling_few": _("needling of one or two muscles"),
        "needling_many": _("needling of three muscles or more"),
        "fascial": _("fascial work"),
        **{family: _("exercise, %(family)s") % {"family": label} for family, label in families.items()},
    }


def _read(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split(SEPARATOR)]
    if len(parts) != _PARTS or not all(parts) or parts[2] not in (TIMED, UNTIMED):
        raise forms.ValidationError(
            _("“%(line)s” can't be read: write code | label | timed, or untimed.") % {"line": line[:60]}
        )
    code, label, timed = parts
    if len(code) > LONGEST_CODE or not code.isalnum():
        raise forms.ValidationError(
            _("“%(code)s” is no code: letters and digits, %(most)d at most.")
            % {"code": code[:40], "most": LONGEST_CODE}
        )
    return {"code": code, "label": label[:LONGEST_LABEL], "is_timed": timed == TIMED}


def _initial(row: BillingTable) -> dict[str, Any]:
    lines = (
        f" {SEPARATOR} ".join((one["code"], one["label"], TIMED if one["is_timed"] else UNTIMED)) for one in row.codes
    )
    names = (
        *("rule", "both_sides_count_twice", "warns_without_notice"),
        *("certify_days", "recertify_days", "report_visits"),
    )
    kinds = {f"kind_{kind}": row.kinds.get(kind, "") for kind in billing.KINDS}
    return {"seen": row.number, "codes": "\n".join(lines), **{name: getattr(row, name) for name in names}, **kinds}


def _kinds_to_read(row: BillingTable) -> list[tuple[str, str]]:
    return [(label, row.kinds.get(kind, "–")) for kind, label in kind_labels().items()]

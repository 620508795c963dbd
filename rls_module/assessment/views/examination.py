"""What was found, and the next examination."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.assessment import actions, forms, queries
from rls_module.assessment.models import Assessment, ExamResult, Finding
from rls_module.assessment.views import body_chart
from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge.vocabulary import loading, places

MOST_SHOWN = 10
MORE_FINDINGS, MORE_COMPLAINTS = "more_findings", "more_complaints"
_MORE = 4
_LASTING = ("dominance", "work", "sport")  # what is so of a person; the next examination begins with it


class Sheet:
    """The forms of one examination: empty, or as sent."""

    def __init__(self, data: QueryDict | None, *, language: str, today: date, latest: Assessment | None) -> None:
        self._language, self._today = language, today
        self._last = {} if latest is None else queries.results_by_place(latest)
        known = {} if latest is None else {name: getattr(latest, name) for name in _LASTING}
        self.form = self._about(data, {"assessed_on": today, **known})
        self.tests = self._tests(data)
        self.found = forms.finding_rows(data)
        self.complaints = forms.complaint_rows(data, today=today)

    def is_valid(self) -> bool:
        """All of it, each part looked at so that every mistake is told at once."""
        parts = [part.is_valid() for part in (self.form, self.tests, self.found, self.complaints)]
        return all(parts) and self.form.agrees_with(self.tests.unusual) and self._says_something()

    @property
    def unsent(self) -> list[str]:
        """What is wrong with the rows as a whole: too many, or not sent whole."""
        return [str(said) for rows in (self.complaints, self.found) if rows.is_bound for said in rows.non_form_errors()]

    def add_rows(self, wanted: str) -> None:
        """Put empty rows behind those of one kind; nothing that was typed is judged yet."""
        self.form = self._about(None, forms.as_typed(self.form))
        self.tests = self._tests(None, forms.as_typed(self.tests))
        self.found = forms.with_more(self.found, more=_MORE if wanted == MORE_FINDINGS else 0)
        self.complaints = forms.with_more(self.complaints, more=_MORE if wanted == MORE_COMPLAINTS else 0)

    def _about(self, data: QueryDict | None, initial: dict[str, Any]) -> forms.AssessmentForm:
        return forms.AssessmentForm(data, language=self._language, today=self._today, initial=initial)

    def _tests(self, data: QueryDict | None, initial: dict[str, Any] | None = None) -> forms.TestsForm:
        return forms.TestsForm(data, language=self._language, last=self._last, initial=initial)

    def _says_something(self) -> bool:
        """One finding, or that there is none: an empty examination says neither."""
        if bool(self.found.rows) != self.form.cleaned_data["is_none_found"]:
            return True
        said = _("Enter at least one finding, or tick that nothing was found; not both.")
        self.form.add_error("is_none_found", said)
        return False


@web.staff
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the examinations, newest first, and take the next; nothing is ever written over."""
    actor = of_request(request)
    right = "assessment.view" if request.method == "GET" else "assessment.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    if request.method == "GET":
        return _page(request, case)
    sheet = _sheet(case, request.POST)
    if request.POST.get("do") in (MORE_FINDINGS, MORE_COMPLAINTS):
        sheet.add_rows(request.POST["do"])
        return _page(request, case, sheet)
    if not sheet.is_valid():
        return _page(request, case, sheet, status=422)
    actions.assess(
        case=case,
        about=sheet.form.about(),
        found=sheet.found.rows,
        complaints=sheet.complaints.rows,
        results=sheet.tests.rows,
        actor=actor,
        now=now(),
    )
    messages.success(request, _("Assessment kept. Red flags have their tasks."), fail_silently=True)
    return redirect("rls:assessment", case.uuid)


def _sheet(case: Case, data: QueryDict | None = None) -> Sheet:
    today = clinic_day(now(), case.chart.scope)
    return Sheet(data, language=_language(), today=today, latest=queries.latest(case))


def _page(request: HttpRequest, case: Case, sheet: Sheet | None = None, *, status: int = 200) -> HttpResponse:
    language, kept = _language(), list(queries.assessments(case)[:MOST_SHOWN])
    sheet = sheet or _sheet(case)
    last = queries.findings(kept[0]) if kept else []
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "sheet": sheet,
        "figures": body_chart.drawn((), last, language),
        "legend": body_chart.legend(),
        "assessments": [_shown(row, language) for row in kept],
    }
    return web.page(request, "rls_module/assessment/assessment.html", context, status=status)


def _shown(row: Assessment, language: str) -> dict[str, Any]:
    flags = {one.key: one.spanish if language == "es" else one.english for one in loading.red_flags()}
    patterns = {one.key: one.label for one in loading.body_tests().patterns}
    return {
        "row": row,
        "red_flags": [flags.get(key, key) for key in row.red_flags],
        "patterns": [patterns.get(key, key) for key in row.patterns],
        "findings": [
            {
                "row": one,
                "place": places.in_words(one.place_kind, one.place, language),
                "signs": ", ".join(str(Finding.Sign(sign).label) for sign in one.signs),
            }
            for one in queries.findings(row)
        ],
        "complaints": [
            {"row": one, "place": places.in_words(one.place_kind, one.place, language)}
            for one in queries.complaints(row)
        ],
        "results": _results(queries.results(row), language),
    }


def _results(rows: list[ExamResult], language: str) -> list[tuple[str, str]]:
    """Return each test once with what was found at it: "Hip, flexion", "L 110°, R 120°"."""
    options = {one.key: one.spanish if language == "es" else one.english for one in loading.body_tests().options}
    said: dict[str, list[str]] = {}
    for row in rows:
        test = loading.body_test(row.test)
        words = f"{row.side} {forms.result_words(row, options)}".strip()
        said.setdefault(test.spanish if language == "es" else test.english, []).append(
            f"{words} {_('after')}" if row.stage else words
        )
    return [(name, ", ".join(answers)) for name, answers in said.items()]


def _language() -> str:
    return (get_language() or "en").split("-")[0]

"""The host's own pages: today's visits, the patients, one patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic import queries
from clinic.models import Staff, Visit, VisitStatus
from rls_module.host import adapter, clock

PATIENTS_PER_PAGE = 25
VisitPage = Callable[..., HttpResponse]


def staff_page(view: VisitPage) -> VisitPage:
    """Let only members of staff in, show times in their clinic's zone, keep pages out of every cache."""

    @wraps(view)
    def guarded(request: HttpRequest, **named: int) -> HttpResponse:
        staff = queries.staff_of(request.user)
        if staff is None:
            return render(request, "clinic/no_clinic.html", status=403)
        with timezone.override(ZoneInfo(staff.clinic.zone)):
            response = view(request, staff, **named)
        response.headers["Cache-Control"] = "no-store"
        return response

    return require_safe(guarded)


@staff_page
def home(request: HttpRequest, staff: Staff) -> HttpResponse:
    """One day of the signed-in therapist; `?day=2026-03-01` chooses which."""
    today = timezone.localdate(clock.now())
    day = _asked_day(request.GET.get("day"), default=today)
    context = {
        "staff": staff,
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "visits": [(visit, _chart_ref(visit, today)) for visit in queries.visits_of_day(staff, day)],
        "room": "home",
    }
    return render(request, "clinic/home.html", context)


@staff_page
def patients(request: HttpRequest, staff: Staff) -> HttpResponse:
    """The patients this member of staff may see, by name; `?q=` searches names and record numbers."""
    text = request.GET.get("q", "").strip()[:80]
    found = queries.matching(queries.patients_for(staff), text).order_by("family", "given", "pk")
    page = Paginator(found, PATIENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "clinic/patients.html", {"staff": staff, "page": page, "text": text, "room": "patients"})


@staff_page
def patient(request: HttpRequest, staff: Staff, pk: int) -> HttpResponse:
    """One patient with the booked visits; anybody else's patient is a 404."""
    found = get_object_or_404(queries.patients_for(staff), pk=pk)
    host = adapter()
    today = timezone.localdate(clock.now())
    booked = found.visits.select_related("therapist__clinic_staff").order_by("-starts_at", "-pk")
    context = {
        "staff": staff,
        "patient": found,
        "visits": [(visit, _chart_ref(visit, today)) for visit in booked],
        "may_chart": host.can(request, "chart.view", found),
        "room": "patients",
    }
    return render(request, "clinic/patient.html", context)


def _chart_ref(visit: Visit, today: date) -> str:
    """The reference to chart this visit by, or "" for one that was not, or not yet, given, or has no patient."""
    was_not_given = visit.status in {VisitStatus.CANCELLED, VisitStatus.MISSED}
    if visit.patient_id is None or was_not_given or timezone.localdate(visit.starts_at) > today:
        return ""
    return adapter().visit_ref(visit)


def _asked_day(text: str | None, *, default: date) -> date:
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404(_("There is no such day.")) from None

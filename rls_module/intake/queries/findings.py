"""What was found before treatment: screens, judgements of the criteria, iron."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from rls_module.cases.models import Case, Chart
from rls_module.intake.models import CriteriaReview, LabPanel, Screen
from rls_module.knowledge.safety import criteria


def latest_screen(chart: Chart) -> Screen | None:
    """Return the chart's newest screen."""
    return Screen.objects.filter(chart=chart).select_related("response").order_by("-created_at", "-pk").first()


def has_told_pattern(chart: Chart, *, before: datetime | None = None) -> bool:
    """True where a screen has asked for the pattern, up to `before`: nobody is asked for it twice."""
    screens = Screen.objects.filter(chart=chart, response__isnull=False)
    return (screens if before is None else screens.filter(created_at__lte=before)).exists()


def reviews(case: Case) -> QuerySet[CriteriaReview]:
    """Return the judgements of the criteria, the one that counts first."""
    return CriteriaReview.objects.filter(case=case).order_by("-created_at", "-pk")


def latest_review(case: Case) -> CriteriaReview | None:
    """Return the judgement that counts, if there is one."""
    return reviews(case).first()


def criteria_words(review: CriteriaReview, language: str) -> list[str]:
    """Return the reasons beside a result, and the hints for staff, in words."""
    labels = criteria.LABELS.get(language, criteria.LABELS["en"])
    said = []
    if review.reasons == ["mimic"]:
        said.append(_("Another condition explains it alone."))
    elif review.reasons:
        decides = _("Decided by %(keys)s.") if review.result == CriteriaReview.Result.NOT_MET else _("Open: %(keys)s.")
        said.append(decides % {"keys": ", ".join(review.reasons)})
    if review.from_past:
        said.append(_("Counts from the past: %(keys)s.") % {"keys": ", ".join(review.from_past)})
    return said + [labels[label] for label in review.labels]


def panels(chart: Chart) -> QuerySet[LabPanel]:
    """Return the chart's iron panels, newest first, those entered in error too."""
    return LabPanel.objects.filter(chart=chart).order_by("-collected_on", "-pk")


def latest_labs(chart: Chart) -> LabPanel | None:
    """Return the newest panel that was not entered in error."""
    return panels(chart).filter(void_at=None).first()

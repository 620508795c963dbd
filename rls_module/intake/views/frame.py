"""What every page of this room asks of a request."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language

from rls_module.host import adapter
from rls_module.knowledge.papers import loading as papers

_LANGUAGE_NAMES = {"en": "English", "es": "Español"}


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, empty or not; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def status(request: HttpRequest) -> int:
    """Return the status of a page that is shown, or shown again because something sent can't stand."""
    return 422 if request.method == "POST" else 200


def language() -> str:
    """Return the language of the page, without its region."""
    return (get_language() or "en").split("-")[0]


def paper_language(request: HttpRequest, default: str = "") -> str:
    """Return the language that a paper was asked for in, else that of `default` or of the page."""
    asked = request.POST.get("language") or request.GET.get("language")
    return papers.language_of(asked or default or language())


def paper_languages(current: str) -> list[tuple[str, str, str, bool]]:
    """Return (name, address, code, whether it is this one) for each language of papers, for the page."""
    return [(_LANGUAGE_NAMES[code], f"?language={code}", code, code == current) for code in papers.LANGUAGES]


def born(patient: Any, today: date) -> date:
    """Return the first day on which the patient can have been born, as far as the host knows it."""
    birth = adapter().birth(patient)
    year = birth.year or (today.year - birth.age - 1 if birth.age is not None else date.min.year)
    return birth.on or date(year, 1, 1)


def age_on(patient: Any, day: date) -> int | None:
    """Return the patient's age in whole years on `day`, as far as the host knows it."""
    birth = adapter().birth(patient)
    if birth.on is not None:
        return day.year - birth.on.year - ((day.month, day.day) < (birth.on.month, birth.on.day))
    return birth.age if birth.year is None else day.year - birth.year

"""What stands around every patient page: the brand, the way to help, the languages; and the one page for dead links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from rls_module.followups import actions as followup_actions
from rls_module.followups import links
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.host import Brand, adapter, client_address, clock
from rls_module.host.actor import Actor, of_token
from rls_module.surveys import access, queries
from rls_module.surveys.actions import limits

_LANGUAGE_NAMES = {"en": "English", "es": "Español"}


class SeeOther(HttpResponseRedirect):
    """After a post: go on with a GET."""

    status_code = 303


@dataclass(frozen=True, slots=True)
class Here:
    """One request at an open door, at one moment."""

    request: HttpRequest
    door: access.Door
    moment: datetime

    @property
    def occurrence(self) -> Occurrence:
        """What is being answered."""
        return self.door.occurrence

    @property
    def actor(self) -> Actor:
        """Who answers: the holder of the link."""
        return of_token(self.occurrence.selector, route="survey")

    @property
    def page(self) -> str:
        """The page that the address names."""
        return self.request.GET.get("page", "")

    def may_write(self) -> bool:
        """Count one more post of this sitting; False where the minute had enough."""
        selector, sitting = self.occurrence.selector, self.door.ticket.sitting
        return limits.may_write(selector=selector, sitting=sitting, now=clock.database_now())

    def progress(self) -> queries.Progress:
        """Read how far the survey is now."""
        return queries.progress(self.occurrence, self.door.ticket.language)

    def form_token(self, page: str) -> str:
        """Return the token of a form made now."""
        return access.form_token(self.door, page, self.moment)

    def is_own_form(self, page: str) -> bool:
        """True when what was sent comes from a form that was made for this page and sitting."""
        return access.is_own_form(self.door, page, self.request.POST.get("form_token", ""), self.moment)


def show(
    here: Here, page: str, context: Mapping[str, Any], *, is_start: bool = False, status: int = 200
) -> HttpResponse:
    """Render one of the patient's pages; nothing clinical stands in the title or on the start page."""
    door = here.door
    out = links.address("unsubscribe", followup_queries.link_token(door.occurrence, "unsubscribe"))
    asks = not followup_queries.is_papers(door.occurrence)
    is_going = asks and door.has_started and door.occurrence.begun_at is not None and door.occurrence.is_open
    frame = {
        **frame_of(door.occurrence),
        "heading": _heading(door) if asks and not is_start else "",
        "languages": _languages(here),
        "call_url": door.page_url("call") if is_going else "",
        "later_url": f"{out}?want=later" if asks and door.occurrence.is_open else "",
        "stop_url": out,
    }
    return render(here.request, f"rls_module/surveys/{page}.html", {**frame, **context}, status=status)


def _heading(door: access.Door) -> str:
    return followup_queries.instrument_of(door.occurrence).words(door.ticket.language).heading


def frame_of(occurrence: Occurrence) -> dict[str, Any]:
    """Return what the layout needs of the clinic that asks."""
    brand = adapter().brand(occurrence.scope)
    return {"brand": brand, "title": _("Questions - %(name)s") % {"name": brand.sender}, "wording": _foot_words()}


def gone(request: HttpRequest, address: str, purpose: links.Purpose) -> HttpResponse:
    """Answer every link that does not open anything: no clinic, no reason, no hint. The audit has the reason.

    Whoever tries too many in a minute is told to wait, and leaves no more in the audit.
    """
    if not limits.may_fail(address=client_address(request), now=clock.database_now()):
        return busy(request)
    occurrence, failure = access.why_closed(address, purpose)
    actor = of_token(occurrence.selector if occurrence else "", route=purpose)
    followup_actions.refuse_link(occurrence=occurrence, failure=failure, actor=actor)
    return _nobodys_page(request, "gone", status=404)


def busy(request: HttpRequest) -> HttpResponse:
    """Answer what comes too often; a minute later it is welcome again."""
    response = _nobodys_page(request, "busy", status=429)
    response.headers["Retry-After"] = "60"
    return response


def _nobodys_page(request: HttpRequest, name: str, *, status: int) -> HttpResponse:
    code = translation.get_language_from_request(request).split("-")[0]
    with translation.override(code if code in _LANGUAGE_NAMES else "en"):
        context = {"brand": Brand(name=""), "title": _("Questions"), "wording": _foot_words()}
        return render(request, f"rls_module/surveys/{name}.html", context, status=status)


def _foot_words() -> dict[str, str]:
    return {
        "help": _("Need help now?"),
        "emergency": _("Emergency: call {emergency_number}."),
        "crisis": _("If you are thinking of hurting yourself: call or text {crisis_line}, day or night."),
        "call_me": _("Please call me"),
        "later": _("Later"),
        "stop": _("Stop"),
    }


def _languages(here: Here) -> list[tuple[str, str, str, bool]]:
    codes = followup_queries.languages_for(here.occurrence)
    if codes == ["en"]:
        return []

    def url(code: str) -> str:
        return here.door.page_url(here.page, lang=code) if here.page else f"{here.request.path}?lang={code}"

    return [(_LANGUAGE_NAMES.get(code, code), url(code), code, code == here.door.ticket.language) for code in codes]

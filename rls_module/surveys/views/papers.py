"""Papers behind a patient's link, one page each: nothing is asked, and nothing kept but that a person opened it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rls_module.followups import actions as followup_actions
from rls_module.followups import links
from rls_module.followups import queries as followup_queries
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.protocols import ahead
from rls_module.surveys import access
from rls_module.surveys.views.frame import Here, SeeOther, show

LIST = "list"


def read(here: Here) -> HttpResponse:
    """Show the start page until a person has pressed its button, then the list of papers and each of them."""
    is_open = here.door.has_started and here.occurrence.begun_at is not None
    if here.request.method == "POST" and here.request.POST.get("do", "") == access.START:
        return _open(here) if here.is_own_form(access.START) else _start_page(here)
    if not here.page or not is_open:
        return _start_page(here)
    keys = followup_queries.papers_of(here.occurrence)
    if here.page in keys:
        return _paper(here, here.page, is_only=len(keys) == 1)
    return _paper(here, keys[0], is_only=True) if len(keys) == 1 else _list_page(here, keys)


def _start_page(here: Here) -> HttpResponse:
    context = {
        "action": links.address("survey", here.occurrence.selector),
        "token": here.door.token or followup_queries.link_token(here.occurrence, "survey"),
        "form_token": here.form_token(access.START),
    }
    return show(here, "papers_start", context, is_start=True)


def _open(here: Here) -> HttpResponse:
    followup_actions.begin(occurrence=here.occurrence, actor=here.actor, now=here.moment)
    return SeeOther(here.door.page_url(LIST))


def _list_page(here: Here, keys: tuple[str, ...]) -> HttpResponse:
    titled = [(_title(key, here.door.ticket.language), here.door.page_url(key)) for key in keys]
    return show(here, "papers", {"papers": titled})


def _title(key: str, language: str) -> str:
    return _("Your exercises") if key == ahead.PROGRAMME else papers.leaflet(key, language).title


def _paper(here: Here, key: str, *, is_only: bool) -> HttpResponse:
    context_of: Callable[[Here, str], dict[str, Any]] = _programme if key == ahead.PROGRAMME else _leaflet
    name = "papers_programme" if key == ahead.PROGRAMME else "papers_leaflet"
    back = "" if is_only else here.door.page_url(LIST)
    return show(here, name, {**context_of(here, key), "back_url": back})


def _programme(here: Here, _key: str) -> dict[str, Any]:
    return followup_queries.handout_of(here.occurrence, here.door.ticket.language)


def _leaflet(here: Here, key: str) -> dict[str, Any]:
    leaflet = papers.leaflet(key, here.door.ticket.language)
    return {"leaflet": leaflet, "citations": papers.citations(leaflet.sources)}

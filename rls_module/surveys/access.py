"""What a patient's link opens: the token in the address at first, then a ticket that lives as long as one sitting.

The ticket stands in a cookie whose path is this survey's; where cookies are refused it travels in the address beside
the token. Neither is stored anywhere, and nothing here changes a survey's state.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from rls_module.followups import links, queries
from rls_module.followups.models import Occurrence

SITTING_S = 2 * 60 * 60
FORM_S = 24 * 60 * 60
TICKET_PARAMETER = "t"
START = "start"

_TICKET = re.compile(r"(?P<language>[a-z]{2})\.(?P<sitting>[A-Za-z0-9_-]{22})\.(?P<issued>[0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One sitting at one device, in one language."""

    sitting: str
    language: str
    issued: int


@dataclass(frozen=True, slots=True)
class Door:
    """An occurrence that a valid link or ticket opened, and how its pages are addressed."""

    occurrence: Occurrence
    ticket: Ticket
    token: str  # the whole token where the address carries it, else ""
    has_started: bool

    @property
    def path(self) -> str:
        """The address of the pages: without the token wherever the cookie came back."""
        return links.address("survey", self.token or self.occurrence.selector)

    def page_url(self, page: str, **more: str) -> str:
        """Return the address of one page of this sitting."""
        query = {"page": page, **more}
        if self.token:
            query[TICKET_PARAMETER] = sealed(self.occurrence, self.ticket)
        return self.path + "?" + "&".join(f"{name}={value}" for name, value in query.items())


def enter(request: HttpRequest, address: str, now: datetime) -> Door | None:
    """Return the door that `address` (a token, or a selector with its cookie) opens now, or None for what does not."""
    if links.is_selector(address):
        return _by_selector(request, address, now)
    occurrence = queries.occurrence_by_link(address, "survey")
    if occurrence is None or not _is_answerable(occurrence, now):
        return None
    carried = opened(occurrence, request.GET.get(TICKET_PARAMETER, ""), now)
    ticket = carried or Ticket(_new_sitting(), _language(request, occurrence), int(now.timestamp()))
    return Door(occurrence, _renewed(ticket, request, occurrence, now), address, has_started=carried is not None)


def _by_selector(request: HttpRequest, selector: str, now: datetime) -> Door | None:
    """The public half alone opens nothing: the cookie must be there, or the start form's token in the body."""
    occurrence = queries.by_selector(selector)
    if occurrence is None or not _is_answerable(occurrence, now):
        return None
    ticket = opened(occurrence, request.COOKIES.get(cookie_name(selector, secure=request.is_secure()), ""), now)
    if ticket is not None:
        return Door(occurrence, _renewed(ticket, request, occurrence, now), "", has_started=True)
    token = request.POST.get("token", "")
    if queries.occurrence_by_link(token, "survey") != occurrence:
        return None
    fresh = Ticket(_new_sitting(), _language(request, occurrence), int(now.timestamp()))
    return Door(occurrence, fresh, token, has_started=False)


def _is_answerable(occurrence: Occurrence, now: datetime) -> bool:
    is_pending = occurrence.is_open or occurrence.response_id is not None
    return is_pending and queries.is_answerable(occurrence, now)


def cookie_name(selector: str, *, secure: bool) -> str:
    """Return the name of the survey's cookie; browsers hold `__Secure-` names to https."""
    return f"{'__Secure-' if secure else ''}rls_s_{selector}"


def cookie(door: Door, *, secure: bool) -> dict[str, Any]:
    """Return the arguments of set_cookie() for this sitting."""
    return {
        "key": cookie_name(door.occurrence.selector, secure=secure),
        "value": sealed(door.occurrence, door.ticket),
        "max_age": SITTING_S,
        "path": links.address("survey", door.occurrence.selector),
        "secure": secure,
        "httponly": True,
        "samesite": "Lax",
    }


def sealed(occurrence: Occurrence, ticket: Ticket) -> str:
    """Return the ticket as text that only a holder of the link key can have written."""
    plain = f"{ticket.language}.{ticket.sitting}.{ticket.issued}"
    return f"{plain}.{_seal(occurrence, 'sitting', plain)}"


def opened(occurrence: Occurrence, text: str, now: datetime) -> Ticket | None:
    """Return the ticket that `text` holds, or None where it is not ours, not this survey's, or too old."""
    plain, _, seal = text.rpartition(".")
    match = _TICKET.fullmatch(plain)
    if match is None or not _is_sealed(occurrence, "sitting", plain, seal):
        return None
    ticket = Ticket(sitting=match["sitting"], language=match["language"], issued=int(match["issued"]))
    return ticket if 0 <= now.timestamp() - ticket.issued <= SITTING_S else None


def form_token(door: Door, page: str, now: datetime) -> str:
    """Return the token of one form on one page of one sitting, made when the page is."""
    issued = int(now.timestamp())
    return f"{issued}.{_seal(door.occurrence, 'form', f'{page}.{_sitting_of(door, page)}.{issued}')}"


def is_own_form(door: Door, page: str, text: str, now: datetime) -> bool:
    """True for a form that was made for this page and sitting, at most a day ago."""
    issued, _, seal = text.partition(".")
    if not (issued.isascii() and issued.isdigit() and len(issued) <= len(str(int(now.timestamp())))):
        return False
    is_fresh = 0 <= now.timestamp() - int(issued) <= FORM_S
    return is_fresh and _is_sealed(door.occurrence, "form", f"{page}.{_sitting_of(door, page)}.{issued}", seal)


def _sitting_of(door: Door, page: str) -> str:
    """The start form comes before a sitting is known to have a cookie: it is bound to the link alone."""
    return "" if page == START else door.ticket.sitting


def _seal(occurrence: Occurrence, purpose: links.Purpose, extra: str) -> str:
    return links.verifier(
        purpose,
        kid=occurrence.link_kid,
        scope=occurrence.scope,
        selector=occurrence.selector,
        version=occurrence.link_version,
        extra=extra,
    )


def _is_sealed(occurrence: Occurrence, purpose: links.Purpose, extra: str, seal: str) -> bool:
    try:
        return links.same(_seal(occurrence, purpose, extra), seal)
    except KeyError:  # the key left the ring while the patient was at it
        return False


def _new_sitting() -> str:
    return secrets.token_urlsafe(16)


def _language(request: HttpRequest, occurrence: Occurrence) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in queries.languages_for(occurrence) else queries.language_for(occurrence)


def _renewed(ticket: Ticket, request: HttpRequest, occurrence: Occurrence, now: datetime) -> Ticket:
    """Let the sitting's time begin again with each request, in the language it asks for."""
    wanted = request.GET.get("lang", "")
    language = wanted if wanted in queries.languages_for(occurrence) else ticket.language
    return Ticket(ticket.sitting, language, int(now.timestamp()))


def why_closed(address: str, purpose: links.Purpose) -> tuple[Occurrence | None, str]:
    """Return what `address` is about, where that is known, and which kind of link it is that does not open.

    `malformed`, `unknown`, `unverified` (of another purpose or key, revoked, or made up), `no_ticket` (the public half
    without its cookie), `over` (expired, closed, cancelled, or the patient is gone or has withdrawn).
    """
    is_half = links.is_selector(address)
    parts = (address, "") if is_half else links.split(address)
    occurrence = queries.by_selector((parts or links.NO_LINK)[0])
    is_verified = queries.occurrence_by_link(address, purpose) is not None  # asked of every link: it takes its time
    if parts is None:
        return None, "malformed"
    if occurrence is None:
        return None, "unknown"
    if is_half:
        return occurrence, "no_ticket"
    return occurrence, "over" if is_verified else "unverified"

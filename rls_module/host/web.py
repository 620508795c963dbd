"""What every page of the plugin shares: who may come in, which headers go out, and our own error pages."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from rls_module import conf
from rls_module.host import identity, kept, transaction
from rls_module.host.adapter import adapter

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

LARGEST_BODY = 64 * 1024  # of what a patient sends

_COMMON_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_PUBLIC_HEADERS = _COMMON_HEADERS | {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_STAFF_HEADERS = _COMMON_HEADERS | {"Referrer-Policy": "same-origin"}


class Stop(Exception):
    """A page that can't be shown: answered with our own error page, never with the host's."""

    status = 500

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Stop):
    """There is no such thing, or nothing this person may know of."""

    status = 404


class Forbidden(Stop):
    """The person may see it but not do this with it."""

    status = 403


class Interposed(Exception):
    """Something else comes first: the host's own response is shown instead of the page."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class Conflict(Stop):
    """Somebody else was faster."""

    status = 409


class Unavailable(Stop):
    """Nothing can be shown or stored safely now."""

    status = 503


def staff(view: View) -> View:
    """Let only signed-in users of a scope in, answer refusals with our own pages, and set the headers."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if not identity.is_verified():
                raise Unavailable
            user = adapter().request_user(request)
            if user is None:
                response = signed_out(request)
            else:
                with clinic_time(request):
                    response = _with_kept(request, user, view(request, *args, **kwargs))
        except Stop as stop:
            response = error_page(request, stop)
        except Interposed as interposed:
            response = interposed.response
        except DatabaseError as error:
            # A read whose audit event can't be stored is no read, and a write without one is no write.
            # The database's own words may quote the row: only the kind of failure is told.
            logger.error("a page could not be served: the database raised %s", type(error).__name__)
            response = error_page(request, Unavailable())
        return _harden(response, _STAFF_HEADERS)

    guarded.rls_door = "staff"  # type: ignore[attr-defined]
    return guarded


def signed_out(request: HttpRequest) -> HttpResponse:
    """Lead to signing in, and keep what was typed until then; a host whose middleware asks first answers with this."""
    if request.method == "POST":
        kept.keep(request)
    return redirect_to_login(request.get_full_path())


def _with_kept(request: HttpRequest, user: Any, response: HttpResponse) -> HttpResponse:
    """Offer what was typed before the session ended, in place of a page that this person was let in to."""
    fields = kept.restore(request, user) if request.method == "GET" and response.status_code == 200 else None  # noqa: PLR2004
    return response if fields is None else page(request, "rls_module/layouts/kept.html", {"fields": fields})


def machine(view: View) -> View:
    """Set the staff's headers on a view that other systems ask; who may come in, the view itself decides."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _harden(view(request, *args, **kwargs), _STAFF_HEADERS)

    guarded.rls_door = "machine"  # type: ignore[attr-defined]
    return guarded


@contextmanager
def clinic_time(request: HttpRequest) -> Iterator[None]:
    """Have every time that a page shows be the clinic's own; raises NotFound for a request of no clinic."""
    scope = adapter().request_scope(request)
    if scope is None:
        raise NotFound
    request.rls_brand = adapter().brand(scope)  # type: ignore[attr-defined]
    with timezone.override(request.rls_brand.zone):  # type: ignore[attr-defined]
        yield


def public(view: View) -> View:
    """Let anybody in without login or Django's CSRF cookie; the view itself checks the link and its form token.

    PUBLIC_DECORATORS, the host's own exemptions, go on outside, when the URLs are loaded.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _answer_public(view, request, *args, **kwargs)
        # Django logs the path of a refused request; here the path is the key to a survey.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return _harden(response, _PUBLIC_HEADERS)

    outermost: View = login_not_required(csrf_exempt(guarded))
    outermost.rls_door = "public"  # type: ignore[attr-defined]
    for path in reversed(conf.get("PUBLIC_DECORATORS")):
        outermost = import_string(path)(outermost)
    return outermost


def _answer_public(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(("GET", "HEAD", "POST"))
    if not identity.is_verified():
        return _failed_public(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        return HttpResponse(status=413)
    try:
        return view(request, *args, **kwargs)
    except (SuspiciousOperation, MultiPartParserError):
        return HttpResponse(status=413)  # a body that no form of ours sends: too many fields, too long, broken
    except (BadRequest, UnreadablePostError):
        return HttpResponse(status=400)  # a body in no encoding of ours, or one that broke off on its way
    except Exception as error:  # noqa: BLE001  what gets past here a host logs with the path: the key to a survey
        # The exception's own text may quote a row. Where it was raised is told, for whoever has to mend it.
        transaction.undo_request()
        place = "".join(traceback.format_tb(error.__traceback__))
        logger.error("a patient's page could not be served: %s was raised at\n%s", type(error).__name__, place)
        return _failed_public(request)


def _failed_public(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        sentence = _(
            "This could not be shown or stored. What you sent before is kept. Please wait a few minutes, then reload "
            "this page or open the link in the mail again."
        )
        return error_page(request, Unavailable(sentence), way_back=False)


def page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Render one of our templates for staff, inside the base that the host chose."""
    brand = getattr(request, "rls_brand", None)
    match = request.resolver_match
    room = match.url_name if match else ""
    frame = {
        "rls_base": conf.get("BASE_TEMPLATE"),
        "nav": _nav(room),
        "brand": brand,
        "room": room,
        "kept_for": _kept_for(request),
        "emergency": getattr(request, "rls_emergency", None),  # what the gate let be read in one
    }
    return render(request, template, {**frame, **context}, status=status)


def _kept_for(request: HttpRequest) -> str:
    user = adapter().request_user(request)
    return kept.token_for(user) if user is not None else ""


def _nav(room: str | None) -> list[tuple[str, str, bool]]:
    return [(_("Worklist"), reverse("rls:worklist"), room == "worklist")]


def seen_version(request: HttpRequest) -> int:
    """Return the version of a row that the sent page was made from; nonsense is a version nobody has."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004  fits an int32


def error_page(request: HttpRequest, stop: Stop, *, way_back: bool = True) -> HttpResponse:
    """Render our own page for a refusal; it says what to do and nothing about what exists."""
    title, sentence = _error_words(stop.status)
    words = {"status": stop.status, "title": title, "sentence": stop.sentence or sentence}
    context = {**words, "rls_base": _OWN_BASE, "way_back": way_back}
    return render(request, "rls_module/layouts/error.html", context, status=stop.status)


_OWN_BASE = "rls_module/layouts/base.html"


def _error_words(status: int) -> tuple[str, str]:
    return {
        403: (_("Not allowed"), _("You may see this, but not do that. Ask the person who manages your clinic system.")),
        404: (_("Nothing here"), _("There is nothing here, or nothing that you can open.")),
        409: (_("Somebody was faster"), _("This was changed in the meantime. Open it again to see how it stands.")),
        503: (_("Not available now"), _("Nothing could be read or stored safely. Please try again in a few minutes.")),
    }.get(status, (_("Something went wrong"), _("Please go back and try again.")))


def _harden(response: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    if headers is _PUBLIC_HEADERS or conf.get("BASE_TEMPLATE") == _OWN_BASE:
        response.headers.setdefault("Content-Security-Policy", _content_security_policy())
    return response


def _content_security_policy() -> str:
    static = urlsplit(django_settings.STATIC_URL or "")
    own = f"'self' {static.scheme}://{static.netloc}" if static.netloc else "'self'"
    return (
        f"default-src 'none'; style-src {own}; script-src {own}; img-src {own} data:; font-src {own}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )

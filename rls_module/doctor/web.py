"""The addresses, asked through the host's whole stack of middleware: links open for patients, pages for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from rls_module.doctor.finding import Finding, judged, warning
from rls_module.followups.links import address
from rls_module.host import adapter, transaction

MADE_UP = "doctor" * 10 + "doctor"
STATIC = Path(__file__).parent.parent / "static"
WANTED_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def look(scope: str) -> Iterator[Finding]:
    """Yield how the addresses of one scope answer."""
    base = urlsplit(adapter().base_url(scope))
    client = Client(raise_request_exception=False, headers={"host": base.netloc})
    yield from _patients(scope, _get(client, address("survey", MADE_UP), secure=base.scheme == "https"))
    yield from _staff(scope, _get(client, reverse("rls:worklist"), secure=base.scheme == "https"))
    yield from _static_files()


class _Undo(Exception):
    """Takes back what a page wrote."""


def _get(client: Client, path: str, *, secure: bool) -> HttpResponse:
    """Ask, and take back the event that this left: it is no patient's and no stranger's."""
    try:
        with transaction.atomic():
            response: HttpResponse = client.get(path, secure=secure)  # type: ignore[assignment]
            raise _Undo  # noqa: TRY301  only an exception rolls back
    except _Undo:
        return response


def _patients(scope: str, response: HttpResponse) -> Iterator[Finding]:
    hint = {
        302: "A login wall stands before patients: name its exemption in PUBLIC_DECORATORS.",
        301: "The address is redirected: check BASE_URL and SECURE_SSL_REDIRECT.",
        400: "The host of base_url() is not in ALLOWED_HOSTS.",
    }.get(response.status_code, "Look at the host's log; the address is the patient's survey.")
    yield judged(
        "web.patients",
        good=response.status_code == 404,  # noqa: PLR2004
        message=f"{scope}: a made-up link answers {response.status_code}",
        hint=hint,
    )
    wrong = [name for name, value in WANTED_HEADERS.items() if response.headers.get(name) != value]
    yield judged(
        "web.headers",
        good=not wrong,
        message=f"{scope}: {', '.join(wrong)} are not as we set them" if wrong else f"{scope}: our headers arrive",
        hint="Some middleware of the host rewrites them, or the page is not ours.",
    )


def _staff(scope: str, response: HttpResponse) -> Iterator[Finding]:
    yield judged(
        "web.staff",
        good=response.status_code in (301, 302, 401, 403, 404),
        message=f"{scope}: the worklist answers {response.status_code} to nobody",
        hint="A page for staff opens without a login, or fails: check request_user() and request_scope().",
    )


def _static_files() -> Iterator[Finding]:
    if not apps.is_installed("django.contrib.staticfiles"):
        hint = f"Serve {STATIC} below STATIC_URL."
        yield warning("web.static", "django.contrib.staticfiles is not installed: nobody can say who serves ours", hint)
        return
    names = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.*")]
    lost = [name for name in names if not _resolves(name)]
    yield judged(
        "web.static",
        good=not lost,
        message=f"{len(lost)} of {len(names)} static files have no address" if lost else f"{len(names)} static files",
        hint="Run collectstatic.",
    )


def _resolves(name: str) -> bool:
    try:
        staticfiles_storage.url(name)
    except ValueError:  # a manifest that does not know the file
        return False
    root = django_settings.STATIC_ROOT
    return finders.find(name) is not None or bool(root and Path(root, name).exists())

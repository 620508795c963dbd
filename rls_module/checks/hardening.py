"""What only a clinic in production must have: nothing here is asked of a developer's machine."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, register

from rls_module.checks.configuration import read
from rls_module.checks.messages import TAG, error, warning

_SMTP = "smtp.EmailBackend"
LONGEST_WAIT_S = 20  # EM-6
_NOWHERE = ("console.EmailBackend", "dummy.EmailBackend", "filebased.EmailBackend", "locmem.EmailBackend")
_HERE = {"localhost", "127.0.0.1", "::1"}


@register(TAG, deploy=True)
def production_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E022: CLOCK is set. W002: BASE_URL is not https. W006: no STAFF_GATE. W034: no package to lock exports with."""
    found: list[CheckMessage] = []
    if read("CLOCK"):
        found.append(error("022", "CLOCK is set: the clinic's time can be moved.", "Leave CLOCK out in production."))
    if read("BASE_URL") and not read("BASE_URL").startswith("https://"):
        found.append(warning("002", "BASE_URL is not https: links in mail are not private.", "Serve https."))
    if not read("STAFF_GATE"):
        hint = "Name gate(request, action) that asks for a fresh second factor."
        found.append(warning("006", "STAFF_GATE is unset: signing and export ask for no second factor.", hint))
    if find_spec("cryptography") is None:
        hint = "Install rls-module[exports], or leave exports off: no page will make one."
        found.append(warning("034", "Nothing can lock an export: the package cryptography is missing.", hint))
    return found


@register(TAG, deploy=True)
def mail_goes_out(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W003: mail goes to a console, a file or nowhere. W008: mail without a timeout, or with a long one."""
    found: list[CheckMessage] = []
    backends = [getattr(django_settings, "EMAIL_BACKEND", "")]
    backends += [mailer.get("BACKEND", "") for mailer in getattr(django_settings, "MAILERS", {}).values()]
    if any(backend.endswith(_NOWHERE) for backend in backends):
        found.append(warning("003", "Mail goes to a console, a file or nowhere.", "Name a backend that sends."))
    if any(seconds is None or seconds > LONGEST_WAIT_S for seconds in _mail_timeouts()):
        told = "A mail server that hangs would hold up a run for longer than 20 seconds, or for ever."
        found.append(warning("008", told, "Set EMAIL_TIMEOUT, or timeout under MAILERS, to 20 or less."))
    return found


def _mail_timeouts() -> list[float | None]:
    """Return how long each way of sending by SMTP waits for an answer, None for ever."""
    mailers = getattr(django_settings, "MAILERS", {}).values()
    by_smtp = [one.get("OPTIONS", {}).get("timeout") for one in mailers if one.get("BACKEND", "").endswith(_SMTP)]
    return by_smtp if hasattr(django_settings, "MAILERS") else [getattr(django_settings, "EMAIL_TIMEOUT", None)]


@register(TAG, deploy=True)
def mail_travels_locked(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E035: a mail server on another machine without TLS."""
    servers = [(getattr(django_settings, "EMAIL_BACKEND", ""), _smtp_before_mailers())]
    mailers = getattr(django_settings, "MAILERS", {}).values()
    servers = [(one.get("BACKEND", ""), one.get("OPTIONS", {})) for one in mailers] or servers
    hint = "Use STARTTLS or TLS (EMAIL_USE_TLS or EMAIL_USE_SSL): addresses and links travel in clear without it."
    return [
        error("035", "Mail goes to a server on another machine without TLS.", hint)
        for backend, options in servers
        if backend.endswith(_SMTP)
        and options.get("host", "localhost") not in _HERE
        and not (options.get("use_tls") or options.get("use_ssl"))
    ]


def _smtp_before_mailers() -> dict[str, Any]:
    names = {"host": "EMAIL_HOST", "use_tls": "EMAIL_USE_TLS", "use_ssl": "EMAIL_USE_SSL"}
    return {option: getattr(django_settings, name, "") for option, name in names.items()}


@register(TAG, deploy=True)
def nothing_shows_more_than_it_should(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E031: DEBUG is on. W032: a proxy stands before the clinic and TRUSTED_PROXIES counts none."""
    found: list[CheckMessage] = []
    if django_settings.DEBUG:
        hint = "Set DEBUG = False: an error page shows what a patient typed."
        found.append(error("031", "DEBUG is on.", hint))
    if any((django_settings.SECURE_PROXY_SSL_HEADER, django_settings.USE_X_FORWARDED_HOST)) and not read(
        "TRUSTED_PROXIES"
    ):
        hint = "Say how many proxies append to X-Forwarded-For: else everybody has the proxy's address, and its limits."
        found.append(warning("032", "A proxy is believed, and TRUSTED_PROXIES counts none.", hint))
    return found


@register(TAG, deploy=True)
def celery_is_private_and_on_time(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W030: a broker on another machine without password or TLS. W031: CELERY_TIMEZONE is not UTC."""
    address = urlsplit(getattr(django_settings, "CELERY_BROKER_URL", None) or "")
    if not address.scheme:
        return []
    found: list[CheckMessage] = []
    is_elsewhere = bool(address.hostname) and address.hostname not in _HERE
    if is_elsewhere and not (address.scheme in {"rediss", "amqps"} and address.password):
        hint = "Use rediss:// with a password: who reaches the broker can start and flood the engine's turns."
        found.append(warning("030", "The broker is on another machine, without password or TLS.", hint))
    if getattr(django_settings, "CELERY_TIMEZONE", "UTC") != "UTC":
        hint = "Set CELERY_TIMEZONE = 'UTC': a beat by a local clock is silent for an hour when clocks go back."
        found.append(warning("031", "CELERY_TIMEZONE is not UTC.", hint))
    return found

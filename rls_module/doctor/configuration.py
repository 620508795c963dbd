"""Settings with their sources, the system checks, and what protects the installation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured

from rls_module import conf
from rls_module.doctor.finding import Finding, failure, judged, ok, warning
from rls_module.host import database

SECRETS = {"LINK_KEYS", "STATUS_TOKEN", "DEADMAN_URL"}
LEAST_SECRET = 32


def settings() -> Iterator[Finding]:
    """Yield each key with its value and where it comes from; secrets only as set or not."""
    for setting in conf.TABLE:
        name = f"configuration.{setting.name}"
        sources = conf.sources_of(setting.name)
        try:
            value = _shown(setting.name, conf.get(setting.name))
        except ImproperlyConfigured:
            yield failure(name, "missing or of the wrong type", setting.sentence)
            continue
        yield ok(name, f"{value} (from {sources[0] if sources else 'default'})")
        if len(sources) > 1:
            hint = "Keep it in one place; the first source wins."
            yield warning(name, f"also stands in {', '.join(sources[1:])}, where it counts for nothing", hint)


def _shown(name: str, value: Any) -> str:
    if name in SECRETS:
        return "set" if value else "not set"
    return repr(value)


def checks() -> Iterator[Finding]:
    """Yield what the system checks of the plugin say; what is for a deployment alone is no more than a warning here."""
    alias = database.alias()
    said = run_checks(tags=["rls_module"], databases=[alias])
    known = {one.id for one in said}
    for_production = run_checks(tags=["rls_module"], include_deployment_checks=True, databases=[alias])
    for one in said:
        yield (failure if one.level >= ERROR else warning)(_name(one), one.msg, one.hint or "")
    for one in for_production:
        if one.id not in known:
            yield warning(_name(one), one.msg, one.hint or "")
    if not for_production:
        yield ok("checks", "nothing to say")


def _name(one: CheckMessage) -> str:
    return f"checks.{(one.id or '').removeprefix('rls_module.')}"


def security() -> Iterator[Finding]:
    """Yield what keeps strangers out: keys, cookies, https, debug, proxies."""
    keys = [len(secret) for secret in conf.get("LINK_KEYS").values()]
    yield judged(
        "security.link_keys",
        good=bool(keys) and min(keys) >= LEAST_SECRET,
        message=f"{len(keys)} link keys, the shortest of {min(keys, default=0)} characters",
        hint=f"Make each a random secret of {LEAST_SECRET} characters or more.",
        level="warning",
    )
    for name, good, hint in (
        ("DEBUG", not django_settings.DEBUG, "Never in production: pages of errors show what they hold."),
        ("SESSION_COOKIE_SECURE", django_settings.SESSION_COOKIE_SECURE, "Set it to True behind https."),
        ("CSRF_COOKIE_SECURE", django_settings.CSRF_COOKIE_SECURE, "Set it to True behind https."),
    ):
        value = getattr(django_settings, name)
        yield judged(f"security.{name.lower()}", good=good, message=f"{name} = {value}", hint=hint, level="warning")
    believes, hops = django_settings.SECURE_PROXY_SSL_HEADER is not None, conf.get("TRUSTED_PROXIES")
    yield judged(
        "security.proxies",
        good=believes == (hops > 0),
        message=f"TRUSTED_PROXIES = {hops}, SECURE_PROXY_SSL_HEADER {'set' if believes else 'unset'}",
        hint="Behind a proxy say both; without one, neither.",
        level="warning",
    )

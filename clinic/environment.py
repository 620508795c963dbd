"""Turns environment values into Django settings: database, mail server, secrets. It reads no settings itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

LEAST_SECRET, LEAST_SIGNS = 50, 5  # as `check --deploy` has them
HERE = {"localhost", "127.0.0.1", "::1"}
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers go on while one writes
    "PRAGMA recursive_triggers = ON",  # else REPLACE deletes a guarded row without firing its DELETE trigger
)


def database(config: dict[str, Any], *, synchronous: str = "FULL") -> dict[str, Any]:
    """Return a Django database entry ready for use: SQLite gets what several writers need, others pass through.

    `synchronous` is SQLite's durability: "FULL" survives a power cut (a mail marked as sent stays marked),
    "NORMAL" is faster and for data that may be lost.
    """
    if not config["ENGINE"].endswith("sqlite3"):
        return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    options = {
        **config.get("OPTIONS", {}),
        "timeout": 20,
        # Taking the write lock at BEGIN turns "database is locked" in mid-transaction into a wait.
        "transaction_mode": "IMMEDIATE",
        "init_command": "; ".join((*_SQLITE_PRAGMAS, f"PRAGMA synchronous = {synchronous}")) + ";",
    }
    return {**config, "CONN_MAX_AGE": 0, "OPTIONS": options}


def mail(config: dict[str, Any], *, timeout: int) -> dict[str, Any]:
    """Return the mail settings for one server as this Django wants them: MAILERS from 6.1 on, EMAIL_* before.

    `config` is what `dj_email_url` reads from an EMAIL_URL; `timeout` is in seconds and must be set, for a hung
    server would otherwise block the engine for ever.
    """
    if django.VERSION < (6, 1):
        return {key: value for key, value in config.items() if key.startswith("EMAIL_")} | {"EMAIL_TIMEOUT": timeout}
    backend = config["EMAIL_BACKEND"]
    if not backend.endswith("smtp.EmailBackend"):
        folder = config.get("EMAIL_FILE_PATH")
        options = {"file_path": folder} if backend.endswith("filebased.EmailBackend") else {}
        return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}
    options = {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"],
        "username": config["EMAIL_HOST_USER"],
        "password": config["EMAIL_HOST_PASSWORD"],
        "use_tls": config["EMAIL_USE_TLS"],
        "use_ssl": config["EMAIL_USE_SSL"],
        "timeout": timeout,
    }
    return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}


def require_secrets(*, debug: bool, secret_key: str, link_keys: object) -> None:
    """Raise ImproperlyConfigured with one plain sentence when a secret that production needs is missing or unusable.

    In debug mode the secrets may be missing, but link keys that are given must still be usable.
    """
    if not debug and not secret_key:
        raise ImproperlyConfigured("SECRET_KEY is not set. Give the clinic a long random SECRET_KEY, or set DEBUG=1.")
    if not debug and not link_keys:
        raise ImproperlyConfigured(
            'RLS_LINK_KEYS is not set. Give it as JSON, newest key first, e.g. {"2026a": "a long random secret"}.'
        )
    if link_keys and not _is_key_ring(link_keys):
        raise ImproperlyConfigured("RLS_LINK_KEYS must be a JSON object of key names to secrets, both non-empty text.")


def require_safe(
    *, debug: bool, secret_key: str, base_url: str, allows_http: bool, allowed_hosts: Sequence[str | None]
) -> None:
    """Raise ImproperlyConfigured, with a sentence for each, for what must not serve patients."""
    if debug:
        return
    address, found = urlsplit(base_url), []
    if len(secret_key) < LEAST_SECRET or len(set(secret_key)) < LEAST_SIGNS:
        found.append(f"SECRET_KEY is no long random text: it takes {LEAST_SECRET} characters, of {LEAST_SIGNS} kinds.")
    if address.scheme != "https" and address.hostname not in HERE and not (allows_http and address.scheme == "http"):
        found.append(
            "BASE_URL is not https: passwords and answers would travel in clear. ALLOW_HTTP=1 is for your own network."
        )
    if "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS lets in every name: name the clinic's own.")
    if found:
        raise ImproperlyConfigured(" ".join(found) + " To try it on this machine, set DEBUG=1.")


def _is_key_ring(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(isinstance(text, str) and text for pair in value.items() for text in pair)

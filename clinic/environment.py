"""Turns environment values into Django settings: database, mail server, secrets. It reads no settings itself."""

from __future__ import annotations

from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured

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


def _is_key_ring(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(isinstance(text, str) and text for pair in value.items() for text in pair)

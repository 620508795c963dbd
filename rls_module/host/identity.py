"""Whose patients are these? Records the host's models when the tables are made and refuses to work on others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps as installed
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from rls_module.host import database
from rls_module.host.migration import patient_model

_verified: set[tuple[str, str]] = set()  # database and patient model


class WrongHost(ImproperlyConfigured):
    """The rows of this database were written for another host's patients."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The models that keys of ours point at, in words that survive a restart."""

    patient_label: str
    patient_table: str
    key_type: str
    user_label: str


def resolved() -> Identity:
    """Return the identity that the settings resolve to now."""
    model = installed.get_model(patient_model())
    key = model._meta.pk
    while key.remote_field is not None:  # the patient's key may itself be a one-to-one to the user
        key = key.target_field
    return Identity(
        model._meta.label_lower, model._meta.db_table, key.get_internal_type(), django_settings.AUTH_USER_MODEL.lower()
    )


def record(apps: Any, schema_editor: Any) -> None:
    """Write the identity row; the migration calls it once, when the tables come into being."""
    rows = apps.get_model("rls_module", "HostIdentity")._default_manager.using(schema_editor.connection.alias)
    rows.update_or_create(id=1, defaults=asdict(resolved()))


def mismatch(alias: str | None = None) -> str:
    """Return in words how the identity recorded in a database differs from the settings, or "" when they agree.

    `alias` names the database; left out, it is the one that our rows are in now.
    """
    rows = installed.get_model("rls_module", "HostIdentity")._default_manager.using(alias or database.alias())
    row = rows.filter(id=1).first()
    if row is None:
        return "the identity of the host was never recorded in this database"
    now = asdict(resolved())
    changed = [
        f"{name} was {getattr(row, name)}, is {value}" for name, value in now.items() if getattr(row, name) != value
    ]
    return "; ".join(changed)


def verify() -> None:
    """Raise WrongHost unless this database's rows were written for the host's patients; each database is asked once.

    Raises what the database raises where it can't be asked.
    """
    asked = (database.alias(), patient_model())
    if asked in _verified:
        return
    if mismatch():
        raise WrongHost("These tables were written for another host (rls_module.E008): nothing is read or sent.")
    _verified.add(asked)


def is_verified() -> bool:
    """True when this process works on the patients its rows were written for."""
    try:
        verify()
    except (DatabaseError, ImproperlyConfigured, LookupError):
        return False
    return True

"""Whose patients are these? Records the host's models when the tables are made and refuses to work on others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps as installed
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from rls_module.host.migration import patient_model

_verified: set[str] = set()


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


def mismatch() -> str:
    """Return in words how the recorded identity differs from the settings, or "" when they agree."""
    row = installed.get_model("rls_module", "HostIdentity")._default_manager.filter(id=1).first()
    if row is None:
        return "the identity of the host was never recorded in this database"
    now = asdict(resolved())
    changed = [
        f"{name} was {getattr(row, name)}, is {value}" for name, value in now.items() if getattr(row, name) != value
    ]
    return "; ".join(changed)


def is_verified() -> bool:
    """True when this process works on the patients its rows were written for; asked of the database once."""
    try:
        label = patient_model()
        if label not in _verified and mismatch():
            return False
    except (DatabaseError, ImproperlyConfigured, LookupError):
        return False
    if label not in _verified:
        _verified.add(label)
    return True

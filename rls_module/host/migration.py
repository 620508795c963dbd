"""What the shipped migrations ask of the host: which model is the patient, and in which migration it is born."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module

from django.apps import apps
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations import CreateModel, RenameModel, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

from rls_module import conf

_SENTENCE = "RLS_MODULE['PATIENT_MODEL'] must name the host's patient model as 'app_label.Model'"


def patient_model() -> str:
    """Return the label of the host's patient model.

    Raises ImproperlyConfigured, in one sentence, when it is missing, malformed or of an app that is not installed:
    a migration must never guess whose patients it points at.
    """
    label = str(conf.get("PATIENT_MODEL"))
    app_label, dot, name = label.partition(".")
    if not (dot and app_label and name) or "." in name:
        raise ImproperlyConfigured(f"{_SENTENCE}; it is '{label}'.")
    if app_label not in apps.app_configs:
        raise ImproperlyConfigured(f"{_SENTENCE}; no installed app has the label '{app_label}'.")
    return label


def field_target() -> str:
    """Return the patient model for the foreign key; the user model when nothing valid is set, so checks can speak."""
    try:
        return patient_model()
    except ImproperlyConfigured:
        return django_settings.AUTH_USER_MODEL


def patient_migration() -> tuple[str, str]:
    """Return (app label, name) of the migration in which the patient model comes into being.

    Not the app's first migration (many hosts create the patient later) and not its latest (it moves with each release).
    """
    override = conf.get("PATIENT_MIGRATION")
    if override:
        app_label, _, name = override.partition(".")
        return app_label, name
    app_label, model = patient_model().split(".")
    return app_label, _birth(app_label, model.lower()) or "__first__"


def _birth(app_label: str, model: str) -> str | None:
    born_in = [name for name, migration in _migrations(app_label) if _creates(migration.operations, model)]
    return born_in[-1] if born_in else None


def _migrations(app_label: str) -> Iterator[tuple[str, type[Migration]]]:
    module_name, _ = MigrationLoader.migrations_module(app_label)
    if module_name is None:
        return
    try:
        package = import_module(module_name)
    except ModuleNotFoundError:
        return
    for name in sorted(found.name for found in pkgutil.iter_modules(getattr(package, "__path__", []))):
        migration = getattr(import_module(f"{module_name}.{name}"), "Migration", None)
        if migration is not None and not (migration.replaces and _replaced_are_there(package, migration)):
            yield name, migration


def _replaced_are_there(package: object, squashed: type[Migration]) -> bool:
    """While the originals still exist the graph may hold them instead of the squashed one: depend on the original."""
    names = {found.name for found in pkgutil.iter_modules(getattr(package, "__path__", []))}
    return any(name in names for _, name in squashed.replaces)


def _creates(operations: Iterable[Operation], model: str) -> bool:
    for operation in operations:
        match operation:
            case CreateModel() if operation.name_lower == model:
                return True
            case RenameModel() if operation.new_name_lower == model:
                return True
            case SeparateDatabaseAndState() if _creates(operation.state_operations, model):
                return True
    return False

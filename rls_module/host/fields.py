"""The one real foreign key into the host: its target is a setting, and no host's label enters a migration."""

from __future__ import annotations

from typing import Any

from django.db import models

from rls_module.host.migration import field_target


class HostForeignKey(models.ForeignKey):
    """A foreign key to the host's patient, whatever its model and key type.

    Migrations see a plain ForeignKey whose target is `settings.RLS_MODULE_PATIENT_MODEL`; `make migration` rewrites
    that into `rls_module.host.patient_model()`, so that the shipped file fits every host.
    """

    def __init__(self, to: Any = None, **kwargs: Any) -> None:
        super().__init__(to or field_target(), **kwargs)

    @property
    def swappable_setting(self) -> str:
        """The name the migration writer emits instead of a label."""
        return "RLS_MODULE_PATIENT_MODEL"

    def deconstruct(self) -> Any:
        """Appear in migrations as Django's own foreign key."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class CodeField(models.CharField):
    """A CharField whose choices stay out of migrations: a new code is no change of the schema."""

    def deconstruct(self) -> Any:
        """Appear in migrations as a plain CharField without choices."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs

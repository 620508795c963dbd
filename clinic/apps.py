"""The host's app configuration, and nothing else."""

from __future__ import annotations

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """The reference host as a Django app."""

    name = "clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinic.front_door import receivers

        receivers.connect()

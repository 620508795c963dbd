"""The demo as a Django app; only `clinic.settings_demo` installs it."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo's app configuration."""

    name = "clinic.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"

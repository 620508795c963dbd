"""The minimal host as an app. Its label sorts after the plugin's: a careless migration dependency fails on that."""

from __future__ import annotations

from django.apps import AppConfig


class SurgeryConfig(AppConfig):
    name = "tests.hosts.minimal"
    label = "surgery"
    default_auto_field = "django.db.models.AutoField"

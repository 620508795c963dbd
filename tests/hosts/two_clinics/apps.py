"""The two clinics' own app; the same tables stand in both databases."""

from __future__ import annotations

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "tests.hosts.two_clinics"
    label = "practice"
    default_auto_field = "django.db.models.BigAutoField"

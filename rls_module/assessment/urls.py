"""Addresses of the assessment room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.assessment import views

urlpatterns = [
    path("cases/<uuid:uuid>/assessment/", views.assessment, name="assessment"),
    path("places/", views.places, name="places"),
]

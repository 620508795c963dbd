"""Addresses of the case room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.cases import views

urlpatterns = [
    path("tasks/<uuid:uuid>/", views.task, name="task"),
    path("charts/<uuid:uuid>/emergency/", views.emergency, name="emergency"),
    path("charts/<uuid:uuid>/holds/", views.holds, name="holds"),
]

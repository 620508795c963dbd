"""Addresses of the visit room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.visits import views

urlpatterns = [
    path("cases/<uuid:uuid>/visits/", views.start, name="visit_start"),
    path("visits/<uuid:uuid>/", views.note, name="visit"),
    path("visits/<uuid:uuid>/addendum/", views.addendum, name="addendum"),
    path("cases/<uuid:uuid>/adverse-events/", views.adverse_events, name="adverse_events"),
    path("adverse-events/<uuid:uuid>/", views.adverse_event, name="adverse_event"),
    path("charts/<uuid:uuid>/consent/needling/", views.needling_consent, name="needling_consent"),
    path("charts/<uuid:uuid>/notices/", views.notices, name="notices"),
]

"""Addresses of the outcomes room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.outcomes import views

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("find/", views.find, name="find"),
    path("billing/", views.billing, name="billing"),
    path("charts/<uuid:uuid>/", views.chart, name="chart"),
    path("charts/<uuid:uuid>/billing/", views.billing_of_chart, name="billing_of_chart"),
    path("charts/<uuid:uuid>/audit/", views.witnessed, name="witnessed"),
    path("charts/<uuid:uuid>/export/", views.export_patient, name="export_patient"),
    path("exports/", views.exports, name="exports"),
    path("exports/<uuid:uuid>/", views.export_fetch, name="export_fetch"),
    path("responses/<uuid:uuid>/", views.response, name="response"),
    path("occurrences/<uuid:uuid>/answers/", views.answers, name="answers"),
]

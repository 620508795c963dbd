"""Addresses of the plan room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.plans import views

urlpatterns = [
    path("cases/<uuid:uuid>/plan/", views.plan, name="plan"),
    path("cases/<uuid:uuid>/certification/", views.certification, name="certification"),
    path("plans/<uuid:uuid>/", views.plan_edit, name="plan_edit"),
    path("plans/<uuid:uuid>/handout/", views.handout, name="handout"),
    path("cases/<uuid:uuid>/programme/", views.programme, name="programme"),
    path("prescriptions/<uuid:uuid>/stop/", views.prescription_stop, name="prescription_stop"),
]

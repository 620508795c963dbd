"""Addresses of the intake room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.intake import views

urlpatterns = [
    path("patients/<str:key>/", views.patient, name="patient"),
    path("charts/<uuid:uuid>/screen/", views.screen, name="screen"),
    path("screens/<uuid:uuid>/", views.screen_result, name="screen_result"),
    path("cases/<uuid:uuid>/baseline/", views.baseline, name="baseline"),
    path("cases/<uuid:uuid>/forms/", views.paper_forms, name="paper_forms"),
    path("cases/<uuid:uuid>/forms/<slug:key>/", views.paper_form, name="paper_form"),
    path("cases/<uuid:uuid>/intake/", views.intake, name="intake"),
    path("cases/<uuid:uuid>/intake/<slug:section>/", views.intake_section, name="intake_section"),
    path("cases/<uuid:uuid>/criteria/", views.criteria, name="criteria"),
    path("cases/<uuid:uuid>/labs/", views.labs, name="labs"),
    path("labs/<uuid:uuid>/void/", views.lab_void, name="lab_void"),
    path("cases/<uuid:uuid>/medications/", views.medications, name="medications"),
    path("cases/<uuid:uuid>/augmentation/", views.augmentation, name="augmentation"),
    path("medications/<uuid:uuid>/", views.medication, name="medication"),
    path("cases/<uuid:uuid>/referrals/", views.referrals, name="referrals"),
    path("referrals/<uuid:uuid>/", views.referral, name="referral"),
    path("referrals/<uuid:uuid>/letter/", views.referral_letter, name="referral_letter"),
    path("cases/<uuid:uuid>/letters/iron/", views.iron_letter, name="iron_letter"),
    path("cases/<uuid:uuid>/letters/prescriber/", views.prescriber_letter, name="prescriber_letter"),
    path("cases/<uuid:uuid>/leaflets/", views.leaflets, name="leaflets"),
    path("cases/<uuid:uuid>/leaflets/<slug:key>/", views.leaflet, name="leaflet"),
]

"""Addresses of the API, inside the namespace `rls`, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from rls_module.api import views

urlpatterns = [
    path("charts/", views.Charts.as_view(), name="api_charts"),
    path("charts/<uuid:uuid>/", views.OneChart.as_view(), name="api_chart"),
    path("charts/<uuid:uuid>/summary/", views.Summary.as_view(), name="api_summary"),
    path("cases/", views.Cases.as_view(), name="api_cases"),
    path("cases/<uuid:uuid>/", views.OneCase.as_view(), name="api_case"),
    path("visits/", views.Visits.as_view(), name="api_visits"),
    path("visits/<uuid:uuid>/", views.OneVisit.as_view(), name="api_visit"),
    path("followups/", views.Followups.as_view(), name="api_followups"),
    path("followups/<uuid:uuid>/", views.OneFollowup.as_view(), name="api_followup"),
    path("responses/", views.Responses.as_view(), name="api_responses"),
    path("responses/<uuid:uuid>/", views.OneResponse.as_view(), name="api_response"),
    path("instruments/", views.Instruments.as_view(), name="api_instruments"),
    path("instruments/<slug:key>/", views.OneInstrument.as_view(), name="api_instrument"),
    path("schema/", views.Schema.as_view(), name="api_schema"),
    path("docs/", views.docs, name="api_docs"),
]

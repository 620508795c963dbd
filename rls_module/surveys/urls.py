"""The patient's addresses, mounted by hosts on their own so that no mail carries a clinical word."""

from __future__ import annotations

from django.urls import path

from rls_module.surveys import views

app_name = "rls_surveys"

urlpatterns = [
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("<str:token>/", views.survey, name="survey"),
]

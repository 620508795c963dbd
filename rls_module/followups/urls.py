"""Addresses of the follow-up room, inside the namespace `rls`."""

from __future__ import annotations

from django.urls import path

from rls_module.followups import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("charts/<uuid:uuid>/consent/", views.mail_consent, name="mail_consent"),
    path("cases/<uuid:uuid>/intake-ahead/", views.intake_send, name="intake_send"),
    path("cases/<uuid:uuid>/papers-by-mail/", views.papers_send, name="papers_send"),
    path("occurrences/<uuid:uuid>/link/", views.link, name="link"),
]

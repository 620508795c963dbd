"""The host's addresses, and the two of the demo."""

from __future__ import annotations

from django.urls import path

from clinic.demo import views
from clinic.urls import urlpatterns as clinic_urls

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:pk>/", views.mail, name="inbox_mail"),
    path("inbox/<int:pk>/html/", views.mail_html, name="inbox_html"),
    path("demo/clock/", views.advance_clock, name="demo_clock"),
    *clinic_urls,
]

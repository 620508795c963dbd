"""One set of addresses for both clinics; which one they are about, the domain says."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("login/", LoginView.as_view(template_name="admin/login.html"), name="login"),
    path("rls/", include("rls_module.urls")),
    path("q/", include("rls_module.surveys.urls")),
    path("admin/", admin.site.urls),
]

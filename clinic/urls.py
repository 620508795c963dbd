"""The host's addresses, and where it mounts the plugin: staff pages at /rls/, the patient's own at /q/."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("", views.home, name="home"),
    path("patients/", views.patients, name="patients"),
    path("patients/<int:pk>/", views.patient, name="patient"),
    path("accounts/login/", auth_views.LoginView.as_view(template_name="clinic/login.html"), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("rls/", include("rls_module.urls")),
    # On their own, so that no mail carries a clinical word.
    path("q/", include("rls_module.surveys.urls")),
    path("admin/", admin.site.urls),
]

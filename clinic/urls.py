"""The host's addresses, and where it mounts the plugin: staff pages at /rls/, the patient's own at /q/."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from clinic import views
from clinic.front_door import breaches
from clinic.front_door.admin_door import close_second_door

close_second_door()

urlpatterns = [
    path("", views.home, name="home"),
    path("patients/", views.patients, name="patients"),
    path("patients/<int:pk>/", views.patient, name="patient"),
    path("accounts/", include("clinic.front_door.urls")),
    path("csp/", breaches.report, name="policy_report"),
    path("rls/", include("rls_module.urls")),
    # On their own, so that no mail carries a clinical word.
    path("q/", include("rls_module.surveys.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
]

"""The minimal host mounts the plugin where it likes: staff at /care/, the patient's routes at /s/."""

from __future__ import annotations

from django.contrib.auth.views import LoginView
from django.urls import include, path

from tests.hosts.minimal import views
from tests.hosts.minimal.wall import open_door

urlpatterns = [
    path("", views.desk, name="desk"),
    path("door/", open_door(LoginView.as_view(template_name="surgery/door.html")), name="door"),
    path("care/", include("rls_module.urls")),
    path("s/", include("rls_module.surveys.urls")),
]

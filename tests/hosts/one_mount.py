"""Addresses of a host that mounts the staff's pages and nothing else, as a plugin loader does."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("care/", include("rls_module.urls"))]

"""The reference host's addresses, and the bare view that pages are held against."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import include, path

from clinic.models import Patient


def one_row(request: HttpRequest, pk: int) -> HttpResponse:
    """What any page of any Django host costs: the session, the user, one row, one template."""
    patient = get_object_or_404(Patient, pk=pk)
    return render(request, "bench/one_row.html", {"patient": patient, "user": str(request.user)})


urlpatterns: list[Any] = [path("bench/<int:pk>/", one_row), path("", include("clinic.urls"))]

"""A step-up that never passes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse


def refuse(request: Any, action: str) -> HttpResponse:
    """Want something first."""
    return HttpResponse("First your second factor.", status=403)

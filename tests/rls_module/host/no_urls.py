"""A host's addresses without the plugin's."""

from __future__ import annotations

urlpatterns: list[object] = []

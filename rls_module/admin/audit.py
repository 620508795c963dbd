"""The clinic's audit events, to read: who did what to which object, and never a value."""

from __future__ import annotations

from rls_module.admin.gated import GatedAdmin


class AuditEventAdmin(GatedAdmin):
    """Newest first; filtered by outcome and verb."""

    view_action = "audit.view"
    list_display = ("at", "actor", "verb", "outcome", "object_kind", "object_id", "patient")
    list_filter = ("outcome", "verb")
    ordering = ("-at", "-pk")
    search_fields = ("actor", "object_id", "patient")
    search_help_text = "Actor, object or patient by its key."

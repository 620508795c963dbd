"""The base of every admin page of the plugin: the host's adapter decides, not Django's permissions, not a superuser."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from rls_module.audit import log
from rls_module.cases import access
from rls_module.host import adapter, web
from rls_module.host.actor import of_request

logger = logging.getLogger(__name__)
Page = Callable[..., HttpResponse]


def answering(page: Page) -> Page:
    """The door of admin pages: refusals of the gate are answered with our own pages; the site itself asks for login."""

    @wraps(page)
    def guarded(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with web.clinic_time(request):
                response = page(self, request, *args, **kwargs)
                return response.render() if isinstance(response, TemplateResponse) else response
        except web.Stop as stop:
            return web.error_page(request, stop)
        except DatabaseError as error:
            # As for staff's pages: what can't be witnessed is not shown, and the database's words may quote a row.
            logger.error("an admin page could not be served: the database raised %s", type(error).__name__)
            return web.error_page(request, web.Unavailable())
        except web.Interposed as interposed:
            return interposed.response

    guarded.rls_door = "admin"  # type: ignore[attr-defined]
    return guarded


class GatedAdmin(admin.ModelAdmin):
    """Read-only, of the own clinic, and only for whom the adapter grants `view_action`; nothing is ever deleted."""

    view_action = ""
    scope_field = "scope"
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Start from the clinic of the request; without one there is nothing."""
        scope = adapter().request_scope(request)
        rows = super().get_queryset(request)
        return rows.filter(**{self.scope_field: scope}) if scope else rows.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return adapter().request_user(request) is not None and access.may(request, self.view_action, None)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @answering
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, and put on record that it was shown."""
        scope = adapter().request_scope(request) or ""
        actor = of_request(request)
        access.clinic_wide(request, actor, self.view_action, scope=scope)
        log.record(actor=actor, verb=self.view_action, kind=f"{self.opts.model_name} list", scope=scope)
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filter by what the list itself offers and by nothing else."""
        offered = {one for one in self.list_filter if isinstance(one, str)}
        return lookup.removesuffix("__exact") in offered

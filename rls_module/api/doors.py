"""The base of every view of the API. Nothing is left to a host's framework defaults but who is asking."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.conf import settings as django_settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from drf_spectacular.openapi import AutoSchema
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from rls_module import conf
from rls_module.api import problems
from rls_module.api.params import PageParams, Params, read
from rls_module.api.shapes import ProblemShape
from rls_module.cases import access
from rls_module.host import adapter, identity, web
from rls_module.host.actor import Actor, of_request


class Description(AutoSchema):
    """Describes a door by what it says of itself: its parameters, its shape, its docstring."""

    view: Any  # a Door

    def is_excluded(self) -> bool:
        return not self.view.is_described

    def get_description(self) -> str:  # type: ignore[override]
        return inspect.getdoc(type(self.view)) or ""

    def get_operation_id(self) -> str:
        words = [word for word in self.path.strip("/").split("/") if "{" not in word]
        return "_".join([*words, "list" if self.view.is_list else "read"])

    def get_override_parameters(self) -> list[Any]:
        return [self.view.params] if self.view.params().fields else []

    def get_request_serializer(self) -> Any:
        return None

    def get_response_serializers(self) -> Any:
        shape = self.view.serializer
        return {200: shape(many=True) if self.view.is_list else shape, ("4XX", problems.CONTENT_TYPE): ProblemShape}


class Door(APIView):
    """Lets in whom the host's authentication names and the adapter knows as staff of a clinic; answers in JSON.

    A subclass says which `params` it takes. Whatever is raised becomes a problem document.
    """

    params: ClassVar[type[Params]] = Params
    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser,)
    permission_classes = ()
    throttle_classes = ()
    versioning_class = None
    metadata_class = None
    content_negotiation_class = DefaultContentNegotiation
    http_method_names = ("get", "head")
    schema = Description()
    serializer: ClassVar[type[Serializer[Any]] | None] = None
    is_list: ClassVar[bool] = False
    is_described: ClassVar[bool] = True

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:  # type: ignore[override]
        """Make the view, with the headers of every staff page on whatever it answers."""
        return web.machine(super().as_view(**initkwargs))

    def get_authenticators(self) -> list[BaseAuthentication]:
        """AUTHENTICATION_CLASSES, else what the host's REST framework is configured with, else the session alone."""
        named = [import_string(path) for path in conf.get("AUTHENTICATION_CLASSES")]
        host_has_chosen = "DEFAULT_AUTHENTICATION_CLASSES" in getattr(django_settings, "REST_FRAMEWORK", {})
        usual: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES if host_has_chosen else [SessionAuthentication]
        return [one() for one in named or usual]

    def get_authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401; a session has none of its own."""
        return super().get_authenticate_header(request) or 'Session realm="clinic"'

    def get_exception_handler(self) -> Any:
        """Return our own, whatever the host has configured."""
        return problems.handler

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse whoever is nobody, belongs to no clinic, or asks with parameters that are not listed."""
        if not identity.is_verified():
            raise web.Unavailable
        super().initial(request, *args, **kwargs)
        if adapter().request_user(request._request) is None:
            raise exceptions.NotAuthenticated
        if adapter().request_scope(request._request) is None:
            raise web.NotFound
        self.given = read(request._request, self.params)

    @property
    def host_request(self) -> HttpRequest:
        """The request as the host knows it, with the user that was authenticated here."""
        return self.request._request

    @property
    def actor(self) -> Actor:
        """Who is asking."""
        return of_request(self.host_request)


class Cursor(CursorPagination):
    """Newest first; a page knows its neighbours by a mark, so that rows that come meanwhile move nothing."""

    ordering = "-created_at"
    template = None
    page_size_query_param = "page_size"
    max_page_size = 100
    page_size = 25

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page in the words of OpenAPI 3.1, which knows no "nullable"."""
        mark = {"type": ["string", "null"], "format": "uri"}
        fields = {"next": mark, "previous": mark, "results": schema}
        return {"type": "object", "required": list(fields), "properties": fields}

    def decode_cursor(self, request: Request) -> Any:
        """Raise our own error for a mark that nobody made."""
        try:
            return super().decode_cursor(request)
        except exceptions.NotFound:
            raise problems.Invalid({"cursor": ["This is no mark of a page."]}) from None


class ListDoor(Door):
    """A list of records: those that may be seen, page by page, each read recorded."""

    params: ClassVar[type[Params]] = PageParams
    action: ClassVar[str]
    serializer: ClassVar[type[Serializer[Any]]]
    is_list = True
    pagination_class = Cursor

    def rows(self, given: dict[str, Any]) -> models.QuerySet[Any]:
        """Return the records that the filters `given` leave, before anybody's sight is asked."""
        raise NotImplementedError

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Return what the representation of these rows needs beside them."""
        return {}

    def get(self, request: Request) -> Response:
        """Answer one page."""
        filters = {name: value for name, value in self.given.items() if name not in ("page_size", "cursor")}
        pages = Cursor()
        found = access.paged(
            self.host_request,
            self.actor,
            self.rows(filters),
            self.action,
            # It orders, narrows and slices, and asks for no more of a queryset.
            pick=lambda granted: pages.paginate_queryset(granted, request, view=self) or [],  # type: ignore[arg-type]
        )
        shown = self.serializer(found, many=True, context=self.context(found)).data
        return pages.get_paginated_response(shown)


class RowDoor(Door):
    """One record, by its uuid, through the gate."""

    action: ClassVar[str]
    model: ClassVar[type[models.Model]]
    serializer: ClassVar[type[Serializer[Any]]]

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Return what the representation of these rows needs beside them."""
        return {}

    def get(self, request: Request, uuid: Any) -> Response:
        """Answer the record."""
        row = access.fetch(self.host_request, self.actor, self.model, uuid, self.action)
        return Response(self.serializer(row, context=self.context([row])).data)

"""Errors as RFC 9457 problem documents: what is wrong in words, and nothing about what exists or how it is stored."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from rls_module.host import web

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
DETAILS = {
    400: "The request can't be read as it stands; see errors.",
    401: "Sign in, or send the token that the clinic gave you.",
    403: "You may see this, but not do that.",
    404: "There is nothing here, or nothing that you can open.",
    405: "This API is read-only.",
    406: "This API answers in JSON only.",
    503: "Nothing could be read safely. Try again in a few minutes.",
}


class Invalid(Exception):
    """Parameters that can't be used: name -> what is wrong with each."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


def handler(error: Exception, _context: dict[str, Any]) -> Response:
    """Turn whatever a view raised into a problem document; what was not foreseen is logged by its kind alone."""
    match error:
        case Invalid():
            errors = [{"parameter": name, "detail": text} for name, found in error.errors.items() for text in found]
            return problem(400, errors=errors)
        case web.Stop():
            return problem(error.status)
        case web.Interposed():
            return problem(403, detail="The clinic system wants another step first. Do this on its pages.")
        case Http404():
            return problem(404)
        case PermissionDenied():
            return problem(403)
        case exceptions.APIException():
            return _of_framework(error)
        case DatabaseError():
            # The database's own words may quote the row: only the kind of failure is told.
            logger.error("the API could not answer: the database raised %s", type(error).__name__)
            return problem(503)
        case _:
            _tell(error)
            return problem(500)


def problem(status: int, *, detail: str = "", **more: Any) -> Response:
    """Return a problem document."""
    title = HTTPStatus(status).phrase
    said = detail or DETAILS.get(status, "Something went wrong. Try again later.")
    body = {"type": "about:blank", "title": title, "status": status, "detail": said, **more}
    return Response(body, status=status, content_type=CONTENT_TYPE)


def _of_framework(error: exceptions.APIException) -> Response:
    response = problem(error.status_code)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _tell(error: Exception) -> None:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "nowhere"
    logger.error("the API failed with %s at %s", type(error).__name__, where)

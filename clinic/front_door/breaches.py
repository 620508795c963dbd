"""Where browsers report what the pages' policy refused: one short line in the log, and nothing of the page itself."""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger("clinic.policy")
LONGEST = 8 * 1024  # bytes; a browser's report has about one thousand
_WORD = re.compile(r"[a-z-]{1,40}")


@csrf_exempt
@login_not_required
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Log which directive refused what from which host. Never the page's address: it may open a survey."""
    body = _read(request)
    if body is None:
        return HttpResponse(status=413)
    if ratelimit.consume(request, app="clinic", action="policy", config={"policy": "30/m/ip"}) is None:
        return HttpResponse(status=429)
    found = _refused(body)
    if found is None:
        return HttpResponse(status=400)
    logger.warning("a page's policy refused directive=%s from=%s", *found)
    return HttpResponse(status=204)


def _read(request: HttpRequest) -> bytes | None:
    try:
        if int(request.headers.get("Content-Length") or 0) > LONGEST:
            return None
        return request.read(LONGEST)
    except (ValueError, RequestDataTooBig):
        return None


def _refused(body: bytes) -> tuple[str, str] | None:
    try:
        said: Any = json.loads(body)["csp-report"]
        directive, blocked = str(said["violated-directive"]).split(" ")[0], str(said.get("blocked-uri", ""))
        host = urlsplit(blocked).hostname or (blocked if _WORD.fullmatch(blocked) else "?")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return (directive, host[:100]) if _WORD.fullmatch(directive) else None

"""The inbox, where every mail the clinic "sent" can be opened and its links followed, and the clock's buttons."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from clinic.demo import clock
from clinic.demo.models import DemoMail

MAILS_PER_PAGE = 50
STEPS = (1, 7, 42)
# A mail is somebody else's page: no script, no request, no way out of its frame but a new tab.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@login_not_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """All mails, newest first; `?format=json` gives them whole, for programs."""
    mails = DemoMail.objects.order_by("-sent_at", "-pk")
    if request.GET.get("format") == "json":
        return JsonResponse([_as_json(mail) for mail in mails], safe=False, json_dumps_params={"ensure_ascii": False})
    page = Paginator(mails, MAILS_PER_PAGE).get_page(request.GET.get("page"))
    with timezone.override(_zone()):
        return render(request, "demo/inbox.html", {"page": page})


@login_not_required
@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: its headers, its text with links, and its HTML in a locked frame."""
    with timezone.override(_zone()):
        return render(request, "demo/mail.html", {"mail": get_object_or_404(DemoMail, pk=pk)})


@login_not_required
@require_safe
def mail_html(_request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, as a mail program would show it; its links open in a new tab."""
    found = get_object_or_404(DemoMail.objects.exclude(html=""), pk=pk)
    response = HttpResponse('<base target="_blank">' + found.html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.without_demo_bar = True  # type: ignore[attr-defined]
    return response


@login_not_required
@require_POST
def advance_clock(request: HttpRequest) -> HttpResponse:
    """Move the clinic's clock by one of the bar's steps and go back to the page the button stood on."""
    days = request.POST.get("days", "")
    if days not in {str(step) for step in STEPS}:
        return HttpResponseBadRequest("The clock moves by 1, 7 or 42 days.", content_type="text/plain")
    clock.advance(int(days))
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_ours and back else reverse("home"))


def _as_json(mail: DemoMail) -> dict[str, object]:
    return {
        "id": mail.pk,
        "to": mail.to,
        "subject": mail.subject,
        "sent_at": mail.sent_at.isoformat(),
        "headers": mail.headers,
        "text": mail.text,
        "html": mail.html,
    }


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)

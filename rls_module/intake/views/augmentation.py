"""The screen for augmentation: before care is judged to fail, is it the medicine?"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import now
from rls_module.intake import actions, forms, queries
from rls_module.intake.views import frame
from rls_module.knowledge.safety import augmentation as rule


@web.staff
@require_http_methods(["GET", "POST"])
def augmentation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the screens, newest first, and take the next; nothing is ever written over."""
    actor = of_request(request)
    right = "medication.view" if request.method == "GET" else "medication.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    language = frame.language()
    known = {name: forms.clock_of(minutes) for name, minutes in queries.clock_of_symptoms(case).items()}
    form = forms.AugmentationForm(frame.sent(request), language=language, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            actions.screen_augmentation(
                case=case, answers=form.answers, note=form.cleaned_data["note"], actor=actor, now=now()
            )
        except actions.NothingToScreen:
            said = _("No dopaminergic medicine and no tramadol is written down for this patient.")
            raise web.Conflict(said) from None
        messages.success(request, _("Screen kept. Earlier ones stand below."), fail_silently=True)
        return redirect("rls:augmentation", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": form,
        "can_augment": queries.augmenting(case.chart),
        "screens": [
            {"row": row, "words": rule.words(row.result, language)} for row in queries.augmentation_screens(case)[:20]
        ],
    }
    return web.page(request, "rls_module/intake/augmentation.html", context, status=frame.status(request))

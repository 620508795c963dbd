"""The way out: later, fewer mails, none, or again; each one tap."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, translation
from django.utils.translation import gettext as _

from rls_module.followups import actions as followup_actions
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.host import adapter, clock, web
from rls_module.host.actor import of_token
from rls_module.host.clock import now
from rls_module.surveys.actions import limits
from rls_module.surveys.views.frame import busy, frame_of, gone

SNOOZE_DAYS = {"tomorrow": 1, "in3": 3, "in7": 7}


@web.public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Let a patient put a form off, stop reminders or stop all mail; a GET only shows, one POST does (RFC 8058)."""
    moment = now()
    occurrence = followup_queries.occurrence_by_link(token, "unsubscribe")
    if occurrence is None or not adapter().is_active(occurrence.chart.patient):
        return gone(request, token, "unsubscribe")
    is_post = request.method == "POST"
    if is_post and not limits.may_write(selector=occurrence.selector, sitting="", now=clock.database_now()):
        return busy(request)
    with translation.override(followup_queries.language_for(occurrence)):
        done = _change_preference(request, occurrence, moment) if is_post else ""
        context = {
            "done": done,
            "want": request.GET.get("want", ""),
            "is_off": followup_queries.has_mail_off(occurrence.chart),
            "is_open": _may_be_put_off(occurrence, moment),
            **frame_of(occurrence),
        }
        return render(request, "rls_module/surveys/preferences.html", context)


def _may_be_put_off(occurrence: Occurrence, moment: datetime) -> bool:
    """True for a form that can still be answered; papers to read wait by themselves."""
    is_form = occurrence.is_open and not followup_queries.is_papers(occurrence)
    return is_form and followup_queries.is_answerable(occurrence, moment)


def _change_preference(request: HttpRequest, occurrence: Occurrence, moment: datetime) -> str:
    """Do what was asked and return what to say about it."""
    actor = of_token(occurrence.selector, route="unsubscribe")
    wanted = request.POST.get("do", "")
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if one_click or wanted == "all":
        source = "one_click" if one_click else "page"
        followup_actions.stop_mail(chart=occurrence.chart, source=source, actor=actor, now=moment)
        return _("Done. Your care stays the same. You can turn this on again here or by phone.")
    if wanted == "reminders":
        followup_actions.stop_reminders(occurrence=occurrence, actor=actor)
        if (
            occurrence.link_version > 1
        ):  # whether the mail at hand came before or after its link was closed, nobody knows
            return _("Done. We will not remind you of this form again.")
        return _("Done. We will not remind you of this form again. The link in the mail still works.")
    if wanted == "resume":
        followup_actions.resume_mail(chart=occurrence.chart, source="page", actor=actor, now=moment)
        return _("Done. We will write again when a form is due.")
    if wanted in SNOOZE_DAYS:
        days = SNOOZE_DAYS[wanted]
        at = followup_actions.snooze(occurrence=occurrence, days=days, actor=actor, now=moment)
        if at is None:
            return _("That day is after the form closes. Please answer before, or call us.")
        zone = followup_queries.zone_of(occurrence.chart)
        return _("Done: we will write on %(day)s.") % {"day": formats.date_format(at.astimezone(zone).date())}
    return ""

"""What the patient is told at once, because an answer calls for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from rls_module.followups.actions import Fired
from rls_module.host import adapter
from rls_module.knowledge.safety import intake_alerts
from rls_module.knowledge.safety.alert_conditions import URGENT
from rls_module.surveys import queries
from rls_module.surveys.views.frame import Here, show

# Instrument -> where it asks about dangers: the page, the question, and which answers are some.
_ASKED_IN = {
    "rls_checkin": ("new_problem", "new_problem", URGENT),
    "rls_intake": ("safety", "flags", intake_alerts.URGENT),
}


def advice_page(here: Here, done: queries.Progress) -> HttpResponse:
    """Show what to do now, and the way on."""
    then = here.request.GET.get("then", "")
    following = then if then == queries.REVIEW or done.page(then) else done.first_open
    context = {
        "advice": _blocks(here, here.request.GET.get("show", "").split("-"), _dangers(here, done)),
        "next_url": here.door.page_url(following),
        "stop_here_url": here.door.page_url("stop"),
    }
    return show(here, "advice", context)


def _dangers(here: Here, done: queries.Progress) -> list[str]:
    """Return in words which dangers were ticked, where they were ticked in this sitting."""
    page, item, urgent = _ASKED_IN[done.instrument.key]
    words = done.instrument.words(here.door.ticket.language)
    ticked = done.answers.get(item, []) if done.is_own(page, here.door.ticket.sitting) else []
    return [words.items[item].label(key) for key in ticked if key in urgent]


def pages_of(fired: Iterable[Fired]) -> list[str]:
    """Return the advice that alerts call for, the most urgent first."""
    return sorted({alert.patient_page for alert in fired if alert.patient_page})


def blocks_for(here: Here, fired: Iterable[Fired]) -> list[dict[str, Any]]:
    """Return the advice of alerts as blocks of a page."""
    return _blocks(here, pages_of(fired), [])


def medicines_line() -> str:
    """The one sentence on medicines that any page says."""
    return _("Please do not change or stop any medicine without the person who prescribes it.")


def _blocks(here: Here, pages: list[str], labels: list[str]) -> list[dict[str, Any]]:
    said = _words(here, ", ".join(labels))
    found = [(page, [line for line in said[page] if line]) for page in pages if page in said]
    return [{"is_urgent": page == "U1", "title": lines[0], "lines": lines[1:]} for page, lines in found]


def _words(here: Here, labels: str) -> dict[str, list[str]]:
    brand = adapter().brand(here.occurrence.scope)
    numbers = {"phone": brand.phone, "emergency": brand.emergency_number, "labels": labels}
    return {
        "U1": [
            _("Please get help now."),
            _("You ticked: %(labels)s.") % numbers if labels else "",
            _("If this is happening now, call %(emergency)s or go to the nearest emergency room.") % numbers,
            _("Do not wait for us to call. If it is over, call a doctor today."),
            _("We have left word at the clinic, but they may not see it until they open."),
        ],
        "U2": [
            _("Please do not drive while you feel sleepy."),
            _("Call your doctor, or the person who prescribes your medicine, today."),
            _("We will call you too when the clinic is open."),
        ],
        "U3": [
            _("Some of your answers are worth telling your doctor, or the person who prescribes your medicine."),
            _("Please call them today or on the next working day."),
            medicines_line(),
        ],
        "U4": [
            _("Thank you for telling us."),
            _("We will call you when the clinic is open."),
            _worse_before_then(brand.phone, numbers),
        ],
    }


def _worse_before_then(phone: str, numbers: dict[str, str]) -> str:
    if phone:
        return (
            _("If it gets worse before then, call us at %(phone)s or a doctor; in an emergency %(emergency)s.")
            % numbers
        )
    return _("If it gets worse before then, call a doctor; in an emergency %(emergency)s.") % numbers

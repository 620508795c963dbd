"""Follow-ups, and numbers, as staff would say them to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence


def state_words(row: Occurrence, now: datetime, zone: ZoneInfo) -> str:
    """Say how one time of asking stands, as staff would say it to each other."""
    day = formats.date_format(row.due_on, "DATE_FORMAT")
    match row.state:
        case Occurrence.State.ANSWERED | Occurrence.State.LATE if row.response:
            when = formats.date_format(row.response.answered_at.astimezone(zone).date(), "DATE_FORMAT")
            late = _(" (late)") if row.state == Occurrence.State.LATE else ""
            return _("answered %(day)s") % {"day": when} + late
        case Occurrence.State.MISSED:
            return _("asked %(day)s, not answered") % {"day": day}
        case Occurrence.State.SKIPPED if row.state_reason == "not_offered":
            return _("not asked: its questions are not offered any more")
        case Occurrence.State.SKIPPED:
            return _("not asked: its time was over")
    if row.due_at > now:
        return _("will be asked on %(day)s") % {"day": day}
    return _delivery_words(list(row.deliveries.all()), day)


def _delivery_words(deliveries: Sequence[Delivery], day: str) -> str:
    failed = next((one for one in deliveries if one.state in followup_queries.FAILED_STATES), None)
    if failed is not None:
        return _("due %(day)s, not sent: %(why)s") % {"day": day, "why": reason_words(failed.state_reason)}
    sent = sum(one.state == Delivery.State.SENT for one in deliveries)
    if not sent:
        return _("due %(day)s, being sent") % {"day": day}
    return ngettext(
        "%(count)d mail sent, waiting for an answer", "%(count)d mails sent, waiting for an answer", sent
    ) % {"count": sent}


def reason_words(reason: str) -> str:
    """Return in words why a mail did not go out."""
    return {
        "no_consent": _("the patient has not agreed to mail"),
        "no_address": _("no mail address"),
        "bad_address": _("the mail address can't be used"),
        "opted_out": _("the patient turned mail off"),
        "inactive": _("the patient is no longer with the clinic"),
        "refused_address": _("the mail server refused the address"),
    }.get(reason, reason.replace("_", " "))


def tenths(value: float) -> str:
    """To one place, and to none where that place is a nought; Django's own formatting cuts off instead of rounding."""
    rounded = round(value, 1)
    return formats.number_format(rounded, decimal_pos=1 if rounded % 1 else 0)


def signed(delta: float, size: str) -> str:
    """Return a difference, spelled without its sign, with it."""
    sign = "+" if delta > 0 else "−" if delta < 0 else ""  # noqa: RUF001  a real minus sign, for the eye
    return f"{sign}{size}"


def change_words(delta: float) -> str:
    """Return a difference of plain numbers."""
    return signed(delta, tenths(abs(delta)))

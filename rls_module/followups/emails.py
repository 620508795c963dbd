"""Composing a follow-up mail: plain text first, HTML with one button, and not a word that names a person or a care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import formats, translation

from rls_module import conf
from rls_module.followups import queries
from rls_module.followups.links import address
from rls_module.followups.models import Delivery
from rls_module.host import adapter

LONGEST_ADDRESS = 320


@dataclass(frozen=True, slots=True)
class Links:
    """The three addresses a mail carries."""

    survey: str
    later: str
    stop: str


def compose(delivery: Delivery, *, address: str, language: str) -> EmailMultiAlternatives:
    """Return the mail of `delivery` to one `address`; its Message-ID and its links are the same at every attempt.

    Raises KeyError where the link's key is gone from the ring. Source of the wording: project design.
    """
    occurrence = delivery.occurrence
    brand = adapter().brand(delivery.scope)
    links = links_of(delivery)
    last_day = (queries.link_closes_at(occurrence) - timedelta(seconds=1)).astimezone(ZoneInfo(occurrence.zone))
    with translation.override(language):
        context = {
            "brand": brand,
            "minutes": queries.instrument_of(occurrence).minutes,
            "links": links,
            "last_day": formats.date_format(last_day.date(), "DATE_FORMAT"),
            "language": language,
        }
        name = f"rls_module/emails/{template_of(delivery)}"
        subject = render_to_string(f"{name}.subject.txt", context).strip()
        text = render_to_string(f"{name}.body.txt", context)
        html = render_to_string(f"{name}.body.html", context)
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=conf.get("FROM_EMAIL") or django_settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers=_headers(delivery, links),
    )
    message.attach_alternative(html, "text/html")
    return message


def links_of(delivery: Delivery) -> Links:
    """Return the absolute addresses of a delivery's links, from the scope's base URL and never from a Host header."""
    occurrence = delivery.occurrence
    base = adapter().base_url(delivery.scope).rstrip("/")
    survey = address("survey", queries.link_token(occurrence, "survey"))
    out = address("unsubscribe", queries.link_token(occurrence, "unsubscribe"))
    return Links(survey=base + survey, later=f"{base}{out}?want=later", stop=f"{base}{out}")


def template_of(delivery: Delivery) -> str:
    """Return the name of the mail: an invite, the first reminder or the last."""
    if delivery.kind != Delivery.Kind.REMINDER:
        return "invite"
    return "reminder_1" if delivery.ordinal == 1 else "reminder_2"


def message_id(delivery: Delivery) -> str:
    """Return the stable Message-ID, from occurrence, kind and ordinal; it says nothing about anybody."""
    seed = f"{delivery.occurrence.uuid}:{delivery.kind}:{delivery.ordinal}"
    domain = urlsplit(adapter().base_url(delivery.scope)).hostname or "localhost"
    return f"<{sha256(seed.encode()).hexdigest()[:40]}@{domain}>"


def is_sendable(address: str) -> bool:
    """True for one plain address that no header trick hides in."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= LONGEST_ADDRESS and address.isprintable()


def address_hash(address: str) -> str:
    """Return the hash under which a delivery remembers where it went."""
    return sha256(address.strip().lower().encode()).hexdigest()


def _headers(delivery: Delivery, links: Links) -> dict[str, str]:
    return {
        "Message-ID": message_id(delivery),
        "List-Unsubscribe": f"<{links.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }

"""Composing a follow-up mail: plain text first, HTML with one button, and not a word that names a person or a care."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import formats, translation
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.followups import queries
from rls_module.followups.links import address
from rls_module.followups.models import Delivery
from rls_module.host import adapter
from rls_module.knowledge import mail_texts
from rls_module.knowledge.instruments import loading

LONGEST_ADDRESS = 320


def mailer() -> Any:
    """Return the host's mail backend: Django 6.1 asks its mailers for it, older ones have one connection."""
    mailers = getattr(mail, "mailers", None)
    return mail.get_connection() if mailers is None else mailers.default


@dataclass(frozen=True, slots=True)
class Links:
    """The three addresses a mail carries."""

    survey: str
    later: str
    stop: str


@dataclass(frozen=True, slots=True)
class Words:
    """A mail as the patient reads it: the text first, the HTML with the same words."""

    subject: str
    text: str
    html: str


BARE = {name: f"{{{name}}}" for name in mail_texts.PLACEHOLDERS}


def compose(delivery: Delivery, *, address: str, language: str) -> EmailMultiAlternatives:
    """Return the mail of `delivery` to one `address`; its Message-ID and its links are the same at every attempt.

    Raises KeyError where the link's key is gone from the ring. Source of the wording: project design.
    """
    occurrence, links = delivery.occurrence, links_of(delivery)
    last_day = (queries.link_closes_at(occurrence) - timedelta(seconds=1)).astimezone(ZoneInfo(occurrence.zone))
    values = _values(
        delivery.scope,
        language,
        links=links,
        minutes=0 if queries.is_papers(occurrence) else queries.instrument_of(occurrence).minutes,
        last_day=last_day.date(),
    )
    name = template_of(delivery)
    own = queries.mail_text(delivery.scope, name, language)
    words = own_words(own.subject, own.body, language, values) if own else shipped_words(name, language, values)
    message = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=conf.get("FROM_EMAIL") or django_settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers=_headers(delivery, links),
    )
    message.attach_alternative(words.html, "text/html")
    return message


def shipped_words(name: str, language: str, values: Mapping[str, str]) -> Words:
    """Return our own words for the mail `name`, with `values` for the placeholders of `knowledge.mail_texts`.

    With BARE for values they read as a clinic that writes its own would begin.
    """
    context, place = {**values, "language": language}, f"rls_module/emails/{name}"
    with translation.override(language):
        return Words(
            subject=render_to_string(f"{place}.subject.txt", context).strip(),
            text=render_to_string(f"{place}.body.txt", context).strip() + "\n",
            html=render_to_string(f"{place}.body.html", context),
        )


def own_words(subject: str, body: str, language: str, values: Mapping[str, str]) -> Words:
    """Return a clinic's own words with their placeholders filled: nothing in them is ever run or read as markup."""
    paragraphs = [
        [_line(line, values) for line in paragraph.splitlines()]
        for paragraph in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip())
    ]
    context = {**values, "language": language, "paragraphs": paragraphs}
    return Words(
        subject=" ".join(mail_texts.fill(subject, values).split()),
        text=mail_texts.fill(body, values).strip() + "\n",
        html=render_to_string("rls_module/emails/own.body.html", context),
    )


def example_values(scope: str, language: str, on: date) -> dict[str, str]:
    """Return the values of a mail to nobody, for looking at words before they go out: its links open nothing."""
    base = adapter().base_url(scope).rstrip("/")
    links = Links(survey=f"{base}/…", later=f"{base}/…", stop=f"{base}/…")
    minutes = loading.shipped("rls_checkin").minutes
    return _values(scope, language, links=links, minutes=minutes, last_day=on)


def _values(scope: str, language: str, *, links: Links, minutes: int, last_day: date) -> dict[str, str]:
    brand = adapter().brand(scope)
    with translation.override(language):
        return {
            "mail_name": brand.sender,
            "clinic_phone": brand.phone,
            "minutes": str(minutes),
            "link": links.survey,
            "last_day": formats.date_format(last_day, "DATE_FORMAT"),
            "later_link": links.later,
            "stop_link": links.stop,
            "emergency_number": brand.emergency_number,
        }


def _line(line: str, values: Mapping[str, str]) -> tuple[str, str]:
    """One line as (its words, the address they lead to or "")."""
    linked = mail_texts.links_in(line)
    if linked is None:
        return mail_texts.fill(line, values), ""
    words, name = linked
    return mail_texts.fill(words, values) or values[name], values[name]


def links_of(delivery: Delivery) -> Links:
    """Return the absolute addresses of a delivery's links, from the scope's base URL and never from a Host header."""
    occurrence = delivery.occurrence
    base = adapter().base_url(delivery.scope).rstrip("/")
    survey = address("survey", queries.link_token(occurrence, "survey"))
    out = address("unsubscribe", queries.link_token(occurrence, "unsubscribe"))
    return Links(survey=base + survey, later=f"{base}{out}?want=later", stop=f"{base}{out}")


def template_of(delivery: Delivery) -> str:
    """Return the name of the mail: an invite, the first reminder or the last, or one that leads to papers."""
    if queries.is_papers(delivery.occurrence):
        return "papers"
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


def emergency_notice(scope: str, contacts: Iterable[str], *, count: int) -> EmailMessage:
    """Return the mail that tells a clinic of `count` charts opened in an emergency: no name, no number, no reason.

    It goes to those of `contacts` that are plain addresses; there may be none. In the host's own language.
    """
    with translation.override(django_settings.LANGUAGE_CODE):
        context = {"count": count, "list_url": _emergency_list(scope), "clinic": adapter().brand(scope).sender}
        body = render_to_string("rls_module/followups/emergency.body.txt", context).strip() + "\n"
        subject = render_to_string("rls_module/followups/emergency.subject.txt", context).strip()
    return EmailMessage(
        subject=subject,
        body=body,
        from_email=conf.get("FROM_EMAIL") or django_settings.DEFAULT_FROM_EMAIL,
        to=[one for one in contacts if is_sendable(one)],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _emergency_list(scope: str) -> str:
    """Return the address of the list in Django admin, or "" where the plugin stands in none."""
    path = conf.get("ADMIN_SITE")
    try:
        site = import_string(path).name if path else ""
        return adapter().base_url(scope).rstrip("/") + reverse(f"{site}:rls_module_emergencyaccess_changelist")
    except (ImportError, NoReverseMatch):
        return ""


def _headers(delivery: Delivery, links: Links) -> dict[str, str]:
    return {
        "Message-ID": message_id(delivery),
        "List-Unsubscribe": f"<{links.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }

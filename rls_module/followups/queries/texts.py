"""A clinic's own words for its mails."""

from __future__ import annotations

from rls_module.followups.models import MailText


def mail_text(scope: str, name: str, language: str) -> MailText | None:
    """Return the clinic's own words for a mail, or None where the shipped ones go out."""
    newest = newest_text(scope, name, language)
    return newest if newest is not None and newest.body else None


def newest_text(scope: str, name: str, language: str) -> MailText | None:
    """Return the newest version of a text, also one that says "the shipped words again"."""
    return MailText.objects.filter(scope=scope, name=name, language=language).order_by("-number").first()


def text_versions(scope: str, name: str, language: str) -> list[MailText]:
    """Return every version of a text, the newest first."""
    return list(MailText.objects.filter(scope=scope, name=name, language=language).order_by("-number"))

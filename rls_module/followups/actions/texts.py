"""A clinic's own words for its mails: written as versions, and taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from rls_module.audit import log
from rls_module.followups import queries
from rls_module.followups.models import MailText
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, store
from rls_module.knowledge import mail_texts


class TextRefused(ValueError):
    """The words can't be sent; `problems` says in which field and why."""

    def __init__(self, problems: tuple[mail_texts.Problem, ...]) -> None:
        super().__init__()
        self.problems = problems


@transaction.atomic
def write_text(
    *,
    scope: str,
    name: str,
    language: str,
    seen: int,
    subject: str,
    body: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> MailText:
    """Make `subject` and `body` the clinic's words for the mail `name` in `language`, from the next mail on.

    `seen` is the number of the version the page was made from, 0 where there was none. Raises TextRefused for what no
    mail may hold, Stale when somebody wrote another version meanwhile, ValueError without a reason or for a mail that
    does not exist.
    """
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if problems := mail_texts.problems(subject, body):
        raise TextRefused(problems)
    return _add(scope, name, language, seen=seen, subject=subject, body=body, reason=reason, actor=actor, now=now)


@transaction.atomic
def restore_shipped(
    *, scope: str, name: str, language: str, seen: int, reason: str, actor: Actor, now: datetime
) -> MailText:
    """Send the shipped words again; the clinic's own stay among the versions. Raises as `write_text` does."""
    return _add(scope, name, language, seen=seen, subject="", body="", reason=reason, actor=actor, now=now)


def _add(
    scope: str,
    name: str,
    language: str,
    *,
    seen: int,
    subject: str,
    body: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> MailText:
    if name not in mail_texts.NAMES:
        raise ValueError("there is no such mail")
    if not reason.strip():
        raise ValueError("say why")
    newest = queries.newest_text(scope, name, language)
    if (newest.number if newest else 0) != seen:
        raise Stale
    row = MailText(
        scope=scope,
        name=name,
        language=language,
        number=seen + 1,
        subject=subject,
        body=body,
        reason=reason.strip(),
        written_by_id=actor.user_id,
        written_by_name=actor.name,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(row)
    except IntegrityError:  # two admins at once: the other one's words are the next version
        raise Stale from None
    log.record(
        actor=actor,
        verb="text.edit",
        kind="mailtext",
        ref=row.uuid,
        scope=scope,
        fields=("subject", "body"),
        purpose=reason,
    )
    return row

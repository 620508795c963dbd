"""Addenda: what is said about a signed note later, each signed by whoever says it."""

from __future__ import annotations

from datetime import datetime

from rls_module.cases import actions as case_actions
from rls_module.host import database, transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.visits import queries
from rls_module.visits.models import Addendum, Visit


class NotSigned(Exception):
    """Nothing is added to a note that its author can still change."""


@transaction.atomic
def add_addendum(*, visit: Visit, text: str, actor: Actor, now: datetime) -> Addendum:
    """Add `text` to a signed note and sign it; the same words sent twice by the same person are one addendum.

    Raises ValueError for no words, NotSigned for a draft.
    """
    if not text.strip():
        raise ValueError("an addendum says something")
    fresh = database.locked(Visit.objects.all()).select_related("chart").get(pk=visit.pk)
    if fresh.status != Visit.Status.SIGNED:
        raise NotSigned
    there = Addendum.objects.filter(visit=fresh, author_id=actor.user_id, text=text).first()
    if there is not None:
        return there
    addendum = store(
        Addendum(
            chart=fresh.chart,
            visit=fresh,
            text=text,
            author_id=actor.user_id,
            author_name=actor.printed,
            created_at=now,
        )
    )
    case_actions.add_signature(
        chart=fresh.chart,
        kind="addendum",
        ref=addendum.uuid,
        meaning="author",
        content_hash=queries.addendum_hash(addendum),
        actor=actor,
        now=now,
    )
    return addendum

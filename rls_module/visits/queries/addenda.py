"""Addenda of a note, and the hash of what is signed with one."""

from __future__ import annotations

import hashlib
import json

from django.db.models import QuerySet

from rls_module.visits.models import Addendum, Visit


def addenda(visit: Visit) -> QuerySet[Addendum]:
    """Return what was added to a signed note, in the order it was said."""
    return Addendum.objects.filter(visit=visit).order_by("pk")


def addendum_hash(addendum: Addendum) -> str:
    """Return the SHA-256 of what is signed: the words, to which note, by whom."""
    content = {
        "uuid": str(addendum.uuid),
        "visit": str(addendum.visit.uuid),
        "author_name": addendum.author_name,
        "text": addendum.text,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()

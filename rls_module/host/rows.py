"""The abstract row that every table of the plugin starts from."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings as django_settings
from django.db import models


class Row(models.Model):
    """A bigint key inside, a random uuid in every address; `created_at` is what the door's clock said."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


def user_key(**kwargs: Any) -> models.ForeignKey[Any, Any]:
    """Return a key to a member of staff: it may become empty, the printed name beside it stays."""
    return models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", **kwargs
    )


class Stale(Exception):
    """Somebody else changed the row since it was read; nothing was written."""


_AnyRow = TypeVar("_AnyRow", bound=models.Model)


def store(row: _AnyRow) -> _AnyRow:
    """Validate every field of `row` in words, then save it; the database itself holds the keys and constraints.

    Raises ValidationError for a value that its field refuses, IntegrityError for one that the database does.
    """
    unset = {field.name for field in row._meta.fields if field.null and getattr(row, field.attname) is None}
    row.clean_fields(exclude=unset | {field.name for field in row._meta.fields if field.is_relation})
    row.save()
    return row


def advance(row: models.Model, *, seen: int) -> None:
    """Move `row` from version `seen` to the next by compare-and-set; call it inside the transaction that writes.

    Raises Stale when the row is no longer at `seen`. On success nobody else can write this version.
    """
    moved = type(row)._default_manager.filter(pk=row.pk, version=seen).update(version=seen + 1)
    if not moved:
        raise Stale
    row.version = seen + 1  # type: ignore[attr-defined]

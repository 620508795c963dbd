"""Every column that holds what somebody typed, filled with texts of a test's choice."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.db import connections, models, transaction

from rls_module.audit import erasure
from rls_module.host import patient_model
from rls_module.host.models import HostIdentity

SHORTEST = 60  # shorter columns hold keys and codes that no person types
# What is chosen from lists and read back by key stays what it is; an address stays one.
KEPT = {
    *("scope", "point", "muscle", "place", "host_visit", "cause_key", "zone", "channel", "actor", "selector"),
    *("text_version", "link_kid", "day_slot", "open_key", "algorithm", "step", "ref", "patient", "object_id", "email"),
    *("instrument", "measure", "subject", "rule", "verb", "route", "object_kind", "content_hash", "address_hash"),
}


def typed(model: type[models.Model]) -> list[str]:
    """Return the columns of a table that hold what somebody typed."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField | models.CharField)
        and not (field.choices or field.is_relation or field.name in KEPT)
        and (field.max_length or 10_000) >= SHORTEST
    ]


def fill(texts: Sequence[str], *, but: Sequence[str] = (), using: str = "default") -> int:
    """Write the texts in turn into each such column of all rows, past the triggers: what is signed was typed before.

    The host's own tables are filled as well. Tables named in `but` are left as they are. Returns how many columns had a
    row. PostgreSQL only.
    """
    host = patient_model().partition(".")[0]
    tables = [
        model
        for label in ("rls_module", host)
        for model in apps.get_app_config(label).get_models()
        if model is not HostIdentity and model.__name__ not in but
    ]
    with transaction.atomic(using=using):
        erasure.open_door(connections[using])
        with connections[using].cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        count = sum(_fill(model, texts, using) for model in tables)
        with connections[using].cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
        erasure.close_door(connections[using])
    return count


def _fill(model: type[models.Model], texts: Sequence[str], using: str) -> int:
    count, rows = 0, model._default_manager.using(using)
    for number, name in enumerate(typed(model)):
        longest = model._meta.get_field(name).max_length or 4000
        count += rows.update(**{name: texts[number % len(texts)][:longest]}) > 0
    return count

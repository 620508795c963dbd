"""Knocking at a door of the matrix, and telling a refusal from an answer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client

from tests.contracts.matrix import Door

REFUSED = {401, 403, 404}


def knock(client: Client, door: Door, keys: dict[str, Any], *, using: str = "default") -> Any:
    """What the door answers; whatever it did in the database `using` is undone."""
    address = "/" + door.address.format(key=keys.get(door.of, ""))
    with transaction.atomic(using=using):
        response = getattr(client, door.method)(address, dict(door.sends))
        transaction.set_rollback(True, using=using)
    return response


def is_open(response: Any) -> bool:
    """True where the answer is more than a refusal."""
    if response.status_code in (301, 302):
        way = response.headers["Location"]
        return "login" not in way and way != "/admin/" and not way.endswith("/emergency/")
    return response.status_code not in REFUSED and response.status_code < 500

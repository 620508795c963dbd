"""Which clinic a command is about."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.core.management.base import CommandError

from rls_module.host import adapter


def chosen_scope(wanted: str | None) -> tuple[str, AbstractContextManager[Any]]:
    """Return the clinic that was named, or the only one there is, and the context that its rows are in.

    Raises CommandError with the names to choose from.
    """
    scopes = dict(adapter().scopes())
    if wanted is None and len(scopes) == 1:
        return scopes.popitem()
    if wanted not in scopes:
        problem = "There are several clinics" if wanted is None else f"There is no scope '{wanted}'"
        raise CommandError(f"{problem}. Name one by --scope: {', '.join(sorted(scopes))}.", returncode=2)
    return wanted, scopes[wanted]

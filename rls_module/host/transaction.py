"""Django's transactions, on the database that our rows are in: what is written and what witnesses it stand together.

Django's own `atomic` and `on_commit` mean the database `default`, whichever the routers send the rows to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ParamSpec, TypeVar, overload

from django.db import connections
from django.db import transaction as djangos

from rls_module.host import database

_Given = ParamSpec("_Given")
_Said = TypeVar("_Said")


@overload
def atomic(verb: Callable[_Given, _Said]) -> Callable[_Given, _Said]: ...
@overload
def atomic() -> AbstractContextManager[None]: ...
def atomic(verb: Callable[..., Any] | None = None) -> Any:
    """Run a block, or a decorated function, wholly or not at all; the database is chosen when it begins."""
    return _atomic() if verb is None else _atomic()(verb)


@contextmanager
def _atomic() -> Iterator[None]:
    with djangos.atomic(using=database.alias()):
        yield


def on_commit(call: Callable[[], Any]) -> None:
    """Call back when the transaction around this is committed, and never when it is rolled back."""
    djangos.on_commit(call, using=database.alias())


def undo_request() -> None:
    """Have nothing stay of a request that failed and is answered all the same.

    Where ATOMIC_REQUESTS is on, Django undoes what an exception leaves behind, and here none reaches it.
    """
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)

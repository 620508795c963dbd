"""Jobs walk the clinics: each in its own context, and one that fails stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from rls_module.host import identity
from rls_module.host.adapter import adapter

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(slots=True)
class Walk(Generic[_Result]):
    """What a job returned in each clinic, and the clinics in which it raised."""

    results: dict[str, _Result] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def walk(job: Callable[[str], _Result], *, what: str, only: Collection[str] | None = None) -> Walk[_Result]:
    """Do `job` in every clinic, or in those of `only`, given its label, with its rows in reach.

    `what` names the job in the log. A clinic that raises is reported and does not stop the others. Raises
    identity.WrongHost, after the last one, where the rows of any were written for another host's patients: there
    nothing was done.
    """
    done: Walk[_Result] = Walk()
    wrong: identity.WrongHost | None = None
    for scope, context in adapter().scopes():
        if only is not None and scope not in only:
            continue
        try:
            with context:
                identity.verify()
                done.results[scope] = job(scope)
        except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
            logger.error("%s failed for scope %s (%s)", what, scope, type(error).__name__)
            done.failed.append(scope)
            wrong = error if isinstance(error, identity.WrongHost) else wrong
    if wrong is not None:
        raise wrong
    return done

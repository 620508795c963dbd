"""Who is acting, and through which door; passed down as an argument, never kept in a global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from rls_module.host.adapter import adapter


@dataclass(frozen=True, slots=True)
class Actor:
    """`ref` is "user:<key>", "token:<selector prefix>" or "system:<task>"; `name` is what is printed beside an act."""

    ref: str
    name: str = ""
    user_id: Any = None
    route: str = ""
    request_id: str = ""

    @property
    def printed(self) -> str:
        """What stands beside an act: the name, or the task where no person did it."""
        return self.name or self.ref

    @property
    def is_staff(self) -> bool:
        """True for a signed-in person."""
        return self.user_id is not None


def of_request(request: HttpRequest) -> Actor:
    """Return the actor of a staff request; anonymous requests act as "anonymous"."""
    user = adapter().request_user(request)
    route = _route(request)
    request_id = uuid4().hex
    if user is None:
        return Actor("anonymous", route=route, request_id=request_id)
    return Actor(f"user:{user.pk}", adapter().practitioner_name(user), user.pk, route, request_id)


def of_token(selector: str, route: str = "") -> Actor:
    """Return the actor who holds a patient's link; eight characters of the public half name it in the audit."""
    return Actor(f"token:{selector[:8]}", route=route, request_id=uuid4().hex)


def system(task: str) -> Actor:
    """Return the identity under which a job works."""
    return Actor(f"system:{task}")


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.route[:200] if match else ""

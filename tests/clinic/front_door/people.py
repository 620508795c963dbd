"""Somebody who signs in: an account with an authenticator app, and the pages on the way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from allauth.mfa.totp.internal import auth
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

PASSWORD = "correct horse battery"
LOGIN, CODE, AGAIN = "/accounts/login/", "/accounts/factors/authenticate/", "/accounts/factors/reauthenticate/"
FACTORS, APP = "/accounts/factors/", "/accounts/factors/totp/activate/"


def account(name: str = "dana", **changes: object) -> User:
    """An account with PASSWORD."""
    user = User(username=name, **changes)
    user.set_password(PASSWORD)
    user.save()
    return user


@dataclass
class Phone:
    """An authenticator app: it shows each code once, as a person would wait for the next."""

    secret: str
    step: int = field(default=0)

    def code(self) -> str:
        """A code that is right now; the same one until `turn`."""
        return self._at(int(time.time()) // 30)

    def _at(self, step: int) -> str:
        return auth.format_hotp_value(auth.hotp_value(self.secret, step))


def enrolled(user: User) -> Phone:
    """Give the account an authenticator app."""
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    return Phone(secret)


def with_password(user: User, client: Client | None = None, **headers: str) -> Client:
    """A browser in which the password was typed."""
    client = client or Client()
    client.post(LOGIN, {"username": user.username, "password": PASSWORD}, **headers)
    return client


def with_both(user: User, phone: Phone) -> Client:
    """A browser in which password and code were typed."""
    client = with_password(user)
    response = client.post(CODE, {"code": phone.code()})
    assert response.status_code == 302, response.content.decode()
    forget_codes()
    return client


def forget_codes() -> None:
    """Let the app's next code be there at once: no test waits half a minute for it."""
    from django.core.cache import cache

    cache.clear()


def aged(client: Client, *, seconds: float, key: str = "account_authentication_methods") -> None:
    """Put back when this session's factors were used."""
    session = client.session
    for record in session[key]:
        record["at"] -= seconds
    session.save()


def is_in(client: Client) -> bool:
    """True while this browser is somebody's."""
    return client.get("/").status_code != 302


def words(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())

"""Somebody who signs in: an account with an authenticator app, and the pages on the way."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allauth.mfa.totp.internal import auth
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

PASSWORD = "correct horse battery"
STEP, TO_TYPE = 30, 6  # seconds: how long a code is right, and what a busy machine may need to send it
LOGIN, CODE, AGAIN = "/accounts/login/", "/accounts/factors/authenticate/", "/accounts/factors/reauthenticate/"
FACTORS, APP = "/accounts/factors/", "/accounts/factors/totp/activate/"


def account(name: str = "dana", **changes: object) -> User:
    """An account with PASSWORD."""
    user = User(username=name, **changes)
    user.set_password(PASSWORD)
    user.save()
    return user


@dataclass(frozen=True)
class Phone:
    """An authenticator app."""

    secret: str

    def code(self) -> str:
        """The code that is right now, with time to type it: late in a step it waits for the next, as a person would."""
        while time.time() % STEP > STEP - TO_TYPE:
            time.sleep(0.05)
        return auth.format_hotp_value(auth.hotp_value(self.secret, int(time.time()) // STEP))


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

"""Guessing is slow for everybody, whatever a guesser says of himself."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from tests import factories as make
from tests.clinic.front_door import people

pytestmark = pytest.mark.django_db

LIMIT = 5  # wrong passwords of one account in five minutes


class CountingHasher(MD5PasswordHasher):
    """The quick hasher of tests, which counts how often a password was looked at."""

    algorithm = "counting"
    looked_at: list[str] = []

    def verify(self, password: str, encoded: str) -> bool:
        self.looked_at.append(password)
        return super().verify(password, encoded)


@pytest.fixture
def looked_at(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher", *settings.PASSWORD_HASHERS]
    CountingHasher.looked_at.clear()
    return CountingHasher.looked_at


def tries(user: Any, password: str = "wrong", **extra: Any) -> Any:
    return Client().post(people.LOGIN, {"username": user.username, "password": password}, **extra)


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_postgresql
def test_of_a_hundred_guesses_at_once_the_limit_reach_the_hasher(looked_at):
    """AN-4: counted before a password is looked at, so that guesses made together don't slip by."""
    user = people.account()
    answers = make.at_once(*[lambda: tries(user).status_code] * 100)
    assert set(answers) <= {200, 429}, answers
    assert len(looked_at) <= LIMIT


def test_a_locked_account_refuses_the_right_password_from_everywhere(looked_at):
    """AN-4: per account: another address does not help; the words are the same for a name that nobody has."""
    user = people.account()
    for number in range(LIMIT):
        assert "do not match" in people.words(tries(user, REMOTE_ADDR=f"203.0.113.{number}"))
    assert len(looked_at) == LIMIT
    locked = tries(user, people.PASSWORD, REMOTE_ADDR="203.0.113.99")
    assert "Too many attempts. Wait a few minutes" in people.words(locked)
    assert len(looked_at) == LIMIT
    nobody = people.User(username="nobody-of-this-name")
    told = [people.words(tries(nobody, REMOTE_ADDR="198.51.100.1")) for _ in range(LIMIT + 1)]
    assert "do not match" in told[0]
    assert "Too many attempts. Wait a few minutes" in told[-1]


def test_a_good_sign_in_does_not_set_the_count_of_an_address_back():
    """AN-4: who has one account can't use it to go on guessing at the others."""
    own = people.account("own")
    others = [people.account(f"other{number}") for number in range(21)]
    refused = 0
    for other in others:
        refused += "Too many attempts" in people.words(tries(other, REMOTE_ADDR="203.0.113.7"))
        tries(own, people.PASSWORD, REMOTE_ADDR="203.0.113.7")
    assert refused >= 1
    assert "Too many attempts" not in people.words(tries(people.account("elsewhere"), REMOTE_ADDR="203.0.113.8"))


def test_what_a_client_says_of_its_address_does_not_matter(looked_at, settings):
    """AN-5: a thousand made-up addresses are one address; with a proxy counted, the proxy's word is taken."""
    user = people.account()
    for number in range(1000):
        tries(user, headers={"x-forwarded-for": f"10.{number // 250}.{number % 250}.1"})
    assert len(looked_at) <= LIMIT
    settings.RLS_MODULE = settings.RLS_MODULE | {"TRUSTED_PROXIES": 1}
    other = people.account("marco")
    for number in range(1000):
        forged = {"x-forwarded-for": f"10.{number // 250}.{number % 250}.1, 198.51.100.7"}
        tries(other, headers=forged, REMOTE_ADDR="10.0.0.1")
    assert len(looked_at) <= 2 * LIMIT


def test_a_header_shorter_than_the_proxies_is_no_fault(settings):
    """AN-5: whoever comes past the proxies is counted by the connection, and gets an answer."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"TRUSTED_PROXIES": 2}
    assert tries(people.account(), headers={"x-forwarded-for": "198.51.100.7"}).status_code == 200
    assert tries(people.account("other"), headers={"x-forwarded-for": "what?"}).status_code == 200


def test_the_admins_own_sign_in_does_not_look_at_passwords(looked_at):
    """AN-3: twenty bad passwords at the admin's page reach no hasher."""
    user = people.account(is_staff=True, is_superuser=True)
    for _ in range(20):
        response = Client().post("/admin/login/", {"username": user.username, "password": "wrong"})
        assert response.status_code == 302
    assert looked_at == []


def test_a_patients_link_has_nothing_to_do_with_signing_in(looked_at):
    """AN-4: another counter: neither a good nor a bad link sets a lock-out back."""
    user = people.account()
    for _ in range(LIMIT):
        tries(user)
    client = Client()
    assert client.get("/q/" + "a" * 65 + "/").status_code == 404
    assert "Too many attempts" in people.words(
        client.post(people.LOGIN, {"username": user.username, "password": people.PASSWORD})
    )
    assert len(looked_at) == LIMIT


def test_codes_are_limited_too():
    """AN-4: six digits can't be tried out."""
    user = people.account()
    phone = people.enrolled(user)
    client = people.with_password(user)
    for _ in range(LIMIT):
        client.post(people.CODE, {"code": "000000"})
    assert "Too many attempts" in people.words(client.post(people.CODE, {"code": phone.code()}))
    assert not people.is_in(client)

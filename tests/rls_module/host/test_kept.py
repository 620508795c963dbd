"""What was typed when a session ended comes back to the one who typed it, and to nobody else."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import logout
from django.http import HttpRequest
from django.test import Client

from rls_module.host import kept
from rls_module.intake import actions
from rls_module.intake.models import Intake
from tests import factories as make
from tests.rls_module.host.pages import Page, at

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

TYPED = "Canary ankle, 2011"


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user) -> Client:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    return browser


@pytest.fixture
def address(user) -> str:
    case = make.case(user)
    actions.begin_intake(case=case, language="en", actor=make.actor(user), now=make.NOW)
    return f"/rls/cases/{case.uuid}/intake/family/"


def opened(client: Client, address: str) -> dict[str, list[str]]:
    return dict(Page(client.get(address)).sends)


def end_session(client: Client) -> None:
    """As the host does when somebody was away too long: the session goes, the cookie of the form stays."""
    request = HttpRequest()
    request.session = client.session
    logout(request)
    request.session.save()
    client.cookies["sessionid"] = request.session.session_key


def send_late(client: Client, address: str, **changes):
    form = opened(client, address) | {"injuries": [TYPED], "do": ["leave"]} | changes
    end_session(client)
    return client.post(address, form)


def test_after_signing_in_again_it_is_there_and_one_press_saves_it(client, user, address):
    response = send_late(client, address)
    assert response.status_code == 302
    assert "Canary" not in response.headers["Location"]
    client.force_login(user)
    page = Page(client.get(address))
    assert "What you typed is kept and not stored yet." in page.words
    assert page.sends["injuries"] == [TYPED]
    assert not Intake.objects.get().answers
    assert client.post(address, page.sends).status_code == 302
    assert Intake.objects.get().answers == {"injuries": TYPED}


def test_it_is_offered_once(client, user, address):
    send_late(client, address)
    client.force_login(user)
    assert opened(client, address)["injuries"] == [TYPED]
    assert "injuries" not in opened(client, address)


def test_no_other_page_takes_it(client, user, address):
    send_late(client, address)
    client.force_login(user)
    assert "injuries" not in opened(client, address.replace("family", "tried"))
    assert opened(client, address)["injuries"] == [TYPED]


def test_a_colleague_who_signs_in_at_the_same_browser_gets_none_of_it_and_ends_it(client, user, address):
    send_late(client, address)
    client.force_login(make.therapist())
    assert "Canary" not in client.get("/rls/").content.decode()
    assert kept.SLOT not in client.session
    client.force_login(user)
    assert "injuries" not in opened(client, address)


def test_in_the_session_it_is_locked(client, address):
    send_late(client, address)
    stored = json.dumps(dict(client.session.items()))
    assert kept.SLOT in stored
    assert "Canary" not in stored


@pytest.mark.parametrize(
    "changes",
    [
        {"kept_for": ["1:made-up:signature"]},
        {"injuries": ["x" * kept.LONGEST]},
        {"do": ["keep"]},
    ],
    ids=["nobody's form", "too long", "what a page keeps by itself"],
)
def test_what_is_not_kept(client, address, changes):
    assert send_late(client, address, **changes).status_code == 302
    assert kept.SLOT not in client.session


def test_a_host_that_asks_nobody_to_sign_in_keeps_it_too(client, user, address, settings):
    """The door itself keeps it: what the reference host's middleware does is not needed."""
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ]
    send_late(client, address)
    client.force_login(user)
    assert opened(client, address)["injuries"] == [TYPED]

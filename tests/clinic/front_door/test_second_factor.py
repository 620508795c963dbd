"""No session touches a patient with a password alone; each code opens once."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver, reverse

from clinic.models import Role, Staff
from tests import factories as make
from tests.clinic.front_door import people
from tests.contracts.matrix import DOORS
from tests.contracts.test_matrix import knock

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def required(settings):
    """As the host is unless its environment says otherwise."""
    settings.REQUIRE_MFA = True


@pytest.fixture
def dana():
    user = people.account()
    Staff.objects.create(user=user, clinic=make.clinic(), role=Role.THERAPIST)
    return user


def test_an_account_without_a_factor_reaches_the_pages_that_set_one_up_and_no_other(dana):
    """AN-2: whatever else is asked for leads there."""
    client = people.with_password(dana)
    for address in (
        "/",
        "/patients/",
        "/rls/",
        "/rls/api/v1/charts/",
        "/accounts/password/",
        "/accounts/sessions/",
        "/admin/",
    ):
        response = client.get(address)
        assert (response.status_code, response.headers["Location"]) == (302, people.FACTORS), address
        assert client.post(address).status_code == 403, address
        assert client.get(address, headers={"accept": "application/json"}).status_code == 403, address
    page = client.get(people.FACTORS)
    assert page.status_code == 200
    assert "Set up an authenticator app or a passkey here" in people.words(page)


@pytest.mark.only_postgresql
def test_no_door_of_the_plugin_opens_for_a_password_alone(dana, record_property):
    """AN-2: every door of the matrix, for the therapist whose patient it is."""
    make.protocol()
    person = make.patient(dana)
    case = make.planned(dana, person=person)
    keys = {"chart": case.chart.uuid, "case": case.uuid, "patient": person.pk}
    # The status of the engine is a machine's route with a token of its own: counts, and nobody's records.
    doors = [door for door in DOORS if (not door.of or door.of in keys) and door.action != "status.view"]
    client = people.with_password(dana)
    for door in doors:
        response = knock(client, door, keys)
        away = response.status_code == 302 and response.headers["Location"] == people.FACTORS
        assert away or response.status_code == 403, (door, response.status_code)
    record_property("doors tried with a password alone", len(doors))


@pytest.mark.django_db(transaction=True)
def test_a_factor_is_set_up_with_an_app_and_opens_the_rest(dana):
    """AN-2: enrolment: the secret is shown once, a right code turns it on, recovery codes come with it."""
    client = people.with_password(dana)
    page = people.words(client.get(people.APP))
    secret = re.search(r'id="authenticator_secret"[^>]* value="([A-Z2-7]+)"', page)[1]
    wrong = client.post(people.APP, {"code": "000000"})
    assert "Incorrect code" in people.words(wrong)
    assert secret in people.words(wrong), "the same secret is still on the page"
    right = client.post(people.APP, {"code": people.Phone(secret).code()})
    assert (right.status_code, right.headers["Location"]) == (302, reverse("mfa_view_recovery_codes"))
    assert client.get("/").status_code == 200, "whoever has just shown the code need not show it again"
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert codes[0] in people.words(client.get(right.headers["Location"]))


def test_signing_in_asks_for_the_code_before_anybody_is_in(dana):
    """AN-2: after the password there is no session yet."""
    phone = people.enrolled(dana)
    client = people.with_password(dana)
    assert not people.is_in(client)
    assert client.post(people.CODE, {"code": "000000"}).status_code == 200
    assert not people.is_in(client)
    assert client.post(people.CODE, {"code": phone.code()}).status_code == 302
    assert people.is_in(client)


def test_a_code_opens_once(dana):
    """AN-2: a TOTP code that was used is refused in the same step, in another browser too."""
    phone = people.enrolled(dana)
    code = phone.code()
    first, second = people.with_password(dana), people.with_password(dana)
    first.post(people.CODE, {"code": code})
    again = second.post(people.CODE, {"code": code})
    assert people.is_in(first)
    assert "Incorrect code" in people.words(again)
    assert not people.is_in(second)


def test_a_recovery_code_stands_in_once(dana):
    """AN-2: for a phone that was left at home."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    people.enrolled(dana)
    code = RecoveryCodes.activate(dana).get_unused_codes()[0]
    client = people.with_password(dana)
    client.post(people.CODE, {"code": code})
    assert people.is_in(client)
    second = people.with_password(dana)
    second.post(people.CODE, {"code": code})
    assert not people.is_in(second)


def test_secrets_of_factors_are_not_readable_in_the_database(dana, settings):
    """HD-6, part: and a new SECRET_KEY still opens what the old one closed."""
    phone = people.enrolled(dana)
    stored = Authenticator.objects.get(user=dana).data["secret"]
    assert phone.secret not in stored
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of more than fifty characters, as it must be"
    client = people.with_password(dana)
    client.post(people.CODE, {"code": phone.code()})
    assert people.is_in(client)


def test_switched_off_it_is_still_asked_of_whoever_has_one(dana, settings):
    """AN-2: REQUIRE_MFA=0 is for the demo; a factor that was set up is never passed over."""
    settings.REQUIRE_MFA = False
    assert people.is_in(people.with_password(dana))
    people.enrolled(dana)
    assert not people.is_in(people.with_password(dana))


def test_there_is_no_second_door(dana):
    """AN-3: the admin's own page only leads to the one sign-in, and a password alone opens no admin."""
    dana.is_staff = dana.is_superuser = True
    dana.save()
    stranger = Client()
    response = stranger.get("/admin/login/?next=/admin/")
    assert response.headers["Location"].startswith(people.LOGIN)
    posted = stranger.post("/admin/login/", {"username": dana.username, "password": people.PASSWORD})
    assert posted.headers["Location"].startswith(people.LOGIN)
    assert not people.is_in(stranger)
    client = people.with_password(dana)
    assert client.get("/admin/").headers["Location"] == people.FACTORS
    assert client.post("/admin/clinic/staff/add/").status_code == 403


def test_every_page_of_signing_in_is_one_that_we_chose():
    """AN-2: no sign-up, no reset by mail, no page of the library that nobody looked at."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in names if name.startswith("account_")} == {
        *("account_login", "account_logout", "account_reauthenticate", "account_inactive", "account_change_password"),
    }
    chosen = {name for name in names if name.startswith(("mfa_", "usersessions_"))}
    assert chosen == {
        *("mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
        *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
        *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn"),
        *("mfa_edit_webauthn", "mfa_login_webauthn", "usersessions_list"),
    }

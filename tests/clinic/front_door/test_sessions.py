"""Sessions that end, can be ended, and ask again before what weighs."""

from __future__ import annotations

import logging

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic.models import Role, Staff
from rls_module.cases.models import Signature
from tests import factories as make
from tests.clinic.front_door import people
from tests.rls_module.host.pages import Page, sent

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def dana():
    user = people.account(is_staff=True)
    Staff.objects.create(user=user, clinic=make.clinic(), role=Role.THERAPIST)
    return user


@pytest.fixture
def phone(dana):
    return people.enrolled(dana)


@pytest.fixture
def client(dana, phone) -> Client:
    """A browser in which Dana has just signed in."""
    return people.with_both(dana, phone)


def set_back(client: Client, key: str, *, seconds: float) -> None:
    session = client.session
    session[key] -= seconds
    session.save()


# --- Ends


def test_a_quarter_of_an_hour_away_ends_a_session(client, settings):
    """AN-6: and being in use keeps it."""
    assert settings.SESSION_IDLE_MINUTES == 15
    set_back(client, "clinic_seen_at", seconds=14 * 60)
    assert people.is_in(client)
    set_back(client, "clinic_seen_at", seconds=15 * 60 + 1)
    response = client.get("/patients/")
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=/patients/")
    assert not people.is_in(client)


def test_half_a_day_ends_a_session_that_is_in_use(client):
    """AN-6: twelve hours, whatever is done."""
    set_back(client, "clinic_signed_in_at", seconds=12 * 3600 - 5)
    assert people.is_in(client)
    set_back(client, "clinic_signed_in_at", seconds=10)
    assert not people.is_in(client)


def test_a_clock_that_was_set_back_makes_no_session_longer(client):
    """AN-6, part: what was opened in the future is over."""
    set_back(client, "clinic_signed_in_at", seconds=-3600)
    assert not people.is_in(client)


def test_switching_an_account_off_ends_its_sessions_at_once(client, dana):
    """AN-7: at the next request."""
    dana.is_active = False
    dana.save()
    assert not people.is_in(client)


def test_a_new_role_counts_from_the_next_request(client, dana):
    """AN-7: nothing is kept in the session."""
    person = make.patient(dana)
    make.chart(person)
    assert client.get(f"/rls/patients/{person.pk}/").status_code == 302
    Staff.objects.filter(user=dana).update(role=Role.CLINIC_ADMIN)
    assert client.get(f"/rls/patients/{person.pk}/").status_code == 404


def test_a_new_password_ends_every_session(client, dana, phone):
    """AN-7: the one in which it was changed too."""
    other = people.with_both(dana, phone)
    new = "a much better horse battery"
    changed = {"oldpassword": people.PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/", changed).status_code == 302
    assert not people.is_in(other)
    assert not people.is_in(client)


def test_other_sessions_are_listed_and_ended(client, dana, phone):
    """Issue 4: a session list with revoke."""
    other = people.with_both(dana, phone)
    page = people.words(client.get("/accounts/sessions/"))
    assert page.count("127.0.0.1") == 2
    client.post("/accounts/sessions/")
    assert people.is_in(client)
    assert not people.is_in(other)
    assert UserSession.objects.count() == 1


def test_the_key_of_a_session_turns_at_signing_in(dana, phone):
    """AN-10: a key that somebody planted is worth nothing afterwards."""
    client = Client()
    client.get(people.LOGIN)
    people.with_password(dana, client)
    before = client.session.session_key
    client.post(people.CODE, {"code": phone.code()})
    assert client.session.session_key != before
    assert people.is_in(client)


# --- Stepping up


@pytest.fixture
def note(dana):
    make.protocol()
    case = make.case(dana)
    make.baseline(case, dana)
    return make.draft(case, dana)


def form_of(client: Client, note) -> dict[str, object]:
    page = Page(client.get(f"/rls/visits/{note.uuid}/"))
    return dict(page.sends) | {"do": "sign"}


def test_signing_with_a_stale_factor_asks_for_it_and_then_goes_on(client, note, phone):
    """AN-8, AN-11: the page holds what was posted and sends it to the same address again; the session's key turns."""
    address, form = f"/rls/visits/{note.uuid}/", form_of(client, note)
    people.aged(client, seconds=30 * 60 + 1)
    asked = client.post(address, form)
    assert asked.status_code == 403
    assert "what you typed waits on this page" in people.words(asked)
    assert held_by(asked) == {name: values for name, values in sent(form).items() if name != "csrfmiddlewaretoken"}
    assert not Signature.objects.exists()
    key = client.session.session_key
    wrong = client.post(address, held_by(asked) | {"step_up-code": "000000"})
    assert "Incorrect code" in people.words(wrong)
    assert held_by(wrong) == held_by(asked)
    assert not Signature.objects.exists()
    done = client.post(address, held_by(wrong) | {"step_up-code": phone.code()})
    assert done.status_code == 302
    assert Signature.objects.get().ref == note.uuid
    assert client.session.session_key != key
    assert people.is_in(client)
    assert UserSession.objects.get().session_key == client.session.session_key


def held_by(response) -> dict[str, list[str]]:
    """What the page would send again of what was posted."""
    ours = ("csrfmiddlewaretoken", "step_up-code", "step_up-credential")
    return {name: values for name, values in Page(response).sends.items() if name not in ours}


def test_a_file_is_not_held_by_a_page(client, note):
    """AN-8: whoever sends one confirms first."""
    people.aged(client, seconds=3600)
    form = form_of(client, note) | {"paper": SimpleUploadedFile("a.txt", b"words")}
    response = client.post(f"/rls/visits/{note.uuid}/", form)
    assert response.headers["Location"].startswith(people.AGAIN)


def test_a_fresh_factor_is_not_asked_for_again(client, note):
    """AN-8: half an hour."""
    people.aged(client, seconds=29 * 60)
    client.post(f"/rls/visits/{note.uuid}/", form_of(client, note))
    assert Signature.objects.count() == 1


def test_saving_asks_for_nothing(client, note):
    """AN-11: only what the registry marks."""
    people.aged(client, seconds=3 * 3600)
    response = client.post(f"/rls/visits/{note.uuid}/", form_of(client, note) | {"do": "save"})
    assert not response.headers.get("Location", "").startswith("/accounts/")


def test_without_a_factor_signing_is_refused_where_one_is_needed(dana, note, settings):
    """AN-8: a session of before REQUIRE_MFA was turned on."""
    client = people.with_password(dana)
    form = form_of(client, note)
    settings.REQUIRE_MFA = True
    assert client.post(f"/rls/visits/{note.uuid}/", form).status_code == 403
    assert not Signature.objects.exists()


def test_the_eleventh_wrong_code_of_a_day_is_refused_whatever_it_is(client, dana, phone, settings):
    """AN-8: a limit of its own, apart from the front door's."""
    wide = {"login_failed": "1000/m/ip", "reauthenticate": "1000/m/user"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | wide
    for _ in range(10):
        assert "Incorrect code" in people.words(client.post(people.AGAIN, {"code": "000000"}))
    assert "Too many attempts" in people.words(client.post(people.AGAIN, {"code": phone.code()}))
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"step_up": "100/d/key"}
    assert client.post(people.AGAIN, {"code": phone.code()}).status_code == 302


def test_a_password_is_no_fresh_factor_for_whoever_has_another(client):
    """AN-8: else a stolen session and an overheard password would do."""
    response = client.post("/accounts/reauthenticate/", {"password": people.PASSWORD})
    assert response.headers["Location"].startswith(people.AGAIN)
    people.aged(client, seconds=3600)
    assert client.post("/accounts/factors/totp/deactivate/").headers["Location"].startswith(people.AGAIN)
    assert Authenticator.objects.exists()


# --- Who may do what


@pytest.fixture
def lena(client):
    """A clinic admin with Django's permissions on the staff, freshly signed in."""
    user = people.account("lena", is_staff=True)
    Staff.objects.create(user=user, clinic=make.clinic(), role=Role.CLINIC_ADMIN)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="clinic"))
    return people.with_both(user, people.enrolled(user))


def test_a_change_of_role_asks_for_a_fresh_factor_and_leaves_a_line(lena, dana, caplog):
    """AN-8: who may do what is changed as carefully as a note is signed."""
    member = dana.clinic_staff
    form = {"user": dana.pk, "clinic": member.clinic_id, "role": Role.CLINIC_ADMIN, "printed_name": ""}
    people.aged(lena, seconds=3600)
    asked = lena.post(f"/admin/clinic/staff/{member.pk}/change/", form)
    assert asked.status_code == 403
    assert held_by(asked)["role"] == [Role.CLINIC_ADMIN]
    member.refresh_from_db()
    assert member.role == Role.THERAPIST
    people.aged(lena, seconds=-3600)
    with caplog.at_level(logging.INFO, "clinic.front_door"):
        assert lena.post(f"/admin/clinic/staff/{member.pk}/change/", form).status_code == 302
    member.refresh_from_db()
    assert member.role == Role.CLINIC_ADMIN
    assert f"role set user={dana.pk} role=clinic_admin" in caplog.text


def test_deleting_an_account_asks_for_a_fresh_factor(lena, dana):
    """AN-8: taking somebody's rights away altogether is a change of who may do what."""
    user = people.User.objects.get(username="lena")
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="auth"))
    spare = people.account("spare")
    people.aged(lena, seconds=3600)
    assert lena.post(f"/admin/auth/user/{spare.pk}/delete/", {"post": "yes"}).status_code == 403
    assert people.User.objects.filter(pk=spare.pk).exists()
    people.aged(lena, seconds=-3600)
    assert lena.post(f"/admin/auth/user/{spare.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not people.User.objects.filter(pk=spare.pk).exists()


def test_no_page_holds_a_password(lena, dana):
    """AN-8: whoever sets one for somebody confirms first and types it then."""
    people.User.objects.get(username="lena").user_permissions.add(*Permission.objects.filter(codename="change_user"))
    people.aged(lena, seconds=3600)
    new = {"password1": "a much better horse battery", "password2": "a much better horse battery"}
    response = lena.post(f"/admin/auth/user/{dana.pk}/password/", new)
    assert response.headers["Location"].startswith(people.AGAIN)
    assert "horse" not in response.content.decode() + response.headers["Location"]


def test_a_lost_phone_is_taken_off_an_account(lena, client, dana):
    """Issue 4: enrolment starts anew, and whoever holds the phone is out."""
    chosen = {"action": "forget_factors", "_selected_action": [dana.clinic_staff.pk]}
    assert lena.post("/admin/clinic/staff/", chosen).status_code == 302
    assert not Authenticator.objects.filter(user=dana).exists()
    assert not people.is_in(client)


def test_an_admin_reads_nobodys_factors_or_sessions(lena):
    """AD-2, part: django-allauth's own admin pages are not there."""
    for address in ("mfa/authenticator/", "usersessions/usersession/", "account/emailaddress/"):
        assert lena.get(f"/admin/{address}").status_code == 404


@pytest.mark.parametrize(("address", "status"), [("10.8.3.4", 200), ("203.0.113.9", 404)])
def test_the_admin_may_be_kept_to_the_clinics_own_networks(lena, settings, address, status):
    """AD-3: from elsewhere there is no admin, not even its sign-in."""
    settings.ADMIN_NETWORKS = ["10.8.0.0/16", "2001:db8::/32"]
    assert lena.get("/admin/", REMOTE_ADDR=address).status_code == status
    assert lena.get("/", REMOTE_ADDR=address).status_code == 200

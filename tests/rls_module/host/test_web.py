"""What every page of the plugin shares: who may come in, which headers go out, and our own pages for refusals."""

from __future__ import annotations

import logging
import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from clinic.models import Role
from rls_module.audit.models import AuditEvent
from rls_module.intake import actions as intake_actions
from tests import factories as make
from tests.rls_module.host import adapters
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db]

STAFF_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
}
BARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


@pytest.fixture
def bare_host(settings):
    """A host whose middleware sets no header and asks nobody to sign in."""
    settings.MIDDLEWARE = BARE


@pytest.fixture
def rows(at):
    """One of everything that has a page."""
    user = make.therapist()
    case = make.case(user)
    screen = intake_actions.record_known(chart=case.chart, actor=make.actor(user), now=make.NOW)
    task = make.task(case)
    sitting = make.baseline(case, user)
    return SimpleNamespace(
        user=user, case=case, chart=case.chart, screen=screen, task=task, sitting=sitting, draft=make.draft(case, user)
    )


def pages(rows) -> list[str]:
    """The address of every page that staff can open, for one patient."""
    return [
        "/rls/",
        f"/rls/patients/{rows.chart.patient_id}/",
        f"/rls/charts/{rows.chart.uuid}/",
        f"/rls/charts/{rows.chart.uuid}/screen/",
        f"/rls/screens/{rows.screen.uuid}/",
        f"/rls/cases/{rows.case.uuid}/baseline/",
        f"/rls/visits/{rows.draft.uuid}/",
        f"/rls/tasks/{rows.task.uuid}/",
        f"/rls/responses/{rows.sitting.uuid}/",
    ]


def staff_headers(response) -> dict[str, str]:
    return {name: response.headers.get(name, "") for name in STAFF_HEADERS}


# --- Headers


def test_every_staff_page_sets_its_own_headers_under_a_bare_host(rows, bare_host):
    """HD-2, part: no middleware of the host is needed."""
    client = signed_in(rows.user)
    for address in pages(rows):
        response = client.get(address)
        assert response.status_code in (200, 302), address
        assert staff_headers(response) == STAFF_HEADERS, address


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/rls/charts/{unknown}/", 404),
        ("get", "/rls/patients/none/", 404),
        ("post", "/rls/charts/{chart}/", 405),
        ("put", "/rls/", 405),
        ("get", "/rls/cases/{case}/visits/", 405),
    ],
)
def test_every_refusal_sets_the_same_headers_under_a_bare_host(rows, bare_host, method, path, status):
    """HD-2, part: 4xx too."""
    address = path.format(unknown=uuid4(), chart=rows.chart.uuid, case=rows.case.uuid)
    response = getattr(signed_in(rows.user), method)(address)
    assert response.status_code == status
    assert staff_headers(response) == STAFF_HEADERS


def test_the_way_to_the_login_sets_the_same_headers_under_a_bare_host(bare_host):
    """HD-2, part: a redirect names the page that was asked for."""
    assert staff_headers(Client().get("/rls/")) == STAFF_HEADERS


def test_our_policy_lets_in_nothing_inline_and_nothing_from_elsewhere(rows, bare_host):
    """HD-3, part."""
    client = signed_in(rows.user)
    for address in [*pages(rows), f"/rls/charts/{uuid4()}/"]:
        policy = client.get(address).headers["Content-Security-Policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert directives == {
            "default-src": "'none'",
            "style-src": "'self'",
            "script-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }


def test_the_reference_hosts_policy_lets_in_nothing_inline(rows):
    policy = signed_in(rows.user).get("/rls/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_static_files_of_another_server_are_named_in_our_policy(rows, bare_host, settings):
    settings.STATIC_URL = "https://static.example.org/files/"
    policy = signed_in(rows.user).get("/rls/").headers["Content-Security-Policy"]
    assert "style-src 'self' https://static.example.org;" in policy
    assert "script-src 'self' https://static.example.org;" in policy


def test_no_page_holds_anything_inline(rows):
    """HD-3, part: what the policy would refuse is not there."""
    client = signed_in(rows.user)
    for address in pages(rows):
        html = client.get(address).content.decode()
        assert not re.search(r"\sstyle\s*=|<style\b|<script\b(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:", html), address


# --- Who may come in


def test_the_anonymous_are_sent_to_sign_in_and_back(rows):
    """AN-1, part: every page of staff, with and without the host's own wall."""
    for address in pages(rows):
        response = Client().get(address)
        assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={address}")


def test_the_anonymous_are_sent_to_sign_in_without_a_wall_of_the_host(rows, bare_host):
    events = AuditEvent.objects.count()
    for address in pages(rows):
        for method in ("get", "post"):
            response = getattr(Client(), method)(address)
            assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={address}")
    assert AuditEvent.objects.count() == events


def test_a_disabled_account_is_sent_to_sign_in(rows):
    client = signed_in(rows.user)
    assert client.get("/rls/").status_code == 200
    rows.user.is_active = False
    rows.user.save()
    assert client.get("/rls/").status_code == 302


def test_an_account_without_a_clinic_gets_our_404(rows):
    stranger = make.therapist()
    stranger.clinic_staff.delete()
    stranger.is_superuser = stranger.is_staff = True
    stranger.save()
    client = signed_in(stranger)
    for address in pages(rows):
        response = client.get(address)
        assert response.status_code == 404
        assert "Nothing here" in response.content.decode()
        assert "Alma" not in response.content.decode()


def test_a_request_of_no_tenant_gets_our_404(rows, settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{adapters.HERE}.Tenantless"}
    for address in pages(rows):
        assert signed_in(rows.user).get(address).status_code == 404


# --- Our own error pages


def test_what_does_not_exist_and_what_may_not_be_known_are_the_same_page(rows):
    """AZ-6, part: the uuid is no authority, and a refusal is no hint."""
    stranger = signed_in(make.therapist(make.clinic("hillside")))
    unknown = {
        "/rls/charts/{}/": rows.chart,
        "/rls/charts/{}/screen/": rows.chart,
        "/rls/screens/{}/": rows.screen,
        "/rls/cases/{}/baseline/": rows.case,
        "/rls/visits/{}/": rows.draft,
        "/rls/tasks/{}/": rows.task,
        "/rls/responses/{}/": rows.sitting,
    }
    for pattern, row in unknown.items():
        real, made_up = stranger.get(pattern.format(row.uuid)), stranger.get(pattern.format(uuid4()))
        assert (real.status_code, made_up.status_code) == (404, 404), pattern
        assert real.content == made_up.content
        assert dict(real.headers) == dict(made_up.headers)
    real, made_up = stranger.get(f"/rls/patients/{rows.chart.patient_id}/"), stranger.get("/rls/patients/987654321/")
    assert (real.status_code, real.content) == (404, made_up.content)


def test_posts_to_what_may_not_be_known_are_the_same_page_and_write_nothing(rows):
    stranger = signed_in(make.therapist(make.clinic("hillside")))
    for pattern, row, data in (
        ("/rls/charts/{}/screen/", rows.chart, {"do": "known"}),
        ("/rls/screens/{}/", rows.screen, {"decision": "later"}),
        ("/rls/cases/{}/visits/", rows.case, {}),
        ("/rls/visits/{}/", rows.draft, {"do": "discard", "version": rows.draft.version}),
        ("/rls/tasks/{}/", rows.task, {"do": "take", "version": 1}),
        ("/rls/charts/{}/consent/", rows.chart, {"agrees": "no"}),
    ):
        real = stranger.post(pattern.format(row.uuid), data)
        made_up = stranger.post(pattern.format(uuid4()), data)
        assert (real.status_code, real.content) == (404, made_up.content), pattern
    rows.draft.refresh_from_db()
    rows.task.refresh_from_db()
    assert (rows.draft.status, rows.task.state, rows.chart.visits.count()) == ("draft", "open", 1)
    assert not rows.chart.consents.exclude(withdrawn_at=None).exists()


def test_our_error_page_is_ours_and_not_the_hosts(rows, settings, tmp_path):
    """AP-8, part: the plugin renders its own."""
    (tmp_path / "404.html").write_text("the host's own page")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    response = signed_in(rows.user).get(f"/rls/charts/{uuid4()}/")
    assert response.status_code == 404
    assert "There is nothing here, or nothing that you can open." in response.content.decode()


def test_our_error_page_shows_without_collected_static_files(rows, settings):
    """Host contract 3, requirement 26: manifest storage without a manifest must not make a 404 a 500."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    assert signed_in(rows.user).get(f"/rls/charts/{uuid4()}/").status_code == 404


def test_what_may_be_seen_but_not_done_is_a_403_that_says_so(rows, settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{adapters.HERE}.OnlyReads"}
    client = signed_in(rows.user)
    assert client.get(f"/rls/charts/{rows.chart.uuid}/").status_code == 200
    response = client.get(f"/rls/charts/{rows.chart.uuid}/screen/")
    assert response.status_code == 403
    assert "You may see this, but not do that." in response.content.decode()
    assert staff_headers(response) == STAFF_HEADERS


def test_a_clinic_admin_opens_no_chart(rows):
    """AZ-1, part: a role that sees the patient's name and no clinical page."""
    admin = signed_in(make.therapist(role=Role.CLINIC_ADMIN))
    assert {admin.get(address).status_code for address in pages(rows)[1:]} == {404}
    assert "Alma" not in admin.get("/rls/").content.decode()


@pytest.mark.parametrize("name", ["CannotSay", "CannotList"])
def test_a_host_that_raises_denies_and_names_nobody_in_the_log(rows, settings, caplog, name):
    """AZ-2, part: an adapter that raises never yields a page, and the log holds no patient data."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{adapters.HERE}.{name}"}
    client = signed_in(rows.user)
    with caplog.at_level(logging.INFO):
        for address in pages(rows):
            response = client.get(address)
            assert "Alma" not in response.content.decode()
            assert address == "/rls/" or response.status_code in (403, 404), address
    assert rows.chart.patient.family not in caplog.text


def test_a_gate_shows_its_own_page_with_our_headers_and_nothing_is_written(rows, settings):
    """AN-11, part: a response of the gate stands in for the page."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"STAFF_GATE": f"{adapters.HERE}.asks_first"}
    response = signed_in(rows.user).post(
        f"/rls/visits/{rows.draft.uuid}/", {"do": "sign", "version": rows.draft.version}
    )
    assert (response.status_code, response.content) == (401, b"second factor, please")
    assert staff_headers(response) == STAFF_HEADERS
    rows.draft.refresh_from_db()
    assert rows.draft.status == "draft"


# --- A host's own frame


def test_therapist_pages_stand_in_the_hosts_base(rows, settings, tmp_path):
    (tmp_path / "our_base.html").write_text(
        "<html><head><title>{% block title %}{% endblock %}</title></head>"
        "<body><header>the host's menu</header>{% block content %}{% endblock %}</body></html>"
    )
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    settings.RLS_MODULE = settings.RLS_MODULE | {"BASE_TEMPLATE": "our_base.html"}
    settings.MIDDLEWARE = BARE
    client = signed_in(rows.user)
    for address in (one for one in pages(rows) if "/patients/" not in one):
        response = client.get(address)
        html = response.content.decode()
        assert "the host's menu" in html
        assert html.count("<main") == 0, "the host's base has its own"
        assert "rls_module/css/rls.css" in html
        assert staff_headers(response) == STAFF_HEADERS
        assert "Content-Security-Policy" not in response.headers, "the host's page, the host's policy"
    assert "the host's menu" not in client.get(f"/rls/charts/{uuid4()}/").content.decode()


def test_patient_pages_never_stand_in_the_hosts_base(settings, tmp_path, bare_host):
    (tmp_path / "our_base.html").write_text("the host's menu {% block content %}{% endblock %}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    settings.RLS_MODULE = settings.RLS_MODULE | {"BASE_TEMPLATE": "our_base.html"}
    response = Client().get("/q/a-made-up-token/")
    assert response.status_code == 404
    assert "the host's menu" not in response.content.decode()
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"

"""Every response of the reference host says how it may be used: pages, static files, redirects, refusals, faults."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from clinic.headers import EVERYWHERE
from rls_module.cases.models import Chart
from tests import factories as make
from tests.rls_module.host.pages import at, signed_in

__all__ = ["at"]
PATHS = (
    "/", "/patients/", "/accounts/login/", "/nowhere/", "/admin/", "/admin/login/", "/static/rls_module/css/staff.css",
    "/static/nowhere.css", "/rls/", "/rls/nowhere/", "/rls/api/v1/charts/", "/rls/api/v1/schema/", "/q/made-up/",
    "/q/u/made-up/", "/patients/999999/",
)  # fmt: skip


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "therapist"])
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_every_response_has_every_header(who, method, settings):
    """HD-2: crawl over the host's and the plugin's addresses, 2xx to 4xx."""
    client = Client(raise_request_exception=False) if who == "nobody" else signed_in(make.therapist())
    for path in PATHS:
        response = getattr(client, method)(path, secure=True)
        lacking = set(EVERYWHERE) - set(response.headers)
        assert not lacking, (path, response.status_code, lacking)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_a_fault_has_them_too(settings, monkeypatch):
    """HD-2: 5xx."""
    monkeypatch.setattr("clinic.queries.visits_of_day", None)
    client = signed_in(make.therapist())
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert set(EVERYWHERE) <= set(response.headers)


@pytest.mark.both
@pytest.mark.django_db
def test_no_page_is_kept_by_a_browser_and_static_files_are(at, settings):
    """HD-4: no-store on everything that may hold a patient."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    user = make.therapist()
    case = make.case(user)
    client = signed_in(user)
    for path in ("/", "/patients/", f"/patients/{case.chart.patient.pk}/", f"/rls/charts/{case.chart.uuid}/", "/rls/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path
    sheet = client.get("/static/rls_module/css/staff.css")
    assert b"--soft" in b"".join(sheet.streaming_content)
    sheet.close()
    assert sheet.headers["Cache-Control"].startswith("max-age=")
    assert set(EVERYWHERE) <= set(sheet.headers)


@pytest.mark.django_db
def test_logging_out_makes_the_browser_forget():
    """HD-4."""
    response = signed_in(make.therapist()).post("/accounts/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'


@pytest.mark.browser
@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_after_logging_out_the_back_button_shows_nothing(page: Page, live_server, at):
    """HD-4: in a real browser."""
    user = make.therapist(username="dana")
    case = make.case(user, make.patient(user, given="Moira", family="Kowalski"))
    page.goto(live_server.url)
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live_server.url}/rls/charts/{Chart.objects.get(pk=case.chart_id).uuid}/")
    expect(page.get_by_role("heading", name="Moira Kowalski")).to_be_visible()
    page.goto(live_server.url)
    page.get_by_role("button", name=re.compile("Sign out|Log out")).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()  # the browser has left before it goes back
    for _step in range(3):
        page.go_back()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert "Kowalski" not in page.content()

"""Exports as their owner meets them: from the chart, in the list, downloaded; and as everybody else does not."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Role, Staff
from rls_module.audit.models import AuditEvent
from rls_module.outcomes import actions, strongbox
from rls_module.outcomes.models import Export, ExportPart
from tests import factories as make
from tests.contracts import narrower
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.outcomes import exporting as ex

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

LIST = "/rls/exports/"


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def chart(user):
    case = make.case(user, make.patient(user, given="Alma", family="Abbott"))
    make.baseline(case, user)
    ex.agrees(case.chart, user)
    return case.chart


@pytest.fixture
def admin():
    return make.therapist(role=Role.CLINIC_ADMIN)


def words(client, address: str = LIST) -> str:
    return Page(client.get(address)).words


def refusals(user) -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(outcome="refused", actor=f"user:{user.pk}").order_by("pk")
    return list(found.values_list("verb", "object_id"))


def test_from_the_chart_to_the_file(user, chart):
    """PV-8, AZ-8: asked for on the chart, made by the engine, downloaded once from the list."""
    client = signed_in(user)
    page = Page(client.get(f"/rls/charts/{chart.uuid}/"))
    assert "Export this record" in page.words
    asked = client.post(f"/rls/charts/{chart.uuid}/export/")
    assert (asked.status_code, asked.url) == (302, LIST)
    assert "Record of Alma Abbott waiting to be made" in words(client)
    export = ex.turned(Export.objects.get())
    listed = words(client)
    assert "ready to download" in listed
    assert "gone from here Sept. 8, 2026, 10 a.m." in listed
    response = client.post(f"{LIST}{export.uuid}/")
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == f'attachment; filename="export-{str(export.uuid)[:8]}.zip"'
    assert response.headers["Cache-Control"] == "no-store"
    assert ex.table(ZipFile(io.BytesIO(response.content)), "patients")[0]["name"] == "Alma Abbott"
    assert "Download" not in [name for name, _ in Page(client.get(LIST)).buttons]
    assert "downloaded" in words(client)
    assert not ExportPart.objects.exists()


def test_the_second_time_it_is_gone_and_says_so(user, chart):
    """PV-8: one time."""
    client, export = signed_in(user), ex.turned(ex.ask(user, chart))
    assert client.post(f"{LIST}{export.uuid}/").status_code == 200
    again = client.post(f"{LIST}{export.uuid}/")
    assert again.status_code == 404
    assert "it was downloaded, or its time is over. Ask for a new one." in Page(again).words


def test_after_a_day_it_is_gone(user, chart, at):
    """PV-8: from the first moment, before the engine has come by."""
    client, export = signed_in(user), ex.turned(ex.ask(user, chart))
    at(make.NOW + timedelta(hours=24))
    assert client.post(f"{LIST}{export.uuid}/").status_code == 404
    ex.turned(export, now=make.NOW + timedelta(hours=24))
    assert "expired" in words(client)


def test_looking_at_it_does_not_fetch_it(user, chart):
    """A link that a browser opens ahead, or a mail scanner follows, takes nothing away."""
    client, export = signed_in(user), ex.turned(ex.ask(user, chart))
    assert client.get(f"{LIST}{export.uuid}/").status_code == 405
    assert ExportPart.objects.exists()


def test_the_list_says_what_is_in_it(user, chart):
    """The manifest: tables and rows, the size, the hash."""
    export = ex.turned(ex.ask(user, chart))
    said = words(signed_in(user))
    assert "visits" not in said, "tables without a row are not listed"
    assert "consents 3" in said
    assert export.manifest["sha256"] in said


# --- Nobody else


@pytest.mark.parametrize("who", ["colleague", "stranger", "admin"])
def test_another_person_with_its_address_finds_nothing(user, chart, who):
    """PV-8, AZ-8: owner-bound: 404, an event that stays, and the file is still there for its owner."""
    other = {
        "colleague": make.therapist,
        "stranger": lambda: make.therapist(make.clinic("hillside")),
        "admin": lambda: make.therapist(role=Role.CLINIC_ADMIN),
    }[who]()
    export = ex.turned(ex.ask(user, chart))
    response = signed_in(other).post(f"{LIST}{export.uuid}/")
    assert response.status_code == 404
    assert refusals(other) == [("export.download", str(export.uuid))]
    assert "Abbott" not in words(signed_in(other))
    assert signed_in(user).post(f"{LIST}{export.uuid}/").status_code == 200


def test_the_owner_in_another_clinic_finds_nothing(user, chart):
    """PV-8: the scope of the request is asked again at the download."""
    export = ex.turned(ex.ask(user, chart))
    Staff.objects.filter(user=user).update(clinic=make.clinic("hillside"))
    assert signed_in(user).post(f"{LIST}{export.uuid}/").status_code == 404
    assert ExportPart.objects.exists()


def test_the_owner_who_no_longer_treats_the_patient_finds_nothing(user, chart):
    """PV-8, AZ-3: whom one may know of is asked again at the download."""
    export = ex.turned(ex.ask(user, chart))
    chart.patient.therapists.clear()
    client = signed_in(user)
    assert "Abbott" not in words(client)
    assert client.post(f"{LIST}{export.uuid}/").status_code == 404
    assert refusals(user) == [("export.download", str(export.uuid))]


@pytest.mark.parametrize("right", ["export.patient", "export.download"])
def test_the_owner_who_lost_the_right_gets_nothing(user, chart, settings, right):
    """PV-8: the right to have asked, and the right to download."""
    export = ex.turned(ex.ask(user, chart))
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without(right):
        assert signed_in(user).post(f"{LIST}{export.uuid}/").status_code in (403, 404)
    assert ExportPart.objects.exists()


def test_an_admin_who_lost_the_right_to_the_registry_gets_nothing(admin, chart, settings):
    export = ex.turned(ex.ask(admin))
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without("export.create"):
        assert signed_in(admin).post(f"{LIST}{export.uuid}/").status_code == 404
    assert signed_in(admin).post(f"{LIST}{export.uuid}/").status_code == 200


# --- The registry


def test_a_clinic_admin_exports_the_registry_and_no_record(admin, chart):
    """AZ-1: de-identified, and nobody's name on the page."""
    client = signed_in(admin)
    assert "It is not anonymous" in words(client)
    assert client.post(LIST).status_code == 302
    export = ex.turned(Export.objects.get())
    assert (export.kind, export.is_identified, export.chart) == ("registry", False, None)
    assert "The clinic's registry, de-identified" in words(client)
    folder = ZipFile(io.BytesIO(client.post(f"{LIST}{export.uuid}/").content))
    assert "Abbott" not in ex.everything(folder)
    assert client.post(f"/rls/charts/{chart.uuid}/export/").status_code in (403, 404)


def test_a_registry_of_nobody_says_so(admin):
    """Before it is downloaded and found to be empty."""
    client = signed_in(admin)
    make.case(make.therapist())  # who did not agree
    ex.turned(ex.ask(admin))
    assert "Nobody is in it" in words(client)


def test_the_identified_registry_is_off(admin, chart):
    """Decisions 3: nobody here has the right; the page does not offer it, and asking all the same is refused."""
    client = signed_in(admin)
    assert "With names" not in words(client)
    assert client.post(LIST, {"is_identified": "1"}).status_code == 403
    assert not Export.objects.exists()
    assert refusals(admin) == [("export.identified", "")]


def test_a_therapist_is_not_offered_the_registry_and_refused_it(user):
    client = signed_in(user)
    assert "Export the registry" not in words(client)
    assert client.post(LIST).status_code == 403
    assert not Export.objects.exists()


def test_what_a_request_adds_decides_nothing(user, admin, chart):
    """AZ-7: owner, clinic and chart come from the session and the address."""
    other = make.case(make.therapist(make.clinic("hillside"))).chart
    sent = {"scope": "hillside", "owner": admin.pk, "chart": str(other.uuid), "patient_id": other.patient_id}
    signed_in(user).post(f"/rls/charts/{chart.uuid}/export/", sent)
    export = Export.objects.get()
    assert (export.scope, export.owner, export.chart) == ("riverside", user, chart)


# --- Limits and faults, in words


def test_too_many_at_once_is_said_in_words(user, chart):
    client = signed_in(user)
    for _ in range(actions.MOST_OPEN):
        client.post(f"/rls/charts/{chart.uuid}/export/")
    response = client.post(f"/rls/charts/{chart.uuid}/export/")
    assert response.status_code == 422
    assert "You have 5 exports that are waiting or ready." in Page(response).words
    assert Export.objects.count() == actions.MOST_OPEN


def test_a_system_that_can_lock_nothing_says_so(user, chart, monkeypatch):
    """PV-8: never in clear."""
    monkeypatch.setattr(strongbox, "is_installed", False)
    response = signed_in(user).post(f"/rls/charts/{chart.uuid}/export/")
    assert response.status_code == 422
    assert "Exports are off in this system" in Page(response).words
    assert not Export.objects.exists()


def test_a_key_that_is_gone_is_said_in_words(user, chart, settings):
    """PV-8: no traceback, and no file."""
    client, export = signed_in(user), ex.turned(ex.ask(user, chart))
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"next": "x" * 40}}
    response = client.post(f"{LIST}{export.uuid}/", follow=True)
    assert response.status_code == 200
    assert "The key that it was locked with is gone" in Page(response).words


def test_an_empty_list_says_how_to_get_one(user):
    assert "You have asked for no export." in words(signed_in(user))


# --- The witness, and the cost


def test_a_list_that_names_patients_is_a_read_of_each(user, chart):
    """AU-1: one event a patient, not one a row."""
    for _ in range(2):
        ex.ask(user, chart)
    signed_in(user).get(LIST)
    read = AuditEvent.objects.filter(verb="patient.view", object_kind="export list")
    assert [event.patient for event in read] == [str(chart.patient_id)]


def test_the_list_asks_as_often_for_thirty_as_for_one(user):
    client = signed_in(user)
    counts = []
    for number in (1, 29):
        for _ in range(number):
            export = ex.ask(user, make.case(user).chart)
            Export.objects.filter(pk=export.pk).update(state="fetched")
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]

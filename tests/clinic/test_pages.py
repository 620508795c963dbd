"""The host's own pages, as staff of two clinics meet them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from clinic.models import Role, Staff, VisitStatus
from rls_module.host import clock
from tests.clinic.rows import make_clinic, make_patient, make_staff, make_visit

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client


@pytest.mark.parametrize("address", ["/", "/patients/", "/patients/1/"])
def test_anonymous_visitors_are_sent_to_sign_in(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={address}"


def test_signing_in_with_the_right_password_leads_home() -> None:
    staff = make_staff()
    wrong = Client().post("/accounts/login/", {"username": staff.user.username, "password": "wrong"})
    assert wrong.status_code == 200
    assert "do not match" in wrong.content.decode()
    right = Client().post("/accounts/login/", {"username": staff.user.username, "password": "correct horse"})
    assert (right.status_code, right.headers["Location"]) == (302, "/")


def test_signing_out_needs_a_post() -> None:
    client = signed_in(make_staff())
    assert client.get("/accounts/logout/").status_code == 200  # it asks first
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 302


def test_an_account_without_a_clinic_sees_nothing() -> None:
    make_patient(given="Zofia")
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="correct horse"))
    for address in ("/", "/patients/"):
        response = client.get(address)
        assert response.status_code == 403
        assert "Zofia" not in response.content.decode()


def test_home_shows_the_therapists_visits_of_a_day_in_order() -> None:
    dana = make_staff()
    late = make_patient(of=dana, given="Late", family="Riser")
    early = make_patient(of=dana, given="Early", family="Bird")
    make_visit(late, dana, datetime(2026, 3, 2, 20, tzinfo=UTC))
    make_visit(early, dana, datetime(2026, 3, 2, 14, tzinfo=UTC))
    make_visit(make_patient(of=make_staff(), given="Hidden"), make_staff(), datetime(2026, 3, 2, 15, tzinfo=UTC))
    page = signed_in(dana).get("/?day=2026-03-02").content.decode()
    assert page.index("9 a.m.") < page.index("Early Bird") < page.index("3 p.m.") < page.index("Late Riser")
    assert "Hidden" not in page
    assert "?day=2026-03-01" in page
    assert "?day=2026-03-03" in page


def test_a_day_that_does_not_exist_is_not_found() -> None:
    assert signed_in(make_staff()).get("/?day=2026-02-30").status_code == 404


def test_patient_page_leads_to_the_chart_and_to_each_visit_that_was_given() -> None:
    dana = make_staff()
    patient = make_patient(of=dana)
    given = make_visit(patient, dana)
    cancelled = make_visit(patient, dana, status=VisitStatus.CANCELLED)
    planned = make_visit(patient, dana, clock.now().replace(year=clock.now().year + 1, day=1))
    page = signed_in(dana).get(f"/patients/{patient.pk}/").content.decode()
    chart = reverse("rls:patient", args=[patient.pk])
    assert f'href="{chart}"' in page
    assert f'href="{chart}?visit=clinic.visit%3A{given.pk}"' in page
    assert f"clinic.visit%3A{cancelled.pk}" not in page
    assert f"clinic.visit%3A{planned.pk}" not in page


def test_clinic_admin_reads_a_patients_page_without_a_way_to_the_chart() -> None:
    dana = make_staff()
    patient = make_patient(of=dana)
    make_visit(patient, dana)
    response = signed_in(make_staff(Role.CLINIC_ADMIN)).get(f"/patients/{patient.pk}/")
    assert response.status_code == 200
    assert reverse("rls:patient", args=[patient.pk]) not in response.content.decode()


def test_anybody_elses_patient_is_not_found() -> None:
    dana = make_staff()
    foreign = [
        make_patient(of=make_staff()),
        make_patient(of=make_staff(clinic=make_clinic("hillcrest"))),
        make_patient(of=dana, archived=True),
    ]
    client = signed_in(dana)
    missing = client.get("/patients/999999/")
    for patient in foreign:
        response = client.get(f"/patients/{patient.pk}/")
        assert response.status_code == 404
        assert response.content == missing.content


def test_patient_list_searches_and_counts_visible_patients_only() -> None:
    dana = make_staff()
    make_patient(of=dana, given="Grace", family="Lindqvist")
    make_patient(of=dana, given="Henry", family="Baker")
    make_patient(of=make_staff(), given="Grace", family="Suzuki")
    page = signed_in(dana).get("/patients/?q=grace").content.decode()
    assert "Lindqvist, Grace" in page
    assert "1 patient found" in page
    assert "Baker" not in page
    assert "Suzuki" not in page


@pytest.mark.parametrize("rows", [1, 20])
def test_pages_ask_the_database_the_same_however_many_rows(rows: int, django_assert_max_num_queries: object) -> None:
    dana = make_staff()
    patients = [make_patient(of=dana) for _ in range(rows)]
    for patient in patients:
        make_visit(patient, dana)
        make_visit(patients[0], dana)
    client = signed_in(dana)
    client.get("/")
    for address in ("/?day=2026-03-02", "/patients/", f"/patients/{patients[0].pk}/"):
        with django_assert_max_num_queries(10):  # type: ignore[operator]
            assert client.get(address).status_code == 200


def test_pages_carry_the_strict_policy_and_stay_out_of_caches() -> None:
    response = signed_in(make_staff()).get("/")
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "form-action")} == {"'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert " style=" not in response.content.decode()
    assert "<script" not in response.content.decode()


def test_pages_speak_the_browsers_language() -> None:
    response = signed_in(make_staff()).get("/", headers={"accept-language": "es"})
    page = response.content.decode()
    assert '<html lang="es">' in page
    assert "<h1>Hoy</h1>" in page
    assert "No tiene visitas este día." in page


def test_django_admin_shows_each_clinic_its_own_records() -> None:
    admin = make_staff(Role.CLINIC_ADMIN)
    admin.user.is_staff = admin.user.is_superuser = True
    admin.user.save()
    own = make_patient(born=date(1970, 1, 2))
    foreign = make_patient(clinic=make_clinic("hillcrest"))
    client = signed_in(admin)
    page = client.get("/admin/clinic/patient/").content.decode()
    assert own.record_number in page
    assert foreign.record_number not in page
    assert client.get(f"/admin/clinic/patient/{own.pk}/change/").status_code == 200
    assert client.get(f"/admin/clinic/patient/{foreign.pk}/change/").status_code == 302
    assert client.get(f"/admin/clinic/patient/{own.pk}/delete/").status_code == 403
    assert foreign.clinic.name not in client.get("/admin/clinic/visit/add/").content.decode()

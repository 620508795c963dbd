"""Leaflets for patients: in their language, with whom to call, and on record when they are handed over."""

from __future__ import annotations

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.knowledge.papers import loading
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


def case_in(user, language: str):
    return make.case(user, make.patient(user, language=language, family="Overmyer"))


def address(case, key: str = "") -> str:
    return f"/rls/cases/{case.uuid}/leaflets/{key}/" if key else f"/rls/cases/{case.uuid}/leaflets/"


@pytest.mark.parametrize(("language", "title"), [("en", "Iron and restless legs"), ("es", "El hierro y las piernas")])
def test_all_are_offered_in_the_patients_language(client, user, language, title):
    """Decisions 12.13."""
    case = case_in(user, language)
    page = Page(client.get(address(case)))
    assert title in page.words
    assert [link for link in page.links if "/leaflets/" in link and link != address(case)] == [
        address(case, key) for key in loading.LEAFLETS
    ]


@pytest.mark.parametrize("key", loading.LEAFLETS)
@pytest.mark.parametrize("language", loading.LANGUAGES)
def test_a_leaflet_stands_with_its_sources_and_whom_to_call(client, user, key, language):
    """Decisions 12.13 and 12.16: the clinic's contact block and the crisis line."""
    response = client.get(address(case_in(user, language), key))
    assert f'<html lang="{language}"' in response.content.decode()
    page, leaflet = Page(response), loading.leaflet(key, language)
    for words in (
        leaflet.title, leaflet.lead, *(one.heading for one in leaflet.sections), *loading.citations(leaflet.sources),
        leaflet.mark, "Riverside Physical Therapy", "555-0100", "911", "988",
    ):  # fmt: skip
        assert " ".join(words.split()) in page.words


def test_it_says_nothing_of_the_patient(client, user):
    """The same sheet for everybody: what lies on a kitchen table names nobody."""
    assert "Overmyer" not in client.get(address(case_in(user, "en"), "iron")).content.decode()


def test_another_language_can_be_asked_for(client, user):
    page = Page(client.get(address(case_in(user, "en"), "iron"), {"language": "es"}))
    assert "El hierro y las piernas inquietas" in page.words


@pytest.mark.parametrize("key", ["letters", "sources", "moon"])
def test_what_is_no_leaflet_is_not_found(client, user, key):
    assert client.get(address(case_in(user, "en"), key)).status_code == 404


def test_that_it_was_handed_over_is_an_event(client, user):
    """AU-2: which one, in which language."""
    case = case_in(user, "es")
    response = client.post(address(case, "dry_needling"), {"language": "es"})
    assert response.headers["Location"] == address(case)
    event = AuditEvent.objects.get(purpose__startswith="handed over")
    assert (event.verb, event.purpose, event.patient) == (
        "contact.create",
        "handed over: leaflet dry_needling es",
        str(case.chart.patient_id),
    )


def test_chart_and_plan_lead_to_them(client, user):
    case = case_in(user, "en")
    for page in (f"/rls/charts/{case.chart.uuid}/", f"/rls/cases/{case.uuid}/plan/"):
        assert address(case) in Page(client.get(page)).links


def test_the_handout_says_whom_to_call_as_well(client, user):
    """Decisions 12.16."""
    case = case_in(user, "es")
    make.prescription(case, user)
    words = Page(client.get(f"/rls/plans/{make.plan(case, user).uuid}/handout/")).words
    assert "988, de día o de noche" in words
    assert "En una emergencia llame al 911." in words


def test_every_room_of_a_case_opens_from_every_other(client, user):
    """The links between the rooms lead somewhere."""
    case = case_in(user, "en")
    rooms = [link for link in Page(client.get(address(case))).links if link.startswith(f"/rls/cases/{case.uuid}/")]
    assert len(rooms) >= 9
    assert {link: client.get(link).status_code for link in rooms} == dict.fromkeys(rooms, 200)

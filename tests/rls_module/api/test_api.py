"""The API as another system meets it: what it reads, what it is refused, and in which words."""

from __future__ import annotations

import base64
import json

import jsonschema
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from rest_framework.serializers import BaseSerializer

from clinic.models import Role
from rls_module.api import schema, shapes, urls
from rls_module.api.doors import Door
from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Case, Chart, Response
from rls_module.followups import actions
from rls_module.followups.models import Occurrence
from rls_module.visits.models import Visit
from tests import factories as make
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

API = "/rls/api/v1"
LISTS = ("charts", "cases", "visits", "followups", "responses")
MODELS = {"charts": Chart, "cases": Case, "visits": Visit, "followups": Occurrence, "responses": Response}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def case(user):
    """A patient with one of everything."""
    case = make.case(user, needling=True, mail=True)
    make.protocol()
    make.baseline(case, user)
    make.signed(case, user, points=[make.point()], exercises=[make.exercise()])
    make.task(case)
    actions.tick(now=make.NOW)
    make.answered(Occurrence.objects.get(step="week_6"), now=make.NOW + make.days(43))
    return case


@pytest.fixture
def client(user, case):
    return signed_in(user)


def get(client: Client, path: str, status: int = 200, **headers: str):
    response = client.get(f"{API}/{path}", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


# --- What it reads


def test_every_list_holds_the_patients_records_and_each_row_opens(client):
    for name in LISTS:
        [*rows] = get(client, f"{name}/")["results"]
        assert rows, name
        assert get(client, f"{name}/{rows[0]['uuid']}/") == rows[0]


def test_a_visit_is_told_whole(client, case, user):
    [visit] = get(client, "visits/?status=signed")["results"]
    assert visit["chart"] == str(case.chart.uuid)
    assert visit["signature"]["signer_name"] == "Dana Whitfield PT"
    assert [(site["muscle"], site["needles_in"], site["gauge_mm"]) for site in visit["needling_sites"]]
    assert [point["point"] for point in visit["fascial_points"]]
    assert [one["name"] for one in visit["exercises"]]


def test_a_chart_names_its_patient_by_the_hosts_reference_alone(client, case):
    [chart] = get(client, "charts/")["results"]
    person = case.chart.patient
    assert chart["patient"] == person.record_number
    assert chart["open_case"] == str(case.uuid)
    everything = json.dumps([get(client, f"{name}/") for name in LISTS] + [summary(client, case)])
    for private in (person.family, person.given, person.email, person.phone):
        assert private not in everything


def summary(client, case):
    return get(client, f"charts/{case.chart.uuid}/summary/")


def test_the_summary_says_what_the_chart_page_says(client, case):
    told = summary(client, case)
    assert (told["has_baseline"], told["signed_visits"], told["open_tasks"]) == (True, 1, 1)
    nights = next(one for one in told["measures"] if one["label"].startswith("Nights"))
    assert [one["value"] for one in nights["values"]][:2] == ["6", "3"]
    assert (nights["change"], nights["verdict"]) == (-3, "better")
    assert {room["room"] for room in told["rooms"]} >= {"Intake", "Plan"}


def test_a_response_holds_its_answers_and_measurements(client):
    [asked] = get(client, "responses/?instrument=rls_checkin")["results"][:1]
    assert asked["answers"]["rls_checkin.nights"] == 3
    assert asked["followup"] is not None
    assert {"measure": "rls_checkin:nights", "value": 3.0}.items() <= next(
        one for one in asked["measurements"] if one["measure"] == "rls_checkin:nights"
    ).items()


def test_an_instrument_comes_with_its_words_in_every_language(client):
    one = get(client, "instruments/rls_checkin/")
    assert {said["language"] for said in one["languages"]} == {"en", "es"}
    assert all(set(item["text"]) == {"en", "es"} for item in one["items"])
    assert one in get(client, "instruments/")
    assert get(client, "instruments/rls_unknown/", 404)["status"] == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("charts/?has_open_case=true", 1),
        ("charts/?has_open_case=false", 0),
        ("cases/?status=closed", 0),
        ("visits/?on_or_after=2026-09-07&on_or_before=2026-09-07", 1),
        ("visits/?on_or_after=2026-09-08", 0),
        ("followups/?state=answered", 1),
        ("followups/?due_on_or_after=2026-11-01", 1),
        ("responses/?instrument=rls_screen", 0),
    ],
)
def test_lists_are_filtered_by_what_is_offered(client, query, count):
    assert len(get(client, query)["results"]) == count


def test_a_list_goes_on_page_by_page_newest_first_and_loses_nothing(user, client):
    for number in range(4):
        make.chart(make.patient(user), now=make.NOW + make.days(number))
    seen, page = [], get(client, "charts/?page_size=2")
    while True:
        seen += page["results"]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert len(seen) == len({row["uuid"] for row in seen}) == 5
    assert [row["created_at"] for row in seen] == sorted((row["created_at"] for row in seen), reverse=True)


@pytest.mark.parametrize("name", LISTS)
def test_a_page_asks_as_often_for_ten_rows_as_for_one(user, client, name):
    """AP-6: bounded queries, page_size at most 100."""

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            get(client, f"{name}/?page_size=100")
        return len(found)

    few = asked()
    for _number in range(9):
        another = make.case(user, needling=True, mail=True)
        make.baseline(another, user)
        make.signed(another, user)
    actions.tick(now=make.NOW)
    assert len(get(client, f"{name}/?page_size=100")["results"]) >= 10
    assert asked() <= few + 9, "one right is asked for each patient, and nothing else grows"


# --- What it refuses

ODD = [
    ("charts/?page_size=0", "page_size"),
    ("charts/?page_size=101", "page_size"),
    ("charts/?page_size=x", "page_size"),
    ("charts/?page_size=1&page_size=2", "page_size"),
    ("charts/?cursor=nonsense", "cursor"),
    ("charts/?ordering=patient__family", "ordering"),
    ("charts/?patient__family__startswith=A", "patient__family__startswith"),
    ("cases/?chart__patient__email=x", "chart__patient__email"),
    ("cases/?chart=1", "chart"),
    ("cases/?status=%27%20OR%201=1", "status"),
    ("cases/?status=open%00", "status"),
    ("visits/?author__password=x", "author__password"),
    ("visits/?on_or_after=yesterday", "on_or_after"),
    ("followups/?state=open.closed", "state"),
    ("responses/?instrument=a__b;", "instrument"),
    ("instruments/?fields=all", "fields"),
]


@pytest.mark.parametrize(("path", "named"), ODD)
def test_parameters_that_are_not_offered_are_refused_by_name(client, path, named):
    """AP-2, AP-12: allowlists, no lookups, no duplicates."""
    problem = get(client, path, 400)
    assert named in {one["parameter"] for one in problem["errors"]}
    assert problem["title"] == "Bad Request"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_it_only_reads(client, case, method):
    """AP-12: other methods are 405, also in disguise."""
    for name in LISTS:
        response = getattr(client, method)(f"{API}/{name}/")
        assert response.status_code == 405
        assert response.headers["Content-Type"] == "application/problem+json"
    disguised = client.get(f"{API}/charts/", headers={"X-HTTP-Method-Override": "DELETE"})
    assert disguised.status_code == 200


def test_it_answers_in_json_only(client):
    assert get(client, "charts/", 406, Accept="text/html")["status"] == 406
    assert client.get(f"{API}/charts/?format=api").status_code in (400, 404)


def paths():
    found = ["schema/", "instruments/", "instruments/rls_checkin/"]
    for name, model in MODELS.items():
        found += [f"{name}/", *(f"{name}/{uuid}/" for uuid in model.objects.values_list("uuid", flat=True))]
    return [*found, *(f"charts/{uuid}/summary/" for uuid in Chart.objects.values_list("uuid", flat=True))]


def test_without_a_login_everything_is_401(case):
    """AP-1, AN-1: the schema too."""
    for path in paths():
        response = Client().get(f"{API}/{path}")
        assert response.status_code == 401, path
        assert response.headers["WWW-Authenticate"] == 'Session realm="clinic"'
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("who", ["other clinic", "colleague", "superuser"])
def test_strangers_find_nothing_by_list_count_or_uuid(case, who):
    """AZ-1, AZ-5, AZ-9, AZ-12: two clinics in one database."""
    other = make.therapist(make.clinic("hillside")) if who == "other clinic" else make.therapist()
    if who == "superuser":
        other.clinic_staff.delete()
        other.is_superuser = other.is_staff = True
        other.save()
    client = signed_in(other)
    for path in paths():
        if path.count("/") == 1 and path.split("/")[0] in LISTS:
            response = client.get(f"{API}/{path}")
            assert who == "superuser" or response.json() == {"next": None, "previous": None, "results": []}
            assert who != "superuser" or response.status_code == 404
        elif path.split("/")[0] in LISTS:
            assert client.get(f"{API}/{path}").status_code == 404
    assert get(signed_in(case.chart.patient.therapists.get()), "charts/")["results"]


def test_a_clinic_admin_reads_follow_ups_and_nothing_clinical(case):
    """AZ-2, part: the matrix of the reference host, by this door."""
    client = signed_in(make.therapist(role=Role.CLINIC_ADMIN))
    assert get(client, "followups/")["results"]
    for name in ("charts", "cases", "visits", "responses"):
        assert get(client, f"{name}/")["results"] == []
    for name in ("charts", "visits", "responses"):
        assert get(client, f"{name}/{MODELS[name].objects.first().uuid}/", 404)


# --- Who asks


def test_a_hosts_own_tokens_open_it(case, user, settings):
    """AP-1: AUTHENTICATION_CLASSES, read live; the actor of the event is the token's user."""
    named = {"AUTHENTICATION_CLASSES": ["tests.rls_module.api.tokens.NameToken"]}
    settings.RLS_MODULE = settings.RLS_MODULE | named
    assert get(Client(), "charts/", Authorization=f"Token {user.username}")["results"]
    assert AuditEvent.objects.filter(verb="chart.view", actor=f"user:{user.pk}").exists()
    refused = Client().get(f"{API}/charts/", headers={"Authorization": "Token nobody"})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Token")
    assert signed_in(user).get(f"{API}/charts/").status_code == 401, "the session is not among them"


def test_a_hosts_framework_settings_count_where_it_has_some(case, user, settings):
    settings.REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["tests.rls_module.api.tokens.NameToken"]}
    assert get(Client(), "charts/", Authorization=f"Token {user.username}")["results"]


def test_a_password_in_the_header_opens_nothing(case, user):
    """The framework's own default would take one, past any second factor."""
    user.set_password("a long password")
    user.save()
    basic = base64.b64encode(f"{user.username}:a long password".encode()).decode()
    get(Client(), "charts/", 401, Authorization=f"Basic {basic}")


# --- The record


def test_each_read_is_on_record_with_its_actor_and_a_refusal_too(client, case, user):
    """AU-1: one event for each patient of a list, one for a row."""
    get(client, "visits/")
    get(client, f"visits/{Visit.objects.get().uuid}/")
    events = AuditEvent.objects.filter(verb="visit.view", actor=f"user:{user.pk}", outcome="done")
    assert {event.object_kind for event in events} == {"visit list", "visit"}
    assert all(event.route.startswith("rls/api/v1/visits/") for event in events)
    stranger = make.therapist(make.clinic("hillside"))
    get(signed_in(stranger), f"charts/{case.chart.uuid}/", 404)
    assert AuditEvent.objects.filter(actor=f"user:{stranger.pk}", outcome="refused").exists()


def test_a_fault_tells_nothing(client, case, settings, caplog):
    """AP-8: a problem document without a stack; the log has the kind of the fault and no patient."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": "tests.rls_module.api.broken.Broken"}
    problem = get(client, "charts/", 500)
    assert problem["detail"] == "Something went wrong. Try again later."
    assert "RuntimeError" in caplog.text
    assert case.chart.patient.family not in caplog.text + json.dumps(problem)


# --- The description


def test_the_description_is_whole_and_true(client, case):
    """AP-9, part: no warning; every answer is as it is described."""
    GENERATOR_STATS.reset()
    described = get(client, "schema/")
    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/rls/api/v1"}]
    assert len(described["paths"]) == len([one for one in urls.urlpatterns if _is_described(one)])
    for path in paths():
        if path == "schema/":
            continue
        name, *rest = path.strip("/").split("/")
        pattern = "/" + "/".join([name, *(["{uuid}"] if rest and name != "instruments" else ["{key}"] if rest else [])])
        pattern = f"{pattern}/summary/" if path.endswith("summary/") else f"{pattern}/"
        answer = described["paths"][pattern]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(get(client, path), answer | {"components": described["components"]})


def _is_described(pattern) -> bool:
    return getattr(getattr(pattern.callback, "cls", None), "is_described", False)


def test_people_can_read_it_too(client):
    page = client.get(f"{API}/docs/")
    assert page.status_code == 200
    assert b"GET /charts/{uuid}/summary/" in page.content
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


# --- Rules over the code

FORBIDDEN = {
    *("id", "pk", "selector", "link_kid", "link_version", "lease_token", "lease_until", "address_hash", "day_slot"),
    *("email", "phone", "name_of_patient", "cause_key", "open_key", "draft_key", "running_key", "piped"),
}


def shapes_of(module) -> list[type[BaseSerializer]]:
    return [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, BaseSerializer)]


def test_no_shape_has_a_field_that_nobody_may_read():
    """AZ-4: walk of every serializer; nested ones are among them."""
    found = {f"{one.__name__}.{name}" for one in shapes_of(shapes) for name in one().fields if name in FORBIDDEN}
    assert len(shapes_of(shapes)) >= 20
    assert found == set()


def test_a_forbidden_field_would_be_found():
    """AZ-4: seeded violation."""

    class Leak(shapes.Shape):
        selector = shapes.Text()

    assert set(Leak().fields) & FORBIDDEN == {"selector"}


def test_every_view_of_the_api_is_behind_its_door():
    """AP-1: deny by default."""
    views = [one.callback for one in urls.urlpatterns]
    assert all(getattr(one, "rls_door", "") == "staff" or issubclass(one.cls, Door) for one in views)
    assert reverse("rls:api_charts") == f"{API}/charts/"
    assert schema.described()["info"]["version"] == "1"

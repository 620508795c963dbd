"""AZ-9: two full clones of one data set, key by key and uuid by uuid; what one shows holds no byte of the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from rls_module.followups.models import EngineState
from rls_module.host.models import HostIdentity
from tests.contracts import filled
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.models import Member, Person
from tests.hosts.two_clinics.routing import Router
from tests.hosts.two_clinics.world import BOTH, NAME, browser, cloned, person, staff, whole_chart
from tests.rls_module.host.pages import at

__all__ = ["at"]
pytestmark = [BOTH, pytest.mark.usefixtures("at")]

WORDS = ("safety", "rls_checkin", "invite-en", "delivery", "1")  # what an address may ask for besides a uuid or a key
PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<regex>\w+)>[^)]*\)")


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every address of the host's, as a pattern: pages, API, admin, the patient's own."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path.removesuffix("$").removesuffix("\\Z").removeprefix("^")
        else:
            yield from routes(pattern, path)


def one_uuid_of_each_table() -> list[UUID]:
    """The first row's, of every table of ours that has one."""
    found = []
    for model in apps.get_app_config("rls_module").get_models():
        if any(field.name == "uuid" for field in model._meta.fields):
            found += model._default_manager.order_by("pk").values_list("uuid", flat=True)[:1]
    return found


def keys_of_each_table() -> list[str]:
    """Every first key, for what admin addresses by key."""
    found = set()
    for model in apps.get_app_config("rls_module").get_models():
        if model is not HostIdentity:
            found.update(map(str, model._default_manager.order_by("pk").values_list("pk", flat=True)[:1]))
    return sorted(found)


def addresses(patterns: Iterable[str], uuids: list[UUID], keys: list[str]) -> list[str]:
    """Every address with everything that may stand in it."""
    found = []
    for pattern in patterns:
        holes = list(PARAMETER.finditer(pattern))
        choices = [uuids if hole["kind"] == "uuid" else sorted({*WORDS, *keys}) for hole in holes]
        for choice in product(*choices):
            filling = iter(choice)
            found.append("/" + PARAMETER.sub(lambda _hole: str(next(filling)), pattern))  # noqa: B023  used at once
    return found


@pytest.fixture
def twins(at):
    """Both clinics with the same chart at the same keys; alpha's every text column is marked, beta's says beta."""
    people = staff()
    whole_chart("alpha", people, first=NAME, last=NAME, mail="alphacanary@example.org")
    with inside("alpha"):
        assert filled.fill([f"{NAME} {number}" for number in range(7)], using="alpha") > 40
    rows = cloned("alpha", "beta")
    Person.treated_by.through.objects.using("beta").create(person_id=1, user_id=people["stranger"].pk)
    return people, rows


def fetched(client: Client, found: Iterable[str]) -> Iterator[tuple[str, bytes, int]]:
    """What each address answers, headers and all; and what a search finds, without the words that were typed."""
    for address in found:
        response = client.get(address)
        yield address, response.content + str(dict(response.headers)).encode(), response.status_code
    for text in ("a", "Alphacanary"):
        response = client.post("/rls/find/", {"text": text})
        told = response.content.replace(f'value="{text}"'.encode(), b"")
        yield f"/rls/find/ {text}", told.replace(f"“{text}”".encode(), b""), response.status_code


@pytest.mark.only_postgresql
def test_no_byte_of_one_clinic_is_fetched_in_the_other(twins, record_property):
    """AZ-9, AZ-8, AD-2: by a therapist and the admin of beta, at both clinics' doors, every address and every key."""
    people, rows = twins
    patterns = sorted(set(routes(get_resolver())))
    with inside("alpha"):
        assert Person.objects.get().pk == 1
        tried = addresses(patterns, one_uuid_of_each_table(), keys_of_each_table())
    known, met = answering(people, tried)
    leaks, total, twin = {}, 0, {"alpha": 0, "beta": 0}
    for label, who in product(CLINICS, ("stranger", "other admin")):
        for address, answer, status in fetched(browser(label, people[who]), known):
            total += len(answer)
            twin[label] += b"betacanary" in answer.lower()
            if b"alphacanary" in answer.lower():
                leaks[who, label, address] = status
    assert leaks == {}
    assert (met > 30, twin["alpha"], twin["beta"] > 30) == (True, 0, True), (met, twin)
    record_property("routes crawled for another clinic's canaries", len(patterns))
    record_property("addresses tried for another clinic's canaries", len(tried))
    record_property("addresses fetched for another clinic's canaries", len(known) * 4)
    record_property("bytes searched for another clinic's canaries", total)
    record_property("rows of a clinic that has a twin", rows)


def answering(people: dict[str, Any], tried: list[str]) -> tuple[list[str], int]:
    """Which addresses answer anything but "nothing here" to alpha's own staff, and on how many they meet the words."""
    known, met = set(), set()
    for who in ("therapist", "admin"):
        for address, answer, status in fetched(browser("alpha", people[who]), tried):
            if status != 404 and address in tried:
                known.add(address)
            if b"alphacanary" in answer.lower():
                met.add(address)
    return sorted(known), len(met)


class Leaking(Router):
    """Patients are read from alpha, whichever clinic asks."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "alpha" if model is Person else super().db_for_read(model, **hints)


def test_a_leak_is_seen(settings):
    """AZ-9: seeded violation; the words of the other clinic are found where they are shown."""
    people = staff("stranger", "therapist")
    person("alpha", people["therapist"], last=NAME)
    client = browser("beta", people["stranger"])
    assert [address for address, answer, _ in fetched(client, ()) if b"alphacanary" in answer.lower()] == []
    settings.DATABASE_ROUTERS = [f"{__name__}.Leaking"]
    assert [address for address, answer, _ in fetched(client, ()) if b"alphacanary" in answer.lower()] != []


def test_a_session_of_one_clinic_is_nobodys_in_the_other():
    """AZ-7, AZ-9: users are shared, sessions and places are not."""
    people = staff("stranger", "therapist")
    client = browser("beta", people["stranger"])
    assert client.get("/rls/").status_code == 200
    elsewhere = browser("alpha")
    elsewhere.cookies = client.cookies
    assert elsewhere.get("/rls/").headers["Location"].startswith("/login/")


def test_a_place_in_one_clinic_is_none_in_the_other():
    """AZ-9: a role alone would show one clinic's patients to the other's staff."""
    people = staff("stranger", "therapist", "admin")
    case, rows = whole_chart("alpha", people, last=NAME)
    assert Member.objects.using("beta").filter(user_id=people["stranger"].pk).exists()
    client = browser("alpha", people["stranger"])
    assert client.get(f"/rls/charts/{rows['chart']}/").status_code == 404
    assert client.get("/rls/patients/1/").status_code == 404
    assert NAME not in client.post("/rls/find/", {"text": NAME[:5]}).content.decode()
    assert client.get("/rls/api/v1/charts/").json()["results"] == []
    assert case.chart.scope == "alpha"


def test_under_another_domain_there_is_no_clinic():
    """Host contract 8, A11: the shared address answers 404 and reads nothing."""
    response = Client(headers={"host": "www.example.test"}).get("/rls/")
    assert (response.status_code, response.content) == (404, b"There is no clinic here.")


def test_the_twin_is_whole():
    """The harness: key by key, uuid by uuid; without it the crawl would prove little."""
    people = staff("therapist", "admin")
    whole_chart("alpha", people, last=NAME)
    cloned("alpha", "beta")
    keyed = [one for one in apps.get_app_config("rls_module").get_models() if one is not EngineState]
    for model in keyed:  # an engine's key is the clinic's own name
        mine, theirs = (model._default_manager.using(one).order_by("pk").values_list("pk") for one in CLINICS)
        assert list(mine) == list(theirs), model
    with connections["beta"].cursor() as cursor:
        cursor.execute("SELECT last FROM practice_person")
        assert cursor.fetchall() == [("Betacanary",)]

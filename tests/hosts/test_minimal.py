"""The plugin in a host that differs wherever it may: text keys, e-mail users, a login wall, no visits, no admin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.services import postgres
from tests.services.smtp import SmtpServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=[pytest.param("sqlite", marks=pytest.mark.both), "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/minimal.sqlite3"
        return
    server, name = postgres.database_url(), f"minimal_{uuid.uuid4().hex}"
    maintenance = urlunsplit(urlsplit(server)._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(database: str, *words: str, **more: str) -> str:
    """Run one of the host's commands and return what it said; a failure fails the test with its own words."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ |= {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "tests.hosts.minimal.settings", **more}
    result = subprocess.run(
        [sys.executable, "-m", "django", *words],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def shell(database: str, program: str) -> str:
    return run(database, "shell", "--no-imports", "-c", program)


def test_the_plugin_alone_migrates_an_empty_database_and_takes_the_hosts_key_type(empty_database: str) -> None:
    said = run(empty_database, "migrate", "rls_module")
    assert said.index("surgery.0003_people") < said.index("rls_module.0001_initial")
    column = """
from django.db import connection
with connection.cursor() as cursor:
    described = connection.introspection.get_table_description(cursor, "rls_module_chart")
    field = next(one for one in described if one.name == "patient_id")
    print(connection.introspection.get_field_type(field.type_code, field))
"""
    assert shell(empty_database, column).strip() == "CharField"


def test_everything_migrates_and_a_second_time_nothing_is_left_to_do(empty_database: str) -> None:
    run(empty_database, "migrate")
    assert "No migrations to apply." in run(empty_database, "migrate")


def test_neither_host_nor_plugin_wants_another_migration(empty_database: str) -> None:
    assert run(empty_database, "makemigrations", "--check", "--dry-run").strip() == "No changes detected"


def test_every_migration_can_be_shown_as_sql(empty_database: str) -> None:
    assert "rls_module_chart" in run(empty_database, "sqlmigrate", "rls_module", "0001")


def test_the_checks_find_no_error(empty_database: str) -> None:
    run(empty_database, "migrate")
    assert "System check identified no issues" in run(empty_database, "check", "--database", "default")


def test_setting_up_twice_is_as_good_as_once(empty_database: str) -> None:
    run(empty_database, "migrate")
    run(empty_database, "rls_setup")
    run(empty_database, "rls_setup")
    run(empty_database, "rls_followups", "run", "--once")


def test_the_wall_stands_before_staff_pages_and_not_before_patients_links(empty_database: str) -> None:
    run(empty_database, "migrate")
    visit = """
from django.test import Client
for path in ("/", "/care/", "/care/patients/LX-7/", "/s/a-made-up-token/"):
    response = Client().get(path)
    print(path, response.status_code, response.headers.get("Location", "-"))
"""
    assert shell(empty_database, visit).splitlines() == [
        "/ 302 /door/?next=/",
        "/care/ 302 /door/?next=/care/",
        "/care/patients/LX-7/ 302 /door/?next=/care/patients/LX-7/",
        "/s/a-made-up-token/ 404 -",
    ]


def test_a_keeper_signs_in_by_address_and_reaches_own_people_by_their_text_key(empty_database: str) -> None:
    run(empty_database, "migrate")
    visit = """
from django.test import Client
from tests.hosts.minimal.models import Keeper, Person
mine, other = (Keeper.objects.create_user(f"{name}@example.org", "correct horse") for name in ("ann", "bob"))
Person.objects.create(code="LX-7", called="Lena", keeper=mine)
Person.objects.create(code="LX-8", called="Otto", keeper=other)
client = Client()
client.post("/door/", {"username": "ann@example.org", "password": "correct horse"})
for code in ("LX-7", "LX-8", "LX-9"):
    response = client.get(f"/care/patients/{code}/")
    print(code, response.status_code < 400)
"""
    assert shell(empty_database, visit).splitlines() == ["LX-7 True", "LX-8 False", "LX-9 False"]


def test_the_doctor_finds_nothing_wrong(empty_database: str, smtp_server: SmtpServer) -> None:
    """Host contract 8, A4: another host, its own adapter, its login wall, a mail server that is there."""
    run(empty_database, "migrate")
    run(empty_database, "rls_setup")
    run(empty_database, "rls_followups", "run", "--once")
    server = {"MAIL_HOST": smtp_server.host, "MAIL_PORT": str(smtp_server.port)}
    assert json.loads(run(empty_database, "rls_doctor", "--json", **server))["ok"]


def test_a_person_with_a_chart_goes_when_the_chart_was_released_and_not_before(empty_database: str) -> None:
    """Host contract 8, A12; DI-11: refused with a word on the way out, then it succeeds; text keys."""
    run(empty_database, "migrate")
    begin = """
from django.db.models import ProtectedError
from rls_module.cases import actions
from rls_module.host.actor import system
from rls_module.host.clock import now
from tests.hosts.minimal.models import Keeper, Person
keeper = Keeper.objects.create_user("ann@example.org", "correct horse")
person = Person.objects.create(code="LX-7", called="Lena", keeper=keeper)
actions.open_chart(patient=person, actor=system("test"), now=now())
try:
    person.delete()
except ProtectedError as refused:
    print("rls_release" in str(refused))
"""
    assert shell(empty_database, begin).strip() == "True"
    assert "1  chart" in run(empty_database, "rls_release", "LX-7", "--reason", "asked to be forgotten")
    end = "from tests.hosts.minimal.models import Person; print(Person.objects.get().delete()[0])"
    assert shell(empty_database, end).strip() == "1"

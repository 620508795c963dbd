"""Every system check of the plugin: silent on a sound installation, and by its id where one thing is broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import dj_email_url
import pytest
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from clinic import environment
from rls_module import conf
from rls_module.audit import guards
from rls_module.checks import databases
from rls_module.host.models import HostIdentity
from rls_module.knowledge.files import ROOT
from tests.rls_module.host import adapters

PROJECT = Path(__file__).parents[2]


def found(*, database: bool = False, deploy: bool = False) -> list[str]:
    """The ids of what the plugin's checks say."""
    said = run_checks(tags=["rls_module"], include_deployment_checks=deploy, databases=["default"] if database else [])
    assert all(message.hint for message in said), "each message says what to do"
    return sorted(message.id.removeprefix("rls_module.") for message in said)


def without(settings, *keys: str) -> None:
    settings.RLS_MODULE = {name: value for name, value in settings.RLS_MODULE.items() if name not in keys}


def changed(settings, **values) -> None:
    settings.RLS_MODULE = settings.RLS_MODULE | values


def mails_by_smtp(settings) -> None:
    for name, value in environment.mail(dj_email_url.parse("smtp://127.0.0.1:1"), timeout=20).items():
        setattr(settings, name, value)


@pytest.mark.both
@pytest.mark.django_db
def test_a_sound_installation_has_nothing_to_say():
    assert found(database=True) == []


@pytest.mark.django_db
def test_a_sound_production_has_nothing_to_say(settings):
    changed(settings, BASE_URL="https://clinic.example.org", STAFF_GATE="tests.rls_module.host.adapters.asks_first")
    mails_by_smtp(settings)
    assert found(database=True, deploy=True) == []


# --- E001 and E007: the settings themselves


def test_e001_an_unknown_key(settings):
    changed(settings, CLINIC_NAMES="Riverside")
    [message] = run_checks(tags=["rls_module"], databases=[])
    assert (message.id, message.hint) == ("rls_module.E001", "Did you mean CLINIC_NAME?")


def test_e007_a_value_of_the_wrong_type(settings):
    changed(settings, LINK_DAYS="30")
    assert found() == ["E007"]


@pytest.mark.django_db
def test_e007_stands_for_every_key_and_no_check_crashes_over_it(settings):
    """Host contract 3, requirement 2: wrong configuration is a check error, never a crash."""
    sound, crashed, silent = settings.RLS_MODULE, {}, []
    for setting in conf.TABLE:
        settings.RLS_MODULE = sound | {setting.name: 5.5}
        try:
            if "E007" not in found(database=True, deploy=True):
                silent.append(setting.name)
        except Exception as error:  # noqa: BLE001  whatever it is, an operator would see it as a traceback
            crashed[setting.name] = f"{type(error).__name__}: {error}"
    assert (silent, crashed) == ([], {})


@pytest.mark.parametrize("key", ["PATIENT_MODEL", "ADAPTER"])
@pytest.mark.django_db
def test_what_is_missing_is_said_and_no_check_crashes_over_it(settings, monkeypatch, key):
    monkeypatch.delenv(f"RLS_MODULE_{key}", raising=False)
    without(settings, key)
    assert found(database=True, deploy=True)[0] == {"PATIENT_MODEL": "E002", "ADAPTER": "E003"}[key]


# --- E002, E003, W007: the patient model and the adapter


@pytest.mark.parametrize("label", ["", "clinic", "Patient", "a.b.c", "nowhere.Patient", "clinic.Nobody", "clinic."])
def test_e002_a_label_that_names_no_model(settings, label):
    changed(settings, PATIENT_MODEL=label)
    assert "E002" in found()


def test_e002_an_abstract_model(settings):
    changed(settings, PATIENT_MODEL="auth.AbstractUser")
    assert found() == ["E002"]


def test_e002_a_model_that_was_swapped_out(settings):
    settings.AUTH_USER_MODEL = "clinic.Patient"
    changed(settings, PATIENT_MODEL="auth.User")
    assert found() == ["E002"]


@pytest.mark.parametrize(
    "path",
    ["", "nowhere.Adapter", "clinic.rls.Nobody", "clinic.models.Patient", f"{adapters.HERE}.Nameless"],
    ids=["empty", "no-module", "no-class", "no-adapter", "nameless"],
)
def test_e003_an_adapter_that_is_none(settings, path):
    changed(settings, ADAPTER=path)
    assert found() == ["E003"]


def test_e003_visits_whose_owner_is_not_said(settings):
    changed(settings, ADAPTER=f"{adapters.HERE}.Ownerless")
    [message] = run_checks(tags=["rls_module"], databases=[])
    assert (message.id, message.msg) == ("rls_module.E003", "The host adapter must override visit_patient_pk().")


@pytest.mark.parametrize("value", [None, ""])
def test_e003_links_without_an_address_to_start_from(settings, value):
    without(settings, "BASE_URL")
    if value is not None:
        changed(settings, BASE_URL=value)
    assert found() == ["E003"]


def test_w007_access_left_at_its_default(settings):
    changed(settings, ADAPTER=f"{adapters.HERE}.Closed")
    assert found() == ["W007", "W007"]


# --- E004, E005, E006: shipped knowledge, in a copy of the plugin


def of_a_copy(tmp_path: Path, file: str, change) -> set[str]:
    """The ids that `manage.py check` says in a copy of the plugin whose knowledge file was changed."""
    shutil.copytree(ROOT.parent, tmp_path / "rls_module", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "rls_module" / "knowledge" / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ |= {"DJANGO_SETTINGS_MODULE": "tests.hosts.minimal.settings", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--tag", "rls_module"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return set(re.findall(r"\(rls_module\.(\w+)\)", done.stderr))


def test_an_unchanged_copy_is_sound(tmp_path):
    assert of_a_copy(tmp_path, "protocols/data/default.v1.toml", str) == set()


@pytest.mark.parametrize("file", ["instruments/data/rls_checkin.v1.toml", "protocols/data/default.v1.toml"])
def test_e004_a_malformed_file(tmp_path, file):
    assert of_a_copy(tmp_path, file, lambda text: text + "\nthis is no TOML\n") == {"E004"}


@pytest.mark.parametrize("file", ["vocabulary/data/muscles.v1.toml", "vocabulary/data/criteria.v1.toml"])
def test_e004_a_malformed_vocabulary(tmp_path, file):
    assert of_a_copy(tmp_path, file, lambda text: text + "\nthis is no TOML\n") == {"E004"}


def test_e005_a_released_file_that_changed(tmp_path):
    assert of_a_copy(tmp_path, "instruments/data/rls_checkin.v1.toml", lambda text: text + "\n# later\n") == {"E005"}


def test_e006_a_protocol_that_asks_an_unknown_instrument(tmp_path):
    said = of_a_copy(
        tmp_path, "protocols/data/default.v1.toml", lambda text: text.replace('"rls_checkin"', '"rls_chekin"')
    )
    assert said == {"E005", "E006"}  # it was released, too


# --- E008, E009, E012, E021, E030: what the database says


@pytest.mark.both
@pytest.mark.django_db
def test_e008_another_patient_model_than_the_rows_were_written_for(settings):
    changed(settings, PATIENT_MODEL="auth.User")
    assert found(database=True) == ["E008"]
    assert found() == [], "without a database nothing is asked of it"


@pytest.mark.both
@pytest.mark.django_db
def test_e008_rows_whose_host_was_never_recorded():
    HostIdentity.objects.all().delete()
    assert found(database=True) == ["E008"]


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("field", ["patient_label", "patient_table", "key_type", "user_label"])
def test_e008_any_of_the_four_facts_differs(field):
    HostIdentity.objects.update(**{field: "other"})
    assert found(database=True) == ["E008"]


@pytest.mark.django_db
def test_e009_migrations_that_are_recorded_without_their_tables():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rls_module_chart RENAME TO somewhere_else")
    assert MigrationRecorder.Migration.objects.filter(app="rls_module").exists()
    assert found(database=True) == ["E009"]


@pytest.mark.parametrize(
    ("vendor", "version", "ids"),
    [
        ("postgresql", (13, 22), ["rls_module.E012"]),
        ("postgresql", (14, 0), []),
        ("sqlite", (3, 34, 1), ["rls_module.E012"]),
        ("sqlite", (3, 35, 0), []),
        ("mysql", (10, 11), ["rls_module.W005"]),  # best effort
        ("oracle", (23, 0), ["rls_module.E012"]),
    ],
)
def test_e012_a_database_that_is_too_old_or_of_another_kind(vendor, version, ids):
    """Such a server is not here: an object says what its connection would say."""
    stand_in = SimpleNamespace(vendor=vendor, display_name=vendor.title(), get_database_version=lambda: version)
    assert [message.id for message in databases._version(stand_in)] == ids


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
def test_e021_a_trigger_is_missing(place):
    table, name = list(guards.trigger_names(connection.vendor))[place]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    [message] = run_checks(tags=["rls_module"], databases=["default"])
    assert message.id == "rls_module.E021"
    assert name in message.msg


@pytest.mark.django_db
def test_e021_a_trigger_that_was_switched_off():
    table, name = next(iter(guards.trigger_names("postgresql")))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    assert found(database=True) == ["E021"]


@pytest.mark.both
@pytest.mark.only_sqlite  # PostgreSQL has no such switch
@pytest.mark.django_db
def test_e030_sqlite_without_recursive_triggers():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
        try:
            assert found(database=True) == ["E030"]
        finally:
            cursor.execute("PRAGMA recursive_triggers = ON")


# --- E010, E011, E014: where the tables go


def test_e010_patients_in_another_database(settings):
    settings.DATABASE_ROUTERS = [f"{adapters.HERE}.Elsewhere"]
    assert found() == ["E010"]


@pytest.mark.parametrize("value", ["clinic.9999_never", "nowhere.0001_initial", "clinic"])
def test_e011_a_migration_that_is_not_there(settings, value):
    changed(settings, PATIENT_MIGRATION=value)
    assert found() == ["E011"]


@pytest.mark.parametrize("value", ["clinic.0001_initial", "clinic.__first__"])
def test_a_migration_that_is_there_is_no_e011(settings, value):
    changed(settings, PATIENT_MIGRATION=value)
    assert found() == []


def test_a_migration_in_the_place_that_the_host_gave_is_no_e011(settings, tmp_path, monkeypatch):
    package = tmp_path / "moved_migrations_of_the_clinic"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "0007_people.py").write_text(
        "from django.db import migrations\nclass Migration(migrations.Migration):\n    operations = []\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"clinic": package.name}
    changed(settings, PATIENT_MIGRATION="clinic.0007_people")
    assert found() == []


@pytest.mark.parametrize(
    ("tenant", "shared", "ids"),
    [
        (["rls_module"], [], []),
        (["rls_module", "clinic"], ["django.contrib.auth"], []),
        ([], [], ["E014"]),
        (["clinic"], ["rls_module"], ["E014"]),
        (["rls_module"], ["rls_module"], ["E014"]),
    ],
)
def test_e014_a_schema_per_tenant_host_lists_the_app_for_its_tenants_only(settings, tenant, shared, ids):
    settings.TENANT_APPS, settings.SHARED_APPS = tenant, shared
    assert found() == ids


# --- E013, E015 to E020: what is named is there


def test_e013_a_base_template_that_is_not_there(settings):
    changed(settings, BASE_TEMPLATE="nowhere/base.html")
    assert found() == ["E013"]


def test_e013_a_base_template_that_cannot_be_read(settings, tmp_path):
    (tmp_path / "broken.html").write_text("{% block title %}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    changed(settings, BASE_TEMPLATE="broken.html")
    assert found() == ["E013"]


def test_e013_no_engine_that_finds_our_templates(settings):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"APP_DIRS": False}]
    assert set(found()) == {"E013"}


@pytest.mark.parametrize("path", ["nowhere.site", "clinic.models.Patient", "json.dumps"])
def test_e015_an_admin_site_that_is_none(settings, path):
    changed(settings, ADMIN_SITE=path)
    assert found() == ["E015"]


@pytest.mark.parametrize("value", [False, "django.contrib.admin.site"])
def test_an_admin_site_or_none_at_all_is_no_e015(settings, value):
    changed(settings, ADMIN_SITE=value)
    assert found() == []


def test_e016_a_storage_that_is_not_there(settings):
    changed(settings, FILE_STORAGE="attic")
    assert found() == ["E016"]
    changed(settings, FILE_STORAGE="default")
    assert found() == []


@pytest.mark.parametrize(
    ("key", "broken", "sound"),
    [
        ("PUBLIC_DECORATORS", ["nowhere.decorator"], [f"{adapters.HERE}.open_to_all"]),
        ("AUTHENTICATION_CLASSES", ["nowhere.Token"], ["rest_framework.authentication.TokenAuthentication"]),
        ("CHANNELS", ["email", "nowhere.Pigeon"], ["email", "staff"]),
        ("STAFF_GATE", "nowhere.gate", f"{adapters.HERE}.asks_first"),
        ("CLOCK", "nowhere.now", "tests.clock.now"),
    ],
)
def test_e017_something_named_that_does_not_import(settings, key, broken, sound):
    changed(settings, **{key: broken})
    assert found() == ["E017"]
    changed(settings, **{key: sound})
    assert found() == []


def test_e018_naive_times(settings):
    settings.USE_TZ = False
    assert found() == ["E018"]


def test_e019_our_addresses_are_not_included(settings):
    settings.ROOT_URLCONF = "tests.rls_module.host.no_urls"
    assert found() == ["E019"]


def test_e020_no_key_for_links(settings):
    changed(settings, LINK_KEYS={})
    assert found() == ["E020"]


# --- E022, W002, W006, W008: production


@pytest.fixture
def production(settings):
    changed(settings, BASE_URL="https://clinic.example.org", STAFF_GATE=f"{adapters.HERE}.asks_first")
    mails_by_smtp(settings)
    return settings


def test_e022_a_clock_that_can_be_moved(production):
    """HD-1, part."""
    changed(production, CLOCK="tests.clock.now")
    assert (found(deploy=True), found()) == (["E022"], [])


def test_w002_links_that_anybody_can_read_on_the_way(production):
    changed(production, BASE_URL="http://clinic.example.org")
    assert (found(deploy=True), found()) == (["W002"], [])


@pytest.mark.parametrize("name", ["console", "dummy", "filebased", "locmem"])
@pytest.mark.before_mailers
def test_w003_mail_that_goes_nowhere(production, name):
    production.EMAIL_BACKEND = f"django.core.mail.backends.{name}.EmailBackend"
    assert (found(deploy=True), found()) == (["W003"], [])


def test_w006_no_step_up(production):
    """HD-1, part."""
    changed(production, STAFF_GATE=None)
    assert (found(deploy=True), found()) == (["W006"], [])


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("smtp://mail.example.org:25", ["E035"]),
        ("submission://mail.example.org:587", []),
        ("smtp://mail.example.org:465/?ssl=True", []),
        ("smtp://localhost:25", []),
    ],
)
def test_e035_mail_that_anybody_can_read_on_the_way(production, address, ids):
    """EM-6: plaintext to another machine is refused."""
    for name, value in environment.mail(dj_email_url.parse(address), timeout=20).items():
        setattr(production, name, value)
    assert (found(deploy=True), found()) == (ids, [])


@pytest.mark.parametrize(("seconds", "ids"), [(20, []), (21, ["W008"]), (None, ["W008"])])
def test_w008_a_mail_server_is_not_waited_for_longer_than_20_seconds(production, seconds, ids):
    """EM-6: under either of Django's ways to name a mail server."""
    address = dj_email_url.parse("submission://mail.example.org:587")
    for name, value in environment.mail(address, timeout=seconds).items():
        setattr(production, name, value)
    assert (found(deploy=True), found()) == (ids, [])


def test_e031_debug_in_production(production):
    """HD-1: an error page would show what a patient typed."""
    production.DEBUG = True
    assert (found(deploy=True), found()) == (["E031"], [])


@pytest.mark.parametrize(
    ("broker", "ids"),
    [
        ("redis://broker.example.org:6379/0", ["W030"]),
        ("redis://:secret@broker.example.org/0", ["W030"]),
        ("rediss://broker.example.org/0", ["W030"]),
        ("rediss://:secret@broker.example.org/0", []),
        ("redis://localhost:6379/0", []),
        ("redis+socket:///run/redis.sock", []),
        ("memory://", []),
    ],
)
def test_w030_a_broker_that_anybody_may_reach(production, broker, ids):
    """HD-1: elsewhere it needs a password and TLS."""
    production.CELERY_BROKER_URL = broker
    assert (found(deploy=True), found()) == (ids, [])


def test_w031_a_beat_by_a_local_clock(production):
    """HD-1: it is silent for an hour when the clocks go back."""
    production.CELERY_TIMEZONE = "America/New_York"
    assert (found(deploy=True), found()) == (["W031"], [])


def test_w032_a_proxy_that_nobody_counted(production):
    """HD-1: everybody would have one address."""
    production.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert (found(deploy=True), found()) == (["W032"], [])
    changed(production, TRUSTED_PROXIES=1)
    assert found(deploy=True) == []


def test_w034_a_host_that_can_lock_no_export(production, monkeypatch):
    """HD-1: it is told before somebody asks for one."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert (found(deploy=True), found()) == (["W034"], [])


@pytest.mark.both
@pytest.mark.only_sqlite
@pytest.mark.django_db
def test_w033_sqlite_for_one_writer_only():
    """HD-1: a deferred transaction that reads and then writes fails at once when somebody else wrote in between."""
    [message] = databases._writers(SimpleNamespace(vendor="sqlite", transaction_mode=None, cursor=connection.cursor))
    assert message.id == "rls_module.W033"
    assert databases._writers(connection) == []


# --- W001, W004, W005, W009: what stands beside the plugin


@pytest.mark.parametrize(
    ("schedule", "ids"),
    [
        ({}, ["W001"]),
        ({"other": {"task": "clinic.report", "schedule": 15.0}}, ["W001"]),
        ({"follow-ups": {"task": "rls_module.tick", "schedule": 15.0}}, []),
    ],
)
def test_w001_a_celery_whose_beat_does_not_know_us(settings, schedule, ids):
    settings.CELERY_BROKER_URL, settings.CELERY_BEAT_SCHEDULE = "redis://localhost", schedule
    assert found() == ids


def test_a_host_without_celery_is_no_w001(settings):
    settings.CELERY_BROKER_URL, settings.CELERY_BEAT_SCHEDULE = "", {}
    assert found() == []


@pytest.mark.parametrize(
    ("middleware", "exemption", "ids"),
    [
        ("tests.hosts.minimal.wall.LoginWall", [], ["W004"]),
        ("tests.hosts.minimal.wall.LoginWall", ["tests.hosts.minimal.wall.open_door"], []),
        ("django.contrib.auth.middleware.LoginRequiredMiddleware", [], []),
        (f"{adapters.HERE}.OwnLoginWall", [], []),
    ],
    ids=["stranger", "named", "Django", "subclass"],
)
def test_w004_a_wall_before_patients(settings, middleware, exemption, ids):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
    changed(settings, PUBLIC_DECORATORS=exemption)
    assert found() == ids


def test_w005_mariadb_is_best_effort():
    [message] = databases._version(SimpleNamespace(vendor="mysql", display_name="MariaDB"))
    assert message.id == "rls_module.W005"
    assert "not guarded by triggers" in message.hint


def test_w009_a_django_nobody_has_tried(monkeypatch):
    monkeypatch.setattr("django.VERSION", (7, 0, 0, "final", 0))
    assert found() == ["W009"]

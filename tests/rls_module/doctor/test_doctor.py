"""The doctor on a sound installation, and on one with a single fault at a time."""

from __future__ import annotations

import io
import json
import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rls_module.audit import guards, log, sealing
from rls_module.audit.models import AuditEvent
from rls_module.followups import actions
from rls_module.followups.models import Delivery, EngineState
from rls_module.host.actor import system
from rls_module.host.clock import database_now
from tests import factories as make
from tests.rls_module.doctor import hosts

pytestmark = [pytest.mark.both, pytest.mark.django_db]

SMTP = "django.core.mail.backends.smtp.EmailBackend"
CANARY = "Zofiacanary"


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def patient(user):
    """A patient of the one clinic, marked, and an engine that has just turned."""
    person = make.patient(user, given=CANARY, family="Canaryabbott", email="canary@example.org", phone="555-0199")
    EngineState.objects.create(scope="riverside", last_tick_at=database_now())
    return person


def doctor(*words: str) -> tuple[dict, int]:
    """What it says as JSON, and how it ends."""
    said, status = io.StringIO(), 0
    try:
        call_command("rls_doctor", "--json", *words, stdout=said)
    except SystemExit as end:
        status = int(end.code)
    report = json.loads(said.getvalue())
    assert report["ok"] is (status == 0)
    return report, status


def failing(*words: str) -> dict[str, str]:
    """What fails, by id."""
    report, status = doctor(*words)
    found = {one["id"]: one["message"] for one in report["checks"] if not one["ok"]}
    assert bool(found) is (status == 1)
    return found


def broken(settings, adapter) -> None:
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.__name__}.{adapter.__name__}"}


# --- A sound one


def test_a_sound_installation_passes_every_section(patient, user):
    """HD-1, part."""
    report, status = doctor("--patient", str(patient.pk), "--user", str(user.pk))
    assert status == 0, [one for one in report["checks"] if not one["ok"]]
    sections = {one["id"].split(".")[0] for one in report["checks"]}
    assert sections >= {
        *("configuration", "checks", "security", "clock", "database"),
        *("mail", "jobs", "schema", "adapter", "web"),
    }
    told = {one["id"]: one["message"] for one in report["checks"]}
    assert told["adapter.user"].startswith("riverside: the user sees 1 patients and has ")
    assert all({"id", "ok", "message"} <= set(one) for one in report["checks"])


def test_it_reads_and_changes_nothing(patient):
    before = (AuditEvent.objects.count(), Delivery.objects.count(), EngineState.objects.values().get())
    doctor()
    assert (AuditEvent.objects.count(), Delivery.objects.count(), EngineState.objects.values().get()) == before


def test_its_report_names_nobody_and_tells_no_secret(patient, user, settings):
    """PV-1, part: references only."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"STATUS_TOKEN": "canary-token", "LINK_KEYS": {"a": "canary" * 9}}
    said = io.StringIO()
    call_command("rls_doctor", "--patient", str(patient.pk), "--user", str(user.pk), stdout=said)
    report = json.dumps(doctor("--patient", str(patient.pk))[0])
    assert "canary" not in (said.getvalue() + report).lower()
    assert "555-0199" not in said.getvalue() + report
    assert "This installation is sound." in said.getvalue()


@pytest.mark.parametrize("words", [("--nonsense",), ("--patient",)])
def test_wrong_usage_is_refused(words):
    with pytest.raises(CommandError):
        call_command("rls_doctor", *words)


def test_strict_fails_for_a_warning_too(patient):
    assert doctor()[1] == 0
    report, status = doctor("--strict")
    assert status == 1
    assert all(one["level"] == "warning" for one in report["checks"] if not one["ok"])


# --- One fault at a time


def test_a_scope_that_is_not_there(patient):
    assert set(failing("--scope", "nowhere")) == {"scopes"}


@pytest.mark.parametrize("words", [("--patient", "999999"), ("--patient", "x")])
def test_a_patient_who_is_not_there(patient, words):
    assert set(failing(*words)) == {"adapter.patient"}


@pytest.mark.parametrize("key", ["999999", "x"])
def test_a_user_who_is_not_there(patient, key):
    assert set(failing("--user", key)) == {"adapter.user"}


@pytest.mark.parametrize(
    ("adapter", "named", "words"),
    [
        (hosts.Raising, "adapter.phone", "phone() raised LookupError"),
        (hosts.WrongType, "adapter.email", "email() answered list"),
        (hosts.Nameless, "adapter.display_name", "display_name() answered something empty"),
        (hosts.Generous, "adapter.anonymous", "an anonymous request gets patients"),
    ],
)
def test_an_adapter_with_a_fault(patient, settings, adapter, named, words):
    broken(settings, adapter)
    found = failing("--patient", str(patient.pk))
    assert words in found[named]
    assert "Canary" not in str(found)
    assert set(found) <= {named, "adapter.respondents"}, "who may answer is asked for the phone, too"


def test_a_clinic_in_which_nobody_is_told_of_an_emergency(patient):
    """AZ-11, part: a warning, since a host may offer no emergency access at all."""
    report, status = doctor()
    said = [one for one in report["checks"] if one["id"] == "adapter.privacy_contacts" and one["level"] != "ok"]
    assert (status, [one["message"] for one in said]) == (
        0,
        ["riverside: nobody is told when a chart is opened in an emergency"],
    )
    manager = make.therapist(patient.clinic, role="clinic_admin")
    type(manager).objects.filter(pk=manager.pk).update(email="manager@example.org")
    assert not [one for one in doctor()[0]["checks"] if one["message"] in {two["message"] for two in said}]


def test_rights_on_patients_that_are_not_shown(patient, user, settings):
    broken(settings, hosts.Contradictory)
    assert set(failing("--user", str(user.pk))) == {"adapter.user", "adapter.sight", "adapter.default"}


def test_a_list_that_is_wider_than_the_rights(patient, settings):
    """AZ-15: a leaky adapter fails the suite that is shipped."""
    stranger = make.therapist(make.clinic("hillside"))
    assert doctor("--user", str(stranger.pk))[1] == 0
    broken(settings, hosts.Leaky)
    assert set(failing("--user", str(stranger.pk))) == {"adapter.sight"}


def test_lists_that_leave_out_what_would_be_granted(patient, user, settings):
    """AZ-15: a list that is too narrow hides patients from those who treat them."""
    broken(settings, hosts.Narrow)
    assert set(failing("--user", str(user.pk))) == {"adapter.patients_to_ask"}


def test_whoever_left_opens_nothing(patient, user):
    """AZ-15: inactive patients are in nobody's sight, and no right on them is granted."""
    make.patient(user)
    type(patient).objects.filter(pk=patient.pk).update(archived=True)
    report, status = doctor("--user", str(user.pk))
    assert status == 0
    told = {one["id"]: one["message"] for one in report["checks"]}
    assert told["adapter.user"].startswith("riverside: the user sees 1 patients")
    assert told["adapter.removed"] == "riverside: of 1 rows that patients() leaves out, 0 can be seen all the same"


def test_whoever_left_and_is_remembered(patient, user, settings):
    """AZ-15: soft deletion that can() does not know of."""
    make.patient(user)
    type(patient).objects.filter(pk=patient.pk).update(archived=True)
    broken(settings, hosts.Remembering)
    assert set(failing("--user", str(user.pk))) == {"adapter.removed"}


@pytest.mark.parametrize("adapter", [hosts.Trusting, hosts.Vague])
def test_what_nobody_listed_is_granted(patient, user, settings, adapter):
    """AZ-15: default deny."""
    broken(settings, adapter)
    assert set(failing("--user", str(user.pk))) == {"adapter.default"}


def test_a_missing_trigger(patient):
    table, name = next(iter(guards.trigger_names(connection.vendor)))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    assert set(failing()) == {"checks.E021", "schema.triggers"}


def test_an_engine_that_is_late(patient):
    """FE-9, part."""
    EngineState.objects.update(last_tick_at=make.NOW - make.days(3000))
    assert "the last turn was" in failing()["jobs.tick"]


def test_a_mail_that_a_dead_worker_holds(user, patient):
    make.planned(user, person=patient)
    Delivery.objects.update(state="sending", lease_token=patient_token(), lease_until=make.NOW - make.days(3000))
    assert "held by workers that are gone" in failing("--strict")["jobs.stuck"]


def patient_token():
    return Delivery.objects.values_list("uuid", flat=True).first()


def test_a_paused_engine(patient):
    actions.pause(scope="riverside", reason="new server", actor=system("test"))
    assert failing("--strict")["jobs.paused"] == "riverside: sending is paused"


def test_a_host_that_the_site_does_not_know(patient, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example.org"]
    assert failing()["web.patients"] == "riverside: a made-up link answers 400"


def test_a_login_wall_before_patients(patient, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.hosts.minimal.wall.LoginWall"]
    settings.LOGIN_URL = "/accounts/login/"
    assert failing()["web.patients"] == "riverside: a made-up link answers 302"


@pytest.mark.before_mailers
def test_a_mail_server_that_is_not_there(patient, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = taken.getsockname()[1], 2
        assert failing() == {"mail.connection": "ConnectionRefusedError when connecting"}


@pytest.mark.before_mailers
def test_a_test_mail_goes_out_only_when_it_is_wished(patient, smtp_server):
    doctor()
    assert smtp_server.messages == []
    doctor("--send-test", "me@example.org")
    [mail] = smtp_server.messages
    assert mail.recipients == ("me@example.org",)
    assert "mail.test" in failing("--send-test", "me@example.org\nBcc: x@example.org")


def test_a_broker_that_does_not_answer(patient, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        assert failing("--strict")["jobs.broker"] == "the broker does not answer"


def test_a_key_that_stands_in_two_places(patient, settings, monkeypatch):
    monkeypatch.setenv("RLS_MODULE_BASE_URL", "https://other.example.org")
    found = failing("--strict")
    assert found["configuration.BASE_URL"] == "also stands in environment, where it counts for nothing"


def test_events_that_nobody_seals(patient):
    """AU-4, part: a warning, with what to do."""
    log.record(actor=system("test"), verb="chart.view", scope="riverside")
    told = {one["id"]: one["level"] for one in doctor()[0]["checks"]}
    assert told["audit.sealed"] == "ok", "a turn may still come"
    AuditEvent.objects.create(
        actor="system:test", verb="chart.view", scope="riverside", at=database_now() - make.days(1)
    )
    told = {one["id"]: one for one in doctor()[0]["checks"]}
    assert (told["audit.sealed"]["level"], "rls_followups run" in told["audit.sealed"]["hint"]) == ("warning", True)
    sealing.seal("riverside")
    assert {one["id"]: one["level"] for one in doctor()[0]["checks"]}["audit.sealed"] == "ok"

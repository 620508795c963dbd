"""The host starts by environment alone, and in production refuses to start without its secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dj_email_url
import django
import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic import environment

pytestmark = pytest.mark.both

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"SECRET_KEY": "s" * 30 + "0123456789abcdefghijkl", "RLS_LINK_KEYS": '{"a": "a link key"}'}

PRODUCTION = {
    **SECRETS,
    "BASE_URL": "https://clinic.example.org",
    "EMAIL_URL": "smtp://localhost:25",
    "TRUSTED_PROXIES": "1",
}


def started(code: str = "", **values: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the host's settings loaded under exactly these environment values."""
    program = f"import django; django.setup()\nfrom django.conf import settings\n{code}"
    environ = {"DJANGO_SETTINGS_MODULE": "clinic.settings", "PYTHONPATH": str(ROOT), **values}
    return subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def told(code: str, **values: str) -> object:
    result = started(f"import json; print(json.dumps({code}))", **values)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_production_refuses_to_start_without_a_secret_key() -> None:
    result = started(RLS_LINK_KEYS=SECRETS["RLS_LINK_KEYS"])
    assert result.returncode != 0
    assert "ImproperlyConfigured: SECRET_KEY is not set." in result.stderr


def test_production_refuses_to_start_without_link_keys() -> None:
    for values in ({}, {"RLS_LINK_KEYS": "{}"}):
        result = started(SECRET_KEY=SECRETS["SECRET_KEY"], **values)
        assert result.returncode != 0
        assert "ImproperlyConfigured: RLS_LINK_KEYS is not set." in result.stderr


def test_link_keys_of_the_wrong_shape_are_refused_in_words() -> None:
    for keys in ('["a"]', '{"a": ""}', '{"a": 3}'):
        result = started(**{**SECRETS, "RLS_LINK_KEYS": keys})
        assert result.returncode != 0
        assert "RLS_LINK_KEYS must be a JSON object of key names to secrets" in result.stderr


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is no long random text"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY is no long random text"),
        ({"BASE_URL": "http://clinic.example.org"}, "BASE_URL is not https"),
        ({"BASE_URL": "clinic.example.org"}, "BASE_URL is not https"),
        ({"ALLOWED_HOSTS": "clinic.example.org,*"}, "ALLOWED_HOSTS lets in every name"),
    ],
)
def test_production_refuses_to_start_in_the_open(broken: dict[str, str], words: str) -> None:
    """HD-1: a clinic's own mistake is told in one sentence, and nobody is served."""
    result = started(**{**PRODUCTION, **broken})
    assert result.returncode != 0
    assert f"ImproperlyConfigured: {words}" in result.stderr
    assert started(**{**PRODUCTION, **broken, "DEBUG": "1"}).returncode == 0


def test_a_network_of_ones_own_may_go_without_https() -> None:
    """And is told so by the checks all the same (W002)."""
    http = {**PRODUCTION, "BASE_URL": "http://clinic.example.org"}
    assert started(**http, ALLOW_HTTP="1").returncode == 0


def test_no_secret_of_development_is_accepted_in_production() -> None:
    assert told("settings.SECRET_KEY", DEBUG="1") != told("settings.SECRET_KEY", **SECRETS)
    with pytest.raises(ImproperlyConfigured):
        environment.require_secrets(debug=False, secret_key="", link_keys={"a": "b"})


def test_debug_is_off_unless_asked_for() -> None:
    assert told("settings.DEBUG", **SECRETS) is False
    assert told("settings.DEBUG", DEBUG="1") is True


def test_the_link_keys_reach_the_plugin_newest_first() -> None:
    keys = '{"new": "second secret", "old": "first secret"}'
    code = "list(settings.RLS_MODULE['LINK_KEYS'].items())"
    assert told(code, **{**SECRETS, "RLS_LINK_KEYS": keys}) == [["new", "second secret"], ["old", "first secret"]]


def test_production_settings_have_nothing_to_be_told(tmp_path: Path) -> None:
    """HD-1: `check --deploy --fail-level WARNING` on a database that was just made."""
    code = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("check", deploy=True, fail_level="WARNING", databases=["default"])
"""
    database = f"sqlite:///{tmp_path}/clinic.sqlite3"
    result = started(code, DATABASE_URL=database, REDIS_URL="rediss://:secret@broker.example.org/0", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("broken", "ids"),
    [
        ({"BASE_URL": "http://clinic.example.org", "ALLOW_HTTP": "1"}, "W002"),
        ({"EMAIL_URL": "console:"}, "W003"),
        ({"REDIS_URL": "redis://broker.example.org/0"}, "W030"),
        ({"RLS_MODULE_CLOCK": "clinic.demo.clock.now"}, "E022"),
        ({"DEBUG": "1"}, "E031"),
    ],
)
def test_production_with_one_thing_broken_is_told(broken: dict[str, str], ids: str) -> None:
    """HD-1: by environment, as an operator would get it wrong."""
    code = """
from django.core.checks import run_checks
said = [one.id for one in run_checks(tags=["rls_module"], include_deployment_checks=True)]
print(",".join(sorted(one.removeprefix("rls_module.") for one in said)))
"""
    result = started(code, **{**PRODUCTION, **broken})
    assert ids in result.stdout.strip().split(","), result.stderr


def test_a_password_alone_is_not_enough_unless_somebody_says_so() -> None:
    """AN-2: on by default, and the step-up before signing is wired."""
    assert told("settings.REQUIRE_MFA", **SECRETS) is True
    assert told("settings.REQUIRE_MFA", REQUIRE_MFA="0", **SECRETS) is False
    assert told("settings.RLS_MODULE['STAFF_GATE']", **SECRETS) == "clinic.front_door.step_up.gate"


def test_https_makes_cookies_secure_and_redirects() -> None:
    """AN-10: and nobody else's host can set them."""
    code = "[settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_SSL_REDIRECT]"
    assert told(code, BASE_URL="https://clinic.example.org", **SECRETS) == [True, True, True]
    assert told(code, BASE_URL="http://localhost:8000", **SECRETS) == [False, False, False]
    names = "[settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_HTTPONLY]"
    assert told(names, BASE_URL="https://clinic.example.org", **SECRETS) == ["__Host-sessionid", "Lax", True]


def test_https_is_remembered_for_a_year_with_every_name_below() -> None:
    """HD-2: HSTS of the reference host."""
    code = "[settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS]"
    https = {"BASE_URL": "https://clinic.example.org", **SECRETS}
    assert told(code, **https) == [31536000, True]
    assert told(code, HSTS_SUBDOMAINS="0", **https) == [31536000, False]


def test_deploy_checks_of_django_find_nothing_on_https() -> None:
    code = """
from django.core import checks
found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
assert not [problem for problem in found if not problem.is_silenced()], found
"""
    result = started(code, BASE_URL="https://clinic.example.org", **SECRETS)
    assert result.returncode == 0, result.stderr


def test_sqlite_waits_for_its_turn_and_fires_triggers_on_replace() -> None:
    options = environment.database({"ENGINE": "django.db.backends.sqlite3", "NAME": "x"})["OPTIONS"]
    assert options == {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA recursive_triggers = ON; PRAGMA synchronous = FULL;",
    }


def test_other_databases_keep_their_own_options() -> None:
    config = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "OPTIONS": {"sslmode": "require"}}
    assert environment.database(config)["OPTIONS"] == {"sslmode": "require"}


def test_mail_settings_carry_a_timeout() -> None:
    url = dj_email_url.parse("submission://me:secret@mail.example.org:587")
    settings = environment.mail(url, timeout=20)
    if django.VERSION < (6, 1):
        assert settings["EMAIL_HOST"] == "mail.example.org"
        assert settings["EMAIL_USE_TLS"] is True
        assert settings["EMAIL_TIMEOUT"] == 20
    else:
        options = settings["MAILERS"]["default"]["OPTIONS"]
        assert (options["host"], options["use_tls"], options["timeout"]) == ("mail.example.org", True, 20)

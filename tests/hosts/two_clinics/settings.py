"""Settings of the two clinics: DATABASE_URL names a server or a folder, where each clinic has a database of its own.

`default` is empty on purpose. Whatever forgets to ask the router fails here, and reads or writes nobody's rows.
"""

from __future__ import annotations

from pathlib import Path

import django
from environs import Env

from tests.hosts.two_clinics.clinics import CLINICS

env = Env()

SECRET_KEY = "two-clinics-of-the-tests-" + "x" * 40
DEBUG = False
ALLOWED_HOSTS = [".example.test"]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rls_module",
    "tests.hosts.two_clinics",
]
MIDDLEWARE = [
    "tests.hosts.two_clinics.routing.ClinicOfDomain",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.hosts.two_clinics.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
LOGIN_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASE_ROUTERS = ["tests.hosts.two_clinics.routing.Router"]


def _database(label: str) -> dict[str, object]:
    url = env.dj_db_url("DATABASE_URL", "sqlite:////tmp/two_clinics")
    if not url["ENGINE"].endswith("sqlite3"):
        return {**url, "NAME": f"{url['NAME']}_{label}", "TEST": {"DEPENDENCIES": []}}
    folder = Path(str(url["NAME"]))
    return {
        **url,
        "NAME": folder / f"{label}.sqlite3",
        "TEST": {"NAME": folder / f"test_{label}.sqlite3", "DEPENDENCIES": []},
        "OPTIONS": {"init_command": "PRAGMA recursive_triggers=ON;", "transaction_mode": "IMMEDIATE", "timeout": 20},
    }


DATABASES: dict[str, dict[str, object]] = {"default": {}} | {label: _database(label) for label in CLINICS}

_HOST, _PORT = env.str("MAIL_HOST", "localhost"), env.int("MAIL_PORT", 25)
if django.VERSION < (6, 1):
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = _HOST, _PORT, 20
else:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": _HOST, "port": _PORT, "timeout": 20},
        }
    }

RLS_MODULE = {
    "PATIENT_MODEL": "practice.Person",
    "ADAPTER": "tests.hosts.two_clinics.adapter.TwoClinicsAdapter",
    "LINK_KEYS": {"a": "link key of the two clinics, for tests, and known to everybody"},
}

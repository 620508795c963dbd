"""Settings of the minimal host. The plugin is configured as a plugin loader would do it, and no key is doubled.

No admin, no staticfiles app (so no finders), every request in a transaction, and the wall before every view.
"""

from __future__ import annotations

import django
from environs import Env

env = Env()

SECRET_KEY = "minimal-host-of-the-tests-" + "x" * 40
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "America/Phoenix"
LANGUAGE_CODE = "es"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rls_module",
    "tests.hosts.minimal",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tests.hosts.minimal.wall.LoginWall",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.hosts.minimal.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "/assets/"
LOGIN_URL = "door"
LOGIN_REDIRECT_URL = "desk"
AUTH_USER_MODEL = "surgery.Keeper"

DATABASES = {"default": env.dj_db_url("DATABASE_URL", "sqlite://:memory:") | {"ATOMIC_REQUESTS": True}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON;",
    }

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

PLUGIN_CONFIGS = {
    "rls_module": {
        "PATIENT_MODEL": "surgery.Person",
        "ADAPTER": "tests.hosts.minimal.adapter.MinimalAdapter",
        "BASE_URL": "https://surgery.example.org",
        "CLINIC_NAME": "Surgery",
        "LINK_KEYS": {"a": "link key of the minimal host, for tests"},
        "PUBLIC_DECORATORS": ["tests.hosts.minimal.wall.open_door"],
        "ADMIN_SITE": False,
    }
}

"""The reference host as tests run it, in production mode; the database is given by settings_postgres and _sqlite."""

from __future__ import annotations

import os

# What the machine's own environment says must not change what the tests find.
os.environ.update(
    DEBUG="0",
    SECRET_KEY="only for tests: long enough to be accepted, known to everybody",
    RLS_LINK_KEYS='{"test": "only for tests: long enough to be accepted, known to everybody"}',
    BASE_URL="http://testserver",
    ALLOW_HTTP="1",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    EMAIL_URL="smtp://127.0.0.1:1",  # nobody listens there; the fixture smtp_server gives a server
    TIME_ZONE="America/New_York",
    TRUSTED_PROXIES="0",
    REQUIRE_MFA="0",  # tests/clinic/front_door/ turn it on
    REDIS_URL="",
)

from clinic.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Names of static files without a hash: tests need no collectstatic.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

"""Settings of the demo: the reference host on its own SQLite file, with an inbox for a mail server and a clock."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

from clinic import environment
from clinic.demo import keys

DEMO_DIR = Path(os.environ.get("DEMO_DIR") or Path(__file__).resolve().parent.parent / "var")
DEMO_KEYS = keys.kept_in(DEMO_DIR)
DEMO_HOST = os.environ.get("HOST") or "127.0.0.1"
DEMO_PORT = os.environ.get("PORT") or "8000"
DEMO_PASSWORD = os.environ.get("DEMO_PASSWORD") or DEMO_KEYS.password
_IS_EVERYWHERE = DEMO_HOST in {"0.0.0.0", "::"}  # noqa: S104 - only when whoever starts the demo asks for it

# A PostgreSQL database is taken only where it is empty or a demo's (clinic.demo.store says no to all others).
_GIVEN = os.environ.get("DATABASE_URL", "")
_IS_POSTGRES = _GIVEN.startswith(("postgres://", "postgresql://"))

# Whatever else the shell says, the demo stays in its own files and sends to nobody.
os.environ.update(
    DEBUG="0",
    SECRET_KEY=DEMO_KEYS.secret_key,
    RLS_LINK_KEYS=json.dumps({"demo": DEMO_KEYS.link_key}),
    DATABASE_URL=_GIVEN if _IS_POSTGRES else f"sqlite:///{DEMO_DIR.resolve()}/demo.sqlite3",
    EMAIL_URL="dummy:",
    BASE_URL=f"http://{'localhost' if _IS_EVERYWHERE else DEMO_HOST}:{DEMO_PORT}",
    ALLOWED_HOSTS="*" if _IS_EVERYWHERE else f"{DEMO_HOST},localhost,127.0.0.1",
    TIME_ZONE="America/New_York",
    DEFAULT_FROM_EMAIL="clinic@example.org",
    TRUSTED_PROXIES="0",
    REQUIRE_MFA="0",  # the newcomer has no second factor yet; whoever sets one up is asked for it
)

os.environ.setdefault("SESSION_IDLE_MINUTES", "240")  # who tries a demo is called away

from clinic.settings import *  # noqa: E402, F403 - the environment above is what it reads
from clinic.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, RLS_MODULE, STORAGES  # noqa: E402

DATABASES = {"default": environment.database(DATABASES["default"], synchronous="NORMAL")}
INSTALLED_APPS = [*INSTALLED_APPS, "clinic.demo"]
MIDDLEWARE = [*MIDDLEWARE, "clinic.demo.middleware.DemoBar"]
ROOT_URLCONF = "clinic.demo.urls"
for _name, _value in environment.mail({"EMAIL_BACKEND": "clinic.demo.mail.InboxBackend"}, timeout=20).items():
    globals()[_name] = _value

# Ticks as quick as a newcomer's patience, on a queue that no other Celery of this Redis works on.
CELERY_TASK_DEFAULT_QUEUE = f"rls-demo-{zlib.crc32(str(DEMO_DIR.resolve()).encode()):08x}"
CELERY_BEAT_SCHEDULE = {"follow-ups": {"task": "rls_module.tick", "schedule": 2.0, "options": {"expires": 2}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(DEMO_DIR / "celerybeat-schedule")

# No collectstatic: files are served from where they lie.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"once": {"()": "clinic.demo.console.Once"}},
    "formatters": {
        "one_line": {"()": "clinic.demo.console.OneLine"},
        "whole": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "one_line", "filters": ["once"]},
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": DEMO_DIR / "demo.log",
            "formatter": "whole",
            "maxBytes": 2_000_000,
            "backupCount": 1,
            "delay": True,
            "encoding": "utf-8",
        },
    },
    # Each request would be a line; a page that is not there is no fault of the demo.
    "loggers": {"django": {"handlers": ["console", "file"], "level": "ERROR", "propagate": False}},
    "root": {"handlers": ["console", "file"], "level": "WARNING"},
}

# Nothing leaves the demo, so Spanish that awaits its second reader may be shown in it.
RLS_MODULE = {**RLS_MODULE, "CLOCK": "clinic.demo.clock.now", "DRAFT_WORDING": True}

"""`manage.py demo`: builds the synthetic clinic when needed and serves it until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.demo import build, people, serve, store

LAST_PORT = 65535


class Command(BaseCommand):
    """The whole clinic by one command: web site, follow-up engine and inbox."""

    help = (
        "Serves a clinic with synthetic patients until Ctrl-C: PORT=8080 manage.py demo. "
        "Environment: PORT (8000), HOST (127.0.0.1), DEMO_PASSWORD, FRESH=1 (builds the data anew), DATABASE_URL (an "
        "empty PostgreSQL database for the demo alone; else a SQLite file), REDIS_URL (a Celery beat and worker)."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not hasattr(settings, "DEMO_KEYS"):
            raise CommandError("The demo runs on its own settings only: DJANGO_SETTINGS_MODULE=clinic.settings_demo")
        with _alone(), serve.bound(_given("HOST"), _port()) as server:
            if os.environ.get("FRESH") not in {None, "", "0"} or not build.is_current():
                self._say("Building the demo clinic; this happens once.")
                self._build()
            build.set_password(_given("PASSWORD"))
            serve.until_stopped(server, say=self._say, welcome=self._welcome)

    def _build(self) -> None:
        try:
            build.build(self._say)
        except KeyboardInterrupt:
            self._say("Stopped before the clinic was ready; the next start builds it.")
            sys.exit(1)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _welcome(self) -> None:
        accounts = "\n".join(f"    {person.username:<10} {_what(person)}" for person in people.STAFF)
        self._say(
            f"""
The demo clinic is open at {settings.BASE_URL}/
All people are invented, and no mail leaves this machine: the inbox is at {settings.BASE_URL}/inbox/

  Accounts, all with the password  {_given("PASSWORD")}
{accounts}

  Try first
    1. Sign in as therapist: today's visits. Grace Lindqvist is here for her heel; open her and "RLS chart".
    2. Press "+6 weeks" in the bar at the top. Within seconds the inbox holds the surveys that fell due.
    3. Open one of the mails, follow its link, answer as the patient, and look at the chart again.
    4. Sign in as stranger: the other clinic sees none of it.

Data: {store.label()}. Engine: {"a Celery beat and worker" if settings.REDIS_URL else "a thread of this process"}.
The second factor at sign-in is off in the demo. Ctrl-C stops everything."""
        )


def _given(name: str) -> str:
    """What the demo's settings, and only they, say."""
    return str(getattr(settings, f"DEMO_{name}"))


def _what(person: people.Colleague) -> str:
    return f"{person.printed_name}, {person.role.replace('_', ' ')} at {person.clinic.capitalize()}"


def _port() -> int:
    text = _given("PORT")
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        raise CommandError(f"PORT={text} is no port. Give a number from 1 to {LAST_PORT}, such as PORT=8080.")
    return int(text)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the data for this process, so that no second demo rebuilds it underneath."""
    path = store.folder() / "demo.lock"
    with path.open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(f"Another demo is already using {store.folder()}; stop that one first.") from None
        yield

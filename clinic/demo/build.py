"""Builds the demo's database when there is none, when it is asked for, or when what it is built from has changed."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections

from clinic.demo import clock, people, seed

Say = Callable[[str], None]


def database_path() -> Path:
    """The file of the demo's data."""
    return Path(settings.DATABASES["default"]["NAME"])


def is_current() -> bool:
    """Whether the data is there and was built completely from the migrations and stories of this code."""
    mark = _mark()
    return database_path().exists() and mark.exists() and mark.read_text(encoding="ascii") == fingerprint()


def fingerprint() -> str:
    """A digest of all that the data is built from: the migrations of each app of ours, and the demo's own code."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build(say: Say) -> None:
    """Build the data anew. A build that breaks off leaves no mark, so the next start builds again."""
    _mark().unlink(missing_ok=True)
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database_path()}{suffix}").unlink(missing_ok=True)
    say("Making the tables ...")
    call_command("migrate", verbosity=0, interactive=False)
    now = clock.start()
    say("Inviting the patients ...")
    seed.seed_host(now)
    call_command("rls_setup", stdout=io.StringIO())  # it walks the clinics, so they come first
    if importlib.util.find_spec("clinic.demo.stories"):
        say("Telling their stories ...")
        importlib.import_module("clinic.demo.stories").seed(now)
    clock.start()
    _mark().write_text(fingerprint(), encoding="ascii")


def set_password(password: str) -> None:
    """Give all accounts of the demo this password; accounts that have it already keep their sessions."""
    accounts = User.objects.filter(username__in=[colleague.username for colleague in people.STAFF])
    first = accounts.order_by("pk").first()
    if first is not None and not check_password(password, first.password):
        accounts.update(password=make_password(password))


def _mark() -> Path:
    return database_path().with_suffix(".fingerprint")


def _sources() -> Iterable[Path]:
    for label in ("clinic", "demo", "rls_module"):
        yield from sorted((Path(apps.get_app_config(label).path) / "migrations").glob("*.py"))
    yield from sorted(Path(apps.get_app_config("demo").path).rglob("*.py"))

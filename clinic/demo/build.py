"""Builds the demo's database when there is none, when it is asked for, or when what it is built from has changed."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
from collections.abc import Callable, Iterable
from pathlib import Path

from django.apps import apps
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.core.management import call_command

from clinic.demo import clock, people, seed, store

Say = Callable[[str], None]


def is_current() -> bool:
    """Whether the data is there and was built completely from the migrations and stories of this code."""
    return store.mark() == fingerprint()


def fingerprint() -> str:
    """A digest of all that the data is built from: the migrations of each app of ours, and the demo's own code."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build(say: Say) -> None:
    """Build the data anew. A build that breaks off leaves no mark, so the next start builds again."""
    store.clear()
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
    store.write_mark(fingerprint())


def set_password(password: str) -> None:
    """Give all accounts of the demo this password; accounts that have it already keep their sessions."""
    accounts = User.objects.filter(username__in=[colleague.username for colleague in people.STAFF])
    first = accounts.order_by("pk").first()
    if first is not None and not check_password(password, first.password):
        accounts.update(password=make_password(password))


def _sources() -> Iterable[Path]:
    for label in ("clinic", "demo", "rls_module"):
        yield from sorted((Path(apps.get_app_config(label).path) / "migrations").glob("*.py"))
    yield from sorted(Path(apps.get_app_config("demo").path).rglob("*.py"))

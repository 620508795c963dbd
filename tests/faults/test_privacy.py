"""A patient whose every word is a canary goes through every door; then all that is no chart is searched for one."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
import redis as redis_client
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.followups import links
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence, Preference
from tests.contracts.filled import fill
from tests.contracts.matrix import DOORS
from tests.contracts.test_matrix import world
from tests.faults.processes import WORKER, beat, running, until
from tests.rls_module.host.pages import at, signed_in
from tests.services.redis import RedisServer, own_server

__all__ = ["at", "world"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

CANARIES = tuple(f"canary{number} sings" for number in range(40))


@contextmanager
def heard(server: RedisServer) -> Iterator[list[bytes]]:
    """Everything that anybody says to Redis meanwhile."""
    said: list[bytes] = []
    line = socket.create_connection(("127.0.0.1", server.port))
    line.sendall(b"MONITOR\r\n")

    def listen() -> None:
        while piece := line.recv(65536):
            said.append(piece)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    yield said
    line.shutdown(socket.SHUT_RDWR)
    listener.join(5)
    line.close()


class Notes(logging.Handler):
    """Every line of every log, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("mail."):
            return  # the tests' own mail server, which must know whom it is told to deliver to
        self.lines.append(logging.Formatter().format(record))


@contextmanager
def listening() -> Iterator[Notes]:
    notes, loggers = Notes(), [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(notes)
    yield notes
    for logger in loggers:
        logger.removeHandler(notes)


def due_now() -> None:
    """Have a mail of the patient be due by the real clock, by which processes of their own live."""
    moment = datetime.now(UTC)
    Preference.objects.update(mail_off_at=None)
    mail = Delivery.objects.filter(occurrence__step="week_12", kind="invite")
    Occurrence.objects.filter(step="week_12").update(
        due_at=moment - timedelta(minutes=1), on_time_until=moment + timedelta(days=14),
        window_end=moment + timedelta(days=21), call_at=None,
    )  # fmt: skip
    mail.update(
        state="scheduled", state_reason="", due_at=moment - timedelta(minutes=1),
        next_attempt_at=moment - timedelta(minutes=1),
    )  # fmt: skip


def walk(clients: dict[str, Client], keys: dict) -> list[str]:
    """Go through every door with what it is sent, also broken; return all that an address or a cookie held."""
    seen = []
    for client in clients.values():
        for door in (one for one in DOORS if one.action != "consent.withdraw"):  # or no mail would go
            address = "/" + door.address.format(key=keys.get(door.of, ""))
            response = getattr(client, door.method)(address, dict(door.sends) | {"note": "canary typed"})
            seen += [address, response.headers.get("Location", ""), str(response.cookies)]
    return seen


def test_no_word_of_a_patient_leaves_the_chart(  # noqa: PLR0917  fixtures
    world, smtp_server, tmp_path: Path, record_property, settings, monkeypatch, mailoutbox
):
    """PV-1, EM-1: logs, Redis, addresses, cookies, mails, mails to admins, the admin's log, the audit, the cache."""
    users, keys = world
    settings.ADMINS = [("Admin", "admin@example.org")]
    filled = fill(CANARIES, but=["MailText"])  # the clinic's own words for its mails are nobody's secret
    log = tmp_path / "processes.log"
    with own_server() as redis, listening() as notes, heard(redis) as said:
        clients = {role: signed_in(users[role]) for role in ("therapist", "admin", "stranger")}
        for client in clients.values():
            client.raise_request_exception = False
        seen = walk(clients, keys)
        with monkeypatch.context() as broken:
            broken.setattr("rls_module.outcomes.queries.chart_page", None)
            broken.setattr("rls_module.visits.actions.save_draft", None)
            walk(clients, keys)
        assert any("TypeError" in line for line in notes.lines), "pages did fail, with what was typed in hand"
        due_now()
        with running(smtp_server, WORKER, beat(tmp_path), REDIS_URL=redis.url, log=log):
            until(lambda: bool(smtp_server.messages))
        kept = everything_in(redis)
    [mail] = smtp_server.messages
    del mail.message["To"]
    places = {
        "logs": "\n".join(notes.lines),
        "logs of the processes": log.read_text(),
        "Redis, as it was spoken to": b"".join(said).decode(errors="replace"),
        "Redis, as it is": kept,
        "addresses and cookies": "\n".join(seen),
        "the mail": mail.message.as_string().replace(mail_name(), ""),
        "mails to admins": "".join(one.message().as_string() for one in mailoutbox),
        "the admin's log": str(list(LogEntry.objects.values())),
        "the audit": str(list(AuditEvent.objects.filter(purpose="").values())),
        "the cache": str(getattr(cache, "_cache", "")),
    }
    told = {place: [line for line in text.splitlines() if "canary" in line.lower()] for place, text in places.items()}
    assert {place: lines for place, lines in told.items() if lines} == {}
    assert "rls_module.tick" in places["Redis, as it was spoken to"], "it did go through Redis"
    assert (
        keys_in({place: text for place, text in places.items() if place not in {"the mail", "addresses and cookies"}})
        == []
    )
    assert keys_in({"the mail": mail.message.get_body(("plain",)).get_content()}) == ["the mail"], (
        "which is what it is for"
    )
    assert filled >= 60
    record_property("canaries", filled)


def keys_in(places: dict[str, str]) -> list[str]:
    """TK-2 part: the places that hold a link of any form, for whichever purpose, whole or its secret half."""
    tokens = [
        followup_queries.link_token(one, purpose)
        for one in Occurrence.objects.all()
        for purpose in get_args(links.Purpose)
    ]
    return [place for place, text in places.items() if any(token[22:] in text for token in tokens)]


def mail_name() -> str:
    """The sender's name, which the clinic sets knowingly and which is a canary here, too."""
    from clinic.models import Clinic

    return Clinic.objects.get(slug="riverside").mail_name


def everything_in(server: RedisServer) -> str:
    with redis_client.Redis.from_url(server.url) as client:
        return "".join(f"{key!r} {client.dump(key)!r}" for key in client.scan_iter())


def test_a_canary_would_be_heard(tmp_path: Path):
    """The ears of the test above."""
    with own_server() as redis, listening() as notes, heard(redis) as said:
        redis.says("SET canary sings")
        logging.getLogger("django.request").warning("canary")
        kept = everything_in(redis)
        until(lambda: b"canary" in b"".join(said))
    assert "canary" in kept
    assert notes.lines == ["canary"]

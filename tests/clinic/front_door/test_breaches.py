"""Reports of the pages' policy: anybody may send them, so nothing of them is believed."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from clinic.front_door.breaches import LONGEST

pytestmark = [pytest.mark.django_db, pytest.mark.both]

TOKEN = "q" * 65
REPORT = {
    "document-uri": f"https://clinic.example.org/q/{TOKEN}/",
    "violated-directive": "script-src-elem 'self'",
    "blocked-uri": "https://evil.example.com/x.js?canary",
}


def send(body: object) -> int:
    text = body if isinstance(body, bytes) else json.dumps({"csp-report": body}).encode()
    return Client().post("/csp/", text, content_type="application/csp-report").status_code


def test_a_report_is_one_line_without_the_pages_address(caplog):
    """HD-3, PV-1: the address of a survey opens it."""
    with caplog.at_level(logging.WARNING, "clinic.policy"):
        assert send(REPORT) == 204
        assert send(REPORT | {"blocked-uri": "inline"}) == 204
    assert [one.getMessage() for one in caplog.records] == [
        "a page's policy refused directive=script-src-elem from=evil.example.com",
        "a page's policy refused directive=script-src-elem from=inline",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"csp-report": 3}',
        b"\xff\xfe",
        b"[" * 5000,
        json.dumps({"csp-report": {"violated-directive": "script\nsrc"}}).encode(),
        json.dumps({"csp-report": {"violated-directive": "a", "blocked-uri": "http://[oops"}}).encode(),
    ],
)
def test_nonsense_is_refused_quietly(body, caplog):
    """HD-3: no traceback, no line."""
    assert send(body) == 400
    assert not [one for one in caplog.records if one.name == "clinic.policy"]


def test_a_report_has_a_size():
    """HD-3: to the byte."""
    filled = json.dumps({"csp-report": REPORT, "more": ""}).encode()
    assert send(filled.replace(b'"more": ""', b'"more": "' + b"x" * (LONGEST - len(filled)) + b'"')) == 204
    assert send(filled.replace(b'"more": ""', b'"more": "' + b"x" * (LONGEST - len(filled) + 1) + b'"')) == 413


def test_a_flood_of_reports_is_not_logged(caplog):
    """HD-3: thirty a minute from one address."""
    assert [send(REPORT) for _ in range(31)] == [204] * 30 + [429]

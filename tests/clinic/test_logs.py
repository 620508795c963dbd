"""What is logged stays one line, whatever a name contains."""

from __future__ import annotations

import json
import logging
import logging.config

import pytest

from clinic import settings as clinic_settings
from clinic.logs import JsonLines
from tests.clinic.test_settings import SECRETS, started

pytestmark = pytest.mark.both

NAMES = [
    '\n{"event":"login"}',
    "\r\nforged",
    "\x1b[31mred\x1b[0m",
    "next\u0085line",
    "\u2028forged\u2029",
    "\x0b\x0c\x1c\x7f\x9b31m",
    "\ud800",
]


def line_of(name: str, **extra: object) -> str:
    record = logging.LogRecord("rls_module.x", logging.INFO, __file__, 1, "scope %s", (name,), None)
    record.__dict__.update(extra)
    return JsonLines().format(record)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_stays_inside_its_line(name):
    """AU-8: CR, LF, ANSI and what else begins a line somewhere."""
    line = line_of(name)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"scope {name}"


def test_a_traceback_stays_inside_its_line():
    """AU-8: Python's own formatter would put it below."""
    try:
        int(NAMES[0])
    except ValueError as error:
        line = line_of("x", exc_info=(type(error), error, error.__traceback__), stack_info="Stack:\nhere")
    assert len(line.splitlines()) == 1
    said = json.loads(line)
    assert said["traceback"].startswith("Traceback")
    assert said["stack"] == "Stack:\nhere"


@pytest.mark.parametrize("logger", ["rls_module.audit", "clinic.x", "django.request"])
def test_production_logs_in_json_lines(logger):
    """AU-8: as the host sets it up, in a process of its own; plugin, host and framework alike."""
    code = f"import logging; logging.getLogger({logger!r}).warning('name %s', {NAMES[0]!r})"
    [line] = started(code, **SECRETS).stderr.splitlines()
    said = json.loads(line)
    assert (said["logger"], said["level"], said["message"]) == (logger, "WARNING", f"name {NAMES[0]}")
    assert clinic_settings.LOGGING["handlers"]["console"]["formatter"] == "json"

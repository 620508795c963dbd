"""A patient six weeks after the first visit, under a clock that can be moved, and whatever was logged meanwhile."""

from __future__ import annotations

import io
import logging

import pytest

from rls_module.followups.models import Occurrence
from tests import clock
from tests import factories as make

DUE = make.NOW + make.days(42)  # a Monday, 10:00 in New York: an hour after the link opens


@pytest.fixture
def at(settings):
    """Set the clinic's clock; it begins at the first visit."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now"}
    clock.put(make.NOW)
    yield clock.put
    clock.clear()


@pytest.fixture
def asked(at) -> Occurrence:
    """A patient's check-in that is due."""
    case = make.planned(make.therapist())
    at(DUE)
    return Occurrence.objects.get(chart=case.chart, step="week_6")


@pytest.fixture
def logged():
    """Everything that loggers of the application wrote, tracebacks too, as text."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("", "django")]  # the host's `django` does not propagate
    levels = [one.level for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    yield text.getvalue
    for one, level in zip(loggers, levels, strict=True):
        one.removeHandler(handler)
        one.setLevel(level)

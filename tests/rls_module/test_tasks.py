"""Celery's door: one call inward, whatever a newer beat sends along."""

from __future__ import annotations

import pytest

from rls_module import tasks
from rls_module.followups.models import EngineState
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def test_a_tick_is_a_turn_of_the_engine_for_every_scope():
    """FE-9."""
    make.clinic("riverside")
    make.clinic("hillside")
    tasks.tick(from_a_newer="version")
    assert set(EngineState.objects.values_list("scope", flat=True)) == {"riverside", "hillside"}


def test_the_tick_has_no_retry_of_its_own():
    """FE-15: the next beat is the retry."""
    assert (tasks.tick.autoretry_for if hasattr(tasks.tick, "autoretry_for") else ()) == ()
    assert (tasks.tick.ignore_result, tasks.tick.time_limit, tasks.tick.soft_time_limit) == (True, 90, 60)

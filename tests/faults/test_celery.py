"""Worker and beat as processes of their own over a real Redis; and what holds when Redis goes away."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rls_module.followups.models import Delivery
from tests.faults.processes import LOOP, ROOT, WORKER, beat, running, until
from tests.services.redis import own_server

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def redis():
    with own_server() as server:
        yield server


def states() -> set[str]:
    return set(Delivery.objects.filter(kind="invite", occurrence__step="week_6").values_list("state", flat=True))


def test_a_beat_and_a_worker_send_what_is_due(due, accepted, smtp_server, redis, tmp_path):
    """FE-9, FE-15: the whole way, through a real broker."""
    due(3)
    with running(smtp_server, WORKER, beat(tmp_path), REDIS_URL=redis.url):
        until(lambda: states() == {"sent"})
    assert sorted(accepted().values()) == [1, 1, 1]


def test_f_22_two_beats_two_workers_and_two_loops_send_each_mail_once(due, accepted, smtp_server, redis, tmp_path):
    """F-22, FE-9: D0 whoever wakes the queue."""
    due(30)
    rows = Delivery.objects.count()
    beats = [tmp_path / "one", tmp_path / "two"]
    for folder in beats:
        folder.mkdir()
    with running(smtp_server, WORKER, WORKER, *map(beat, beats), LOOP, LOOP, REDIS_URL=redis.url):
        until(lambda: states() == {"sent"})
    assert (len(accepted()), set(accepted().values())) == (30, {1})
    assert Delivery.objects.count() == rows


def test_f_12_f_13_redis_emptied_and_killed_loses_nothing(due, accepted, smtp_server, redis, tmp_path):
    """F-12, F-13: L0, D0: nothing relies on what the broker holds, and the loop covers."""
    with running(smtp_server, WORKER, beat(tmp_path), LOOP, REDIS_URL=redis.url):
        due(10)
        redis.says("FLUSHALL")
        redis.kill()
        until(lambda: states() == {"sent"})
        redis.start()
    assert (len(accepted()), set(accepted().values())) == (10, {1})


def test_the_loop_alone_does_the_same_without_redis(due, accepted, smtp_server):
    """FE-9."""
    due(3)
    with running(smtp_server, LOOP, REDIS_URL=""):
        until(lambda: states() == {"sent"})
    assert sorted(accepted().values()) == [1, 1, 1]


WITHOUT_CELERY = """
import sys
sys.modules["celery"] = None
import django
django.setup()
from django.core.management import call_command
from django.urls import get_resolver
call_command("check")
get_resolver().url_patterns
call_command("rls_followups", "run", "--once")
"""


def test_everything_stands_where_celery_cannot_be_imported(due, accepted, smtp_server):
    """FE-9, SC-2, part: check, addresses and a turn of the engine."""
    due(1)
    with running(smtp_server, ("-c", WITHOUT_CELERY)) as [process]:
        process.wait(60)
    assert process.returncode == 0
    assert sorted(accepted().values()) == [1]


def test_nothing_but_the_tasks_knows_celery_and_nobody_publishes():
    """FE-8, FE-15: no web request can wait for a broker that hangs; no countdown, no ETA, no retry."""
    said = {
        path: path.read_text(encoding="utf-8")
        for folder in ("rls_module", "clinic")
        for path in (ROOT / folder).rglob("*.py")
    }
    importing = {
        str(path.relative_to(ROOT)) for path, text in said.items() if "import celery" in text or "from celery" in text
    }
    assert importing == {"rls_module/tasks.py", "clinic/celery.py"}
    calls = (".delay(", ".apply_async(", "send_task(", "countdown=", "eta=", ".retry(countdown")
    assert [str(path) for path, text in said.items() for call in calls if call in text] == []


EFFECTIVE = """
from clinic.celery import app
app.loader.import_default_modules()
conf = app.conf
schedule = conf.beat_schedule["follow-ups"]
print(conf.timezone, conf.enable_utc, conf.accept_content, conf.task_serializer, conf.task_ignore_result)
print(conf.task_time_limit, conf.task_soft_time_limit, conf.broker_transport_options["visibility_timeout"])
print(schedule["task"], schedule["schedule"], app.tasks["rls_module.tick"].ignore_result)
"""


def test_celery_is_set_up_as_a_metronome(smtp_server):
    """FE-15, SC-5: UTC, an interval, JSON only, time limits, a short visibility timeout."""
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings_base"}
    said = subprocess.run(
        [sys.executable, "-c", EFFECTIVE], cwd=ROOT, capture_output=True, text=True, env=_with(environment), check=False
    )
    assert said.stdout.split() == [
        "UTC", "True", "['json']", "json", "True", "90", "60", "300", "rls_module.tick", "15.0", "True",
    ], said.stderr  # fmt: skip


def _with(extra: dict[str, str]) -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT), **extra}

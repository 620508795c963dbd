"""A worker is killed at the worst moment: nothing is lost, and nothing goes twice but where mail itself cannot know."""

from __future__ import annotations

import re
import signal

import pytest

from rls_module.followups.models import Delivery
from tests.faults.processes import LOOP, running, until

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


def states() -> set[str]:
    return set(Delivery.objects.filter(kind="invite", occurrence__step="week_6").values_list("state", flat=True))


def test_f_01_killed_after_the_claim_before_it_spoke_to_anybody(due, accepted, smtp_server):
    """F-01, FE-2: L0, D0; the lease runs out and another worker sends."""
    due(3)
    with running(smtp_server, LOOP, RLS_FAILPOINT="before_connect", RLS_MODULE_LEASE_S="2") as [doomed]:
        until(lambda: doomed.poll() is not None)
        assert doomed.returncode == -signal.SIGKILL
    assert states() == {"sending"}, "the dead worker holds them"
    assert not accepted()
    with running(smtp_server, LOOP):
        until(lambda: states() == {"sent"})
    assert sorted(accepted().values()) == [1, 1, 1]


def test_f_03_killed_between_the_servers_yes_and_the_mark(due, accepted, smtp_server):
    """F-03, FE-5, EM-5: L0, D1: one copy more at most, with the same Message-ID and the same link."""
    due(3)
    with running(smtp_server, LOOP, RLS_FAILPOINT="after_250", RLS_MODULE_LEASE_S="2") as [doomed]:
        until(lambda: doomed.poll() is not None)
    assert sum(accepted().values()) == 1
    with running(smtp_server, LOOP):
        until(lambda: states() == {"sent"})
    taken = accepted()
    assert len(taken) == 3, "each of the three, and each under one Message-ID"
    assert sorted(taken.values()) == [1, 1, 2]
    [twice] = [key for key, times in taken.items() if times == 2]
    links = [
        re.findall(r"http://\S+/q/\S+", mail.message.get_body(("plain",)).get_content())
        for mail in smtp_server.messages
        if (mail.recipients[0], str(mail.message["Message-ID"])) == twice
    ]
    assert links[0] == links[1]
    assert links[0]


def test_f_05_told_to_stop_it_stops_and_the_next_goes_on(due, accepted, smtp_server):
    """F-05, part: L0, D0 over a restart."""
    due(20)
    with running(smtp_server, LOOP) as [first]:
        until(lambda: sum(accepted().values()) >= 3)
        first.send_signal(signal.SIGTERM)
        first.wait(30)
    with running(smtp_server, LOOP):
        until(lambda: states() == {"sent"})
    assert set(accepted().values()) == {1}
    assert len(accepted()) == 20


def test_f_22_three_loops_at_once_send_each_mail_once(due, accepted, smtp_server):
    """F-22, FE-1, FE-9: D0 among loops; planning doubles nothing."""
    due(30)
    rows = Delivery.objects.count()
    with running(smtp_server, LOOP, LOOP, LOOP):
        until(lambda: states() == {"sent"})
    assert (len(accepted()), set(accepted().values())) == (30, {1})
    assert Delivery.objects.count() == rows

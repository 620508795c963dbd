"""Tasks: taken once, closed once, never without what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions
from rls_module.cases.models import Case, Task
from rls_module.host.actor import system
from rls_module.host.rows import Stale
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

ROUNDS = 32


def opened(of: Case, cause: str | None = None) -> Task | None:
    return actions.open_task(
        chart=of.chart,
        case=of,
        kind="call",
        rule="no_answer",
        actor=system("test"),
        now=make.NOW,
        cause_key=cause,
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_colleagues_who_take_a_task_exactly_one_has_it_every_round():
    """DI-1: 32 rounds behind a barrier."""
    one, other = make.therapist(), make.therapist()
    case = make.case(one)
    for _ in range(ROUNDS):
        key = opened(case).pk

        def take(user: Any, key: int = key) -> int:
            actions.take_task(task=Task.objects.get(pk=key), seen=1, actor=make.actor(user))
            return user.pk

        outcomes = make.at_once(lambda take=take: take(one), lambda take=take: take(other))
        [winner] = [outcome for outcome in outcomes if isinstance(outcome, int)]
        [loser] = [outcome for outcome in outcomes if not isinstance(outcome, int)]
        assert isinstance(loser, Stale)
        task = Task.objects.get(pk=key)
        assert (task.owner_id, task.state, task.version) == (winner, "taken", 2)
    assert AuditEvent.objects.filter(verb="task.edit").count() == ROUNDS


@pytest.mark.django_db(transaction=True)
def test_eight_causes_at_once_open_one_task():
    """TK-8, DI-10: the same cause, behind a barrier; one row and one event."""
    case = make.case(make.therapist())
    outcomes = make.at_once(*[lambda: opened(case, "chest:7")] * 8)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert len([one for one in outcomes if one is not None]) == 1
    assert Task.objects.count() == 1
    assert AuditEvent.objects.filter(verb="task.create").count() == 1


def test_tasks_without_a_cause_stand_side_by_side():
    case = make.case(make.therapist())
    assert opened(case) != opened(case)


def test_a_task_closed_twice_is_closed_once():
    """DI-1: the second outcome does not cover the first."""
    user = make.therapist()
    task = opened(make.case(user))
    close = {"actor": make.actor(user), "now": make.NOW, "seen": 1}
    actions.close_task(task=Task.objects.get(), outcome="Reached.", **close)
    with pytest.raises(Stale):
        actions.close_task(task=task, outcome="Not reached.", **close)
    stored = Task.objects.get()
    assert (stored.state, stored.outcome, stored.closed_at, stored.closed_by_name) == (
        "done",
        "Reached.",
        make.NOW,
        "Dana Whitfield PT",
    )


def test_a_task_is_not_closed_without_what_came_of_it():
    """DI-2: not by a command or another door either; the action itself refuses."""
    user = make.therapist()
    task = opened(make.case(user))
    with pytest.raises((ValidationError, ValueError)):
        actions.close_task(task=task, seen=1, outcome="", actor=make.actor(user), now=make.NOW)
    assert Task.objects.get().state == "open"


def page(user: Any, task: Task, **form: str) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client.post(f"/rls/tasks/{task.uuid}/", form)


def test_the_page_of_a_task_takes_and_closes_it():
    user = make.therapist()
    task = opened(make.case(user))
    assert page(user, task, do="take", version="1").status_code == 302
    assert page(user, task, do="close", version="2", outcome="").status_code == 422
    assert page(user, task, do="close", version="2", outcome="Reached.").status_code == 302
    assert Task.objects.get().state == "done"


@pytest.mark.parametrize("version", ["0", "2", "9" * 30])
@pytest.mark.parametrize("form", [{"do": "take"}, {"do": "close", "outcome": "Reached."}], ids=["take", "close"])
def test_a_page_made_from_another_version_changes_nothing(form, version):
    """DI-1."""
    user = make.therapist()
    task = opened(make.case(user))
    assert page(user, task, version=version, **form).status_code == 409
    assert Task.objects.get().state == "open"


@pytest.mark.parametrize("version", ["", "-1", "x", "1.0", "²", "9" * 5000], ids=lambda text: ascii(text)[:8])
@pytest.mark.parametrize("form", [{"do": "take"}, {"do": "close", "outcome": "Reached."}], ids=["take", "close"])
def test_a_page_that_does_not_say_which_version_it_saw_changes_nothing(form, version):
    """DI-1, DI-9: 409; what was not said is not "whatever it is now", and nonsense is no error of ours."""
    user = make.therapist()
    task = opened(make.case(user))
    sent = form | ({"version": version} if version else {})
    assert page(user, task, **sent).status_code == 409
    assert Task.objects.get().state == "open"


def test_nothing_of_an_outcome_stands_in_the_audit():
    """AU-6."""
    user = make.therapist()
    task = opened(make.case(user))
    actions.close_task(task=task, seen=1, outcome="CANARY-4711", actor=make.actor(user), now=make.NOW)
    event = AuditEvent.objects.get(verb="task.close")
    assert event.fields == ["outcome", "state"]
    assert not any("CANARY" in str(value) for row in AuditEvent.objects.values() for value in row.values())

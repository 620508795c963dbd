"""Lists are filled with granted rows, however many rows stand before them that are only visible."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rls_module.audit.models import AuditEvent
from rls_module.cases import access
from rls_module.cases.access.lists import MOST_AT_ONCE
from rls_module.cases.models import Task
from rls_module.host.actor import of_request
from tests import factories as make
from tests.rls_module.cases.test_access import request_of
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def tasks(user: Any, number: int) -> list[Task]:
    """That many tasks of three patients, written in bulk, all of one moment."""
    charts = [make.chart(make.patient(user)) for _ in range(min(number, 3))]
    rows = [
        Task(chart=charts[place % len(charts)], scope="riverside", kind="call", rule="no_answer", created_at=make.NOW)
        for place in range(number)
    ]
    return Task.objects.bulk_create(rows)


def shown(user: Any, *, limit: int) -> tuple[list[Task], list[str]]:
    """What the list shows, and the queries that read tasks."""
    request = request_of(user)
    rows = Task.objects.order_by("created_at")
    with CaptureQueriesContext(connection) as caught:
        found = access.listing(request, of_request(request), rows, "task.view", limit=limit)
    return found, [one["sql"] for one in caught.captured_queries if 'FROM "rls_module_task"' in one["sql"]]


@pytest.mark.parametrize("before", [0, 49, 50, 51, 700])
def test_a_list_is_filled_from_behind_a_colleagues_rows(before):
    """AZ-5, AP-6, part: up to the limit, in order, none twice, though all are of one moment."""
    user = make.therapist()
    tasks(make.therapist(), before)
    own = tasks(user, 60)
    tasks(make.therapist(), 5)
    found, _queries = shown(user, limit=50)
    assert found == own[:50]


def test_it_takes_one_query_where_all_is_granted_and_a_few_where_little_is():
    """AP-6, part: queries grow with the logarithm of what is passed over, and none is without a limit."""
    user = make.therapist()
    tasks(user, 60)
    assert len(shown(user, limit=50)[1]) == 1
    other = make.therapist()
    tasks(make.therapist(), 1500)
    found, queries = shown(other, limit=50)
    assert found == []
    assert len(queries) <= 6
    limits = [int(re.search(r"LIMIT (\d+)", one)[1]) for one in queries]
    assert max(limits) <= MOST_AT_ONCE


def test_what_was_passed_over_is_on_nobodys_record():
    """AU-1, part: an event for each patient shown and for no other."""
    user, other = make.therapist(), make.therapist()
    tasks(other, 60)
    own = tasks(user, 3)
    before = AuditEvent.objects.count()
    shown(user, limit=50)
    events = AuditEvent.objects.order_by("pk")[before:]
    assert {event.patient for event in events} == {str(task.chart.patient_id) for task in own}


@pytest.mark.parametrize("apart", [0, 1], ids=["of one moment", "a second apart"])
@pytest.mark.parametrize("size", [1, 4, 25])
def test_pages_of_the_api_are_full_and_meet_each_row_once(size, apart):
    """AZ-5, AP-10, part: own charts among a colleague's; and the way back, where the rows' moments differ."""
    user, other = make.therapist(), make.therapist()
    charts = [
        (owner, make.chart(make.patient(owner), make.NOW + timedelta(seconds=place * apart)))
        for place, owner in enumerate([user, other, other] * 10)
    ]
    own = [str(chart.uuid) for owner, chart in reversed(charts) if owner is user]
    whole = [own[begin : begin + size] for begin in range(0, len(own), size)]
    client = signed_in(user)
    there = pages(client, f"/rls/api/v1/charts/?page_size={size}", "next")
    assert [uuids for uuids, _page in there] == whole
    if apart:
        back = pages(client, there[-1][1]["previous"], "previous")
        assert [uuids for uuids, _page in back][::-1] == whole[:-1]


def pages(client: Any, address: str | None, way: str) -> list[tuple[list[str], dict[str, Any]]]:
    """Each page's charts, with the page itself, as the links lead `way`."""
    found = []
    while address:
        page = client.get(address).json()
        found.append(([one["uuid"] for one in page["results"]], page))
        address = page[way]
    return found

"""Pages ask the database as often for thirty rows as for one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Visit as HostVisit
from rls_module.cases.models import Case
from rls_module.followups.models import Delivery, Occurrence
from tests import factories as make
from tests.rls_module.host.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]

WORKLIST_QUERIES = 32  # seven of them for the plans to re-assess: visits, examinations, the clinic's weeks, the gate
CHART_QUERIES = 54  # with a running plan: two of them for its progress


def asked(client, address: str) -> list[str]:
    """The queries of the second look at a page: what a process learns once is learned."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in caught.captured_queries]


def a_row_in_every_section(user, number: int) -> None:
    case = make.planned(user)
    person = case.chart.patient
    HostVisit.objects.create(clinic=person.clinic, patient=person, therapist=user, starts_at=make.NOW + make.days(42))
    make.task(case)
    make.draft(case, user, on=make.TODAY)
    make.plan(case, user)
    if number % 2 == 0:
        Delivery.objects.filter(chart=case.chart).update(state="dead", state_reason="refused_address")


def test_the_worklist_asks_as_often_for_thirty_patients_as_for_one(at):
    """AP-6, part: every section filled, thirty times."""
    user = make.therapist()
    at(make.NOW + make.days(42))
    a_row_in_every_section(user, 0)
    client = signed_in(user)
    one = asked(client, "/rls/")
    for number in range(1, 30):
        a_row_in_every_section(user, number)
    thirty = asked(client, "/rls/")
    assert (len(one), len(thirty)) == (WORKLIST_QUERIES, WORKLIST_QUERIES)


def once_more(row: Occurrence, number: int) -> Occurrence:
    """The same time of asking another time, as a protocol with more touchpoints would plan it."""
    values = {field.attname: getattr(row, field.attname) for field in Occurrence._meta.concrete_fields}
    changes = {"id": None, "uuid": uuid4(), "ordinal": number, "selector": uuid4().hex[:22], "response_id": None}
    return Occurrence.objects.create(**values | changes | {"state": "open"})


def a_history(user, *, visits: int, answers: int, hosts: int = 0) -> Case:
    """A case with so many signed visits, so many answered check-ins and so many visits in the host's book."""
    case = make.planned(user)
    make.plan(case, user)
    for number in range(visits - 1):
        make.signed(case, user, on=make.TODAY + make.days(number + 1))
    planned = list(Occurrence.objects.filter(enrolment__case=case).order_by("due_at"))
    for row in [*planned, *(once_more(planned[0], number) for number in range(2, answers))][:answers]:
        make.answered(row, now=row.due_at)
    for number in range(hosts):
        HostVisit.objects.create(
            clinic=case.chart.patient.clinic, patient=case.chart.patient, therapist=user,
            starts_at=make.NOW + make.days(number),
        )  # fmt: skip
    return case


@pytest.mark.parametrize(
    ("few", "many"),
    [
        ({"visits": 3, "answers": 2, "hosts": 1}, {"visits": 30, "answers": 2, "hosts": 1}),
        ({"visits": 3, "answers": 2, "hosts": 1}, {"visits": 3, "answers": 10, "hosts": 1}),
        ({"visits": 3, "answers": 2, "hosts": 1}, {"visits": 3, "answers": 2, "hosts": 30}),
    ],
    ids=["visits", "answers", "visits of the host"],
)
def test_a_chart_asks_as_often_for_a_long_history_as_for_a_short_one(at, few, many):
    """AP-6, part."""
    user = make.therapist()
    client = signed_in(user)
    at(make.NOW + make.days(100))
    short = asked(client, f"/rls/charts/{a_history(user, **few).chart.uuid}/")
    long = asked(client, f"/rls/charts/{a_history(user, **many).chart.uuid}/")
    assert (len(short), len(long)) == (CHART_QUERIES, CHART_QUERIES)

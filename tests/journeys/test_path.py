"""The one true path through the actions, without pages: screen, case, baseline, visit, mail, answer, change."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Measurement, Task
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host.actor import of_token
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


def test_path_from_baseline_to_the_answer(smtp_server):
    """FE-1, FE-2: planned once, mailed once at six weeks, answered once, measured."""
    user = make.therapist()
    case = make.planned(user)
    rows = Delivery.objects.filter(chart=case.chart)
    assert sorted(rows.values_list("occurrence__step", "kind", "ordinal")) == [
        ("week_12", "invite", 1),
        ("week_12", "reminder", 1),
        ("week_12", "reminder", 2),
        ("week_6", "invite", 1),
        ("week_6", "reminder", 1),
        ("week_6", "reminder", 2),
    ]
    assert actions.tick(now=make.NOW + make.days(41)) == 0
    due = make.NOW + make.days(42)
    assert actions.tick(now=due) == 1
    assert actions.tick(now=due) == 0
    [mail] = smtp_server.messages
    assert mail.recipients == (case.chart.patient.email,)
    occurrence = Occurrence.objects.get(step="week_6")
    actions.begin(occurrence=occurrence, actor=of_token(occurrence.selector), now=due)
    submitted = actions.submit(
        occurrence=occurrence,
        answers={"nights": 3, "worst": 5, "new_problem": ["none"], "change": 2},
        reached={"nights", "strength", "new_problem", "change"},
        language="en",
        mode="self_web",
        actor=of_token(occurrence.selector),
        now=due,
    )
    values = dict(Measurement.objects.filter(response=submitted.response).values_list("measure", "value"))
    assert values == {"rls_checkin:nights": 3.0, "rls_checkin:worst": 5.0, "rls_checkin:change": 2.0}
    assert not Task.objects.exists()
    assert queries.next_occurrence(occurrence).step == "week_12"
    assert actions.tick(now=due + make.days(4)) == 0
    assert actions.tick(now=make.NOW + make.days(84)) == 1

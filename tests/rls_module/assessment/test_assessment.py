"""The assessment: what is found by hand, red flags with their tasks, and nothing written over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from rls_module.assessment import queries
from rls_module.assessment.models import Assessment, Finding
from rls_module.cases.models import Task
from rls_module.host.actor import system
from rls_module.intake import actions as intake_actions
from rls_module.intake import queries as intake_queries
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


SHEET = {
    "assessed_on": "2026-09-07",
    "nerve_vessel": "all_normal",
    "red_flags": ["none"],
    "finding-TOTAL_FORMS": "2",
    "finding-INITIAL_FORMS": "0",
    "finding-0-place": "sol l",
    "finding-0-kind": "taut_band",
    "finding-0-grade": "2",
}


def examine(client, case, **changes):
    return client.post(f"/rls/cases/{case.uuid}/assessment/", SHEET | changes)


def test_what_was_found_is_kept_with_its_place(client, case):
    assert examine(client, case).status_code == 302
    [finding] = Finding.objects.all()
    assert (finding.place_kind, finding.place, finding.side, finding.kind, finding.grade) == (
        "muscle", "soleus", "L", "taut_band", 2,
    )  # fmt: skip
    page = Page(client.get(f"/rls/cases/{case.uuid}/assessment/"))
    assert "taut band, trigger point, grade 2" in page.words


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("er-pe dx", ("point", "er-pe", "R")),
        ("RE-PES**", ("point", "re-pe", "")),
        ("heel r", ("region", "heel", "R")),
        ("head and neck", ("region", "head_neck", "M")),
        ("gastroc med l", ("muscle", "gastrocnemius_caput_mediale", "L")),
    ],
)
def test_a_place_is_read_as_therapists_write_it(client, case, typed, place):
    examine(client, case, **{"finding-0-place": typed})
    found = Finding.objects.get()
    assert (found.place_kind, found.place, found.side) == place


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"finding-0-place": "gast"}, "could be:"),
        ({"finding-0-place": "elbowish"}, "No muscle, point or region is called “elbowish”."),
        ({"finding-0-kind": ""}, "Choose what was found there."),
        ({"finding-0-place": ""}, "Write where this was found, or drop the row."),
        ({"nerve_vessel": ""}, "This field is required."),
        ({"nerve_vessel": "details"}, "Write what is not normal."),
        ({"red_flags": []}, "Go through the red flags"),
        ({"red_flags": ["none", "calf"]}, "can't stand beside a red flag"),
        ({"is_none_found": "on"}, "not both"),
        ({"finding-0-place": "", "finding-0-kind": "", "finding-0-grade": ""}, "Enter at least one finding"),
        ({"assessed_on": "2026-09-08"}, "This day has not come yet."),
    ],
)
def test_what_cannot_stand_is_refused_in_words_and_kept_on_the_page(client, case, changes, words):
    response = examine(client, case, **changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert not Assessment.objects.exists()
    for name, value in (SHEET | changes).items():
        if value and isinstance(value, str):
            assert value in page.sends[name], name


def test_nothing_found_is_a_finding(client, case):
    changes = {"finding-0-place": "", "finding-0-kind": "", "finding-0-grade": "", "is_none_found": "on"}
    assert examine(client, case, **changes).status_code == 302
    assert Assessment.objects.get().is_none_found


def test_each_red_flag_opens_a_task_in_opening_time(client, case):
    examine(client, case, red_flags=["calf", "weight"])
    tasks = {task.params["flag"]: task for task in Task.objects.all()}
    assert {task.kind for task in tasks.values()} == {"red_flag"}
    assert tasks["calf"].due_at == datetime(2026, 9, 7, 15, 0, tzinfo=UTC), "one opening hour"
    assert tasks["weight"].due_at == datetime(2026, 9, 8, 22, 0, tzinfo=UTC), "one working day"
    page = Page(client.get("/rls/"))
    assert "Red flag: One calf that is hot, swollen and sore. Refer, or write why not." in page.words
    assert intake_queries.open_red_flags(case.chart).count() == 2


def test_a_red_flag_that_is_open_already_is_one_task_wherever_it_was_seen(client, case):
    raise_it = {"case": case, "keys": ["calf"], "actor": system("test"), "now": make.NOW}
    intake_actions.raise_red_flags(**raise_it, cause="intake:1")
    examine(client, case, red_flags=["calf"])
    assert intake_queries.open_red_flags(case.chart).count() == 1
    Task.objects.update(state="done", outcome="Scan clear.")
    intake_actions.raise_red_flags(**raise_it, cause="intake:2")
    assert intake_queries.open_red_flags(case.chart).count() == 1, "seen again after it was resolved"


def test_a_clinics_own_hours_decide_when_it_is_due(client, case):
    make.policy(case.chart.scope, opens_at="13:00", closes_at="15:00")
    examine(client, case, red_flags=["calf"])
    assert Task.objects.get().due_at == datetime(2026, 9, 7, 18, 0, tzinfo=UTC), "14:00 in New York"


def test_an_examination_is_never_changed(client, case):
    """DI-4: append-only, by trigger."""
    examine(client, case)
    for change in (
        lambda: Assessment.objects.update(note="later"),
        lambda: Finding.objects.update(grade=3),
        lambda: Finding.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    examine(client, case, **{"finding-0-grade": "1"})
    grades = [queries.findings(row)[0].grade for row in queries.assessments(case)]
    assert grades == [1, 2], "the next one stands beside it, the newest first"


def test_somebody_elses_case_does_not_exist(case):
    """AZ-1, part."""
    for stranger in (make.therapist(), make.therapist(role="clinic_admin"), make.therapist(make.clinic("hillside"))):
        assert signed_in(stranger).get(f"/rls/cases/{case.uuid}/assessment/").status_code == 404
        assert examine(signed_in(stranger), case).status_code == 404
    assert not Assessment.objects.exists()

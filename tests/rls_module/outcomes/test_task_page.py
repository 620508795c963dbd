"""A task: why, whom to call, who has it, and what came of it."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Task
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
def task(user) -> Task:
    return make.task(make.case(user), due_at=make.NOW - make.days(1))


def post(client, task, do: str, **data):
    form = {"version": str(task.version), "do": do} | data
    return client.post(f"/rls/tasks/{task.uuid}/", {key: value for key, value in form.items() if value is not None})


def test_a_task_says_why_whom_and_by_when(client, task):
    page = Page(client.get(f"/rls/tasks/{task.uuid}/"))
    assert "Has not answered the 6 weeks check-in. Call." in page.words
    assert "tel:5550123" in page.links
    assert ["overdue" in page.words, "nobody yet" in page.words] == [True, True]
    assert page.buttons == [("do", "take"), ("do", "close")]


def test_a_patient_without_a_number_says_so(client, user):
    task = make.task(make.case(user, make.patient(user, phone="")))
    assert "no number" in Page(client.get(f"/rls/tasks/{task.uuid}/")).words


def test_a_task_is_taken(client, task, user):
    assert post(client, task, "take").headers["Location"] == f"/rls/tasks/{task.uuid}/"
    task.refresh_from_db()
    assert (task.state, task.owner_id, task.owner_name) == ("taken", user.pk, "Dana Whitfield")
    page = Page(client.get(f"/rls/tasks/{task.uuid}/"))
    assert page.buttons == [("do", "close")]


def test_a_task_is_closed_with_what_came_of_it(client, task):
    response = post(client, task, "close", outcome="Called; all is well.")
    assert response.headers["Location"] == f"/rls/charts/{task.chart.uuid}/"
    task.refresh_from_db()
    assert (task.state, task.outcome, task.closed_at, task.closed_by_name) == (
        "done", "Called; all is well.", make.NOW, "Dana Whitfield"
    )  # fmt: skip
    page = Page(client.get(f"/rls/tasks/{task.uuid}/"))
    assert (page.buttons, "Called; all is well." in page.words) == ([], True)


@pytest.mark.parametrize("outcome", [None, "", "   "])
def test_a_task_is_not_closed_without_a_word(client, task, outcome):
    response = post(client, task, "close", outcome=outcome)
    assert response.status_code == 422
    page = Page(response)
    assert page.targets == ["id_outcome"]
    assert set(page.targets) <= set(page.ids)
    task.refresh_from_db()
    assert task.state == "open"


def test_an_outcome_that_is_too_long_comes_back_as_typed(client, task):
    response = post(client, task, "close", outcome="x" * 1001)
    assert response.status_code == 422
    assert Page(response).sends["outcome"] == ["x" * 1001]


@pytest.mark.parametrize(("do", "outcome"), [("take", None), ("close", "Second.")])
def test_the_second_of_two_is_told_that_it_changed(client, task, do, outcome):
    """DI-1, part."""
    post(client, task, "take")
    response = post(client, task, do, outcome=outcome)
    assert response.status_code == 409
    assert "Somebody else changed this task in the meantime." in Page(response).words
    task.refresh_from_db()
    assert (task.state, task.version, task.outcome) == ("taken", 2, "")


def test_a_conflict_keeps_the_outcome_that_was_typed(client, task):
    """DI-1, part: the user's text is kept."""
    post(client, task, "take")
    assert "Called; all is well." in Page(post(client, task, "close", outcome="Called; all is well.")).words


@pytest.mark.parametrize("version", [None, "", "x", "-1", "\N{SUPERSCRIPT TWO}", "9" * 30, "9" * 5000])
def test_a_version_that_nobody_has_is_a_conflict(client, task, version):
    """DI-1, part: without the version that was seen nothing is written."""
    assert post(client, task, "close", version=version, outcome="Called.").status_code == 409
    task.refresh_from_db()
    assert task.state == "open"


@pytest.mark.parametrize(("do", "outcome"), [("take", None), ("close", "Another word.")])
def test_a_task_that_is_done_stays_as_it_is(client, task, do, outcome):
    """Its words, who closed it and when are a record; the page offers no form for it."""
    post(client, task, "close", outcome="Called; all is well.")
    task.refresh_from_db()
    before = Task.objects.values().get()
    response = post(client, task, do, outcome=outcome)
    assert response.status_code == 409
    assert Task.objects.values().get() == before


def test_a_post_that_asks_for_nothing_changes_nothing(client, task):
    post(client, task, "burn", outcome="x")
    task.refresh_from_db()
    assert (task.state, task.version) == ("open", 1)

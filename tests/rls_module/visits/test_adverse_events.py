"""Adverse events: kept as they were told, graver ones somebody's task until they are over, and the missing needle."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.knowledge.safety import adverse
from rls_module.visits import actions, queries
from rls_module.visits.models import AdverseEvent, AdverseEventFollowUp, Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

FORM = {
    "event": "fainting",
    "tier": "",
    "visit": "",
    "occurred_on": "2026-09-07",
    "onset": "during",
    "relation": "probable",
    "muscle": "sol",
    "description": "Pale, <b>cold</b> sweat.",
    "action_taken": "Needles out, laid flat.",
    "outcome": "ongoing",
    "reported_to": "Dr. Marsh",
    "source": "phone",
}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def case(user):
    return make.case(user)


def follow_up(event, user, **values):
    told = {"outcome": "resolved", "told_on": make.TODAY, "note": "Well again."} | values
    return actions.follow_up_event(event=event, values=told, actor=make.actor(user), now=make.NOW)


# --- The task


@pytest.mark.parametrize("event", adverse.events())
def test_an_event_is_a_task_by_its_tier(case, user, event):
    """A significant or serious one has an owner and a due time; a minor one is no task."""
    row = make.adverse_event(case, user, event=event)
    assert row.tier == adverse.tier(event)
    tasks = list(Task.objects.values_list("kind", "rule", "owner", "state", "params__what"))
    expected = [("adverse_event", "adverse_event", user.pk, "taken", event)]
    assert tasks == ([] if row.tier == "minor" else expected)
    assert not Task.objects.filter(due_at=None).exists()


def test_a_serious_one_is_due_before_a_significant_one(case, user):
    """One opening hour, and the end of the next working day: Monday noon UTC is 8 o'clock in New York."""
    serious = make.adverse_event(case, user, event="seizure")
    significant = make.adverse_event(case, user, event="fainting")
    due = {task.params["event"]: task.due_at for task in Task.objects.all()}
    assert make.NOW < due[str(serious.uuid)] < due[str(significant.uuid)]


def test_a_minor_one_that_needed_a_physician_is_graver_than_its_name(case, user):
    assert make.adverse_event(case, user, event="bruise", tier="significant").tier == "significant"
    assert make.adverse_event(case, user, event="seizure", tier="minor").tier == "serious"
    assert Task.objects.count() == 2


def test_what_is_over_already_is_no_task(case, user):
    make.adverse_event(case, user, outcome="resolved", resolved_on=make.TODAY)
    assert not Task.objects.exists()


def test_the_task_stays_until_the_event_is_resolved(case, user):
    event = make.adverse_event(case, user)
    follow_up(event, user, outcome="ongoing", note="Still dizzy.")
    assert Task.objects.get().state == "taken"
    follow_up(event, user)
    task = Task.objects.get()
    assert (task.state, task.outcome, task.closed_at) == ("done", "Well again.", make.NOW)


def test_one_that_goes_on_after_all_is_a_task_again(case, user):
    event = make.adverse_event(case, user)
    follow_up(event, user)
    follow_up(event, user, outcome="ongoing", note="It came back.")
    assert sorted(Task.objects.values_list("state", flat=True)) == ["done", "taken"]
    follow_up(event, user, outcome="unknown", note="Not reached.")
    assert Task.objects.count() == 2


def test_the_task_shows_on_the_worklist_and_is_closed_by_the_event_alone(case, user):
    """Until resolved: the task's own page leads to the event and closes nothing."""
    event = make.adverse_event(case, user)
    task, client = Task.objects.get(), signed_in(user)
    assert "Adverse event: fainting." in Page(client.get("/rls/")).words
    page = client.get(f"/rls/tasks/{task.uuid}/")
    assert f"/rls/adverse-events/{event.uuid}/" in page.content.decode()
    sent = {"do": "close", "outcome": "forgotten", "version": str(task.version)}
    assert client.post(f"/rls/tasks/{task.uuid}/", sent).status_code == 409
    client.post(
        f"/rls/adverse-events/{event.uuid}/", {"outcome": "resolved", "told_on": "2026-09-07", "note": "Well again."}
    )
    assert Task.objects.get().state == "done"
    assert "Adverse event: fainting." not in Page(client.get("/rls/")).words


# --- The record


def test_an_event_belongs_to_a_visit_of_its_own_case(case, user):
    foreign = make.draft(make.case(user), user)
    with pytest.raises(actions.NotOfThisCase):
        make.adverse_event(case, user, visit=foreign)
    assert not AdverseEvent.objects.exists()


def test_neither_an_event_nor_what_came_of_it_is_ever_changed(case, user):
    """DI-4: append-only, by a trigger."""
    event = make.adverse_event(case, user)
    row = follow_up(event, user)
    for model, pk, values in (
        (AdverseEvent, event.pk, {"tier": "minor"}),
        (AdverseEvent, event.pk, {"action_taken": ""}),
        (AdverseEventFollowUp, row.pk, {"note": "Never mind."}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=pk).update(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(pk=pk).delete()


def test_each_write_is_an_event_without_a_word_of_it(case, user):
    """AU-2."""
    event = make.adverse_event(case, user, description="Very private.")
    follow_up(event, user)
    verbs = AuditEvent.objects.filter(verb__startswith="adverse_event.").order_by("pk")
    assert [row.verb for row in verbs] == ["adverse_event.create", "adverse_event.follow_up"]
    assert "private" not in str([vars(row) for row in verbs])


# --- The page


def test_what_was_told_on_the_phone_is_recorded_without_a_visit(case, user):
    client = signed_in(user)
    response = client.post(f"/rls/cases/{case.uuid}/adverse-events/", FORM)
    row = AdverseEvent.objects.get()
    assert response.headers["Location"] == f"/rls/adverse-events/{row.uuid}/"
    assert (row.event, row.tier, row.muscle, row.source, row.visit) == (
        "fainting", "significant", "soleus", "phone", None
    )  # fmt: skip
    assert "Pale, <b>cold</b> sweat." in Page(client.get(response.headers["Location"])).words


WRONG = {
    "no event": ({"event": ""}, "id_event"),
    "an event that there is not": ({"event": "bicycle"}, "id_event"),
    "something else without words": ({"event": "other", "description": " "}, "id_description"),
    "nothing done": ({"action_taken": ""}, "id_action_taken"),
    "tomorrow": ({"occurred_on": "2026-09-08"}, "id_occurred_on"),
    "resolved before it happened": ({"outcome": "resolved", "resolved_on": "2026-09-06"}, "id_resolved_on"),
    "a day for what goes on": ({"resolved_on": "2026-09-07"}, "id_resolved_on"),
    "no relation": ({"relation": ""}, "id_relation_0"),
    "no such muscle": ({"muscle": "bicycle"}, "id_muscle"),
    "a visit of nobody": ({"visit": "0189f7a2-3c4d-4e5f-8a9b-0c1d2e3f4a5b"}, "id_visit"),
}


@pytest.mark.parametrize(("changes", "target"), WRONG.values(), ids=WRONG)
def test_what_can_not_stand_is_said_at_its_field_and_nothing_is_lost(case, user, changes, target):
    response = signed_in(user).post(f"/rls/cases/{case.uuid}/adverse-events/", FORM | changes)
    page = Page(response)
    assert response.status_code == 422
    assert target in page.targets
    assert set(page.targets) <= set(page.ids)
    assert page.sends["reported_to"] == ["Dr. Marsh"]
    assert not AdverseEvent.objects.exists()


def test_nothing_comes_of_an_event_before_it_happened(case, user):
    event = make.adverse_event(case, user)
    sent = {"outcome": "resolved", "told_on": "2026-09-06", "note": "Well again."}
    assert signed_in(user).post(f"/rls/adverse-events/{event.uuid}/", sent).status_code == 422
    assert not AdverseEventFollowUp.objects.exists()


# --- The missing needle

MISSING = {"needles_out": 2, "discrepancy_note": "Searched, not found; sent for imaging.", "patient_checked": True}


@pytest.mark.parametrize("event", sorted(adverse.OF_A_MISSING_NEEDLE))
def test_a_missing_needle_is_signed_with_its_record_and_its_incident(case, user, event):
    """Needles out below in: what became of it, who was searched, and the incident of this visit."""
    visit = make.draft(case, user, **MISSING)
    make.adverse_event(case, user, event=event)  # of no visit
    make.adverse_event(case, user, event=event, visit=make.draft(case, user))  # of another
    make.adverse_event(case, user, event="bruise", visit=visit)  # of another kind
    assert queries.lacks(visit, queries.treatment(visit)) == [queries.Lack("incident", "missing")]
    make.adverse_event(case, user, event=event, visit=visit)
    actions.sign(visit=visit, seen=visit.version, actor=make.actor(user), now=make.NOW)
    assert Visit.objects.get(pk=visit.pk).status == "signed"


def test_the_signed_note_says_that_a_needle_was_missing(case, user):
    visit = make.draft(case, user, **MISSING)
    make.adverse_event(case, user, event="forgotten_needle", visit=visit)
    actions.sign(visit=visit, seen=visit.version, actor=make.actor(user), now=make.NOW)
    words = Page(signed_in(user).get(f"/rls/visits/{visit.uuid}/")).words
    assert "A needle was missing: Searched, not found; sent for imaging." in " ".join(words.split())

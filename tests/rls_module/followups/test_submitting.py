"""submit(): one response per time of asking, whoever presses how often, held against what was pinned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Measurement, Response, Task
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host.actor import of_token
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

DUE = make.NOW + make.days(42)
ANSWERS = {"nights": 3, "worst": 5, "new_problem": ["none"], "change": 2}
TWO_TABS = 20


@pytest.fixture
def occurrence() -> Occurrence:
    """Week 6 of a patient with a baseline of 6 nights and worst 8, and one named activity."""
    make.planned(make.therapist())
    return Occurrence.objects.get(step="week_6")


def submit(occurrence: Occurrence, answers: dict[str, Any] | None = None, *, now=DUE, **more: Any) -> Any:
    return actions.submit(
        occurrence=Occurrence.objects.get(pk=occurrence.pk),
        answers=ANSWERS if answers is None else answers,
        reached=more.pop("reached", {"nights", "strength", "new_problem", "change"}),
        language="en",
        mode="self_web",
        actor=of_token(occurrence.selector),
        now=now,
    )


def followups() -> Any:
    return Response.objects.filter(phase="followup")


def measured() -> dict[str, float]:
    rows = Measurement.objects.filter(response__phase="followup")
    return {f"{row.measure}{'/' + row.subject if row.subject else ''}": row.value for row in rows}


def test_twenty_submits_at_once_make_one_response_and_nineteen_are_told(occurrence):
    """TK-8, F-30: behind a barrier; each loser gets the response that counts."""
    outcomes = make.at_once(
        *[lambda nights=nights: submit(occurrence, ANSWERS | {"nights": 1 + nights % 7}) for nights in range(TWO_TABS)]
    )
    won = [one for one in outcomes if isinstance(one, actions.Submitted)]
    lost = [one for one in outcomes if not isinstance(one, actions.Submitted)]
    assert [type(one).__name__ for one in lost] == ["AlreadyAnswered"] * (TWO_TABS - 1)
    assert len(won) == 1
    [response] = followups()
    assert won[0].response == response
    assert {one.response.pk for one in lost} == {response.pk}
    assert AuditEvent.objects.filter(verb="response.submit").count() == 1
    stored = Occurrence.objects.get(pk=occurrence.pk)
    assert (stored.state, stored.response_id) == ("answered", response.pk)
    assert Measurement.objects.filter(response=response, measure="rls_checkin:nights").count() == 1


def test_a_second_submit_with_other_answers_keeps_the_first(occurrence):
    """TK-8, TK-9."""
    first = submit(occurrence).response
    with pytest.raises(actions.AlreadyAnswered) as told:
        submit(occurrence, ANSWERS | {"nights": 7, "new_problem": ["chest"]})
    assert told.value.response == first
    assert followups().get().answers["rls_checkin.nights"] == 3
    assert not Task.objects.exists()


def test_an_answer_ends_the_reminders_of_this_form_only(occurrence):
    """FE-12, FE-5."""
    submit(occurrence)
    states = Delivery.objects.order_by("due_at").values_list("occurrence__step", "state", "state_reason")
    assert list(states) == [("week_6", "cancelled", "answered")] * 3 + [("week_12", "scheduled", "")] * 3


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (ANSWERS | {"irls_total": 40}, "unknown"),
        (ANSWERS | {"rls_checkin.nights": 0}, "unknown"),
        (ANSWERS | {"score": 1}, "unknown"),
        (ANSWERS | {"nights": 8}, "out_of_range"),
        (ANSWERS | {"nights": -1}, "out_of_range"),
        (ANSWERS | {"nights": "3"}, "wrong_type"),
        (ANSWERS | {"nights": True}, "wrong_type"),
        (ANSWERS | {"nights": 3.5}, "wrong_type"),
        (ANSWERS | {"worst": 11}, "out_of_range"),
        (ANSWERS | {"change": 8}, "bad_option"),
        (ANSWERS | {"new_problem": ["gout"]}, "bad_option"),
        (ANSWERS | {"new_problem": ["none", "chest"]}, "exclusive"),
        (ANSWERS | {"new_problem": "none"}, "wrong_type"),
        (ANSWERS | {"comment": "x" * 1001}, "too_long"),
        (ANSWERS | {"comment": "a\x00b"}, "control_char"),
        (ANSWERS | {"activity.9": 5}, "not_asked"),
        (ANSWERS | {"med_what": "Iron."}, "not_asked"),
        ({"nights": 0, "worst": 5, "new_problem": ["none"]}, "not_asked"),
        ({"nights": 3, "worst": 5}, "required"),
        ({"worst": 5, "new_problem": ["none"]}, "required"),
        ({}, "required"),
    ],
)
def test_answers_that_do_not_stand_are_refused_and_nothing_is_stored(occurrence, answers, problem):
    """DI-6: unknown keys, ranges, types, required, branching; decided in code on every database alike."""
    events = AuditEvent.objects.count()
    with pytest.raises(ValueError, match=problem):
        submit(occurrence, answers)
    assert not followups().exists()
    assert not Task.objects.exists()
    assert (Occurrence.objects.get(pk=occurrence.pk).state, AuditEvent.objects.count()) == ("open", events)


def test_answers_are_held_against_the_pinned_version_and_never_against_the_newest(occurrence):
    """DI-6: a version that is not there is an error, no fall back."""
    Occurrence.objects.filter(pk=occurrence.pk).update(instruments={"rls_checkin": 99})
    with pytest.raises(KeyError, match="version 99"):
        submit(occurrence)
    assert not followups().exists()


def test_a_response_says_what_was_asked_and_what_was_not(occurrence):
    """DI-6: keyed instrument.item, versions, language, mode; what is missing and why."""
    submit(occurrence)
    response = followups().get()
    assert response.instruments == {"rls_checkin": 1}
    assert response.answers == {f"rls_checkin.{name}": value for name, value in ANSWERS.items()}
    assert (response.language, response.mode, response.respondent_role) == ("en", "self_web", "patient")
    assert (response.entered_by_id, response.entered_by_name) == (None, "")
    missing = {name.removeprefix("rls_checkin."): why for name, why in response.missing.items()}
    assert missing["usual"] == "skipped"
    assert missing["rested"] == "not_reached"
    assert missing["home_days"] == "not_asked"
    assert not set(missing) & set(ANSWERS)


def test_measurements_are_what_was_answered_and_nothing_else(occurrence):
    """DI-7: server side, and a missing answer is no zero."""
    submit(occurrence)
    assert measured() == {"rls_checkin:nights": 3.0, "rls_checkin:worst": 5.0, "rls_checkin:change": 2.0}
    assert set(Measurement.objects.values_list("algorithm", flat=True)) == {"1"}


def test_no_night_with_symptoms_makes_the_strength_zero_and_says_that_it_is_derived(occurrence):
    """DI-7: those who got well stay in every median."""
    submit(occurrence, {"nights": 0, "new_problem": ["none"]}, reached={"nights", "new_problem"})
    rows = Measurement.objects.filter(response__phase="followup")
    assert {(row.measure, row.value, row.derived) for row in rows} == {
        ("rls_checkin:nights", 0.0, False),
        ("rls_checkin:worst", 0.0, True),
        ("rls_checkin:usual", 0.0, True),
        ("rls_checkin:awake", 0.0, True),
    }


def test_a_named_activity_is_measured_for_itself_and_as_a_mean(occurrence):
    """DI-7."""
    [activity] = occurrence.piped["activities"]
    submit(occurrence, ANSWERS | {"activity.1": 7})
    assert measured()[f"rls_checkin:activity/{activity['ref']}"] == 7.0
    assert measured()["rls_checkin:activity"] == 7.0


# When


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), "answered"),
        (timedelta(days=14), "answered"),
        (timedelta(days=15), "late"),
        (timedelta(days=21), "late"),
    ],
)
def test_an_answer_in_the_window_counts_and_says_whether_it_was_late(occurrence, after, state):
    """FE-10, TK-5."""
    submit(occurrence, now=DUE + after)
    assert Occurrence.objects.get(pk=occurrence.pk).state == state


@pytest.mark.parametrize("seconds", [-1, 0])
def test_the_window_closes_to_the_second(occurrence, seconds):
    """TK-5."""
    moment = occurrence.window_end + timedelta(seconds=seconds)
    if seconds < 0:
        assert submit(occurrence, now=moment).response
    else:
        with pytest.raises(actions.Closed):
            submit(occurrence, now=moment)
        assert not followups().exists()


def test_whoever_began_in_time_may_send_for_forty_eight_hours(occurrence):
    """TK-5."""
    end = occurrence.window_end
    actions.begin(occurrence=occurrence, actor=of_token(occurrence.selector), now=end - timedelta(minutes=1))
    with pytest.raises(actions.Closed):
        submit(occurrence, now=end + timedelta(hours=48))
    submit(occurrence, now=end + timedelta(hours=48, seconds=-1))
    assert Occurrence.objects.get(pk=occurrence.pk).state == "late"


def test_nobody_answers_before_being_asked(occurrence):
    """TK-5."""
    with pytest.raises(actions.Closed):
        submit(occurrence, now=occurrence.due_at - timedelta(seconds=1))


@pytest.mark.parametrize("state", ["cancelled", "missed", "skipped"])
def test_what_was_closed_takes_no_answer(occurrence, state):
    """F-31: Closed, never stored but told otherwise."""
    Occurrence.objects.filter(pk=occurrence.pk).update(state=state)
    with pytest.raises(actions.Closed):
        submit(occurrence)
    assert not followups().exists()


def test_a_patient_who_left_answers_no_more(occurrence):
    """TK-5."""
    person = occurrence.chart.patient
    person.archived = True
    person.save()
    with pytest.raises(actions.Closed):
        submit(occurrence)


def test_submitting_and_cancelling_at_the_same_time_end_in_one_of_the_two(occurrence):
    """F-31: the window closes while the patient presses Send."""
    late = occurrence.window_end - timedelta(seconds=1)
    outcomes = make.at_once(
        lambda: submit(occurrence, now=late),
        lambda: actions.close_windows(scope="riverside", now=occurrence.window_end),
    )
    stored = Occurrence.objects.get(pk=occurrence.pk)
    if isinstance(outcomes[0], actions.Submitted):
        assert (stored.state, stored.response, outcomes[1]) == ("late", followups().get(), 0)
    else:
        assert isinstance(outcomes[0], actions.Closed)
        assert (stored.state, stored.response, followups().count()) == ("missed", None, 0)


# Alerts


def test_each_rule_that_fires_opens_its_task_once(occurrence):
    """TK-8, FE-1's habit: through cause_key; what a page has raised is not raised again."""
    actor = of_token(occurrence.selector)
    worse = ANSWERS | {"nights": 7, "worst": 10, "change": 7, "new_problem": ["chest", "faint"], "comment": "Bad week."}
    worse |= {"call_me": "morning", "med_change": "yes"}
    baseline = Measurement.objects.get(measure="rls_checkin:worst")
    Measurement.objects.filter(pk=baseline.pk).update(value=5.0)
    for _ in range(3):
        actions.page_saved(occurrence=occurrence, answers=worse, actor=actor, now=DUE)
    of_pages = [("alert", "faint"), ("alert", "urgent_symptom"), ("call", "call_request")]
    assert sorted(Task.objects.values_list("kind", "rule")) == of_pages
    submit(occurrence, worse, reached={"nights"})
    assert sorted(Task.objects.values_list("kind", "rule")) == sorted(
        [
            *of_pages,
            ("alert", "worse_intensity"),
            ("alert", "worse_overall"),
            ("review", "medicine_marker"),
            ("review", "read_comment"),
        ]
    )
    task = Task.objects.get(rule="worse_intensity")
    assert (task.params, task.chart, task.case, task.scope) == (
        {"a": 5, "b": 10, "occurrence": str(occurrence.uuid)},
        occurrence.chart,
        occurrence.enrolment.case,
        "riverside",
    )
    assert Task.objects.get(rule="urgent_symptom").due_at == DUE + timedelta(hours=1)


def test_a_page_saved_by_eight_tabs_at_once_raises_one_task(occurrence):
    """F-30: behind a barrier."""
    actor = of_token(occurrence.selector)

    def save() -> None:
        actions.page_saved(occurrence=occurrence, answers={"new_problem": ["chest"]}, actor=actor, now=DUE)

    assert make.at_once(*[save] * 8) == [None] * 8
    assert list(Task.objects.values_list("rule", flat=True)) == ["urgent_symptom"]


def test_please_call_me_pressed_twice_is_one_request(occurrence):
    for _ in range(2):
        actions.ask_for_call(occurrence=occurrence, actor=of_token(occurrence.selector), now=DUE)
    assert list(Task.objects.values_list("kind", "rule")) == [("call", "call_request")]


def test_no_event_of_an_answer_holds_an_answer_or_a_token(occurrence):
    """AU-6, TK-2: canaries in the text, and the link."""
    canary = "CANARY-4711 my left leg"
    actor = of_token(occurrence.selector)
    answers = ANSWERS | {"comment": canary, "new_problem": ["other"], "new_problem.other": canary}
    actions.begin(occurrence=occurrence, actor=actor, now=DUE)
    actions.page_saved(occurrence=occurrence, answers=answers | {"call_me": "any"}, actor=actor, now=DUE)
    submit(occurrence, answers)
    told = " ".join(str(list(event.values())) for event in AuditEvent.objects.values())
    assert "CANARY" not in told
    assert queries.link_token(occurrence, "survey") not in told
    assert occurrence.selector not in told
    assert f"token:{occurrence.selector[:8]}" in told
    assert "call_me" in told

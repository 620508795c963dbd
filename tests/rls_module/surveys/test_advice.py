"""Answers that a person must act on: the task opens at once, the patient is told what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rls_module.cases.models import Response, Task
from rls_module.followups import actions
from rls_module.followups.models import Occurrence
from tests import factories as make
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import Answers, Phone

pytestmark = [pytest.mark.both, pytest.mark.django_db]

# Due times from Monday 10:00 in New York, in a clinic open from 8 to 18.
HOUR_1 = datetime(2026, 10, 19, 15, 0, tzinfo=UTC)
HOURS_4 = datetime(2026, 10, 19, 18, 0, tzinfo=UTC)
DAY_1 = datetime(2026, 10, 20, 22, 0, tzinfo=UTC)
DAYS_2 = datetime(2026, 10, 21, 22, 0, tzinfo=UTC)
DAYS_5_OF_WEEK_12 = datetime(2026, 12, 7, 23, 0, tzinfo=UTC)

PAGE_RULES = [
    *(([key], "urgent_symptom", "alert", {"label": [key]}, HOUR_1, "Please get help now.")
      for key in ("chest", "calf", "saddle", "weak", "infection")),
    (["drive"], "drowsy_driving", "alert", {}, HOURS_4, "Please do not drive while you feel sleepy."),
    (["mind"], "mind_or_urges", "alert", {"label": ["mind"]}, HOURS_4, "Some of your answers are worth telling"),
    (["urges"], "mind_or_urges", "alert", {"label": ["urges"]}, HOURS_4, "Some of your answers are worth telling"),
    (["mind", "urges"], "mind_or_urges", "alert", {"label": ["mind", "urges"]}, HOURS_4, "Some of your answers"),
    (["faint"], "faint", "alert", {}, DAY_1, "Some of your answers are worth telling your doctor"),
    (["sore"], "treatment_reaction", "adverse_event", {"label": ["sore"]}, HOURS_4, "Thank you for telling us."),
    (["numb"], "new_numbness", "alert", {}, DAY_1, "Thank you for telling us."),
]  # fmt: skip
SILENT: dict[str, Answers] = {"closing": {"call_me": "no"}}
SEND_RULES = [
    ({"strength": {"worst": "8"}}, "worse_intensity", "alert", {"a": 5, "b": 8}, DAYS_2),
    ({"change": {"change": "6"}}, "worse_overall", "alert", {"change": 6}, DAYS_2),
    ({"change": {"change": "7"}}, "worse_overall", "alert", {"change": 7}, DAYS_2),
    ({"closing": {"comment": "Hello."}}, "read_comment", "review", {"items": ["comment"]}, DAYS_2),
    ({"places": {"places.other": "Neck"}}, "read_comment", "review", {"items": ["places.other"]}, DAYS_2),
    (
        {"new_problem": {"new_problem.other": "A rash"}},
        *("read_comment", "review", {"items": ["new_problem.other"]}, DAYS_2),
    ),
    ({"medicines": {"med_change": "yes"}}, "medicine_marker", "review", {}, None),
]  # fmt: skip
QUIET = [
    {"strength": {"worst": "7"}},  # two more than at the baseline
    {"change": {"change": "5"}},
    {"medicines": {"med_change": "unsure"}},
    {"nights": {"nights": "0"}},
]


def weeks_later(at, *, again_on: int | None = None, step: str = "week_6", **baseline: object) -> Occurrence:
    """A check-in that is due, after a baseline with these answers and, if wanted, a second treatment on a day."""
    user = make.therapist()
    case = make.case(user)
    make.protocol(case.chart.scope)
    make.baseline(case, user, **baseline)
    make.signed(case, user)
    actions.plan_marked(scope=case.chart.scope, now=make.NOW)
    if again_on is not None:
        then = make.days(again_on)
        make.signed(case, user, on=make.TODAY + then, now=make.NOW + then)
    at(DUE if step == "week_6" else make.NOW + make.days(84))
    return Occurrence.objects.get(chart=case.chart, step=step)


def tasks() -> list[tuple]:
    """Rule, kind, due time and parameters of every task; the parameters without the reference to what was answered."""
    return [
        (
            task.rule,
            task.kind,
            {name: value for name, value in task.params.items() if name != "occurrence"},
            task.due_at,
        )
        for task in Task.objects.order_by("pk")
    ]


@pytest.mark.parametrize(
    ("ticked", "rule", "kind", "params", "due", "told"), PAGE_RULES, ids=["+".join(one[0]) for one in PAGE_RULES]
)
def test_a_danger_opens_one_task_when_its_page_is_saved_though_the_form_is_never_sent(  # noqa: PLR0917  a table's row
    asked, ticked, rule, kind, params, due, told
):
    """Practice 1: at the page, due in opening hours, and the patient reads at once what to do."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    page = phone.answer({"new_problem": ticked})

    assert page.key == "advice"
    assert told in page.text
    assert tasks() == [(rule, kind, params, due)]
    assert Task.objects.get().chart == asked.chart
    assert not Response.objects.filter(phase="followup").exists()


def test_a_danger_ticked_on_friday_evening_is_due_on_monday_morning(asked, at):
    """Practice 1: due times count in opening hours."""
    at(datetime(2026, 10, 23, 21, 30, tzinfo=UTC))
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    phone.answer({"new_problem": ["calf"]})
    assert Task.objects.get().due_at == datetime(2026, 10, 26, 12, 30, tzinfo=UTC)


def test_the_advice_repeats_what_was_ticked_most_urgent_first_and_leads_on_or_lets_stop(asked):
    """Content 8, U1 to U4: several at once are all said."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    page = phone.answer({"new_problem": ["chest", "weak", "drive", "faint", "sore"]})
    assert "You ticked: Chest pain or trouble breathing, A leg that keeps getting weaker." in page.text
    said = [
        "Please get help now.",
        "Please do not drive",
        "Some of your answers are worth telling",
        "Thank you for telling us.",
    ]
    places = [page.text.index(one) for one in said]
    assert places == sorted(places)
    assert "call 911 or go to the nearest emergency room" in page.text
    assert {rule for rule, *_ in tasks()} == {"urgent_symptom", "drowsy_driving", "faint", "treatment_reaction"}

    assert "You can stop here." in phone.follow("Stop here").text
    phone.get(page.url)
    assert phone.follow("Go on with the questions").key == "medicines"


def test_none_of_these_opens_nothing_and_shows_no_advice(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    assert phone.answer({"new_problem": ["none"]}).key == "medicines"
    assert tasks() == []


@pytest.mark.parametrize(
    ("ticked", "rules"),
    [("numb", ["treatment_reaction"]), ("infection", ["urgent_symptom", "treatment_reaction"])],
)
def test_soon_after_a_treatment_a_new_problem_is_a_reaction_to_it(at, ticked, rules):
    asked = weeks_later(at, again_on=28)
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    assert "If it gets worse before then, call us at 555-0100" in phone.answer({"new_problem": [ticked]}).text
    assert [rule for rule, *_ in tasks()] == rules


def test_the_same_danger_saved_again_and_sent_in_stays_one_task(asked):
    phone = Phone()
    phone.start(asked)
    ticked = {"new_problem": {"new_problem": ["chest", "drive"]}}
    phone.answer_until("review", ticked | SILENT)
    phone.get(f"/q/{asked.selector}/?page=new_problem")
    phone.answer(ticked["new_problem"])
    phone.answer_until("review", ticked | SILENT)
    phone.press("send")
    assert [rule for rule, *_ in tasks()] == ["urgent_symptom", "drowsy_driving"]


@pytest.mark.parametrize(
    ("said", "rule", "kind", "params", "due"), SEND_RULES, ids=[f"{one[1]}-{n}" for n, one in enumerate(SEND_RULES)]
)
def test_what_waits_for_the_end_opens_one_task_at_sending(  # noqa: PLR0917  a table's row
    at, said, rule, kind, params, due
):
    """Content 4, rules that run at sending; not before."""
    asked = weeks_later(at, worst=5)
    phone = Phone()
    phone.start(asked)
    phone.answer_until("review", SILENT | said)
    assert tasks() == []
    receipt = phone.press("send")
    assert tasks() == [(rule, kind, params, due)]
    is_harder = rule.startswith("worse_")
    assert ("Some answers tell us that things are harder." in receipt.text) == is_harder


@pytest.mark.parametrize("said", QUIET)
def test_what_is_no_cause_opens_nothing(at, said):
    asked = weeks_later(at, worst=5)
    Phone().send_in(asked, SILENT | said)
    assert tasks() == []


def test_no_gain_is_looked_at_after_twelve_weeks_only(at):
    same = SILENT | {"nights": {"nights": "6"}, "strength": {"worst": "8"}, "change": {"change": "4"}}
    Phone().send_in(weeks_later(at), same)
    assert tasks() == []
    Phone().send_in(weeks_later(at, step="week_12"), same)
    assert tasks() == [("no_gain", "review", {"change": 4}, DAYS_5_OF_WEEK_12)]


# Please call me


@pytest.mark.parametrize("wish", ["morning", "afternoon", "any"])
def test_a_wish_to_be_called_opens_a_call_when_its_page_is_saved(asked, wish):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("closing")
    phone.answer({"call_me": wish})
    assert tasks() == [("call_request", "call", {"time": wish}, DAY_1)]


def test_a_patient_who_wants_a_call_reads_that_we_will_call(asked):
    """Content 4, call_request: what the patient sees."""
    phone = Phone()
    phone.send_in(asked, {"closing": {"call_me": "any"}})
    assert any("We will call you." in page.text for page in phone.pages)


def test_please_call_me_is_one_task_however_often_it_is_pressed(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer()
    phone.follow("Please call me")
    page = phone.press("call")
    assert "We will call you." in page.text
    assert tasks() == [("call_request", "call", {"time": "any"}, DAY_1)]
    phone.get(f"/q/{asked.selector}/?page=call")
    phone.press("call")
    phone.follow("Go on with the questions")
    assert phone.page.key == "strength"
    phone.answer_until("review", {"closing": {"call_me": "morning"}})
    assert len(tasks()) == 1


def test_please_call_me_works_without_cookies(asked):
    phone = Phone(takes_cookies=False)
    phone.start(asked)
    phone.follow("Please call me")
    assert "We will call you." in phone.press("call").text
    assert phone.follow("Go on with the questions").key == "nights"
    assert len(tasks()) == 1

"""A clinic's own questionnaire, from its file to the chart: what was pinned is what is asked, scored and shown."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Measurement, Response, Task
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host.actor import of_token, system
from rls_module.library import actions as library_actions
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.knowledge.instruments.samples import sleep
from tests.rls_module.surveys.phone import Phone, link

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

DUE = make.NOW + make.days(42)


@pytest.fixture
def asked() -> Occurrence:
    """A patient who will be asked the first version at six weeks; a second one was imported since."""
    make.instrument()
    make.asking("x-sleep")
    case = make.planned(make.therapist())
    make.instrument(sleep(2, Badly="Poorly", rest="rested"))
    return Occurrence.objects.select_related("chart__patient").get(chart=case.chart, step="week_6")


def answer(occurrence: Occurrence, *, when=DUE, **answers) -> Response:
    sent = actions.submit(
        occurrence=occurrence, answers=answers, reached=("night", "day"), language="en", mode="self_web",
        actor=of_token(occurrence.selector), now=when,
    )  # fmt: skip
    return sent.response


def test_the_pinned_version_is_asked_mailed_answered_and_charted(asked, at, mailoutbox):
    """DI-6: a newer version, imported after the occurrence was planned, changes nothing in it."""
    assert asked.instruments == {"x-sleep": 1}
    at(DUE)
    actions.tick(now=DUE)
    assert "2 minutes" in mailoutbox[0].body
    phone = Phone()
    phone.get(link(asked))
    phone.press("start")
    assert "How do you sleep?" in phone.page.text
    assert "Badly" in phone.page.text
    assert "Poorly" not in phone.page.text
    phone.press("next", {"rest": "poor"})
    assert "How often do you wake?" in phone.page.text, "its branch opened"
    assert "Since September 7." in phone.page.text
    phone.press("next", {"wake": "4"})
    phone.press("next", {"nap": "A walk."})
    phone.press("send")
    response = Response.objects.get(phase="followup")
    assert (response.instruments, response.answers) == (
        {"x-sleep": 1}, {"x-sleep.rest": "poor", "x-sleep.wake": 4, "x-sleep.nap": "A walk."},
    )  # fmt: skip
    assert list(Measurement.objects.filter(response=response).values_list("measure", "value")) == [("x-sleep:rest", 2)]
    client = signed_in(asked.chart.patient.therapists.get())
    chart = Page(client.get(f"/rls/charts/{asked.chart.uuid}/")).words
    assert "Sleep: Sleep" in chart
    sitting = Page(client.get(f"/rls/responses/{response.uuid}/")).words
    assert "How do you sleep? Badly" in sitting
    assert "What helps by day? A walk." in sitting


@pytest.mark.parametrize(
    "answers",
    [
        {"rested": "poor"},
        {"rest": "excellent"},
        {"rest": "good", "wake": 4},
        {"rest": "poor", "wake": 10},
        {"nap": "A walk."},
        {"rest": "good", "nap": "z" * 201},
    ],
)
def test_answers_are_held_against_the_pinned_version(asked, answers):
    """DI-6: known questions, types, ranges, required, branching; what only the next version knows is unknown."""
    with pytest.raises(ValueError, match="do not stand"):
        answer(asked, **answers)


def test_whoever_is_planned_later_is_asked_the_newer_version(asked):
    later = make.planned(make.therapist())
    assert Occurrence.objects.get(chart=later.chart, step="week_6").instruments == {"x-sleep": 2}


def test_retiring_it_leaves_what_is_planned_and_asks_nobody_new(asked, at):
    for row in library_actions.queries.imported("riverside"):
        library_actions.retire_instrument(instrument=row, reason="Too long.", actor=system("test"), now=make.NOW)
    later = make.planned(make.therapist())
    skipped = Occurrence.objects.get(chart=later.chart, step="week_6")
    assert (skipped.state, skipped.state_reason) == ("skipped", "not_offered")
    assert not Delivery.objects.filter(occurrence=skipped).exists()
    assert Delivery.objects.filter(chart=later.chart).exists(), "week 12 asks the check-in, as before"
    client = signed_in(later.chart.patient.therapists.get())
    assert "its questions are not offered any more" in Page(client.get(f"/rls/charts/{later.chart.uuid}/")).words
    at(DUE)
    actions.plan_marked(scope="riverside", now=DUE)
    assert answer(Occurrence.objects.get(pk=asked.pk), rest="good").instruments == {"x-sleep": 1}


def test_the_rules_of_the_check_in_are_not_held_against_other_questions(asked):
    """An item that happens to be called as one of the check-in's sets nobody running."""
    same = sleep(3, rest="new_problem", poor="breath")
    make.instrument(same)
    later = make.planned(make.therapist())
    occurrence = Occurrence.objects.get(chart=later.chart, step="week_6")
    assert not queries.has_rules(occurrence)
    fired = actions.page_saved(
        occurrence=occurrence, answers={"new_problem": ["breath"]}, actor=system("test"), now=DUE
    )
    assert fired == ()
    answer(occurrence, new_problem="breath")
    assert not Task.objects.exists()


def test_a_patient_who_moves_is_asked_by_the_clinic_that_planned_it(asked):
    """AZ-16: the other clinic has an instrument of the same key; it is not what was pinned."""
    make.instrument(sleep(Badly="Terribly"), scope="hillside")
    make.protocol("hillside")
    actions.move_chart(chart=asked.chart, to="hillside", actor=system("test"))
    moved = Occurrence.objects.get(pk=asked.pk)
    assert moved.scope == "hillside"
    assert queries.instrument_of(moved).words("en").items["rest"].label("poor") == "Badly"


def test_versions_share_a_row_of_the_chart_only_where_they_say_so(asked):
    """What can't be compared does not stand in one line."""
    answer(asked, rest="poor")
    client = signed_in(asked.chart.patient.therapists.get())
    other = Occurrence.objects.get(chart=asked.chart, step="week_12")
    for comparable, rows in ((False, 2), (True, 1)):
        version = 4 if comparable else 3
        text = "version = 4\ncomparable_with = [1, 3]" if comparable else "version = 3"
        make.instrument(sleep().replace(b"version = 1", text.encode()))
        Occurrence.objects.filter(pk=other.pk).update(instruments={"x-sleep": version}, response=None, state="open")
        answer(Occurrence.objects.get(pk=other.pk), when=make.NOW + make.days(84), rest="good")
        page = Page(client.get(f"/rls/charts/{asked.chart.uuid}/")).words
        assert page.count("Sleep: Sleep") == rows, version


def test_a_question_of_the_check_ins_name_brings_no_advice_and_no_fault(at):
    """Decision 20: the alert rules are the check-in's; the address of its advice leads on."""
    make.instrument(sleep(rest="new_problem"))
    make.asking("x-sleep")
    asked = Occurrence.objects.get(chart=make.planned(make.therapist()).chart, step="week_6")
    at(DUE)
    phone = Phone()
    phone.start(asked)
    phone.answer({"new_problem": "poor"})
    page = phone.get(f"/q/{asked.selector}/?page=advice&show=U1")
    assert (page.status, page.key) == (200, "day")
    assert "Please get help now" not in page.text
    assert not Task.objects.exists()

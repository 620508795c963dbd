"""The chart page: what was found, what was done, whether it changed, and what is not known."""

from __future__ import annotations

import re
from datetime import date

import pytest

from clinic.models import Visit as HostVisit
from rls_module.cases.models import Activity, Measurement
from rls_module.followups import actions as followup_actions
from rls_module.followups.models import Occurrence
from rls_module.host.actor import of_token
from rls_module.intake import actions as intake_actions
from rls_module.outcomes import queries
from rls_module.plans import actions as plan_actions
from rls_module.visits.models import Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

WEEK_6, WEEK_12 = make.NOW + make.days(42), make.NOW + make.days(84)


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


def html(client, chart) -> str:
    response = client.get(f"/rls/charts/{chart.uuid}/")
    assert response.status_code == 200
    return response.content.decode()


def words(client, chart) -> str:
    return Page(client.get(f"/rls/charts/{chart.uuid}/")).words


def occurrence(case, step: str) -> Occurrence:
    return Occurrence.objects.get(enrolment__case=case, step=step)


def table(chart, now) -> dict[str, tuple[tuple[str, ...], str, str | None]]:
    """Each measure: its cells, the change in words, the verdict."""
    page = queries.chart_page(chart, now=now, language="en")
    return {
        row.label: (tuple(cell for cell, _ in row.labelled), row.change_text, row.change and row.change.verdict)
        for row in page.rows
    }


def row(chart, now, start: str):
    return next(value for label, value in table(chart, now).items() if label.startswith(start))


# --- Before anything is known


def test_a_chart_without_a_case_offers_the_screen(client, user):
    text = words(client, make.chart(make.patient(user)))
    assert "No case of restless legs" in text
    assert "no RLS case" in text
    assert "Timeline" not in text


def test_a_chart_says_what_the_last_screen_found(client, user):
    chart = make.chart(make.patient(user))
    screen = intake_actions.record_screen(
        chart=chart, answers={"s1_urge": "no"}, language="en", actor=make.actor(user), now=make.NOW
    )
    assert "Decide on the screen" in words(client, chart)
    intake_actions.decide(screen=screen, decision="not_rls", actor=make.actor(user), now=make.NOW, on=make.TODAY)
    text = words(client, chart)
    assert "screen: does not fit" in text
    assert "Screened on Sept. 7, 2026 by Dana Whitfield PT." in text
    assert "Decide on the screen" not in text


def test_a_case_without_a_baseline_says_that_nobody_can_say_later(client, user):
    case = make.case(user)
    text = words(client, case.chart)
    assert "No baseline yet. Without it nobody can say later whether it changed." in text
    assert "Take the baseline" in text
    assert "Nothing waits." in text
    assert "0 signed visits" in text
    assert "Planned 6 and 12 weeks after the first signed visit with treatment." in text
    assert "<polyline" not in html(client, case.chart)


def test_a_baseline_alone_is_one_dot_and_no_change(client, user):
    case = make.case(user)
    make.baseline(case, user)
    page = queries.chart_page(case.chart, now=make.NOW, language="en")
    assert (len(page.trend.dots), page.trend.lines, page.trend.gaps) == (1, (), ())
    assert page.trend_words == "Nights with symptoms, of 7. Baseline: 6"
    assert {verdict for _, _, verdict in table(case.chart, make.NOW).values()} == {None}
    assert {change for _, change, _ in table(case.chart, make.NOW).values()} == {""}
    assert "Take the baseline" not in words(client, case.chart)


def test_a_baseline_with_follow_ups_ahead_leaves_their_columns_empty(client, user):
    case = make.planned(user)
    page = queries.chart_page(case.chart, now=make.NOW, language="en")
    assert [(column.label, column.is_ahead) for column in page.columns] == [
        ("Baseline", False),
        ("6 weeks", True),
        ("12 weeks", True),
    ]
    assert row(case.chart, make.NOW, "Nights") == (("6", "", ""), "", None)
    assert len(page.trend.labels) == 1, "what is not asked yet is not drawn"
    assert "will be asked on Oct. 19, 2026" in words(client, case.chart)


# --- Whether it changed


def test_two_points_are_a_line_and_a_change_that_counts(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, **{"activity.1": 6})
    page = queries.chart_page(case.chart, now=WEEK_6, language="en")
    assert (len(page.trend.lines), [dot.text for dot in page.trend.dots]) == (1, ["6", "3"])
    minus = "\N{MINUS SIGN}"
    assert row(case.chart, WEEK_6, "Nights") == (("6", "3", ""), f"{minus}3", "better")
    assert row(case.chart, WEEK_6, "Worst") == (("8", "5", ""), f"{minus}3", "better")
    assert row(case.chart, WEEK_6, "sit through a film") == (("3", "6", ""), "+3", "better")
    text = html(client, case.chart)
    assert text.count("<polyline") == 1
    assert "counts from 2" in text
    assert "Changed by, not caused by" in text


def test_a_change_below_the_threshold_is_not_called_one(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, nights=5)
    assert row(case.chart, WEEK_6, "Nights")[2] == "little"


def test_getting_worse_is_said_as_plainly(client, user, at):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, worst=10, usual=9, nights=7, start=1080)
    verdicts = [verdict for _, _, verdict in table(case.chart, WEEK_6).values() if verdict]
    assert verdicts == ["little", "worse", "worse", "watch"], "nights, worst, usual, and a start two hours earlier"
    at(WEEK_6)
    assert Page(client.get(f"/rls/charts/{case.chart.uuid}/")).words.count(") worse") == 3


def test_a_clock_past_midnight_is_three_hours_later(client, user):
    case = make.case(user)
    make.protocol()
    make.baseline(case, user, start=1320)
    make.signed(case, user)
    followup_actions.plan_marked(scope="riverside", now=make.NOW)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, start=60)
    [(cells, change, verdict)] = [value for label, value in table(case.chart, WEEK_6).items() if value[0][0] == "22:00"]
    assert (cells, change, verdict) == (("22:00", "01:00", ""), "+3 h", "better")


def test_the_change_is_of_the_latest_answer(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, nights=3)
    make.answered(occurrence(case, "week_12"), now=WEEK_12, nights=6)
    assert row(case.chart, WEEK_12, "Nights") == (("6", "3", "6"), "0", "little")


def test_a_missed_point_is_a_gap_and_nothing_is_interpolated(client, user, at):
    """Content 1.4: a missing answer is no answer, never "no change"."""
    case = make.planned(user)
    Occurrence.objects.filter(step="week_6").update(state="missed")
    make.answered(occurrence(case, "week_12"), now=WEEK_12, nights=2)
    page = queries.chart_page(case.chart, now=WEEK_12, language="en")
    assert (page.trend.lines, len(page.trend.gaps), [dot.text for dot in page.trend.dots]) == ((), 1, ["6", "2"])
    assert page.trend_words == "Nights with symptoms, of 7. Baseline: 6; 6 weeks: no answer; 12 weeks: 2"
    assert row(case.chart, WEEK_12, "Nights")[0] == ("6", "–", "2")
    at(WEEK_12)
    text = html(client, case.chart)
    assert "<polyline" not in text
    assert text.count('class="gap"') == 2, "the gap, and its legend"
    assert "asked Oct. 19, 2026, not answered" in words(client, case.chart)


def test_a_question_that_was_skipped_is_a_gap_in_its_row_alone(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, usual=None)
    assert row(case.chart, WEEK_6, "Nights")[0] == ("6", "3", "")
    assert row(case.chart, WEEK_6, "Usual") == (("6", "–", ""), "", None)


def test_a_zero_that_was_derived_counts_and_is_drawn_as_derived(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, nights=0, worst=None, usual=None)
    minus = "\N{MINUS SIGN}"
    assert row(case.chart, WEEK_6, "Worst") == (("8", "0", ""), f"{minus}8", "better")
    assert row(case.chart, WEEK_6, "Nights") == (("6", "0", ""), f"{minus}6", "better")


def test_answers_without_a_baseline_show_and_are_held_against_nothing(client, user):
    case = make.case(user)
    make.protocol()
    make.signed(case, user)
    followup_actions.plan_marked(scope="riverside", now=make.NOW)
    make.answered(occurrence(case, "week_6"), now=WEEK_6)
    assert row(case.chart, WEEK_6, "Nights") == (("–", "3", ""), "", None)
    text = words(client, case.chart)
    assert "Take the baseline" in text


def test_an_activity_that_was_retired_keeps_its_answers_and_leaves_the_table(client, user):
    case = make.planned(user)
    Activity.objects.update(retired_at=make.NOW)
    assert not any(label.startswith("sit") for label in table(case.chart, make.NOW))
    assert queries.chart_page(case.chart, now=make.NOW, language="en").rows


# --- Mail


def test_a_patient_without_a_mail_address_says_so(client, user):
    case = make.planned(user, person=make.patient(user, email=""))
    text = words(client, case.chart)
    assert "agreed to mail" in text
    assert "no mail address" in text


def test_a_patient_who_has_not_agreed_says_that_nothing_is_sent(client, user):
    text = words(client, make.case(user, mail=False).chart)
    assert "not agreed to mail: nothing is sent" in text
    assert "no mail address" not in text


def test_a_patient_who_turned_mail_off_says_so(client, user):
    case = make.planned(user)
    followup_actions.stop_mail(chart=case.chart, source="link", actor=of_token("abcdefgh"), now=make.NOW)
    text = words(client, case.chart)
    assert "mail turned off by the patient" in text


def test_a_mail_that_did_not_go_says_why(client, user, at):
    case = make.planned(user)
    followup_actions.stop_mail(chart=case.chart, source="link", actor=of_token("abcdefgh"), now=make.NOW)
    at(WEEK_6)
    assert "due Oct. 19, 2026, not sent: the patient turned mail off" in words(client, case.chart)


# --- Care


def test_todays_visit_of_the_host_is_offered_until_it_is_charted(client, user):
    case = make.case(user)
    visit = HostVisit.objects.create(
        clinic=case.chart.patient.clinic, patient=case.chart.patient, therapist=user, starts_at=make.NOW
    )
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    assert ("visit", f"clinic.visit:{visit.pk}") in page.buttons
    client.post(f"/rls/cases/{case.uuid}/visits/", {"visit": f"clinic.visit:{visit.pk}"})
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    assert ("visit", f"clinic.visit:{visit.pk}") not in page.buttons
    assert "Visit of Sept. 7, 2026, unsigned" in page.words


def test_tasks_and_unsigned_notes_need_a_person(client, user):
    case = make.case(user)
    task = make.task(case, due_at=make.NOW - make.days(1))
    visit = make.draft(case, user)
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    assert "overdue" in page.words
    assert {f"/rls/tasks/{task.uuid}/", f"/rls/visits/{visit.uuid}/"} <= set(page.links)


def test_the_timeline_tells_what_happened_newest_first(client, user):
    case = make.planned(user)
    make.answered(occurrence(case, "week_6"), now=WEEK_6)
    page = queries.chart_page(case.chart, now=WEEK_6, language="en")
    assert page.timeline[0].text == "6 weeks answered"
    assert {event.text for event in page.timeline} == {
        "6 weeks answered", "Case opened", "Baseline answered", "Visit: 3 needles"
    }  # fmt: skip
    assert [event.on for event in page.timeline] == sorted((event.on for event in page.timeline), reverse=True)


def test_two_visits_of_one_day_each_tell_their_own_needles(client, user):
    case = make.case(user)
    make.signed(case, user)
    make.signed(case, user, sites=[make.site(needles_in=2)], needles_out=2)
    page = queries.chart_page(case.chart, now=make.NOW, language="en")
    visits = sorted(event.text for event in page.timeline if event.kind == "visit")
    assert visits == ["Visit: 2 needles", "Visit: 3 needles"]


def test_every_signed_visit_is_counted(client, user):
    case = make.case(user)
    Visit.objects.bulk_create(
        Visit(
            chart=case.chart, case=case, visit_date=date(2026, 1, 1), status="signed",
            author=user, author_name="Dana", created_at=make.NOW,
        )
        for _ in range(60)
    )  # fmt: skip
    assert "60 signed visits" in words(client, case.chart)


def test_a_discarded_note_is_nowhere(client, user):
    case = make.case(user)
    visit = make.draft(case, user)
    client.post(f"/rls/visits/{visit.uuid}/", {"do": "discard", "version": visit.version})
    assert "unsigned" not in words(client, case.chart)


@pytest.mark.parametrize(
    ("born", "age"), [(date(1968, 9, 7), "58"), (date(1968, 9, 8), "57"), (date(2008, 2, 29), "18"), (None, None)]
)
def test_the_age_is_that_of_today(client, user, born, age):
    text = words(client, make.chart(make.patient(user, born=born)))
    found = re.search(r"(\d+) · no RLS case", text)
    assert (found and found[1]) == age


def test_the_page_speaks_spanish(client, user):
    case = make.planned(user)
    page = queries.chart_page(case.chart, now=make.NOW, language="es")
    assert [column.label for column in page.columns][1:] != ["6 weeks", "12 weeks"]


def test_a_change_is_rounded_and_not_cut_off(user, at):
    """5.667 nights are 5.7."""
    case = make.planned(user)
    make.baseline(case, user, nights=5, worst=9)
    make.answered(occurrence(case, "week_6"), now=WEEK_6, nights=5, worst=4)
    Measurement.objects.filter(response__phase="followup", measure__endswith="worst").update(value=3.333)
    at(WEEK_6)
    cells, change, _verdict = row(case.chart, WEEK_6, "Worst")
    assert "3.3" in cells
    assert change.endswith("5.7")


def test_a_plan_that_ended_is_named_on_the_chart(user, client):
    case = make.case(user, needling=True)
    make.everything_before_treatment(case, user)
    plan = make.plan(case, user)
    plan_actions.change_status(plan=plan, seen=plan.version, to="completed", reason="Done.", actor=make.actor(user))
    page = words(client, case.chart)
    assert "Plan completed" in page


def test_an_answer_page_says_its_days_in_words(user, client, at):
    case = make.planned(user)
    response = make.answered(occurrence(case, "week_6"), now=WEEK_6)
    at(WEEK_6)
    page = Page(client.get(f"/rls/responses/{response.uuid}/"))
    assert "2026-09-07" not in page.words
    assert "Sept. 7, 2026" in page.words

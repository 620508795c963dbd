"""A therapist goes through what the patient sent in: exceptions first, the rest with one button, nothing silently."""

from __future__ import annotations

import pytest

from rls_module.cases.models import Response, Task
from rls_module.followups import actions as followup_actions
from rls_module.intake import actions, queries
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import loading
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.intake.ahead import CALM, said
from tests.rls_module.surveys.phone import Phone

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    opened = make.case(user)
    make.protocol(opened.chart.scope)
    return opened


def sent_in(case, user, **pages) -> Response:
    asked = followup_actions.send_intake(case=case, actor=make.actor(user), now=make.NOW)
    Phone().send_in(asked, said(**pages))
    asked.refresh_from_db()
    return asked.response


def post(client, case, section="", **values):
    version = Intake.objects.get(open_key=case.pk).version
    path = f"/rls/cases/{case.uuid}/intake/" + (f"{section}/" if section else "")
    return client.post(path, {"version": version} | values)


def begin(client, case) -> Intake:
    client.post(f"/rls/cases/{case.uuid}/intake/", {"do": "begin"})
    return queries.draft_intake(case)


def as_it_stands(client, case, section: str) -> dict[str, list[str]]:
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/{section}/"))
    return {name: values for name, values in page.sends.items() if name not in ("version", "csrfmiddlewaretoken")}


def confirm(client, case, section: str, **changes):
    exceptions = Page(client.get(f"/rls/cases/{case.uuid}/intake/{section}/")).ids
    boxes = [one.removeprefix("id_confirm_") for one in exceptions if one.startswith("id_confirm_")]
    return post(client, case, section, do="next", **as_it_stands(client, case, section) | {"confirm": boxes} | changes)


def go_through(client, case, **changes: dict[str, str]) -> None:
    """Review and submit, with the therapist's own answers in some sections."""
    begin(client, case)
    for section in loading.shipped("rls_intake").pages:
        confirm(client, case, section, **changes.get(section, {}))
    assert post(client, case, do="submit").status_code == 302


def test_what_was_sent_in_is_the_draft_and_stays_as_it_is(client, case, user):
    response = sent_in(case, user)
    draft = begin(client, case)
    assert (draft.sent, draft.answers["onset"], draft.saved) == (response, "about 30", [])
    confirm(client, case, "long", onset="35")
    response.refresh_from_db()
    assert response.answers["rls_intake.onset"] == "about 30"
    assert queries.draft_intake(case).answers["onset"] == "35"


def test_until_somebody_goes_through_it_worklist_and_chart_say_so(client, case, user):
    sent_in(case, user)
    assert "to review" in Page(client.get("/rls/")).words
    assert "answered, to review" in Page(client.get(f"/rls/charts/{case.chart.uuid}/")).words
    assert "Review what the patient answered" in Page(client.get(f"/rls/cases/{case.uuid}/intake/")).words


def test_exceptions_stand_first_each_with_its_reason(client, case, user):
    sent_in(case, user, family={"family": ["mother"], "growing": "unsure"})
    begin(client, case)
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/family/"))
    assert "id_confirm_growing" in page.ids
    assert page.words.index("growing pains") < page.words.index("The rest, as the patient answered")
    assert "not sure" in page.words


def test_the_rest_is_confirmed_with_one_button_but_an_exception_only_by_itself(client, case, user):
    sent_in(case, user)
    begin(client, case)
    stands = as_it_stands(client, case, "family")
    response = post(client, case, "family", do="next", **stands)
    assert (response.status_code, Page(response).targets) == (422, ["id_confirm_growing"])
    assert queries.draft_intake(case).saved == []
    assert post(client, case, "family", do="next", **stands, confirm=["growing"]).status_code == 302
    assert queries.draft_intake(case).saved == ["family"]


def test_a_changed_answer_needs_no_confirmation_and_both_are_visible(client, case, user):
    sent_in(case, user)
    begin(client, case)
    assert post(client, case, "family", do="next", growing="yes").status_code == 302
    [difference] = queries.differences(queries.draft_intake(case), "en")
    assert (difference.patient, difference.therapist) == ("Not sure", "Yes")
    page = Page(client.get(f"/rls/cases/{case.uuid}/intake/"))
    assert "patient: Not sure therapist: Yes" in page.words


def test_saved_to_be_confirmed_later_keeps_the_change_and_confirms_nothing(client, case, user):
    sent_in(case, user)
    begin(client, case)
    assert post(client, case, "long", do="leave", onset="35", five="yes", year="n5").status_code == 302
    draft = queries.draft_intake(case)
    assert (draft.answers["onset"], draft.saved) == ("35", [])


def test_an_intake_is_complete_only_when_every_section_was_gone_through(client, case, user):
    sent_in(case, user)
    begin(client, case)
    pages = loading.shipped("rls_intake").pages
    for section in pages[:-1]:
        assert confirm(client, case, section).status_code == 302, section
    refused = post(client, case, do="submit")
    assert (refused.status_code, Page(refused).targets) == (422, [f"section-{pages[-1]}"])
    confirm(client, case, pages[-1])
    assert post(client, case, do="submit").status_code == 302
    assert sorted(Response.objects.values_list("mode", flat=True)) == ["in_room", "self_web"]
    assert queries.unreviewed(case) is None
    assert "to review" not in Page(client.get("/rls/")).words


def test_what_the_patient_ticked_has_one_task_though_the_therapist_confirms_it_after_the_call(client, case, user):
    sent_in(case, user, safety={"flags": ["calf"]}, sleep={"drive": "yes"})
    Task.objects.update(state=Task.State.DONE)
    draft = begin(client, case)
    for section in loading.shipped("rls_intake").pages:
        assert confirm(client, case, section).status_code == 302, section
    draft.refresh_from_db()
    actions.submit_intake(intake=draft, seen=draft.version, actor=make.actor(user), now=make.NOW)
    assert sorted(Task.objects.values_list("rule", flat=True)) == ["drowsy_driving", "red_flag"]


def test_an_intake_begun_in_the_room_takes_the_patients_answers_beside_its_own(client, case, user):
    begin(client, case)
    post(client, case, "long", do="next", onset="35")
    response = sent_in(case, user)
    assert "The patient answered the intake on" in Page(client.get(f"/rls/cases/{case.uuid}/intake/")).words
    assert post(client, case, do="take").status_code == 302
    draft = queries.draft_intake(case)
    assert (draft.sent, draft.saved) == (response, [])
    assert (draft.answers["onset"], draft.answers["reason"]) == ("35", CALM["why"]["reason"])
    assert post(client, case, do="take").status_code == 409


def test_the_criteria_begin_with_how_long_and_how_often_from_the_intake(client, case, user):
    sent_in(case, user)
    go_through(client, case)
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert (page.sends["weekly"], page.sends["five_events"], page.sends["year_old"]) == (["5"], ["yes"], ["yes"])
    assert "Taken over from the intake, to confirm." in page.words


def test_criteria_and_baseline_begin_with_what_was_told_ahead(client, case, user):
    """Content 5, B and D: told ahead, gone through, and asked by no other page again."""
    sent_in(case, user, pattern={"s4_clock": "same", "s4_past": "yes", "s4_before": "yes"}, now={"awake": "3"})
    go_through(client, case, now={"worst": "8"})
    page = Page(client.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert [page.sends[f"e{number}_current"] for number in (1, 2, 3, 4)] == [["yes"], ["yes"], ["yes"], ["no"]]
    assert page.sends["e4_past"] == ["yes"]
    page = Page(client.get(f"/rls/cases/{case.uuid}/baseline/"))
    told = {"nights": ["5"], "worst": ["8"], "start": ["1260"], "awake": ["3"], "places": ["lower_legs"]}
    assert {name: page.sends[name] for name in told} == told
    assert "Taken over from the intake, to confirm." in page.words


def test_the_chart_tells_when_the_patient_answered_and_leads_to_what_was_said(client, case, user):
    response = sent_in(case, user)
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    assert "Intake answered by the patient" in page.words
    assert f"/rls/responses/{response.uuid}/" in page.links
    assert "About 9 pm" in Page(client.get(f"/rls/responses/{response.uuid}/")).words


def test_whoever_was_screened_is_not_asked_for_the_pattern_again(client, case, user):
    answers = {"s1_urge": "yes", "s2_rest": "still", "s3_move": "eases", "s4_clock": "evening"}
    actions.record_screen(chart=case.chart, answers=answers, language="en", actor=make.actor(user), now=make.NOW)
    asked = followup_actions.send_intake(case=case, actor=make.actor(user), now=make.NOW)
    later = {page: values for page, values in CALM.items() if page != "pattern"}
    Phone().send_in(asked, later)
    begin(client, case)
    assert client.get(f"/rls/cases/{case.uuid}/intake/pattern/").status_code == 404
    assert client.get(f"/rls/cases/{case.uuid}/intake/now/").status_code == 200


def test_a_screen_while_the_patient_answers_changes_nothing_under_the_form(case, user, at):
    asked = followup_actions.send_intake(case=case, actor=make.actor(user), now=make.NOW)
    phone = Phone()
    phone.start(asked)
    phone.answer_until("feel", CALM)
    at(make.NOW + make.days(0.01))
    answers = {"s1_urge": "yes", "s2_rest": "busy", "s3_move": "eases", "s4_clock": "evening"}
    now = make.NOW + make.days(0.01)
    actions.record_screen(chart=case.chart, answers=answers, language="en", actor=make.actor(user), now=now)
    phone.answer_until("review", CALM)
    phone.press("send")
    asked.refresh_from_db()
    assert asked.response.answers["rls_intake.s2_rest"] == "still"


def test_in_the_room_the_screen_and_the_baseline_ask_it(client, case):
    begin(client, case)
    for section in ("pattern", "now"):
        assert client.get(f"/rls/cases/{case.uuid}/intake/{section}/").status_code == 404
    assert not {"section-pattern", "section-now"} & set(Page(client.get(f"/rls/cases/{case.uuid}/intake/")).ids)

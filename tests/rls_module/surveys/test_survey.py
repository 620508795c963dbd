"""The survey from the link to the receipt: with cookies and without, its branches, and coming back to it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from rls_module.cases.models import Measurement, Response, Task
from rls_module.followups import queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.surveys.models import Draft
from tests import factories as make
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import ANSWERS, Phone, link

pytestmark = [pytest.mark.both, pytest.mark.django_db]

CANARY = "ZEBRA crossing at noon"
HEADING_OF_RECEIPT = "Thank you. Your answers have arrived."


def values_of(occurrence: Occurrence) -> dict[str, float]:
    occurrence.refresh_from_db()
    rows = Measurement.objects.filter(response=occurrence.response_id)
    return {measure.partition(":")[2]: value for measure, value in rows.values_list("measure", "value")}


# The whole way


def test_with_cookies_the_survey_is_answered_and_the_token_leaves_the_address_at_the_start(asked):
    """TK-12 part: the start page alone has the token in its address."""
    phone = Phone()
    page = phone.send_in(asked)

    assert HEADING_OF_RECEIPT in page.text
    token, selector = queries.link_token(asked, "survey"), asked.selector
    (first, _), *later = phone.trail
    assert first == f"/q/{token}/"
    assert [url for url, _ in later if token in url] == []
    assert {url.partition("?")[0] for url, _ in later} == {f"/q/{selector}/"}
    assert values_of(asked) == {
        "nights": 3, "worst": 5, "usual": 4, "start": 1260, "places": 1, "awake": 2, "rested": 4, "tired": 2,
        "activity": 6, "change": 2,
    }  # fmt: skip
    assert asked.state == "answered"
    assert asked.response.answers["rls_checkin.comment"] == "The calf is softer."
    assert (asked.response.language, asked.response.mode) == ("en", "self_web")
    assert not Draft.objects.exists()


def test_where_cookies_are_refused_the_survey_is_answered_on_the_token_path(asked):
    """TK-12 part: the completion without cookies; the token stays in the address, with a ticket beside it."""
    phone = Phone(takes_cookies=False)
    page = phone.send_in(asked)

    assert HEADING_OF_RECEIPT in page.text
    token = queries.link_token(asked, "survey")
    after_the_start = [url for url, _ in phone.trail[2:]]
    assert len(after_the_start) > 10
    assert all(url.startswith(f"/q/{token}/?page=") and "&t=" in url for url in after_the_start)
    assert values_of(asked)["nights"] == 3


def test_the_cookie_is_of_one_survey_and_no_script_reads_it(asked):
    """TK-12 part: the shape of the cookie, on http and on https."""
    plain, secure = (Client().get(link(asked), secure=secure).cookies for secure in (False, True))

    [(name, cookie)] = plain.items()
    assert name == f"rls_s_{asked.selector}"
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        f"/q/{asked.selector}/", True, "Lax", "",
    )  # fmt: skip
    assert 0 < cookie["max-age"] <= 2 * 60 * 60
    [(name, cookie)] = secure.items()
    assert name == f"__Secure-rls_s_{asked.selector}"
    assert cookie["secure"] is True


def test_the_cookie_opens_its_own_survey_for_two_hours_since_its_last_use_and_the_link_opens_it_again(asked, at):
    """TK-12 part: no cookie lives longer than two hours; whoever goes on answering is not cut off."""
    phone = Phone()
    phone.start(asked)
    phone.answer()
    there = phone.page.url

    at(DUE + make.days(2 / 24))
    assert phone.get(there).status == 200
    at(DUE + make.days(4 / 24) + make.timedelta(seconds=1))
    assert phone.get(there).status == 404
    phone.get(link(asked))
    assert phone.press("start").key == "strength"


def test_the_cookie_of_one_survey_opens_no_other_and_no_staff_page(asked, at):
    """TK-12 part, TK-4 part: two surveys in one browser keep apart, and neither is a login."""
    other = Occurrence.objects.get(chart=make.planned(make.therapist()).chart, step="week_6")
    phone = Phone()
    phone.start(asked)
    assert phone.get(f"/q/{other.selector}/?page=nights").status == 404
    [value] = (cookie.value for cookie in phone.client.cookies.values())
    phone.client.cookies[f"rls_s_{other.selector}"] = value
    assert phone.get(f"/q/{other.selector}/?page=nights").status == 404
    del phone.client.cookies[f"rls_s_{other.selector}"]

    phone.start(other)
    phone.answer({"nights": "7"})
    phone.get(f"/q/{asked.selector}/?page=nights")
    phone.answer({"nights": "1"})
    assert dict(Draft.objects.values_list("occurrence", "answers")) == {
        asked.pk: {"nights": 1},
        other.pk: {"nights": 7},
    }
    for url in (reverse("rls:worklist"), f"/rls/charts/{asked.chart.uuid}/"):
        assert phone.client.get(url).status_code == 302


def test_a_therapist_who_opens_a_patients_link_stays_a_therapist_and_answers_as_the_link(asked):
    """TK-12 part: both contexts stay apart."""
    user = make.therapist(username="dana")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    phone = Phone(client=client)

    assert HEADING_OF_RECEIPT in phone.send_in(asked).text
    assert client.session["_auth_user_id"] == str(user.pk)
    asked.refresh_from_db()
    assert (asked.response.entered_by_id, asked.response.entered_by_name) == (None, "")


def test_sending_in_stops_the_reminders(asked):
    Phone().send_in(asked)
    states = set(Delivery.objects.filter(occurrence=asked).values_list("state", "state_reason"))
    assert states == {("cancelled", "answered")}


# What is asked


def test_a_week_without_symptoms_is_four_pages_shorter_and_counts_as_nothing(asked):
    """One tap of 0 leaves out strength, start, places and awake; their values are 0, derived, or not asked."""
    phone = Phone()
    phone.send_in(asked, {"nights": {"nights": "0"}})

    keys = {page.partition("page=")[2] for page, _ in phone.trail}
    assert keys.isdisjoint({"strength", "start", "places", "awake"})
    assert values_of(asked).items() >= {"nights": 0, "worst": 0, "usual": 0, "awake": 0}.items()
    assert set(Measurement.objects.filter(derived=True).values_list("measure", flat=True)) >= {"rls_checkin:worst"}
    missing = asked.response.missing
    assert (missing["rls_checkin.start"], missing["rls_checkin.places"]) == ("not_asked", "not_asked")


def test_a_branch_that_was_closed_again_drops_out_of_what_is_sent_in(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("review", {"strength": {"worst": "9"}})
    phone.get(f"/q/{asked.selector}/?page=nights")
    phone.answer({"nights": "0"})
    phone.answer_until("review")
    phone.press("send")
    asked.refresh_from_db()
    assert "rls_checkin.worst" not in asked.response.answers
    assert values_of(asked)["worst"] == 0


def test_a_changed_medicine_opens_its_text_on_the_same_page(asked):
    phone = Phone()
    phone.start(asked)
    page = phone.answer_until("medicines")
    assert "med_what" not in page.form.fields

    page = phone.answer({"med_change": "yes"})
    assert page.key == "medicines"
    assert page.form.fields["med_what"] == [""]
    assert page.form.fields["med_change"] == ["yes"]
    assert "Please do not change or stop any medicine without the person who prescribes it." in page.text
    phone.answer({"med_what": "Iron since May."})
    phone.answer_until("review")
    phone.press("send")
    asked.refresh_from_db()
    assert asked.response.answers["rls_checkin.med_what"] == "Iron since May."


@pytest.mark.parametrize("other", ["no", "unsure"])
def test_a_medicine_that_did_not_change_asks_no_more(asked, other):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("medicines")
    assert phone.answer({"med_change": other}).key == "change"


def test_words_typed_about_a_medicine_go_when_the_answer_becomes_no(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("medicines")
    phone.answer({"med_change": "yes"})
    phone.answer({"med_change": "no", "med_what": CANARY})
    phone.answer_until("review")
    phone.press("send")
    asked.refresh_from_db()
    assert "rls_checkin.med_what" not in asked.response.answers


def test_more_most_of_the_time_than_at_worst_is_remarked_once_and_never_blocks(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("strength")

    page = phone.answer({"worst": "3", "usual": "8"})
    assert (page.key, page.status) == ("strength", 200)
    assert '"Most of the time" is higher than "worst". Change one, or go on.' in page.text
    assert sorted(page.picked) == ["usual=8", "worst=3"]
    assert phone.answer({}).key == "start"
    phone.answer_until("review")
    phone.press("send")
    assert values_of(asked).items() >= {"worst": 3, "usual": 8}.items()


def test_no_page_has_an_answer_picked_before_the_patient_does(asked):
    phone = Phone()
    phone.start(asked)
    for _ in ANSWERS:
        assert phone.page.picked == [], phone.page.key
        phone.answer()
    assert phone.page.key == "review"


def test_every_question_but_three_may_be_left_empty(asked):
    phone = Phone()
    required = {"nights", "strength", "new_problem"}
    phone.start(asked)
    refused = set()
    for key in ANSWERS:
        assert phone.page.key == key
        page = phone.answer({})
        if page.key == key:
            assert page.status == 422
            refused.add(key)
            phone.answer()
    assert refused == required
    phone.press("send")
    asked.refresh_from_db()
    assert asked.response.missing["rls_checkin.change"] == "skipped"


def test_going_back_shows_the_answers_of_this_sitting_and_they_can_be_changed(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("start")
    page = phone.follow("Back")
    assert sorted(page.picked) == ["usual=4", "worst=5"]
    phone.answer({"worst": "6"})
    phone.answer_until("review")
    phone.press("send")
    assert values_of(asked)["worst"] == 6


def test_an_answer_of_this_sitting_that_is_taken_back_is_gone(asked):
    """What the patient erased on the page in front of them is not sent in."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("review", {"closing": {"comment": CANARY}})
    page = phone.get(f"/q/{asked.selector}/?page=closing")
    assert page.picked == [f"comment={CANARY}"]
    phone.answer({"comment": ""})
    phone.press("send")
    asked.refresh_from_db()
    assert "rls_checkin.comment" not in asked.response.answers


# Looking once more


def test_the_review_names_each_answer_of_this_sitting_and_each_empty_line(asked):
    phone = Phone()
    phone.start(asked)
    page = phone.answer_until("review", {"change": {}, "places": {"places": ["feet", "arms"]}})
    assert "On how many of the last 7 nights did your legs bother you? 3" in page.text
    assert "Where did you feel it? Pick all that fit. Feet, Arms or hands" in page.text
    assert "how are your legs now? left empty" in page.text
    assert "About 9 pm" in page.text


def test_sending_before_a_required_answer_is_refused_and_names_the_line(asked):
    """TK-7 part: at least one answer is required."""
    phone = Phone()
    phone.start(asked)
    phone.answer()
    page = phone.get(f"/q/{asked.selector}/?page=review")
    page = phone.press("send")

    assert page.status == 422
    assert "Please answer the marked lines" in page.text
    marked = re.findall(r'<li class="invalid">(.*?)</li>', page.html, re.DOTALL)
    assert len(marked) == 2
    assert "How strong was it at its worst?" in marked[0]
    assert "have you had any of these?" in marked[1]
    assert not Response.objects.filter(phase="followup").exists()
    phone.get(page.link("How strong was it at its worst? left empty"))
    phone.answer_until("review")
    assert HEADING_OF_RECEIPT in phone.press("send").text


# Coming back


def test_in_a_second_browser_the_survey_goes_on_at_the_first_open_page_and_shows_no_earlier_answer(asked):
    """TK-16: save and resume; answers of an earlier sitting are there, without their value."""
    first, said = Phone(), {"places": {"places": ["other"], "places.other": CANARY}, "strength": {"worst": "9"}}
    first.start(asked)
    first.answer_until("new_problem", said)

    second = Phone()
    page = second.get(link(asked))
    assert "You have begun already." in page.text
    assert second.press("start").key == "new_problem"
    for key in ("nights", "strength", "places", "awake", "days", "activities"):
        page = second.get(f"/q/{asked.selector}/?page={key}")
        assert "You answered this before. You can answer it anew, or go on." in page.text
        assert page.picked == []
    page = second.get(f"/q/{asked.selector}/?page=new_problem")
    second.answer_until("review")
    assert "How strong was it at its worst? answered" in second.page.text
    assert "did your legs bother you? answered" in second.page.text
    assert "how are your legs now? Better" in second.page.text  # of this sitting
    assert all("ZEBRA" not in response.content.decode() for _, response in second.trail)
    second.press("send")
    assert values_of(asked).items() >= {"nights": 3, "worst": 9}.items()
    assert asked.response.answers["rls_checkin.places.other"] == CANARY


def test_an_earlier_answer_stays_when_the_patient_only_goes_on_and_goes_when_answered_anew(asked):
    """TK-16 part: go on, or answer anew."""
    first = Phone()
    first.start(asked)
    first.answer_until("days", {"strength": {"worst": "9"}})
    second = Phone()
    second.start(asked)
    second.get(f"/q/{asked.selector}/?page=nights")
    assert second.answer({}).key == "strength"
    assert second.answer({"worst": "2"}).key == "start"
    second.answer_until("review", {key: {} for key in ("start", "places", "awake")})
    second.press("send")
    assert values_of(asked).items() >= {"nights": 3, "worst": 2, "start": 1260, "places": 1}.items()


def test_words_alone_written_anew_beside_an_earlier_answer_are_not_lost(asked):
    """TK-16 part, F-33 part: nothing typed is lost, also where only the box of words was used."""
    first = Phone()
    first.start(asked)
    first.answer_until("awake")
    second = Phone()
    second.start(asked)
    second.get(f"/q/{asked.selector}/?page=places")
    second.answer({"places.other": CANARY})
    answers = Draft.objects.get(occurrence=asked, page="places").answers
    assert answers.get("places.other") == CANARY


def test_without_cookies_resuming_shows_no_earlier_answer_either(asked):
    """TK-16 part: on the token path."""
    first = Phone(takes_cookies=False)
    first.start(asked)
    first.answer_until("review", {"closing": {"comment": CANARY}})
    second = Phone(takes_cookies=False)
    assert second.start(asked).key == "review"
    second.get(second.page.url.replace("page=review", "page=closing"))
    assert second.page.picked == []
    assert all("ZEBRA" not in response.content.decode() for _, response in second.trail)


def test_a_form_that_is_stopped_waits(asked):
    phone = Phone()
    phone.start(asked)
    phone.answer_until("places")
    page = phone.get(f"/q/{asked.selector}/?page=stop")
    assert "Your answers are kept. Come back with the same link when you like." in page.text
    assert Phone().start(asked).key == "places"


def test_receipt_and_later_visits_echo_no_answer(asked):
    """TK-17: neither value, score nor text, by the cookie or by the link."""
    said = {
        "closing": {"comment": CANARY, "call_me": "morning"},
        "places": {"places": ["other"], "places.other": CANARY},
    }
    phone = Phone()
    receipt = phone.send_in(asked, said)
    later = [
        Phone().get(link(asked)),
        phone.get(link(asked)),
        *(
            phone.get(f"/q/{asked.selector}/?page={key}")
            for key in ("", "nights", "closing", "review", "advice", "call")
        ),
        phone.post(f"/q/{asked.selector}/?page=nights", {"nights": "7"}),
    ]
    for page in (receipt, *later):
        assert "ZEBRA" not in page.html
        assert page.picked == []
        for said_elsewhere in ("About 9 pm", "Below the knee", "15 to 30 minutes", "in the morning", "Much better"):
            assert said_elsewhere not in page.text
        assert page.forms == []
    assert all(HEADING_OF_RECEIPT in page.text for page in (receipt, *later[:-1]))


def test_the_receipt_says_when_the_next_form_comes_and_after_the_last_that_it_was_the_last(asked, at):
    assert "We will send a last short form in about 6 weeks." in Phone().send_in(asked).text
    at(make.NOW + make.days(84))
    last = Occurrence.objects.get(chart=asked.chart, step="week_12")
    assert "This was the last form." in Phone().send_in(last).text


# What stands on the pages


def test_no_page_of_a_patient_names_a_person_or_the_condition_or_anybody_elses_data(asked):
    """TK-4 part: names, records and the words of the condition, on every page from start to receipt, and its title."""
    patient = asked.chart.patient
    other = make.patient(make.therapist(), given="Zenobia", family="Quillfeather")
    make.planned(make.therapist(), person=other)
    phone = Phone()
    phone.send_in(asked, {"new_problem": {"new_problem": ["chest", "drive", "mind", "sore"]}})
    phone.get(link(asked, "unsubscribe"))
    phone.get("/q/nothing/")

    pages = [page.html for page in phone.pages]
    assert len(pages) > 12
    secrets = [patient.given, patient.family, patient.email, patient.record_number, "Zenobia", "Quillfeather",
               "Dana", "Whitfield", str(asked.chart.uuid), str(asked.uuid)]  # fmt: skip
    assert [(secret, html[:300]) for html in pages for secret in secrets if secret in html] == []
    for page in phone.pages:
        assert re.search(r"restless|\brls\b", page.text, re.IGNORECASE) is None, page.url
    titles = {re.search("<title>(.*?)</title>", html)[1] for html in pages}
    assert titles == {"Questions - Riverside PT", "Questions"}


def test_the_start_page_says_how_much_it_is_and_nothing_clinical(asked):
    """TK-4 part: link previews read the start page."""
    text = Phone().get(link(asked)).text
    assert "about 3 minutes" in text
    assert "These are 14 short questions" in text
    assert re.search(r"\b(legs?|sleep|pain|symptoms?|needle|exercise|treatment|therap\w+|medicine)\b", text) is None


def test_on_every_page_help_is_a_tap_away(asked):
    phone = Phone()
    phone.send_in(asked)
    phone.get("/q/nothing/")
    for page in phone.pages:
        assert "Need help now?" in page.text, page.url
        assert {"tel:911", "tel:988"} <= {url for url, _ in page.links}, page.url


def test_from_start_to_receipt_there_is_a_way_to_be_called_to_wait_and_to_stop(asked):
    """Content 8: call me, later and stop stand at the foot of every page."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("review")
    for page in phone.pages[1:]:
        assert {"Please call me", "Later", "Stop"} <= {said for _, said in page.links}, page.url
    assert not Task.objects.exists()


def test_a_line_changed_from_the_review_leads_back_to_the_review(asked):
    """Nobody goes through all the pages again for one answer."""
    phone = Phone()
    phone.start(asked)
    page = phone.answer_until("review")
    [line] = [url for url, _text in page.links if "page=awake" in url]
    phone.get(line)
    assert phone.answer({"awake": "0"}).key == "review"
    assert Draft.objects.get(page="awake").answers == {"awake": 0}

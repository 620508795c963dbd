"""Papers by mail: a link that is the patient's alone, through the same queue; nothing is asked or missed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Task
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.knowledge.papers import loading
from rls_module.knowledge.protocols import ahead
from rls_module.outcomes.queries import worklist
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.surveys.phone import Phone

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def case(user):
    opened = make.case(user)
    make.protocol(opened.chart.scope)
    return opened


def send(case, user, *keys: str, now=make.NOW) -> Occurrence:
    return actions.send_papers(case=case, keys=keys, actor=make.actor(user), now=now)


def mailed(mailoutbox) -> tuple[str, str]:
    """The words of the one mail that went out, and the path of the link in it."""
    [mail] = mailoutbox
    html = str(mail.alternatives[0].content)
    return f"{mail.subject}\n{mail.body}\n{html}", next(
        urlsplit(word).path for word in mail.body.split() if "/q/" in word
    )


def opened(mailoutbox, **client) -> Phone:
    phone = Phone(**client)
    phone.get(mailed(mailoutbox)[1])
    phone.press("start")
    return phone


def test_one_mail_with_a_link_and_not_a_word_of_what_is_in_it(case, user, mailoutbox):
    """EM-1: subject and body name neither the person nor the care."""
    send(case, user, "restless_legs", "iron")
    assert actions.tick(now=make.NOW) == 1
    words, path = mailed(mailoutbox)
    for word in ("Alma", case.chart.patient.family, "leg", "iron", "restless", "form", "question"):
        assert word.lower() not in words.lower().replace("information", "")
    assert path.startswith("/q/")


def test_behind_the_link_a_button_then_the_list_then_each_paper(case, user, mailoutbox):
    send(case, user, "restless_legs", "iron")
    actions.tick(now=make.NOW)
    phone = Phone()
    start = phone.get(mailed(mailoutbox)[1])
    for key in ("restless_legs", "iron"):
        assert loading.leaflet(key, "en").title not in start.text
    listed = phone.press("start")
    assert [words for _, words in listed.links if words == loading.leaflet("iron", "en").title]
    leaflet = loading.leaflet("iron", "en")
    page = phone.follow(leaflet.title)
    for words in (leaflet.lead, *loading.citations(leaflet.sources), "Riverside Physical Therapy", "911"):
        assert " ".join(words.split()) in page.text
    assert phone.follow("Back").text == listed.text


def test_the_token_leaves_the_address_where_cookies_work_and_all_opens_where_they_do_not(case, user, mailoutbox):
    """TK-12."""
    sent = send(case, user, "iron", "exercise")
    actions.tick(now=make.NOW)
    token = queries.link_token(sent, "survey")
    assert token not in opened(mailoutbox).page.url
    bare = opened(mailoutbox, takes_cookies=False)
    assert loading.leaflet("iron", "en").lead in bare.follow(loading.leaflet("iron", "en").title).text


def test_a_single_paper_opens_at_once(case, user, mailoutbox):
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    assert loading.leaflet("iron", "en").lead in opened(mailoutbox).page.text


def test_it_speaks_the_patients_language_and_offers_the_other(case, user, mailoutbox):
    type(case.chart.patient).objects.update(language="es")
    case.chart.refresh_from_db()
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    phone = opened(mailoutbox)
    assert loading.leaflet("iron", "es").title in phone.page.text
    assert loading.leaflet("iron", "en").title in phone.follow("English").text


def test_the_home_programme_is_as_it_is_on_the_day_it_is_read(case, user, mailoutbox):
    make.prescription(case, user)
    send(case, user, "programme")
    actions.tick(now=make.NOW)
    later = make.prescription(case, user, name="Heel raises on the stairs")
    page = opened(mailoutbox).page
    assert "Your exercises" in page.text
    assert later.name in page.text


def test_a_paper_that_was_not_sent_does_not_open(case, user, mailoutbox):
    make.prescription(case, user)
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    phone = opened(mailoutbox)
    assert "Your exercises" not in phone.get(phone.page.url.split("?")[0] + "?page=programme").text


def test_papers_sent_one_by_one_are_one_mail(case, user, mailoutbox):
    assert send(case, user, "iron") == send(case, user, "exercise") == send(case, user, "iron")
    assert actions.tick(now=make.NOW) == 1
    assert queries.papers_of(Occurrence.objects.get()) == ("exercise", "iron")
    again = send(case, user, "iron", now=make.NOW + make.days(1))
    assert (again.ordinal, actions.tick(now=make.NOW + make.days(1))) == (2, 1)


def test_who_sent_what_is_on_record(case, user):
    """AU-2."""
    sent = send(case, user, "iron", "exercise")
    event = AuditEvent.objects.get(verb="contact.create")
    assert (event.actor, event.object_id, event.purpose) == (
        make.actor(user).ref,
        str(sent.uuid),
        "sent by mail: exercise iron",
    )


@pytest.mark.parametrize("is_read", [True, False])
def test_nobody_is_reminded_called_or_counted_as_missing(case, user, mailoutbox, is_read):
    """Nothing is asked, so that nothing can be missed."""
    send(case, user, "iron")
    assert actions.tick(now=make.NOW) == 1
    if is_read:
        opened(mailoutbox)
    for day in (7, 14, 31, 40):
        assert actions.tick(now=make.NOW + make.days(day)) == 0
        assert not worklist.waiting(make.NOW + make.days(day)).exists()
    assert not Task.objects.exists()
    assert (Occurrence.objects.get().state, Occurrence.objects.get().state_reason) == ("cancelled", "over")


def test_the_link_is_over_after_thirty_days(case, user, mailoutbox):
    sent = send(case, user, "iron")
    actions.tick(now=make.NOW)
    assert queries.is_answerable(sent, make.NOW + make.days(29))
    assert not queries.is_answerable(sent, make.NOW + make.days(31))


def test_the_plan_of_a_first_visit_leaves_it_alone(case, user):
    sent = send(case, user, "iron")
    make.baseline(case, user)
    make.signed(case, user)
    actions.plan_marked(scope=case.chart.scope, now=make.NOW)
    sent.refresh_from_db()
    assert sent.is_open
    assert queries.next_occurrence(sent).step == "week_6"
    assert ahead.PAPERS_STEP not in queries.occurrences_of(case.chart).values_list("step", flat=True)


def test_stopping_mail_from_it_stops_all_mail(case, user, mailoutbox):
    """EM-8, EM-9: one scope, whichever mail it is stopped from."""
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    stop = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    page = Phone().get(urlsplit(stop).path)
    assert "When shall we write again?" not in page.text
    Phone().post(urlsplit(stop).path, {"List-Unsubscribe": "One-Click"})
    with pytest.raises(actions.CannotAsk, match="opted_out"):
        send(case, user, "exercise", now=make.NOW + make.days(2))


def test_mail_turned_on_again_does_not_bring_it_back(case, user):
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    actions.stop_mail(chart=case.chart, source="page", actor=make.actor(user), now=make.NOW)
    actions.resume_mail(chart=case.chart, source="page", actor=make.actor(user), now=make.NOW)
    assert Delivery.objects.count() == 1


def test_what_can_not_be_delivered_is_a_task_in_words(case, user, smtp_server):
    smtp_server.answer_next("RCPT", "550 5.1.1 no such user")
    send(case, user, "iron")
    actions.tick(now=make.NOW)
    browser = signed_in(user)
    assert "The papers sent by mail can't be delivered." in Page(browser.get(f"/rls/charts/{case.chart.uuid}/")).words


# The room's pages


def test_the_chart_says_that_it_went_out_and_was_opened(case, user, mailoutbox):
    chart, browser = f"/rls/charts/{case.chart.uuid}/", signed_in(user)
    make.prescription(case, user)
    send(case, user, "iron", "programme")
    assert "Mailed:" not in Page(browser.get(chart)).words
    actions.tick(now=make.NOW)
    title = loading.leaflet("iron", "en").title
    assert f"Mailed: {title}, home programme (not opened yet)" in Page(browser.get(chart)).words
    opened(mailoutbox)
    actions.tick(now=make.NOW + make.days(31))
    words = Page(browser.get(chart)).words
    assert f"Mailed: {title}, home programme (opened)" in words
    assert "papers to read" not in words, "they are no follow-up"


def test_leaflets_are_ticked_and_sent(case, user, mailoutbox):
    browser = signed_in(user)
    page = f"/rls/cases/{case.uuid}/leaflets/"
    assert "Send those ticked by mail" in Page(browser.get(page)).words
    response = browser.post(f"/rls/cases/{case.uuid}/papers-by-mail/", {"papers": ["iron", "exercise"]}, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert "On its way" in Page(response).words
    assert actions.tick(now=make.NOW) == 1


def test_the_home_programme_is_sent_from_its_page(case, user):
    make.prescription(case, user)
    browser = signed_in(user)
    page = f"/rls/cases/{case.uuid}/programme/"
    assert "Send it by mail" in Page(browser.get(page)).words
    sent = {"papers": "programme", "back": "programme"}
    response = browser.post(f"/rls/cases/{case.uuid}/papers-by-mail/", sent, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert queries.papers_of(Occurrence.objects.get()) == ("programme",)


@pytest.mark.parametrize(
    ("papers", "said"),
    [
        ([], "Not sent: choose at least one."),
        (["moon"], "Not sent: choose at least one."),
        (["iron", "programme"], "Not sent: there is no home programme at the moment."),
    ],
)
def test_what_is_no_paper_is_not_sent_and_said(case, user, papers, said):
    response = signed_in(user).post(f"/rls/cases/{case.uuid}/papers-by-mail/", {"papers": papers}, follow=True)
    assert said in Page(response).words
    assert not Occurrence.objects.exists()

"""What a link opens, until when, and that everything else is one and the same page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rls_module.followups import links, queries
from rls_module.followups.models import Occurrence
from rls_module.surveys import access
from rls_module.surveys.models import Draft
from tests import factories as make
from tests.rls_module.surveys import tables
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import ANSWERS, Phone, link

pytestmark = [pytest.mark.both, pytest.mark.django_db]

URLENCODED = "application/x-www-form-urlencoded"
SECOND = timedelta(seconds=1)
HOURS_48 = timedelta(hours=48)
SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) SafeLinks",
    "Barracuda Sentinel (EE)",
    "Slackbot-LinkExpanding 1.0",
    "GoogleImageProxy",
)
REFUSAL = ["rls_module_auditevent", "rls_module_tally"]
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
}


def the_404_page() -> tuple[int, bytes, dict[str, str]]:
    return seen("/q/nothing/")


def seen(url: str, *, post: bool = False, client: Client | None = None) -> tuple[int, bytes, dict[str, str]]:
    """What a stranger gets at an address: status, body, headers; cookies among them."""
    client = client or Client()
    response = client.post(url, {"do": "start"}) if post else client.get(url)
    return response.status_code, response.content, dict(response.headers) | dict(response.cookies)


def change(occurrence: Occurrence, **values: object) -> None:
    Occurrence.objects.filter(pk=occurrence.pk).update(**values)


def is_open(occurrence: Occurrence) -> bool:
    return Client().get(link(occurrence)).status_code == 200


# Everything that is no link is the same


def dead_links(asked: Occurrence) -> Iterator[tuple[str, str]]:
    """Addresses that open nothing, by why; each made when it is asked for."""
    token = queries.link_token(asked, "survey")
    swapped = "A" if token[-1] != "A" else "B"
    strange = links.new_selector()
    yield "unknown", f"/q/{links.token('survey', kid='test', scope='riverside', selector=strange, version=1)}/"
    yield "malformed", "/q/%F0%9F%A6%93/"
    yield "too short", f"/q/{token[:-1]}/"
    yield "too long", f"/q/{token}A/"
    yield "very long", f"/q/{'A' * 4000}/"
    yield "a wrong verifier", f"/q/{token[:-1]}{swapped}/"
    yield "another case", f"/q/{token.swapcase()}/"
    yield "NUL", f"/q/{token[:-1]}%00/"
    yield "selector alone", f"/q/{asked.selector}/"
    yield "unknown selector alone", f"/q/{strange}/"
    yield "sitting key", f"/q/{queries.link_token(asked, 'sitting')}/"
    yield "unsubscribe link as survey", f"/q/{queries.link_token(asked, 'unsubscribe')}/"
    yield "survey link as unsubscribe", f"/q/u/{token}/"
    yield "no unsubscribe link", "/q/u/nothing/"
    other_scope = links.token("survey", kid="test", scope="hillside", selector=asked.selector, version=1)
    yield "another clinic's", f"/q/{other_scope}/"
    change(asked, link_version=2)
    yield "revoked", f"/q/{token}/"
    change(asked, link_version=1)
    for state in ("cancelled", "skipped", "missed"):
        change(asked, state=state)
        yield state, f"/q/{token}/"
    change(asked, state="open", window_end=DUE)
    yield "expired", f"/q/{token}/"
    change(asked, window_end=asked.window_end)
    yield "not yet due", link(Occurrence.objects.get(chart=asked.chart, step="week_12"))
    change(asked, link_kid="lost")
    yield "key gone", f"/q/{token}/"
    yield "key gone, unsubscribe", f"/q/u/{token}/"
    change(asked, link_kid="test")
    patient = asked.chart.patient
    patient.archived = True
    patient.save()
    yield "inactive patient", f"/q/{token}/"
    yield "inactive patient, unsubscribe", f"/q/u/{queries.link_token(asked, 'unsubscribe')}/"


@pytest.mark.parametrize("post", [False, True], ids=["GET", "POST"])
def test_every_link_that_opens_nothing_gets_the_same_page_to_the_byte(asked, post):
    """TK-10: status, body and headers of each class; TK-3: one purpose's token opens no other route."""
    expected = the_404_page()
    assert expected[0] == 404
    different = [why for why, url in dead_links(asked) if seen(url, post=post) != expected]
    assert different == []
    assert is_open(asked) is False


def test_the_404_page_names_no_clinic_and_sets_no_cookie(asked):
    """TK-10: no hint whether a patient or a clinic exists."""
    response = Client().get("/q/nothing/")
    html = response.content.decode()
    assert "Riverside" not in html
    assert "555-0100" not in html
    assert not response.cookies
    assert "This link does not work any more. " in html.replace("</h1>", " ")


def test_a_stolen_database_without_the_key_opens_nothing(asked, settings):
    """TK-2 part: the same rows, another key."""
    old = link(asked)
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"test": "another key than the one the links are of"}}
    assert seen(old) == the_404_page()


def test_an_old_key_opens_its_links_while_it_stays_in_the_ring_and_new_links_take_the_newest(asked, settings, at):
    """TK-18 part: rotation in mid-flight."""
    old, keys = link(asked), settings.RLS_MODULE["LINK_KEYS"]
    phone = Phone()
    phone.start(asked)
    settings.RLS_MODULE = settings.RLS_MODULE | {
        "LINK_KEYS": {"new": "a newer key, as long as keys have to be", **keys}
    }
    at(make.NOW)
    fresh = Occurrence.objects.get(chart=make.planned(make.therapist()).chart, step="week_6")
    at(DUE)
    assert fresh.link_kid == "new"
    assert Client().get(old).status_code == 200
    assert phone.answer().key == "strength"
    assert is_open(fresh)
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"new": "a newer key, as long as keys have to be"}}
    assert seen(old) == the_404_page()
    assert phone.get(f"/q/{asked.selector}/?page=nights").status == 404
    assert is_open(fresh)


# Until when


def test_a_link_opens_from_the_second_it_is_due(asked, at):
    """TK-5 part: not before."""
    at(asked.due_at - SECOND)
    assert seen(link(asked)) == the_404_page()
    at(asked.due_at)
    assert is_open(asked)


def test_a_link_that_was_not_begun_closes_with_its_window(asked, at):
    """TK-5 part: to the second, on GET and on POST."""
    phone = Phone()
    page = phone.get(link(asked))
    at(asked.window_end - SECOND)
    assert is_open(asked)
    at(asked.window_end)
    assert seen(link(asked)) == the_404_page()
    assert phone.press("start", form=page.form).status == 404
    asked.refresh_from_db()
    assert asked.begun_at is None


def test_a_link_closes_after_its_days_where_the_window_is_longer(asked, at, settings):
    """TK-5 part: the sooner of the two."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_DAYS": 10}
    at(asked.due_at + make.days(10) - SECOND)
    assert is_open(asked)
    at(asked.due_at + make.days(10))
    assert seen(link(asked)) == the_404_page()


def test_a_form_that_was_begun_in_the_last_second_has_48_hours_more_and_counts_as_late(asked, at):
    """TK-5 part: begun before the close."""
    at(asked.window_end - SECOND)
    phone = Phone()
    phone.start(asked)
    at(asked.window_end + HOURS_48 - SECOND)
    phone.start(asked)
    phone.answer_until("review")
    phone.press("send")
    asked.refresh_from_db()
    assert asked.state == "late"


def test_after_the_48_hours_nothing_opens_and_nothing_is_stored(asked, at):
    """TK-5 part: enforced on GET and POST, in the middle of a sitting."""
    at(asked.window_end - SECOND)
    Phone().start(asked)
    at(asked.window_end + HOURS_48 - SECOND)
    phone = Phone()
    phone.start(asked)
    at(asked.window_end + HOURS_48)
    assert phone.answer().status == 404
    assert seen(link(asked)) == the_404_page()
    assert not Draft.objects.exists()


@pytest.mark.parametrize("takes_cookies", [True, False], ids=["cookies", "token path"])
@pytest.mark.parametrize("page", ["nights", "review"])
def test_a_link_revoked_between_seeing_and_sending_stores_nothing(asked, takes_cookies, page):
    """TK-5 part: revoked between GET and POST."""
    phone = Phone(takes_cookies=takes_cookies)
    phone.start(asked)
    phone.answer_until(page)
    change(asked, link_version=2)
    before = tables.dump()
    page = phone.press("send") if page == "review" else phone.answer()
    assert (page.status, page.response.content) == the_404_page()[:2]
    assert sorted(tables.changed(before, tables.dump())) == REFUSAL, "the refusal, and nothing else"


@pytest.mark.parametrize("leave", [{"archived": True}, {"died_on": make.TODAY}], ids=["left", "died"])
def test_a_patient_who_left_or_died_between_seeing_and_sending_has_nothing_stored(asked, leave):
    """TK-5 part: inactive patients."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("review")
    for name, value in leave.items():
        setattr(asked.chart.patient, name, value)
    asked.chart.patient.save()
    before = tables.dump()
    assert phone.press("send").status == 404
    assert sorted(tables.changed(before, tables.dump())) == REFUSAL, "the refusal, and nothing else"


# Seeing changes nothing


def test_fifty_robots_that_only_look_change_nothing_and_the_patient_answers_after_them(asked):
    """TK-6: 50 GET and HEAD per link with scanners' names; no table changes; the human flow still works."""
    before = tables.dump()
    for number in range(50):
        client = Client(headers={"User-Agent": SCANNERS[number % len(SCANNERS)]})
        for method in (client.get, client.head):
            assert method(link(asked)).status_code == 200
            assert method(link(asked, "unsubscribe")).status_code == 200
    assert tables.changed(before, tables.dump()) == []
    assert "Your answers have arrived" in Phone().send_in(asked).text


def test_looking_at_every_page_of_a_begun_form_changes_nothing(asked):
    """TK-6 part: also behind the cookie, and F-35 part: GETs lock nobody out."""
    phone = Phone()
    phone.start(asked)
    phone.answer_until("medicines", {"new_problem": {"new_problem": ["chest"]}})
    before = tables.dump()
    for key in (*ANSWERS, "review", "advice&show=U1-U2&then=review", "call", "stop", "nonsense", ""):
        for _ in range(3):
            assert phone.get(f"/q/{asked.selector}/?page={key}").status == 200
            assert phone.client.head(f"/q/{asked.selector}/?page={key}").status_code in (200, 303)
    assert tables.changed(before, tables.dump()) == []


def test_looking_asks_the_database_only(asked):
    """TK-6 part: not one statement of a GET writes."""
    with CaptureQueriesContext(
        connection,
    ) as asked_of:
        Client().get(link(asked))
    verbs = {re.match(r"\W*(\w+)", one["sql"])[1].upper() for one in asked_of.captured_queries}
    assert verbs == {"SELECT"}


@pytest.mark.parametrize("method", ["options", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("purpose", ["survey", "unsubscribe"])
def test_other_methods_are_refused_and_change_nothing(asked, method, purpose):
    """TK-6 part: OPTIONS and the like."""
    before = tables.dump()
    response = getattr(Client(), method)(link(asked, purpose))
    assert response.status_code == 405
    assert response.headers.items() >= HEADERS.items()
    assert tables.changed(before, tables.dump()) == []


# Headers


def responses_by_status(asked: Occurrence) -> dict[int, list]:
    phone = Phone()
    phone.start(asked)
    phone.answer({})
    phone.answer_until("review")
    phone.press("send")
    phone.post(f"/q/{asked.selector}/?page=nights", {"nights": "6"})
    phone.get(link(asked, "unsubscribe"))
    phone.get("/q/nothing/")
    phone.get("/q/u/nothing/")
    found: dict[int, list] = {}
    for _, response in phone.trail:
        found.setdefault(response.status_code, []).append(response)
    found[405] = [Client().put(link(asked))]
    found[413] = [Client().post(link(asked), {"comment": "x" * 70_000})]
    found[400] = [Client().post(link(asked), b"do=start", content_type=f"{URLENCODED}; charset=utf-7")]
    found[429] = [one for one in (Client().get("/q/nothing/") for _ in range(121)) if one.status_code == 429]
    return found


def test_every_status_carries_the_headers_and_asks_nothing_of_anybody_else(asked):
    """TK-13: each status code that the survey itself answers; 503 is seen to in `test_failures.py`."""
    found = responses_by_status(asked)
    assert found.keys() == {200, 303, 400, 404, 405, 409, 413, 422, 429}
    for status, responses in found.items():
        for response in responses:
            assert response.headers.items() >= HEADERS.items(), status
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            html = response.content.decode()
            assert re.findall(r'(?:src|href|action)="(?!/|\?|#|tel:|data:,|")[^"]*"', html) == []


def test_a_link_to_elsewhere_does_not_say_where_it_came_from():
    """TK-13: whatever page a patient sees; with a breach that shows it firing."""
    assert leaky('<a href="https://a.example">') == ['<a href="https://a.example">']
    assert leaky('<a rel="noopener noreferrer" href="https://a.example">') == []
    assert leaky('<a href="{{ brand.help_url }}">') == ['<a href="{{ brand.help_url }}">']
    templates = Path(__file__).parents[3] / "rls_module" / "templates" / "rls_module"
    pages = [*(templates / "surveys").glob("*.html"), templates / "layouts" / "patient.html"]
    assert len(pages) > 10
    assert {page.name: leaky(page.read_text()) for page in pages if leaky(page.read_text())} == {}


OWN_WAYS = r"tel:|mailto:|[#?/]|\{% url|\{\{ (?:\w+\.)?(?:\w*_)?url \}\}|\{\{ (?:target|language)\."


def leaky(html: str) -> list[str]:
    """Links that may lead elsewhere and would name the page they stand on."""
    found = re.findall(r"<a\s[^>]*>", html)
    out = [one for one in found if not re.search(rf'href="(?:{OWN_WAYS})', one) or "help_url" in one]
    return [one for one in out if "noreferrer" not in one]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("&".join(f"f{number}=1" for number in range(1001)), "application/x-www-form-urlencoded"),
        ("comment=" + "x" * 3_000_000, "application/x-www-form-urlencoded"),
        ("not a form", "multipart/form-data"),
        ("--b\r\nbroken", "multipart/form-data; boundary=b"),
    ],
    ids=["1001 fields", "3 MB", "no boundary", "broken"],
)
@pytest.mark.parametrize("purpose", ["survey", "unsubscribe"])
def test_a_body_that_cannot_be_read_is_refused_with_the_headers_of_a_survey(asked, body, content_type, purpose):
    """TK-13, F-33 part: errors included; no 500."""
    client = Client(raise_request_exception=False)
    response = client.generic("POST", link(asked, purpose), body, content_type=content_type)
    assert response.status_code < 500
    missing = HEADERS.items() - response.headers.items()
    assert missing == set()


# The parts that sign


def test_a_ticket_is_of_one_survey_one_language_one_time():
    """TK-3 part: tickets and form tokens are bound to their purpose."""
    made = make.queued(2)
    one, other = (row.occurrence for row in made)
    ticket = access.Ticket("s" * 22, "en", int(make.NOW.timestamp()))
    text = access.sealed(one, ticket)
    assert access.opened(one, text, make.NOW) == ticket
    assert access.opened(one, text, make.NOW - SECOND) is None
    assert access.opened(other, text, make.NOW) is None
    for altered in ("", ".", "en.s.1", text[:-1], text.replace("en.", "es.", 1), text + "A", "é" + text, "a.b.².c"):
        assert access.opened(one, altered, make.NOW) is None, altered
    door = access.Door(one, ticket, "", has_started=True)
    form = access.form_token(door, "nights", make.NOW)
    assert access.is_own_form(door, "nights", form, make.NOW + make.days(1))
    assert not access.is_own_form(door, "nights", form, make.NOW + make.days(1) + SECOND)
    assert not access.is_own_form(door, "review", form, make.NOW)
    assert not access.is_own_form(access.Door(other, ticket, "", has_started=True), "nights", form, make.NOW)
    elsewhere = access.Door(one, access.Ticket("t" * 22, "en", ticket.issued), "", has_started=True)
    assert not access.is_own_form(elsewhere, "nights", form, make.NOW)
    seal = text.rpartition(".")[2]
    assert not access.is_own_form(door, "nights", f"{ticket.issued}.{seal}", make.NOW)


@pytest.mark.parametrize(
    "forged", ["", ".", "1", "²²².x", "٣٣.x", "9" * 400 + ".x", "-1.x", "1e9.x", "é.é", "\x00.\x00"]
)
def test_a_forged_form_token_is_refused_in_words(asked, forged):
    """TK-7 part, F-34 part: the form's own token; no 500."""
    phone = Phone()
    phone.start(asked)
    page = phone.answer({"nights": "3", "form_token": forged})
    assert page.status == 422
    assert page.picked == ["nights=3"]
    assert not Draft.objects.exists()

"""What a minute lets be tried: guesses and posts are bounded, a link that opens is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rls_module.audit.models import AuditEvent
from rls_module.followups import links, queries
from rls_module.followups.models import Occurrence
from rls_module.surveys.actions import limits
from rls_module.surveys.models import Draft, Tally
from tests import factories as make
from tests.rls_module.surveys.phone import Phone, link

A_MINUTE = timedelta(minutes=1)
THREADS = 20


@contextmanager
def no_counts() -> Iterator[None]:
    """Nothing can be counted meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rls_module_tally RENAME TO rls_module_elsewhere")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE rls_module_elsewhere RENAME TO rls_module_tally")


def guesses(number: int, **more: str) -> list[int]:
    client = Client(**more)
    return [client.get(f"/q/{links.new_selector()}{'A' * 43}/").status_code for _ in range(number)]


@pytest.mark.django_db(transaction=True)
def test_of_a_thousand_at_once_exactly_the_share_passes():
    """TK-11: 1000 tries in parallel, one count: not one more, not one less."""

    def fifty() -> int:
        return sum(limits.takes("one address", most=60, now=make.NOW) for _ in range(50))

    assert sum(make.at_once(*[fifty] * THREADS)) == 60
    assert Tally.objects.get().count == 60
    assert limits.takes("one address", most=60, now=make.NOW + A_MINUTE)
    assert limits.takes("another address", most=60, now=make.NOW)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_guesses_at_once_leave_a_bounded_audit_and_the_patient_answers(asked):
    """TK-11: at most 60 a minute of one address are answered with 404 and witnessed; the link that opens still does."""
    outcomes = make.at_once(*[partial(guesses, 50)] * THREADS)
    statuses = [status for each in outcomes for status in each]
    minutes = Tally.objects.values("minute").distinct().count()
    assert len(statuses) == 1000
    assert set(statuses) == {404, 429}
    assert statuses.count(404) == AuditEvent.objects.filter(verb="link.open").count() <= 60 * minutes
    assert "Your answers have arrived" in Phone().send_in(asked).text


@pytest.mark.both
@pytest.mark.django_db
def test_many_addresses_together_are_bounded_and_raise_one_alarm(caplog):
    """TK-11: the count of all; one line a minute."""
    passed = [limits.may_fail(address=f"10.0.{n // 50}.{n % 50}", now=make.NOW) for n in range(610)]
    assert passed == [True] * 600 + [False] * 10
    assert [one.message for one in caplog.records] == ["more than 600 links that open nothing were tried in a minute"]


@pytest.mark.both
@pytest.mark.django_db
def test_an_ipv6_host_has_one_share():
    """TK-11: it may take any address of its /64."""
    passed = [limits.may_fail(address=f"2001:db8::{n:x}", now=make.NOW) for n in range(61)]
    assert passed == [True] * 60 + [False]
    assert limits.may_fail(address="2001:db8:0:1::1", now=make.NOW)


@pytest.mark.both
@pytest.mark.django_db
def test_looking_is_never_counted_and_a_link_that_opens_never_waits_for_strangers(asked):
    """TK-11: no GET of a valid link; also from the address that guessed."""
    for _ in range(65):
        assert Client().get(link(asked)).status_code == 200
    assert not Tally.objects.exists()
    assert 429 in guesses(121)
    assert Client().get(link(asked)).status_code == 200


@pytest.mark.both
@pytest.mark.django_db
def test_posts_of_one_sitting_are_bounded_and_nothing_typed_is_lost(asked):
    """TK-11: 30 a minute; the page that is held back has what was typed; another device has a share of its own."""
    phone = Phone()
    phone.start(asked)
    sent = phone.page.form.fields | {"do": "next", "nights": "2"}
    url = phone.page.url
    statuses = [phone.client.post(url, sent).status_code for _ in range(61)]
    assert 429 in statuses
    assert statuses[:30] == [303] * 30
    back = phone.client.post(url, sent | {"nights": "6"})
    if back.status_code == 429:  # the same minute still
        assert back.headers["Retry-After"] == "60"
        assert 'value="6"' in back.content.decode()
    assert "Your answers have arrived" in Phone().send_in(asked).text


@pytest.mark.both
@pytest.mark.django_db
def test_all_posts_of_one_link_are_bounded(asked):
    """TK-11: whoever holds a link can't write without end by beginning again and again."""
    passed = [limits.may_write(selector="s", sitting=str(n), now=make.NOW) for n in range(301)]
    assert passed == [True] * 300 + [False]


@pytest.mark.both
@pytest.mark.django_db
def test_answers_after_the_answer_and_preferences_are_bounded(asked):
    """TK-11: what leaves an event each time."""
    phone = Phone()
    phone.send_in(asked)
    late = [phone.client.post(f"/q/{asked.selector}/?page=nights", {"nights": "1"}).status_code for _ in range(61)]
    out = [Client().post(link(asked, "unsubscribe"), {"do": "reminders"}).status_code for _ in range(61)]
    assert set(late) == {409, 429}
    assert set(out) == {200, 429}


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_where_nothing_can_be_counted_patients_go_on_and_strangers_do_not(asked, caplog):
    """TK-11: open for a link that opens, closed for one that does not; and it is told."""
    events = AuditEvent.objects.filter(verb="link.open")
    with no_counts():
        assert "Your answers have arrived" in Phone().send_in(asked).text
        assert set(guesses(3)) == {429}
    assert Occurrence.objects.get(pk=asked.pk).state == "answered"
    assert not events.exists()
    assert "could not be counted" in caplog.text
    assert not Draft.objects.exists()


@pytest.mark.both
@pytest.mark.django_db
def test_a_count_names_nobody_and_is_put_away(asked):
    """PV-1 part: neither an address nor a link is stored with it."""
    limits.may_fail(address="203.0.113.9", now=make.NOW)
    limits.may_write(selector=asked.selector, sitting="s" * 22, now=make.NOW)
    stored = str(list(Tally.objects.values_list("what")))
    assert "203.0.113" not in stored
    assert asked.selector not in stored
    limits.forget(now=make.NOW + 9 * A_MINUTE)
    assert Tally.objects.count() == 4
    limits.forget(now=make.NOW + 11 * A_MINUTE)
    assert not Tally.objects.exists()


# No clock tells why a link does not open


def dead_links(asked: Occurrence, later: Occurrence) -> dict[str, str]:
    token = queries.link_token(asked, "survey")
    revoked = links.token("survey", kid="test", scope=asked.scope, selector=asked.selector, version=9)
    return {
        "unknown": f"/q/{links.new_selector()}{token[22:]}/",
        "malformed": "/q/nothing/",
        "over": link(later),
        "revoked": f"/q/{revoked}/",
        "of another purpose": f"/q/{queries.link_token(asked, 'unsubscribe')}/",
        "of another purpose, the other way": f"/q/u/{token}/",
    }


@pytest.mark.both
@pytest.mark.django_db
def test_each_kind_of_dead_link_asks_the_database_and_the_key_the_same(asked):
    """TK-10: the same statements in the same order, and as many verifiers; `bench/links.py` measures the times."""
    later = Occurrence.objects.get(chart=asked.chart, step="week_12")
    Client().get("/q/nothing/")  # the minute's row is there
    done = {kind: work_of(address) for kind, address in dead_links(asked, later).items()}
    assert {kind: work for kind, work in done.items() if work != done["unknown"]} == {}


def work_of(address: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked_of:
        assert Client().get(address).status_code == 404
    return [re.split(r" WHERE | VALUES |(?<=SAVEPOINT) ", one["sql"])[0] for one in asked_of.captured_queries]

"""The token: how it is made, what it is good for, and that it is kept nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings as django_settings

from rls_module.followups import actions, links, queries
from rls_module.followups.models import Occurrence
from tests import factories as make
from tests.rls_module.surveys import tables
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import Phone, link

ROOT = Path(__file__).parents[3] / "rls_module"
SIGNING = (
    ROOT / "followups" / "links.py",
    ROOT / "followups" / "queries" / "standing.py",
    ROOT / "surveys" / "access.py",
)
SECRET_NAMES = re.compile(r"verifier|seal|digest|true|parts|token$")
MANY = 1_000_000


def made(**changed: object) -> str:
    values = {"purpose": "survey", "kid": "test", "scope": "riverside", "selector": "A" * 22, "version": 1} | changed
    return links.token(values.pop("purpose"), **values)


def weak_sources(source: str) -> list[str]:
    """Imports that randomness for a secret may not come from."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [name for name in names if name.partition(".")[0] in {"random", "uuid", "numpy"}]
    return found


def open_comparisons(source: str) -> list[str]:
    """Comparisons by == or != of what looks like a secret."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            found += [
                ast.unparse(node)
                for side in (node.left, *node.comparators)
                if SECRET_NAMES.search(ast.unparse(side).partition("(")[0])
            ]
    return found


def test_a_selector_is_128_random_bits_and_a_million_of_them_differ():
    """TK-1: length, alphabet, no collision in a million."""
    selectors = {links.new_selector() for _ in range(MANY)}
    assert len(selectors) == MANY
    assert all(links.is_selector(one) for one in list(selectors)[:1000])
    for place in range(21):  # every place takes every letter; the last holds two bits
        assert len({one[place] for one in list(selectors)[:10_000]}) == 64


def test_a_token_is_a_selector_and_256_bits_of_hmac():
    """TK-1: the shape; no UUID, no number, no key of a row."""
    token = made()
    assert re.fullmatch(r"[A-Za-z0-9_-]{65}", token)
    assert links.split(token) == ("A" * 22, token[22:])
    assert made() == token


def test_randomness_comes_from_secrets_alone():
    """TK-1: the lint, with a breach that shows it firing."""
    assert weak_sources("import random\nfrom uuid import uuid4") == ["random", "uuid"]
    assert [weak_sources(path.read_text()) for path in SIGNING] == [[], [], []]


@pytest.mark.parametrize(
    "changed",
    [{"purpose": "unsubscribe"}, {"purpose": "sitting"}, {"purpose": "form"}, {"scope": "hillside"}, {"version": 2},
     {"selector": "B" * 22}],
)  # fmt: skip
def test_the_verifier_is_bound_to_purpose_scope_selector_and_version(changed):
    """TK-3, TK-2 part: HMAC(key, purpose, scope, selector, version)."""
    assert links.split(made(**changed))[1] != links.split(made())[1]


def test_no_two_parts_can_be_shifted_into_each_other():
    """TK-3: the parts are told apart in what is signed."""
    one = links.verifier("form", kid="test", scope="a", selector="bc", version=1, extra="d")
    assert one != links.verifier("form", kid="test", scope="ab", selector="c", version=1, extra="d")
    assert one != links.verifier("form", kid="test", scope="a", selector="bc", version=1, extra="")


def test_another_key_makes_another_verifier_and_a_lost_one_none(settings):
    """TK-2 part."""
    before = made()
    settings.RLS_MODULE = settings.RLS_MODULE | {"LINK_KEYS": {"test": "another key, as long as it has to be"}}
    assert made() != before
    with pytest.raises(KeyError):
        made(kid="lost")


def test_secrets_are_compared_in_constant_time():
    """TK-3: hmac.compare_digest, and no == beside it; with a breach that shows it firing."""
    assert open_comparisons("ok = verifier(1) == given\nif self.seal != x: pass\nn = len(parts) == 3") == [
        "verifier(1) == given",
        "self.seal != x",
    ]
    same = next(node for node in ast.walk(ast.parse(SIGNING[0].read_text())) if getattr(node, "name", "") == "same")
    assert "hmac.compare_digest(" in ast.unparse(same)
    assert [open_comparisons(path.read_text()) for path in SIGNING] == [[], [], []]
    assert links.same("é", "é")
    assert not links.same("é", "e")


@pytest.mark.both
@pytest.mark.django_db
def test_what_is_planned_has_such_a_selector_and_nothing_of_its_row(at):
    """TK-1: each time of asking its own, by the one function; planned again it would be another."""
    make.planned(make.therapist())
    make.planned(make.therapist())
    asked = list(Occurrence.objects.all())
    assert len({one.selector for one in asked}) == len(asked) >= 4
    assert all(links.is_selector(one.selector) for one in asked)
    assert [one for one in asked if one.selector in str(one.uuid) or str(one.pk) == one.selector] == []
    makers = [path.name for path in ROOT.rglob("*.py") if "links.new_selector(" in path.read_text()]
    assert makers == ["planning.py"]


@pytest.mark.both
@pytest.mark.django_db
def test_a_token_of_each_purpose_opens_its_own_route_and_no_other(asked):
    """TK-3: every purpose that a key signs for, on every route that takes a token."""
    routes = {"survey": "/q/{}/", "unsubscribe": "/q/u/{}/"}
    opened = [
        (purpose, route)
        for purpose in get_args(links.Purpose)
        for route, address in routes.items()
        if Phone().get(address.format(queries.link_token(asked, purpose))).status == 200
    ]
    assert opened == [("survey", "survey"), ("unsubscribe", "unsubscribe")]


# Kept nowhere


def secrets_of(occurrence: Occurrence) -> list[str]:
    """Whatever would open something: both tokens, and their secret halves alone."""
    tokens = [queries.link_token(occurrence, purpose) for purpose in ("survey", "unsubscribe")]
    return [one for token in tokens for one in (token, token[22:])]


def found_in(text: str, secrets: list[str]) -> list[str]:
    return [line[:120] for line in text.splitlines() if any(secret in line for secret in secrets)]


@pytest.fixture
def mailed(at, smtp_server, logged):
    """A patient who got the mail, planned and sent by the engine, all of it logged."""
    case = make.planned(make.therapist())
    at(DUE)
    assert actions.tick(now=DUE) == 1
    [mail] = smtp_server.messages
    occurrence = Occurrence.objects.get(chart=case.chart, step="week_6")
    assert queries.link_token(occurrence, "survey") in mail.message.get_body(("plain",)).get_content()
    return occurrence


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("takes_cookies", [True, False], ids=["cookies", "token path"])
def test_after_the_whole_flow_no_table_holds_a_token(mailed, takes_cookies):
    """TK-2 part: mail, start, refused page, review, receipt, a second answer, unsubscribe; every table."""
    whole_flow(mailed, takes_cookies=takes_cookies)
    text = "\n".join(row for rows in tables.dump().values() for row in rows)
    assert mailed.selector in text
    assert found_in(text, [*secrets_of(mailed), django_settings.RLS_MODULE["LINK_KEYS"]["test"]]) == []


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("takes_cookies", [True, False], ids=["cookies", "token path"])
def test_after_the_whole_flow_no_log_holds_a_token(mailed, logged, takes_cookies):
    """TK-2 part, TK-14 part: what the application itself logs, of good and of refused pages."""
    whole_flow(mailed, takes_cookies=takes_cookies)
    assert logged() != ""
    assert found_in(logged(), secrets_of(mailed)) == []


@pytest.mark.both
@pytest.mark.django_db
def test_a_link_that_is_opened_too_early_or_by_another_method_is_not_logged(asked, logged, at):
    """TK-2 part, TK-14 part: a token that opens something tomorrow is a secret today."""
    at(asked.due_at - make.days(1))
    Phone().get(link(asked))
    at(DUE)
    client = Phone().client
    client.put(link(asked))
    client.put(link(asked, "unsubscribe"))
    assert found_in(logged(), secrets_of(asked)) == []


def whole_flow(asked: Occurrence, *, takes_cookies: bool) -> None:
    phone = Phone(takes_cookies=takes_cookies)
    phone.start(asked)
    assert phone.answer({}).status == 422
    phone.answer_until("review", {"new_problem": {"new_problem": ["chest"]}})
    nights = phone.page.url.replace("page=review", "page=nights")
    phone.press("send")
    assert phone.post(nights, {"nights": "6"}).status == 409
    phone.get(link(asked))
    phone.get(link(asked, "unsubscribe"))
    phone.press("all", form=phone.page.forms[-1])

"""AZ-16: jobs walk the clinics. Both have patient 1; each gets its own clinic's mail, and no clinic stops another."""

from __future__ import annotations

import re

import pytest

from rls_module import engine
from rls_module.followups import actions, queries
from rls_module.followups.models import Occurrence
from rls_module.host.actor import system
from tests import factories as make
from tests.hosts.two_clinics.adapter import TwoClinicsAdapter
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.world import BOTH, browser, person, staff
from tests.rls_module.host.pages import at

__all__ = ["at"]
pytestmark = [BOTH, pytest.mark.usefixtures("at")]

DUE = make.NOW + make.days(42.2)  # six weeks on, and late enough for Denver's morning as well
LINK = re.compile(r"http://([\w.]+)(/q/[\w-]{65}/)")


@pytest.fixture
def asked(at):
    """Patient 1 of each clinic is due to be asked at six weeks."""
    people = staff("therapist", "stranger")
    for label, who in (("alpha", "therapist"), ("beta", "stranger")):
        with inside(label):
            make.planned(people[who], person=person(label, people[who]))
    at(DUE)


@pytest.mark.before_mailers
def test_each_mail_carries_its_own_clinics_link_and_opens_its_own_survey(asked, smtp_server):
    """AZ-16: name, address and survey are those of the patient's own clinic; elsewhere the link is our 404."""
    assert engine.turn(now=DUE) == 2
    mails = {mail.recipients[0]: mail for mail in smtp_server.messages}
    assert set(mails) == {"alma@alpha.example.org", "alma@beta.example.org"}
    for label, other in (("alpha", "beta"), ("beta", "alpha")):
        words = mails[f"alma@{label}.example.org"].message.get_body(("plain",)).get_content()
        assert (CLINICS[label].name in words, CLINICS[other].name in words) == (True, False)
        domain, path = LINK.findall(words)[0]
        assert domain == CLINICS[label].domain
        page = browser(label).get(path)
        assert page.status_code == 200
        assert CLINICS[label].name in page.content.decode()
        assert browser(other).get(path).status_code == 404


def test_a_link_of_one_clinic_opens_nothing_where_selector_and_key_are_the_same(asked):
    """AZ-16: the scope is part of the link's signature."""
    with inside("alpha"):
        mine = Occurrence.objects.get(step="week_6")
        token = queries.link_token(mine, "survey")
    with inside("beta"):
        Occurrence.objects.filter(step="week_6").update(selector=mine.selector, link_kid=mine.link_kid)
    assert browser("alpha").get(f"/q/{token}/").status_code == 200
    assert browser("beta").get(f"/q/{token}/").status_code == 404


class Broken:
    """A context that can't be entered; its words name somebody."""

    def __enter__(self):
        raise ConnectionError("alma@alpha.example.org: no route to the database")

    def __exit__(self, *_about):
        return False


class AlphaIsDown(TwoClinicsAdapter):
    """The clinic that is walked first has no database."""

    def scopes(self):
        for label, context in super().scopes():
            yield label, Broken() if label == "alpha" else context


@pytest.mark.before_mailers
def test_a_clinic_that_raises_is_reported_and_stops_no_other(asked, settings, smtp_server, caplog):
    """AZ-16: the log has the label and the kind, never the words."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.AlphaIsDown"}
    assert engine.turn(now=DUE) == 1
    assert [mail.recipients for mail in smtp_server.messages] == [("alma@beta.example.org",)]
    assert "the engine's turn failed for scope alpha (ConnectionError)" in caplog.text
    assert "alma@" not in caplog.text


def test_a_pause_of_one_clinic_is_none_of_the_other(asked):
    """AZ-16: the pause is a row of the clinic's own database."""
    with inside("alpha"):
        actions.pause(scope="alpha", reason="moving", actor=system("test"))
        assert queries.engine_state("alpha").paused_at is not None
    with inside("beta"):
        assert queries.engine_state("beta") is None


def test_a_claim_takes_rows_of_its_own_scope_alone(asked):
    """AZ-16: every claim filters on the scope."""
    with inside("beta"):
        assert queries.due("beta", DUE).count() == 1
        assert queries.due("alpha", DUE).count() == 0

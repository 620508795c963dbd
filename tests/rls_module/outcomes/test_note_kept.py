"""A note that keeps itself while it is typed, and as one paragraph once it is signed."""

from __future__ import annotations

import html

import pytest

from rls_module.visits.models import NeedlingSite, Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.outcomes.test_note_page import NOTE, ROWS, SITE, case, client, post, user, visit

__all__ = ["case", "client", "user", "visit"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


def test_a_note_that_is_typed_is_kept_and_the_next_save_goes_on_from_there(client, visit):
    """DI-1: what the script is told is what it sends the next time."""
    kept = post(client, visit, "keep", seen=1)
    assert (kept.status_code, kept.json()) == (200, {"version": 2, "mark": ""})
    again = post(client, visit, "keep", seen=2, findings="And more.")
    assert again.json() == {"version": 3, "mark": ""}
    visit.refresh_from_db()
    assert (visit.status, visit.findings, NeedlingSite.objects.count()) == ("draft", "And more.", 1)


def test_the_page_takes_part_in_being_kept(client, visit):
    """Without JavaScript the same form has its buttons; what is sent after the session ended is kept, too."""
    page = client.get(f"/rls/visits/{visit.uuid}/")
    assert "data-autosave" in page.content.decode()
    sends = Page(page).sends
    assert sends["version"] == ["1"]
    assert "kept_for" in sends
    assert 'name="mark"' in page.content.decode()


def test_what_can_not_stand_yet_is_not_kept_and_ends_nothing(client, visit):
    assert post(client, visit, "keep", **{"site-0-muscle": "bicycle"}).status_code == 422
    assert post(client, visit, "keep").status_code == 200


def test_keeping_from_an_older_version_writes_nothing(client, visit):
    """DI-1: the one who saved stays; the script stops, and Save shows both."""
    post(client, visit, "save", findings="Theirs.")
    assert post(client, visit, "keep", seen=1, findings="Mine.").status_code == 409
    visit.refresh_from_db()
    assert visit.findings == "Theirs."
    page = Page(post(client, visit, "save", seen=1, findings="Mine."))
    assert "Theirs." in page.words
    assert page.sends["findings"] == ["Mine."]


def test_a_signed_note_is_kept_no_more(client, visit, user):
    visit = make.signed(visit.case, user)
    assert post(client, visit, "keep").status_code == 409


def test_a_colleague_keeps_nothing_of_anothers_note(visit, case):
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    sent = NOTE | ROWS | SITE | {"version": "1", "do": "keep"}
    assert signed_in(colleague).post(f"/rls/visits/{visit.uuid}/", sent).status_code == 409
    assert Visit.objects.get().version == 1


def test_a_signed_note_is_one_paragraph_to_copy(client, case, user):
    """Decisions 12.17: one paragraph, nobody charts twice; the name stays in the clinic system."""
    signed = make.signed(
        case, user, points=[make.point()], exercises=[make.exercise()], findings="Tight\r\nband.", nights=4
    )
    page = client.get(f"/rls/visits/{signed.uuid}/").content.decode()
    text = html.unescape(page.partition('id="paragraph">')[2].partition("</p>")[0])
    assert text == (
        "RLS visit of Sept. 7, 2026. Since last time: same, 4 of 7 nights. Reaction: no treatment yet. "
        "Safety: asked, nothing changed. Findings: Tight band. Dry needling: soleus L ×3. "
        "Needles in 3, out 3. Fascial Manipulation®: er-pe L 3→1. Exercise: Calf raise. "
        "Response: Less pull in the calf. Minutes: 30 timed, 45 in total. "
        "Plan for next time: Same points, add the foot. Signed by Dana Whitfield PT, Sept. 7, 2026."
    )


def test_a_draft_has_no_paragraph_to_copy(case, user):
    visit = make.draft(case, user)
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    page = signed_in(colleague).get(f"/rls/visits/{visit.uuid}/")
    assert 'id="paragraph"' not in page.content.decode()

"""An examination that is still being written: kept as it is, one's own, and never written over by another window."""

from __future__ import annotations

import re

import pytest

from rls_module.assessment import actions
from rls_module.assessment.models import Assessment, AssessmentDraft
from rls_module.audit.models import AuditEvent
from rls_module.host.rows import Stale
from tests import factories as make
from tests.rls_module.assessment.test_assessment import SHEET
from tests.rls_module.host.pages import MONDAY, Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


def send(client, case, **changes):
    return client.post(f"/rls/cases/{case.uuid}/assessment/", SHEET | changes)


def look(client, case) -> Page:
    return Page(client.get(f"/rls/cases/{case.uuid}/assessment/"))


HALF = {"nerve_vessel": "", "red_flags": [], "finding-0-kind": "", "finding-1-place": "elbowish", "note": "Half of it."}


def test_what_is_typed_is_kept_as_it_is_and_stands_there_again(client, case):
    """DI-1: by the button that works without a script; what can't stand yet is nobody's mistake yet."""
    assert send(client, case, do="draft", **HALF).status_code == 302
    page = look(client, case)
    assert page.sends["finding-0-place"] == ["sol l"]
    assert page.sends["finding-1-place"] == ["elbowish"]
    assert page.sends["note"] == ["Half of it."]
    assert page.sends["version"][0] == "1"
    assert "Your draft of" in page.words
    assert "No muscle, point or region" not in page.words
    assert not Assessment.objects.exists()


def test_the_script_is_told_the_version_to_go_on_from(client, case):
    assert send(client, case, do="keep").json() == {"version": 1}
    assert send(client, case, do="keep", version="1", note="more").json() == {"version": 2}
    assert send(client, case, do="keep", version="1", note="an old page").status_code == 409
    assert AssessmentDraft.objects.get().typed["note"] == ["more"]


def test_a_draft_ends_with_the_examination_that_came_of_it(client, case):
    send(client, case, do="keep")
    assert send(client, case, version="1").status_code == 302
    assert Assessment.objects.count() == 1
    assert not AssessmentDraft.objects.exists()
    assert "Your draft of" not in look(client, case).words


def test_a_window_that_is_behind_keeps_no_second_examination_by_itself(client, case):
    """DI-1: the other window has kept it; what was typed here stands, and goes on only when it is pressed again."""
    send(client, case, do="keep")
    send(client, case, version="1")
    response = send(client, case, version="1", note="typed in the window that was behind")
    assert response.status_code == 409
    page = Page(response)
    assert "Another window has kept or discarded this examination" in page.words
    assert page.sends["note"] == ["typed in the window that was behind"]
    assert page.sends["version"][0] == "0"
    assert Assessment.objects.count() == 1


def test_two_windows_are_decided_part_by_part_and_a_row_is_never_mixed_of_two(client, case):
    """DI-1."""
    other = {"finding-0-place": "heel r", "finding-0-kind": "tender", "finding-0-grade": "1", "note": "theirs"}
    more = {"finding-TOTAL_FORMS": "3", "finding-2-place": "calf l", "finding-2-kind": "pain"}
    send(client, case, do="keep", **other, **more)
    response = send(client, case, note="mine")
    assert response.status_code == 409
    page = Page(response)
    assert "heel r, tender, 1" in page.words
    assert "sol l, trigger point, 2" in page.words
    assert page.sends["clash"] == ["note", "finding-0", "finding-2"]
    assert page.sends["version"][0] == "1"

    undecided = {"version": "1", "note": "mine", "clash": ["note", "finding-0", "finding-2"], "keep.note": "typed"}
    response = send(client, case, **undecided)
    assert response.status_code == 422
    assert Page(response).targets[:2] == ["id_keep.finding-0", "id_keep.finding-2"]

    chosen = undecided | {"keep.finding-0": "stored", "keep.finding-2": "stored"}
    assert send(client, case, **chosen).status_code == 302
    assessment = Assessment.objects.get()
    assert assessment.note == "mine"
    rows = assessment.findings.order_by("position").values_list("place", "side", "kind", "grade")
    assert list(rows) == [("heel", "R", "tender", 1), ("calf", "L", "pain", None)]


def test_the_same_typed_twice_is_no_clash(client, case):
    send(client, case, do="keep")
    assert send(client, case, version="0").status_code == 302
    assert not AssessmentDraft.objects.exists()


def test_a_colleague_sees_nothing_of_it_and_has_a_draft_of_her_own(client, case):
    send(client, case, do="keep", note="mine alone")
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    hers = signed_in(colleague)
    assert "mine alone" not in look(hers, case).words
    assert send(hers, case, do="keep", note="hers").json() == {"version": 1}
    assert AssessmentDraft.objects.count() == 2


def test_discarding_is_asked_for_and_the_newer_one_is_not_thrown_away(client, case):
    send(client, case, do="keep")
    send(client, case, do="keep", version="1", note="newer")
    url = f"/rls/cases/{case.uuid}/assessment/"
    assert client.post(url, {"do": "discard", "version": "1"}).status_code == 409
    assert AssessmentDraft.objects.get().version == 2
    assert client.post(url, {"do": "discard", "version": "2"}).status_code == 302
    assert not AssessmentDraft.objects.exists()


@pytest.mark.parametrize("do", ["draft", "keep"])
def test_more_than_a_draft_holds_is_told_and_stays_on_the_page(client, case, do):
    response = send(client, case, do=do, note="x" * (64 * 1024))
    assert response.status_code == 422
    assert not AssessmentDraft.objects.exists()
    if do == "draft":
        assert "too long to be kept as a draft" in Page(response).words


def test_only_the_fields_of_the_page_are_kept_and_no_byte_that_a_database_refuses(client, case):
    send(client, case, do="keep", note="a\0b", injected="x", csrfmiddlewaretoken="y")
    typed = AssessmentDraft.objects.get().typed
    assert typed["note"] == ["ab"]
    assert not {"injected", "csrfmiddlewaretoken", "do", "version"} & set(typed)


def test_each_keeping_leaves_its_event_without_a_value(client, case):
    send(client, case, do="keep", note="secret words")
    [event] = [one for one in AuditEvent.objects.filter(verb="assessment.edit") if one.fields == ["draft"]]
    assert not re.search("secret", str(vars(event)))


def test_more_rows_do_not_end_what_another_window_has_kept(client, case):
    """A page that grows keeps the version it was made from, so that its saving still meets the other one."""
    send(client, case, do="keep", note="other")
    page = Page(send(client, case, do="more_findings", note="mine"))
    assert page.sends["version"][0] == "0"
    assert send(client, case, do="keep", note="mine").status_code == 409


def test_two_that_begin_at_once_make_one_draft(case, user):
    actor = make.actor(user)
    actions.keep_draft(case=case, typed={"note": ["a"]}, seen=0, actor=actor, now=MONDAY)
    with pytest.raises(Stale):
        actions.keep_draft(case=case, typed={"note": ["b"]}, seen=0, actor=actor, now=MONDAY)
    with pytest.raises(Stale):
        actions._begin_draft(case, seen=0, actor=actor, now=MONDAY)

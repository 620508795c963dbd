"""Addenda: said later about a signed note, signed each, and never changed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Signature
from rls_module.visits import actions, queries
from rls_module.visits.models import Addendum, Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def visit(user) -> Visit:
    return make.signed(make.case(user), user)


def add(visit, user, text="The left calf, not the right."):
    return actions.add_addendum(visit=visit, text=text, actor=make.actor(user), now=make.NOW)


def test_an_addendum_is_signed_and_leaves_the_note_as_it_was(visit, user):
    """DI-3, DI-4: who, when, over which content; the note's own hash holds."""
    row = add(visit, user)
    signature = Signature.objects.get(kind="addendum")
    assert (signature.ref, signature.signer_id, signature.signed_at) == (row.uuid, user.pk, make.NOW)
    assert signature.content_hash == queries.addendum_hash(Addendum.objects.get())
    stored = Visit.objects.get(pk=visit.pk)
    note = Signature.objects.get(kind="visit")
    assert note.content_hash == queries.content_hash(stored, queries.treatment(stored))
    assert AuditEvent.objects.filter(verb="addendum.sign", object_id=str(signature.uuid)).count() == 1


def test_an_addendum_is_never_changed(visit, user):
    """DI-4: by a trigger."""
    row = add(visit, user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Addendum.objects.filter(pk=row.pk).update(text="Never mind.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Addendum.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize("field", ["uuid", "text", "author_name"])
def test_any_other_value_makes_another_hash(visit, user, field):
    row = add(visit, user)
    before = queries.addendum_hash(row)
    setattr(row, field, "another")
    assert queries.addendum_hash(row) != before


def test_a_draft_takes_no_addendum(user):
    visit = make.draft(make.case(user), user)
    with pytest.raises(actions.NotSigned):
        add(visit, user)
    assert signed_in(user).post(f"/rls/visits/{visit.uuid}/addendum/", {"text": "More."}).status_code == 409
    assert not Addendum.objects.exists()


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_addendum_says_something(visit, user, text):
    with pytest.raises(ValueError, match="says something"):
        add(visit, user, text)
    response = signed_in(user).post(f"/rls/visits/{visit.uuid}/addendum/", {"text": text})
    assert (response.status_code, Page(response).targets) == (422, ["id_text"])
    assert not Addendum.objects.exists()


def test_two_taps_are_one_addendum_and_two_people_are_two(visit, user):
    colleague = make.therapist()
    for who in (user, user, colleague):
        add(visit, who)
    assert Addendum.objects.count() == 2


def test_it_stands_below_the_note_in_order(visit, user):
    client = signed_in(user)
    for text in ("First <b>word</b>.", "Second word."):
        response = client.post(f"/rls/visits/{visit.uuid}/addendum/", {"text": text})
        assert response.headers["Location"] == f"/rls/visits/{visit.uuid}/"
    words = Page(client.get(f"/rls/visits/{visit.uuid}/")).words
    assert words.index("Plan for next time") < words.index("First <b>word</b>.") < words.index("Second word.")

"""Drafts: whoever saves from the version as it stands wins, the other one is told, and nothing is lost."""

from __future__ import annotations

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.host.actor import system
from rls_module.host.rows import Stale
from rls_module.visits import actions, queries
from rls_module.visits.models import NeedlingSite, Visit
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

ROUNDS = 32


def save(visit: Visit, user, *, seen: int, **note) -> Visit:
    return actions.save_draft(
        visit=visit, seen=seen, note=note, sites=[make.site()], actor=make.actor(user), now=make.NOW
    )


def as_stored(visit: Visit) -> tuple:
    fresh = Visit.objects.get(pk=visit.pk)
    return (
        {name: value for name, value in vars(fresh).items() if not name.startswith("_")},
        list(NeedlingSite.objects.filter(visit=visit).order_by("pk").values()),
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_save_the_same_version_exactly_one_wins_every_round():
    """DI-1: 32 rounds behind a barrier; one winner each, nothing of the winner lost, nothing of the loser stored."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    first = visit.version
    written = []
    for number in range(ROUNDS):
        seen = Visit.objects.get(pk=visit.pk).version

        def tab(name: str, number: int = number, seen: int = seen) -> str:
            words = f"round {number}, {name}"
            save(Visit.objects.get(pk=visit.pk), user, seen=seen, findings=words)
            return words

        outcomes = make.at_once(lambda: tab("left"), lambda: tab("right"))
        [winner] = [one for one in outcomes if isinstance(one, str)]
        [loser] = [one for one in outcomes if not isinstance(one, str)]
        assert isinstance(loser, Stale)
        stored = Visit.objects.get(pk=visit.pk)
        assert (stored.findings, stored.version) == (winner, seen + 1)
        written.append(winner)
    assert len(written) == ROUNDS
    assert Visit.objects.get(pk=visit.pk).version == first + ROUNDS
    assert NeedlingSite.objects.filter(visit=visit).count() == 1
    saves = AuditEvent.objects.filter(verb="visit.edit", object_id=str(visit.uuid))
    assert saves.count() == 2 + ROUNDS  # opened, filled, and one for each round: a loser leaves no event of a write


@pytest.mark.django_db(transaction=True)
def test_signing_and_saving_at_the_same_time_end_in_one_of_the_two():
    """DI-1, DI-4: never a signature over content that the signer did not see."""
    user = make.therapist()
    case = make.case(user)
    for _ in range(10):
        visit = make.draft(case, user)
        seen = visit.version

        def sign(visit: Visit = visit, seen: int = seen) -> str:
            actions.sign(visit=Visit.objects.get(pk=visit.pk), seen=seen, actor=make.actor(user), now=make.NOW)
            return "signed"

        def edit(visit: Visit = visit, seen: int = seen) -> str:
            save(Visit.objects.get(pk=visit.pk), user, seen=seen, findings="later")
            return "saved"

        outcomes = make.at_once(sign, edit)
        [winner] = [one for one in outcomes if isinstance(one, str)]
        [loser] = [one for one in outcomes if not isinstance(one, str)]
        assert isinstance(loser, Stale | actions.NotADraft)
        stored = Visit.objects.get(pk=visit.pk)
        assert (stored.status, stored.findings) == (("signed", "") if winner == "signed" else ("draft", "later"))
        if winner == "signed":
            done = queries.treatment(stored)
            assert queries.signature(stored).content_hash == queries.content_hash(stored, done)


def test_a_stale_save_writes_nothing_at_all():
    """DI-1."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    save(visit, user, seen=visit.version, findings="mine")
    before = as_stored(visit)
    events = AuditEvent.objects.count()
    for seen in (visit.version - 1, visit.version + 1, -1, 0):
        with pytest.raises(Stale):
            save(Visit.objects.get(pk=visit.pk), user, seen=seen, findings="theirs")
    assert as_stored(visit) == before
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("deed", ["save", "sign", "discard"])
def test_a_draft_is_its_authors_own(deed):
    """DI-3: a colleague with every right can neither edit, sign nor discard it."""
    author, colleague = make.therapist(), make.therapist()
    visit = make.draft(make.case(author), author)
    before = as_stored(visit)
    deeds = {
        "save": lambda: save(visit, colleague, seen=visit.version, findings="theirs"),
        "sign": lambda: actions.sign(visit=visit, seen=visit.version, actor=make.actor(colleague), now=make.NOW),
        "discard": lambda: actions.discard(visit=visit, seen=visit.version, actor=make.actor(colleague)),
    }
    with pytest.raises(actions.NotTheAuthor):
        deeds[deed]()
    assert as_stored(visit) == before


@pytest.mark.parametrize("status", ["signed", "discarded"])
@pytest.mark.parametrize("deed", ["save", "sign", "discard"])
def test_what_is_no_draft_any_more_takes_no_action(status, deed):
    """DI-3, DI-5."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    actor = make.actor(user)
    if status == "signed":
        actions.sign(visit=visit, seen=visit.version, actor=actor, now=make.NOW)
    else:
        actions.discard(visit=visit, seen=visit.version, actor=actor)
    visit = Visit.objects.get(pk=visit.pk)
    assert visit.status == status
    before = as_stored(visit)
    deeds = {
        "save": lambda: save(visit, user, seen=visit.version, findings="more"),
        "sign": lambda: actions.sign(visit=visit, seen=visit.version, actor=actor, now=make.NOW),
        "discard": lambda: actions.discard(visit=visit, seen=visit.version, actor=actor),
    }
    with pytest.raises(actions.NotADraft):
        deeds[deed]()
    assert as_stored(visit) == before


def test_a_job_signs_nothing_even_where_the_author_is_gone():
    """DI-3: nobody's draft is nobody's, not everybody's."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    Visit.objects.filter(pk=visit.pk).update(author=None)
    visit.refresh_from_db()
    with pytest.raises(actions.NotTheAuthor):
        actions.sign(visit=visit, seen=visit.version, actor=system("test"), now=make.NOW)


def test_the_same_booked_visit_opened_twice_is_one_draft():
    user = make.therapist()
    case = make.case(user)
    opened = [
        actions.open_draft(
            case=case, visit_date=make.TODAY, host_visit="clinic.visit:7", actor=make.actor(user), now=make.NOW
        )
        for _ in range(2)
    ]
    assert opened[0] == opened[1]
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_taps_on_the_same_booked_visit_are_one_draft():
    """FE-1's habit for people: behind a barrier."""
    user = make.therapist()
    case = make.case(user)

    def tap() -> int:
        return actions.open_draft(
            case=case, visit_date=make.TODAY, host_visit="clinic.visit:7", actor=make.actor(user), now=make.NOW
        ).pk

    assert len(set(make.at_once(tap, tap, tap))) == 1
    assert Visit.objects.count() == 1

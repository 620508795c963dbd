"""What is carried forward from the last visit: where and how, never how it went, and signed only when looked at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rls_module.host.rows import Stale
from rls_module.visits import actions, queries
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both]

LATER = make.NOW + make.days(7)
NEEDLE = {"gauge_mm": Decimal("0.30"), "length_mm": 50, "minutes": 4}
OF_ONE_DAY = {
    NeedlingSite: ("needles_in", "twitch", "minutes"),
    FascialPoint: ("palpation_before", "palpation_after", "movement_before", "movement_after", "minutes"),
    PerformedExercise: ("minutes", "quality", "note"),
}


@pytest.fixture
def user(db):
    return make.therapist()


@pytest.fixture
def case(user):
    """A case whose last visit had two muscles, one point and one exercise."""
    opened = make.case(user)
    make.signed(
        opened,
        user,
        sites=[make.site(**NEEDLE), make.site(muscle="tibialis_anterior", side="R", needles_in=2)],
        needles_out=5,
        points=[make.point(movement_before=2, is_balance=True)],
        exercises=[make.exercise(minutes=6, hold_s=5)],
    )
    return opened


@pytest.fixture
def visit(case, user):
    """The next visit, complete but for a treatment."""
    return make.draft(case, user, on=LATER.date(), now=LATER, sites=[], needles_out=None)


def carry(visit, user, *blocks: queries.Block) -> Visit:
    wanted = blocks or tuple(queries.MODELS)
    return actions.carry_forward(visit=visit, seen=visit.version, blocks=wanted, actor=make.actor(user), now=LATER)


def sent(rows, block: queries.Block, **changes) -> list[dict]:
    """The rows as the page sends them: what is stored, and where it came from."""
    names = {"sites": make.site(), "points": make.point(), "exercises": make.exercise()}[block]
    return [{name: getattr(row, name) for name in names} | {"carried_from": row.carried_from} | changes for row in rows]


def save(visit, user, *, kept=(), **changes) -> Visit:
    done = queries.treatment(visit)
    rows = {block: sent(getattr(done, block), block, **changes.get(block, {})) for block in queries.MODELS}
    note = {"needles_out": 0}
    return actions.save_draft(
        visit=visit, seen=visit.version, note=note, kept=kept, actor=make.actor(user), now=LATER, **rows
    )


def waiting(visit) -> list[tuple[str, int]]:
    return [(block, row.position) for block, row in queries.unreviewed(queries.treatment(visit))]


# What goes over


def test_where_and_how_go_over_in_their_order(visit, user):
    done = queries.treatment(carry(visit, user))
    assert [(row.muscle, row.side) for row in done.sites] == [("soleus", "L"), ("tibialis_anterior", "R")]
    first = done.sites[0]
    assert (first.technique, first.gauge_mm, first.length_mm) == ("deep_pistoning", Decimal("0.30"), 50)
    assert [(row.point, row.side, row.is_balance) for row in done.points] == [("er-pe", "L", True)]
    assert [(row.name, row.sets, row.reps, row.hold_s) for row in done.exercises] == [("Calf raise", 3, 12, 5)]


def test_nothing_of_one_day_goes_over(visit, user):
    """Decisions 12.6: counts, twitch, scores and minutes are never carried."""
    done = queries.treatment(carry(visit, user))
    for row in (*done.sites, *done.points, *done.exercises):
        assert [getattr(row, name) for name in OF_ONE_DAY[type(row)] if getattr(row, name) not in (None, "")] == []


def test_nothing_of_the_note_itself_goes_over(case, user):
    """Decisions 12.6: safety screen, response and needles out."""
    visit = actions.open_draft(case=case, visit_date=LATER.date(), actor=make.actor(user), now=LATER)
    visit = carry(visit, user)
    visit.refresh_from_db()
    for name in ("since_last", "nights", "reaction", "safety", "response", "needles_out", "timed_minutes", "next_time"):
        assert getattr(visit, name) in ("", None)


@pytest.mark.parametrize("block", queries.MODELS)
def test_whatever_stood_in_a_row_only_the_named_fields_are_carried(block):
    model = queries.MODELS[block]
    values = queries.carried_values(block, model(**{field.attname: 1 for field in model._meta.fields}))
    assert set(values) == set(queries.CARRIED[block])
    assert not set(values) & set(OF_ONE_DAY[model])


def test_only_the_block_that_was_asked_for(visit, user):
    done = queries.treatment(carry(visit, user, "points"))
    assert (len(done.sites), len(done.points), len(done.exercises)) == (0, 1, 0)


def test_what_is_there_is_not_added_again(visit, user):
    once = queries.treatment(carry(visit, user))
    visit.refresh_from_db()
    twice = queries.treatment(carry(visit, user))
    assert [row.uuid for row in twice.sites] == [row.uuid for row in once.sites]


def test_it_comes_from_the_last_signed_visit_of_this_case(case, user, visit):
    """Never a draft, never a discarded note, never another case's."""
    make.draft(case, user, on=LATER.date(), now=LATER, sites=[make.site(muscle="gluteus_medius")])
    other = make.case(user, make.patient(user, family="Other"))
    make.signed(other, user, on=LATER.date(), now=LATER, sites=[make.site(muscle="piriformis")])
    done = queries.treatment(carry(visit, user))
    assert {row.muscle for row in done.sites} == {"soleus", "tibialis_anterior"}


def test_two_who_carry_at_once_carry_once(visit, user):
    """DI-1."""
    carry(visit, user)
    stale = Visit.objects.get(pk=visit.pk)
    stale.version -= 1
    with pytest.raises(Stale):
        carry(stale, user)


# Until it was looked at


def test_unseen_it_is_not_signed(visit, user):
    visit = carry(visit, user)
    with pytest.raises(actions.NotReady) as refusal:
        actions.sign(visit=visit, seen=visit.version, actor=make.actor(user), now=LATER)
    rows = [(lack.block, lack.row) for lack in refusal.value.lacks if lack.code == "unreviewed"]
    assert rows == [("site", 1), ("site", 2), ("point", 1), ("exercise", 1)]


def test_saving_what_nobody_touched_leaves_it_unseen(visit, user):
    visit = save(carry(visit, user), user)
    assert len(waiting(visit)) == 4


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"sites": {"needles_in": 2}}, [("points", 1), ("exercises", 1)]),
        ({"sites": {"keep": True}}, [("points", 1), ("exercises", 1)]),
        ({"points": {"palpation_after": 0}}, [("sites", 1), ("sites", 2), ("exercises", 1)]),
        ({"exercises": {"reps": 15}}, [("sites", 1), ("sites", 2), ("points", 1)]),
        ({"kept": ("sites", "exercises")}, [("points", 1)]),
    ],
)
def test_a_touch_or_a_tick_is_the_look(visit, user, changes, left):
    """Decisions 12.6: a tapped value of a carried row is its review."""
    visit = save(carry(visit, user), user, **changes)
    assert waiting(visit) == left


def test_looked_at_once_is_for_good(visit, user):
    visit = save(carry(visit, user), user, sites={"needles_in": 2})
    assert waiting(save(visit, user)) == [("points", 1), ("exercises", 1)]


def test_dropped_is_gone_and_can_be_carried_again(visit, user):
    visit = carry(visit, user)
    visit = actions.save_draft(visit=visit, seen=visit.version, note={}, actor=make.actor(user), now=LATER)
    assert not queries.treatment(visit)
    assert len(queries.treatment(carry(visit, user)).sites) == 2


def test_where_it_came_from_stays_with_the_row(case, user, visit):
    source = queries.treatment(queries.last_signed(visit)).sites[0]
    visit = save(carry(visit, user), user, kept=tuple(queries.MODELS), sites={"needles_in": 1})
    assert queries.treatment(visit).sites[0].carried_from == source.uuid


def test_a_row_that_only_says_it_was_carried_is_an_ordinary_one(visit, user):
    """What a page sends is no proof: only what the server carried counts as carried."""
    rows = [make.site(carried_from=visit.uuid)]
    saved = actions.save_draft(visit=visit, seen=visit.version, note={}, sites=rows, actor=make.actor(user), now=LATER)
    [row] = queries.treatment(saved).sites
    assert (row.carried_from, row.is_unreviewed) == (None, False)


# The page


@pytest.fixture
def browser(user, at):
    return signed_in(user)


def address(visit) -> str:
    return f"/rls/visits/{visit.uuid}/"


def test_the_page_offers_shows_and_refuses(browser, visit):
    page = Page(browser.get(address(visit)))
    assert ("do", "carry-all") in page.buttons
    assert "Carry 2 forward" in page.words
    response = browser.post(address(visit), {**page.sends, "do": "carry-all"})
    assert response.headers["Location"] == f"{address(visit)}#all"
    page = Page(browser.get(address(visit)))
    assert ("do", "carry-all") not in page.buttons
    assert "2 are carried forward and not looked at yet." in page.words
    refused = browser.post(address(visit), {**page.sends, "do": "sign"})
    assert refused.status_code == 422
    assert "Muscle 1 is carried forward: keep it, change it or drop it." in Page(refused).words
    assert "id_site-0-keep" in Page(refused).targets
    assert "id_site-0-keep" in Page(refused).ids


def test_a_block_is_kept_with_one_button(browser, visit, user):
    carry(visit, user)
    page = Page(browser.get(address(visit)))
    browser.post(address(visit), {**page.sends, "do": "look-exercises"})
    assert [block for block, _ in waiting(visit)] == ["sites", "sites", "points"]


def test_a_mistake_elsewhere_keeps_what_waits_and_says_so(browser, visit, user):
    carry(visit, user)
    page = Page(browser.get(address(visit)))
    response = browser.post(address(visit), {**page.sends, "timed_minutes": "9999", "do": "save"})
    assert response.status_code == 422
    assert "2 are carried forward and not looked at yet." in Page(response).words


def test_a_first_visit_has_nothing_to_carry(browser, user):
    first = make.draft(make.case(user, make.patient(user, family="New")), user)
    assert "Carry" not in Page(browser.get(address(first))).words

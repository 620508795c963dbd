"""What a note comes to, on its page: for review, with its arithmetic, by the table that stood when it was signed."""

from __future__ import annotations

import pytest

from clinic.rls import ClinicAdapter
from rls_module.host.actor import system
from rls_module.library import actions as library_actions
from rls_module.library import queries as library
from rls_module.visits import actions, queries
from rls_module.visits.models import PerformedExercise, Visit
from tests import factories as make
from tests.contracts import narrower
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def therapist():
    library_actions.install_exercises(scope="riverside", actor=system("test"), now=make.NOW)
    return make.therapist()


@pytest.fixture
def client(therapist):
    return signed_in(therapist)


def worked(therapist, **note) -> Visit:
    """Eighteen minutes of fascial work, twelve of strength, ten of balance, needles in three muscles."""
    exercises = [
        make.exercise(minutes=12, code="97110"),
        make.exercise(name="Standing on one leg", exercise="", minutes=10, code="97112"),
    ]
    values = {"points": [make.point(minutes=18)], "exercises": exercises, "timed_minutes": 40, "total_minutes": 55}
    sites = [make.site(side="B"), make.site(muscle="tibialis_anterior", needles_in=1)]
    return make.draft(make.case(therapist), therapist, sites=sites, needles_out=4, **values | note)


def page_of(client, visit: Visit) -> Page:
    return Page(client.get(f"/rls/visits/{visit.uuid}/"))


def sign(visit: Visit, therapist) -> Visit:
    return actions.sign(visit=visit, seen=visit.version, actor=make.actor(therapist), now=make.NOW)


def bill_by(*, now=make.NOW, seen=0, **values):
    shipped = library.billing_table("riverside")
    kept = {name: getattr(shipped, name) for name in ("codes", "kinds", "rule", "both_sides_count_twice")}
    return library_actions.write_billing_table(
        scope="riverside", seen=seen, values=kept | values, reason="Payers.", actor=system("test"), now=now
    )


def test_a_draft_shows_its_units_for_review_with_the_arithmetic(client, therapist):
    """Decisions 12.7, domain 5.8 and 5.9."""
    page = page_of(client, worked(therapist))
    assert "Units: RLS part, for review As last saved." in page.words
    assert "97140 hands-on soft-tissue, fascial or joint work 18 18 min = 1 × 15 + 3 1" in page.words
    assert "97110 exercise for strength or mobility 12 12 min = 0 × 15 + 12; one more for the 12 left 1" in page.words
    assert "(40 + 7) ÷ 15, rounded down, is 3. Full quarters give 1; 2 more by the largest remainders." in page.words
    assert "3 muscles were needled: one untimed unit a session" in page.words
    assert "depends on whether both sides of a muscle count as two" in page.words
    assert "The time rule covers the whole treatment day" in page.words
    assert "What is covered is the payer's to say." in page.words


def test_a_signed_note_shows_them_too(client, therapist):
    page = page_of(client, sign(worked(therapist), therapist))
    assert "(40 + 7) ÷ 15" in page.words
    assert "As last saved." not in page.words


def test_without_the_right_to_billing_the_note_is_there_and_its_units_are_not(client, therapist, settings):
    """AZ-1: units are read by the right to billing, beside the note's own."""
    visit = sign(worked(therapist), therapist)
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without("billing.view"):
        words = page_of(client, visit).words
    assert "Less pull in the calf." in words
    assert "for review" not in words


def test_a_signed_note_is_counted_by_the_table_that_stood_when_it_was_signed(therapist):
    visit = sign(worked(therapist), therapist)
    done = queries.treatment(visit)
    later = make.NOW + make.days(1)
    bill_by(now=later, rule="AMA", both_sides_count_twice=False)
    before = queries.review(visit, done, signed_at=make.NOW)
    after = queries.review(visit, done, signed_at=later)
    assert (before.units.rule, before.untimed) == ("CMS", ("20561",))
    assert (after.units.rule, after.untimed) == ("AMA", ("20560",))
    [billed] = queries.billed([visit])
    assert billed.review == before


def test_an_exercise_gets_the_code_of_its_kind_and_keeps_the_one_that_is_chosen(client, therapist):
    """Domain 5.8: the clinic's mapping proposes, the therapist decides."""
    visit = make.draft(
        make.case(therapist), therapist, exercises=[make.exercise(), make.exercise(name="Own", exercise="")]
    )
    rows = PerformedExercise.objects.filter(visit=visit).order_by("position")
    family = library.exercise("riverside", "calf_raise").family
    assert [row.code for row in rows] == [library.billing_table("riverside").kinds[family], "97110"]
    sheet = page_of(client, visit).sends
    sent = sheet | {"exercise-0-code": ["97535"], "exercise-1-code": ["-"], "do": ["save"]}
    assert client.post(f"/rls/visits/{visit.uuid}/", sent).status_code == 302
    assert list(rows.values_list("code", flat=True)) == ["97535", "-"]


def test_a_code_that_left_the_table_stays_where_it_was_chosen(client, therapist):
    visit = worked(therapist)
    bill_by(codes=[{"code": "97110", "label": "exercise", "is_timed": True}], kinds={})
    sheet = page_of(client, visit).sends
    assert sheet["exercise-1-code"] == ["97112"]
    assert client.post(f"/rls/visits/{visit.uuid}/", sheet | {"do": ["save"]}).status_code == 302
    words = page_of(client, visit).words
    assert "Not in the clinic's table of codes: 97112." in words
    assert "1 row of treatment has no code." in words


def test_where_codes_tie_the_therapist_picks(client, therapist):
    """Domain 5.9: 20 and 20 are three units, two and one either way."""
    exercises = [make.exercise(name=name, minutes=20, code=code) for name, code in (("A", "97110"), ("B", "97112"))]
    visit = make.draft(make.case(therapist), therapist, exercises=exercises, timed_minutes=40)
    page = page_of(client, visit)
    assert "These codes tie for a unit: 97110, 97112." in page.words
    sent = page.sends | {"unit_code": ["97112"], "do": ["save"]}
    assert client.post(f"/rls/visits/{visit.uuid}/", sent).status_code == 302
    page = page_of(client, visit)
    assert page.sends["unit_code"] == ["97112"]
    assert "97112 movement-control retraining 20 20 min = 1 × 15 + 5; one more for the 5 left 2" in page.words


def test_no_pick_is_asked_for_where_nothing_ties(client, therapist):
    assert 'name="unit_code"' not in client.get(f"/rls/visits/{worked(therapist).uuid}/").content.decode()


class Busy(ClinicAdapter):
    """A host that charges for other work of the same day."""

    said: object = None

    def other_minutes(self, patient, day):
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@pytest.fixture
def host(settings, monkeypatch):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.Busy"}
    return lambda said: monkeypatch.setattr(Busy, "said", said)


def test_minutes_that_the_host_gives_are_counted_in(client, therapist, host):
    """Decisions 12.7: the time rule covers the whole treatment day."""
    host({"97110": 8, "97035": 10})
    words = page_of(client, worked(therapist)).words
    assert "97110 exercise for strength or mobility 12 8 20 min = 1 × 15 + 5" in words
    assert "97035 0 10 10 min = 0 × 15 + 10; one more for the 10 left 1" in words
    assert "The day's minutes of the clinic system are counted in." in words


@pytest.mark.parametrize("said", [{"97110": -5}, {"97110": "8"}, {97110: 8}, RuntimeError("Alma Abbott"), None])
def test_a_host_that_cannot_say_is_as_good_as_one_that_does_not(client, therapist, host, said, caplog):
    host(said)
    assert "The time rule covers the whole treatment day" in page_of(client, worked(therapist)).words
    assert "Abbott" not in caplog.text


def test_units_of_many_notes_take_as_many_queries_as_of_one(therapist, django_assert_num_queries):
    visits = [sign(worked(therapist), therapist) for _number in range(3)]
    rows = list(Visit.objects.filter(pk__in=[one.pk for one in visits]).select_related("chart__patient"))
    for some in (rows[:1], rows):
        with django_assert_num_queries(6):  # three kinds of rows, signatures, the clinic's tables, notices
            assert len(queries.billed(some)) == len(some)

"""Signing: what a note must hold, who signs, and a hash that says for ever what was signed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Milestone, Signature
from rls_module.host.rows import Stale
from rls_module.visits import actions, queries
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit
from rls_module.visits.queries import typed_rows
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]

Lack = queries.Lack

# What is wrong with an otherwise complete note -> what it lacks. `sites` stands for the needling rows.
LACKS = [
    ({"since_last": ""}, [Lack("since_last", "missing")]),
    ({"reaction": ""}, [Lack("reaction", "missing")]),
    ({"reaction": "other"}, [Lack("reaction_note", "missing")]),
    ({"reaction": "other", "reaction_note": "  \n"}, [Lack("reaction_note", "missing")]),
    ({"safety": ""}, [Lack("safety", "missing")]),
    ({"safety": "changed"}, [Lack("safety_note", "missing")]),
    ({"safety": "changed", "safety_note": " "}, [Lack("safety_note", "missing")]),
    ({"response": ""}, [Lack("response", "missing")]),
    ({"response": " \t "}, [Lack("response", "missing")]),
    ({"next_time": ""}, [Lack("next_time", "missing")]),
    ({"timed_minutes": None}, [Lack("timed_minutes", "missing")]),
    ({"total_minutes": None}, [Lack("total_minutes", "missing")]),
    ({"timed_minutes": 46}, [Lack("total_minutes", "below_timed")]),
    ({"sites": [], "needles_out": None}, [Lack("no_treatment_because", "nothing_done")]),
    ({"sites": [], "needles_out": None, "no_treatment_because": "  "}, [Lack("no_treatment_because", "nothing_done")]),
    ({"sites": [make.site(side="")]}, [Lack("side", "missing", 1, "site")]),
    ({"sites": [make.site(needles_in=None)], "needles_out": 0}, [Lack("needles_in", "missing", 1, "site")]),
    ({"sites": [make.site(needles_in=0)], "needles_out": 0}, [Lack("needles_in", "missing", 1, "site")]),
    ({"sites": [make.site(), make.site(side="")], "needles_out": 6}, [Lack("side", "missing", 2, "site")]),
    ({"needles_out": None}, [Lack("needles_out", "not_counted")]),
    ({"needles_out": 2}, [Lack("needles_out", "mismatch")]),
    ({"needles_out": 4}, [Lack("needles_out", "above_in")]),
    ({"needles_out": 0}, [Lack("needles_out", "mismatch")]),
    ({"sites": [make.site(), make.site(side="R")], "needles_out": 3}, [Lack("needles_out", "mismatch")]),
    ({"sites": [], "no_treatment_because": "Fever.", "needles_out": 1}, [Lack("needles_out", "above_in")]),
    (
        {"needles_out": 2, "discrepancy_note": "Looked everywhere."},
        [Lack("patient_checked", "missing"), Lack("incident", "missing")],
    ),
    ({"needles_out": 2, "discrepancy_note": " ", "patient_checked": True}, [Lack("needles_out", "mismatch")]),
    (
        {"needles_out": 4, "discrepancy_note": "One too many.", "patient_checked": True},
        [Lack("needles_out", "above_in")],
    ),
    (
        {"since_last": "", "timed_minutes": None, "needles_out": None},
        [Lack("since_last", "missing"), Lack("timed_minutes", "missing"), Lack("needles_out", "not_counted")],
    ),
]

COMPLETE = [
    {},
    {"reaction": "other", "reaction_note": "Bruise at the calf."},
    {"safety": "changed", "safety_note": "New anticoagulant."},
    {"timed_minutes": 45},
    {"timed_minutes": 0, "total_minutes": 0},
    {"sites": [], "no_treatment_because": "Fever.", "needles_out": None},
    {"sites": [], "no_treatment_because": "Fever.", "needles_out": 0},
    {"sites": [make.site(needles_in=2), make.site(side="R", needles_in=5)], "needles_out": 7},
]


def sign(visit: Visit, user, *, seen: int | None = None) -> Visit:
    return actions.sign(visit=visit, seen=visit.version if seen is None else seen, actor=make.actor(user), now=make.NOW)


@pytest.mark.parametrize(
    ("note", "lacks"), LACKS, ids=[f"{'-'.join(note)}-{place}" for place, (note, _) in enumerate(LACKS)]
)
def test_a_note_that_lacks_something_is_not_signed_and_says_what(note, lacks):
    """DI-3, DI-1: nothing is written, not even the version: what is mended is saved from the same one."""
    user = make.therapist()
    visit = make.draft(make.case(user), user, **note)
    seen = visit.version
    events = AuditEvent.objects.count()
    with pytest.raises(actions.NotReady) as refusal:
        sign(visit, user)
    assert list(refusal.value.lacks) == lacks
    stored = Visit.objects.get(pk=visit.pk)
    assert (stored.status, stored.version) == ("draft", seen)
    assert not Signature.objects.exists()
    assert not Milestone.objects.exists()
    assert AuditEvent.objects.count() == events


def test_every_lack_that_the_code_knows_is_in_the_table():
    """The table above is whole: each field that can be lacking occurs in it."""
    named = {lack.field for _, lacks in LACKS for lack in lacks}
    assert named == {
        *("since_last", "reaction", "reaction_note", "safety", "safety_note", "response", "next_time"),
        *("timed_minutes", "total_minutes", "no_treatment_because", "side", "needles_in", "needles_out"),
        *("patient_checked", "incident"),
    }


@pytest.mark.parametrize("note", COMPLETE, ids=["-".join(note) or "as-it-is" for note in COMPLETE])
def test_a_complete_note_can_be_signed(note):
    user = make.therapist()
    assert sign(make.draft(make.case(user), user, **note), user).status == "signed"


def test_a_signature_says_who_what_when_and_over_which_content():
    """DI-3: signer, printed name, meaning, the clock's time, content hash; one event of its own."""
    user = make.therapist()
    visit = make.signed(make.case(user), user)
    signature = Signature.objects.get()
    assert (signature.kind, signature.ref, signature.meaning) == ("visit", visit.uuid, "author")
    assert (signature.signer_id, signature.signer_name) == (user.pk, "Dana Whitfield PT")
    assert (signature.signed_at, signature.hash_version, len(signature.content_hash)) == (make.NOW, 1, 64)
    event = AuditEvent.objects.get(verb="visit.sign")
    assert (event.actor, event.object_id, event.fields) == (
        f"user:{user.pk}",
        str(signature.uuid),
        ["content_hash", "meaning"],
    )


def test_the_hash_of_a_signed_note_holds_when_everything_is_read_again():
    """DI-3."""
    user = make.therapist()
    sites = [make.site(gauge_mm=Decimal("0.3"), length_mm=50, minutes=5), make.site(side="R", twitch=None)]
    visit = make.signed(make.case(user), user, sites=sites, needles_out=6, nights=4, findings="Ñandú – “tight”\r\ncalf")
    stored = Visit.objects.get(pk=visit.pk)
    assert queries.content_hash(stored, queries.treatment(stored)) == Signature.objects.get().content_hash


def fixed_note() -> Visit:
    """A signed note of which every hashed value is fixed, its uuid too."""
    user = make.therapist()
    visit = make.draft(
        make.case(user),
        user,
        on=date(2026, 9, 7),
        sites=[
            make.site(gauge_mm=Decimal("0.30"), length_mm=50, minutes=5),
            make.site(muscle="gastrocnemius_medial", side="R", technique="", twitch=None, needles_in=2),
        ],
        points=[make.point(), make.point(point="re-ta", side="R", movement_before=2, is_balance=True)],
        exercises=[make.exercise(note="slow down")],
        needles_out=5,
        nights=4,
        findings="Ñandú – “tight” calf\nsecond line",
    )
    Visit.objects.filter(pk=visit.pk).update(
        uuid=UUID("0189f7a2-3c4d-4e5f-8a9b-0c1d2e3f4a5b"),
        host_visit="clinic.visit:7",
        visit_started_at=datetime(2026, 9, 7, 14, 0, tzinfo=UTC),
    )
    return sign(Visit.objects.get(pk=visit.pk), user)


FIXED_HASH = "8771792718c47d96035cd4a6b79eeedd4166b76a09f138b3cf5aadffb0e9b6fd"


def test_the_hash_of_the_same_note_is_the_same_on_every_database():
    """DI-3: pinned here, and this test runs on PostgreSQL and on SQLite."""
    fixed_note()
    assert Signature.objects.get().content_hash == FIXED_HASH


CHANGES = [
    *[("visit", name) for name in typed_rows._NOTE_FIELDS],
    *[(kind, name) for kind, names in typed_rows._ROW_FIELDS.items() for name in names],
]


@pytest.mark.parametrize(("row", "name"), CHANGES, ids=lambda part: part)
def test_any_other_value_makes_another_hash(row, name):
    """DI-3: no field that is signed is missing from the hash."""
    user = make.therapist()
    visit = make.draft(make.case(user), user, points=[make.point()], exercises=[make.exercise()])
    done = queries.treatment(visit)
    before = queries.content_hash(visit, done)
    setattr(visit if row == "visit" else getattr(done, row)[0], name, "another value")
    assert queries.content_hash(visit, done) != before


@pytest.mark.parametrize(
    ("kind", "model"), [("sites", NeedlingSite), ("points", FascialPoint), ("exercises", PerformedExercise)]
)
def test_every_field_of_a_note_and_its_rows_is_hashed_but_for_keys_and_states(kind, model):
    """DI-3: a new field is hashed, or this fails."""
    left_out = {"id", "created_at", "chart", "case", "status", "author", "version"}
    assert {field.name for field in Visit._meta.concrete_fields} - left_out == set(typed_rows._NOTE_FIELDS)
    left_out = {"id", "uuid", "created_at", "visit", "carried_from", "is_unreviewed"}
    assert {field.name for field in model._meta.concrete_fields} - left_out == set(typed_rows._ROW_FIELDS[kind])


def test_a_stale_page_cannot_sign():
    """DI-1: never what the therapist did not see."""
    user = make.therapist()
    visit = make.draft(make.case(user), user)
    with pytest.raises(Stale):
        sign(visit, user, seen=visit.version - 1)
    assert not Signature.objects.exists()


def test_a_first_treated_visit_reaches_its_milestones_and_has_the_follow_ups_planned():
    """FE-1: anchor and mark in the signature's own transaction."""
    user = make.therapist()
    case = make.case(user)
    visit = make.signed(case, user)
    reached = Milestone.objects.order_by("kind").values_list("kind", "on", "ref")
    assert list(reached) == [
        ("first_visit", make.TODAY, "first"),
        ("visit_signed", make.TODAY, f"visit:{visit.uuid}"),
    ]
    assert Case.objects.get(pk=case.pk).replan_at == make.NOW


def test_a_visit_without_treatment_is_no_first_visit():
    user = make.therapist()
    make.signed(make.case(user), user, sites=[], no_treatment_because="Fever.", needles_out=None)
    assert set(Milestone.objects.values_list("kind", flat=True)) == {"visit_signed"}


def test_an_earlier_visit_signed_later_moves_the_first_visit_back():
    """FE-1: the anchor is the date of the first completed visit, not of the first signature."""
    user = make.therapist()
    case = make.case(user)
    make.signed(case, user)
    make.signed(case, user, on=date(2026, 9, 1))
    [first] = Milestone.objects.filter(kind="first_visit")
    assert first.on == date(2026, 9, 1)


NO_NEEDLES = {"sites": [], "needles_out": None}


@pytest.mark.parametrize(
    ("rows", "lacking"),
    [
        ({"points": [make.point()]}, []),
        ({"exercises": [make.exercise()]}, []),
        ({"points": [make.point(), make.point(point="re-ta", side="")]}, [Lack("side", "missing", 2, "point")]),
        ({"points": [make.point(palpation_before=None, palpation_after=None)]}, []),
    ],
)
def test_fascial_work_or_exercise_alone_is_a_treatment(rows, lacking):
    user = make.therapist()
    visit = make.draft(make.case(user, needling=False), user, **NO_NEEDLES, **rows)
    assert queries.lacks(visit, queries.treatment(visit)) == lacking


@pytest.mark.parametrize("rows", [{"points": [make.point()]}, {"exercises": [make.exercise()]}])
def test_a_visit_without_a_needle_can_be_the_first_visit(rows):
    """Decisions 5: a completed RLS visit is signed with at least one treatment row."""
    user = make.therapist()
    case = make.case(user)
    make.signed(case, user, **NO_NEEDLES, **rows)
    assert Milestone.objects.filter(case=case, kind="first_visit", on=make.TODAY).exists()


def test_needling_is_not_signed_without_a_consent():
    """No needling entry without a consent that stands, and a note without needles asks for none."""
    user = make.therapist()
    visit = make.draft(make.case(user, needling=False), user)
    with pytest.raises(actions.NotReady) as refusal:
        actions.sign(visit=visit, seen=visit.version, actor=make.actor(user), now=make.NOW)
    assert refusal.value.lacks == [Lack("consent", "missing")]


@pytest.mark.parametrize(("days", "stands"), [(0, True), (1, True), (-1, False)])
def test_a_consent_counts_until_its_last_day(days, stands):
    user = make.therapist()
    case = make.case(user, needling=False)
    case_actions.give_consent(
        chart=case.chart, purpose="needling", text_version="1", language="en", method="signed",
        expires_on=make.TODAY + make.days(days), actor=make.actor(user), now=make.NOW,
    )  # fmt: skip
    visit = make.draft(case, user)
    assert (queries.lacks(visit, queries.treatment(visit)) == []) is stands


def test_a_withdrawn_consent_counts_no_more():
    user = make.therapist()
    case = make.case(user)
    visit = make.draft(case, user)
    case_actions.withdraw_consent(chart=case.chart, purpose="needling", actor=make.actor(user), now=make.NOW)
    assert queries.lacks(visit, queries.treatment(visit)) == [Lack("consent", "missing")]

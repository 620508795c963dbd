"""Plans: drafted on one page, signed once, guarded from then on, moved on with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Activity, Milestone, Signature, Task
from rls_module.followups.models import Occurrence
from rls_module.host.rows import Stale
from rls_module.plans import actions, queries
from rls_module.plans.models import Goal, Plan, PlannedIntervention
from rls_module.plans.views import measured
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

Lack = queries.Lack


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    opened = make.case(user)
    case_actions.name_activities(case=opened, texts=["sit through a film"], actor=make.actor(user), now=make.NOW)
    return opened


def begun(client, case) -> Plan:
    response = client.post(f"/rls/cases/{case.uuid}/plan/", {"do": "begin"})
    plan = Plan.objects.get(draft_key=case.pk)
    assert response.headers["Location"] == f"/rls/plans/{plan.uuid}/"
    return plan


def sheet(plan: Plan, **changes) -> dict:
    return {
        "version": Plan.objects.get(pk=plan.pk).version,
        "diagnosis": "G25.81 Restless legs syndrome",
        "times_per_week": "2",
        "weeks": "6",
        "planned_sessions": "9",
        "review_on": "2026-10-19",
        "is_precautions_reviewed": "on",
        "precautions": "None known.",
        "goal-TOTAL_FORMS": "1",
        "goal-INITIAL_FORMS": "0",
        "goal-0-activity": str(Activity.objects.get().uuid),
        "goal-0-baseline": "3",
        "goal-0-target": "6",
        "goal-0-by_on": "2026-11-30",
        "intervention-TOTAL_FORMS": "2",
        "intervention-INITIAL_FORMS": "0",
        "intervention-0-modality": "needling",
        "intervention-0-targets": "sol l, gastroc med l",
        "intervention-1-modality": "fascial",
        "intervention-1-targets": "er-pe dx; re-ta dx",
    } | changes


def send(client, plan: Plan, do: str, **changes):
    return client.post(f"/rls/plans/{plan.uuid}/", sheet(plan, **changes) | {"do": do})


# --- The page


def test_a_plan_is_written_and_signed_on_one_page(client, case):
    plan = begun(client, case)
    assert send(client, plan, "sign").headers["Location"] == f"/rls/cases/{case.uuid}/plan/"
    plan.refresh_from_db()
    assert (plan.status, plan.signed_at) == ("active", make.NOW)
    assert Milestone.objects.filter(case=case, kind="plan_signed", on=make.TODAY).exists()
    assert [one.targets for one in PlannedIntervention.objects.order_by("position")] == [
        [
            {"kind": "muscle", "key": "soleus", "side": "L"},
            {"kind": "muscle", "key": "gastrocnemius_caput_mediale", "side": "L"},
        ],
        [{"kind": "point", "key": "er-pe", "side": "R"}, {"kind": "point", "key": "re-ta", "side": "R"}],
    ]
    page = Page(client.get(f"/rls/cases/{case.uuid}/plan/"))
    for words in ("sit through a film: 3 → 6", "2 times a week for 6 weeks, 9 visits", "Signed by", "er-pe"):
        assert words in page.words


def test_what_was_found_is_proposed(client, case, user):
    point = {"place": "er-pe", "place_kind": "point", "side": "R", "kind": "dense", "grade": 3}
    band = {"place": "soleus", "place_kind": "muscle", "side": "L", "kind": "trigger_point", "grade": 2}
    make.assessment(case, user, found=[band, point])
    page = Page(client.get(f"/rls/plans/{begun(client, case).uuid}/"))
    assert page.sends["intervention-0-targets"] == ["soleus l"]
    assert page.sends["intervention-1-targets"] == ["er-pe rt"]


def test_goals_are_proposed_from_what_the_patient_answered(client, user):
    case = make.case(user)
    make.baseline(case, user)
    page = Page(client.get(f"/rls/plans/{begun(client, case).uuid}/"))
    assert page.sends["goal-0-activity"] == [str(Activity.objects.get().uuid)]
    assert page.sends["goal-0-baseline"] == ["3/10"]
    assert page.sends["goal-1-measure"] == ["rls_checkin:nights"]
    assert page.sends["goal-1-baseline"] == ["6/7"]


def test_a_goal_is_linked_to_what_is_measured_and_shows_the_last_answer(client, user):
    case = make.planned(user)
    make.answered(Occurrence.objects.order_by("due_at").first(), now=make.NOW + make.days(42))
    plan = begun(client, case)
    nights = {"goal-TOTAL_FORMS": "2", "goal-1-measure": "rls_checkin:nights", "goal-1-baseline": "5/7"}
    later = {"goal-1-target": "2/7", "goal-1-by_on": "2026-11-30"}
    assert send(client, plan, "save", **nights, **later).status_code == 302
    [functional, goal] = queries.content(plan).goals
    assert (functional.measure, goal.measure, goal.activity, goal.text) == ("", "rls_checkin:nights", None, "Nights")
    assert Page(client.get(f"/rls/plans/{plan.uuid}/")).sends["goal-1-measure"] == ["rls_checkin:nights"]
    assert send(client, plan, "sign", **nights, **later).status_code == 302
    words = Page(client.get(f"/rls/cases/{case.uuid}/plan/")).words
    assert "Nights: 5/7 → 2/7, by Nov. 30, 2026 last answer 3/7, Oct. 19, 2026" in words


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("rls_checkin:nights", 5, "5/7"),
        ("rls_checkin:worst", 6, "6/10"),
        ("rls_checkin:start", 22 * 60 + 30, "22:30"),
        ("rls_checkin:awake", 1, "Less than 15 minutes"),
    ],
)
def test_a_value_is_said_as_staff_read_it(measure, value, words):
    assert measured.said(measure, value, "en") == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"goal-0-measure": "rls_checkin:nights"}, "One goal is about one thing: the activity or what is measured."),
        ({"goal-0-measure": "rls_checkin:moon"}, "Select a valid choice."),
        ({"intervention-0-targets": "sol l, nowhere"}, "No muscle, point or region is called “nowhere”."),
        ({"intervention-0-modality": ""}, "Choose the treatment, or drop the row."),
        ({"goal-0-activity": ""}, "Choose an activity or write what the goal is, or drop the row."),
        ({"times_per_week": "9"}, "less than or equal to 7"),
        ({"review_on": "soon"}, "Enter a valid date."),
    ],
)
def test_bad_input_is_refused_in_words_and_stays_on_the_page(client, case, changes, words):
    plan = begun(client, case)
    response = send(client, plan, "save", **changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["goal-0-target"] == ["6"]


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"diagnosis": ""}, "id_diagnosis"),
        ({"times_per_week": ""}, "id_times_per_week"),
        ({"weeks": ""}, "id_weeks"),
        ({"is_precautions_reviewed": ""}, "id_is_precautions_reviewed"),
        ({"goal-0-activity": "", "goal-0-text": "sleep better"}, "id_goal-0-activity"),
        ({"goal-0-target": ""}, "id_goal-0-target"),
        ({"goal-0-by_on": ""}, "id_goal-0-by_on"),
        (
            {f"intervention-{row}-{name}": "" for row in (0, 1) for name in ("modality", "targets")},
            "id_intervention-0-modality",
        ),
    ],
)
def test_a_signature_is_refused_with_a_way_to_what_mends_it(client, case, changes, target):
    """Decisions 13: the least a plan must hold."""
    response = send(client, begun(client, case), "sign", **changes)
    assert response.status_code == 422
    page = Page(response)
    assert page.targets == [target]
    assert target in page.ids
    assert not Signature.objects.exists()


def test_an_open_red_flag_keeps_a_plan_from_being_signed(client, case, user):
    """Decisions 12.5: until somebody resolved it; the draft itself is saved."""
    make.assessment(case, user, red_flags=["calf"])
    plan = begun(client, case)
    response = send(client, plan, "sign")
    assert response.status_code == 422
    task = Task.objects.get()
    assert f"/rls/tasks/{task.uuid}/" in Page(response).links
    case_actions.close_task(
        task=task, seen=task.version, outcome="Scan was clear.", actor=make.actor(user), now=make.NOW
    )
    assert send(client, plan, "sign").status_code == 302


def test_who_saves_later_sees_both(client, case):
    """DI-1."""
    plan = begun(client, case)
    old = sheet(plan)
    assert client.post(f"/rls/plans/{plan.uuid}/", old | {"do": "save", "precautions": "First."}).status_code == 302
    response = client.post(f"/rls/plans/{plan.uuid}/", old | {"do": "save", "precautions": "Second."})
    assert response.status_code == 409
    page = Page(response)
    assert page.sends["precautions"] == ["Second."]
    assert "First." in page.words
    assert Plan.objects.get().precautions == "First."


# --- What is signed


def test_a_signed_plan_is_guarded_and_goes_on_living(case, user):
    """DI-4: what it says stays; how it stands moves."""
    plan = make.plan(case, user)
    for change in (
        lambda: Plan.objects.update(precautions="later"),
        lambda: Goal.objects.update(target="10"),
        lambda: PlannedIntervention.objects.all()._raw_delete("default"),
        lambda: Goal.objects.create(plan=plan, position=9, text="more", created_at=make.NOW),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    actions.change_status(plan=plan, seen=plan.version, to="on_hold", reason="Away.", actor=make.actor(user))
    plan.refresh_from_db()
    assert (plan.status, plan.status_reason, queries.running(case)) == ("on_hold", "Away.", plan)


def test_the_signature_holds_the_hash_of_what_was_signed(case, user):
    """DI-3."""
    plan = make.plan(case, user)
    signature = Signature.objects.get(kind="plan", ref=plan.uuid)
    assert signature.content_hash == queries.content_hash(Plan.objects.get(), queries.content(plan))


def test_a_change_is_a_new_plan_and_the_old_one_stays(client, case, user):
    first = make.plan(case, user)
    second = begun(client, case)
    assert (second.number, second.previous, second.times_per_week) == (2, first, 2)
    assert [goal.text for goal in queries.content(second).goals] == ["sit through a film"]
    assert send(client, second, "sign").status_code == 302
    first.refresh_from_db()
    assert (first.status, first.status_reason) == ("completed", "revised")
    assert queries.running(case).pk == second.pk


def test_a_draft_begun_twice_is_one_draft(client, case):
    assert begun(client, case) == begun(client, case)


def test_only_the_author_edits_and_signs(case, user):
    draft = make.plan_draft(case, user)
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    with pytest.raises(actions.NotTheAuthor):
        actions.sign(plan=draft, seen=draft.version, actor=make.actor(colleague), now=make.NOW, on=make.TODAY)
    assert "draft" in Page(signed_in(colleague).get(f"/rls/plans/{draft.uuid}/")).words


def test_a_draft_is_put_aside_and_another_one_can_be_begun(client, case, user):
    draft = make.plan_draft(case, user)
    send(client, draft, "discard")
    assert queries.draft(case) is None
    assert begun(client, case).number == 2


@pytest.mark.parametrize(
    ("ways", "last"),
    [
        (["on_hold", "active", "completed"], "completed"),
        (["discontinued"], "discontinued"),
        (["on_hold", "discontinued"], "discontinued"),
    ],
)
def test_a_plan_goes_its_ways_with_a_reason(client, case, user, ways, last):
    plan = make.plan(case, user)
    for to in ways:
        plan.refresh_from_db()
        values = {"to": to, "reason": "" if to == "active" else "Because.", "version": plan.version}
        assert client.post(f"/rls/cases/{case.uuid}/plan/", values).status_code == 302
    plan.refresh_from_db()
    assert plan.status == last


@pytest.mark.parametrize(
    "values", [{"to": "on_hold"}, {"to": "draft", "reason": "x"}, {"to": "nowhere", "reason": "x"}]
)
def test_a_way_that_does_not_exist_is_not_gone(client, case, user, values):
    """DI-5, part."""
    plan = make.plan(case, user)
    response = client.post(f"/rls/cases/{case.uuid}/plan/", values | {"version": plan.version})
    assert response.status_code in (409, 422)
    plan.refresh_from_db()
    assert plan.status == "active"


def test_a_plan_that_ended_stays_ended(case, user):
    """DI-5, part."""
    plan = make.plan(case, user)
    actions.change_status(plan=plan, seen=plan.version, to="completed", reason="Done.", actor=make.actor(user))
    plan.refresh_from_db()
    with pytest.raises(ValueError, match="from there"):
        actions.change_status(plan=plan, seen=plan.version, to="active", reason="x", actor=make.actor(user))


def test_a_stale_page_signs_nothing(case, user):
    draft = make.plan_draft(case, user)
    with pytest.raises(Stale):
        actions.sign(plan=draft, seen=draft.version - 1, actor=make.actor(user), now=make.NOW, on=make.TODAY)
    assert not Signature.objects.exists()


def test_every_write_is_on_record(case, user):
    """AU-2, part."""
    make.plan(case, user)
    verbs = set(AuditEvent.objects.filter(actor=f"user:{user.pk}").values_list("verb", flat=True))
    assert {"plan.edit", "plan.sign"} <= verbs


def test_somebody_elses_plan_does_not_exist(case, user):
    """AZ-1, part."""
    plan = make.plan(case, user)
    make.prescription(case, user)
    for stranger in (make.therapist(), make.therapist(role="clinic_admin"), make.therapist(make.clinic("hillside"))):
        client = signed_in(stranger)
        for address in (
            f"/rls/cases/{case.uuid}/plan/",
            f"/rls/plans/{plan.uuid}/",
            f"/rls/plans/{plan.uuid}/handout/",
            f"/rls/cases/{case.uuid}/programme/",
        ):
            assert client.get(address).status_code == 404


def test_a_plan_draft_waits_on_the_worklist_of_its_author(client, case, user):
    draft = make.plan_draft(case, user)
    assert f"/rls/plans/{draft.uuid}/" in Page(client.get("/rls/")).links


def test_the_date_of_signing_is_the_clinics(case, user, at):
    at(make.NOW.replace(day=8, hour=2))
    client = signed_in(user)
    plan = begun(client, case)
    assert send(client, plan, "sign").status_code == 302
    assert Milestone.objects.get(kind="plan_signed").on == date(2026, 9, 7), "22:00 in New York"

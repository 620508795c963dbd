"""Referrals: a red flag is answered by one, what came of it is added, and nothing of it is ever changed."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Task
from rls_module.host.rows import Stale
from rls_module.intake import queries
from rls_module.intake.models import Referral, ReferralOutcome
from rls_module.plans import queries as plan_queries
from tests import factories as make
from tests.contracts import narrower
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

SENT = {"to_kind": "emergency department", "urgency": "now", "referred_on": "2026-09-07"}
CAME = {"kind": "written", "answered_on": "2026-09-07", "note": "Scan was clear."}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


def refer(client, case, **values):
    return client.post(f"/rls/cases/{case.uuid}/referrals/", SENT | values)


def answer(client, referral, **values):
    return client.post(f"/rls/referrals/{referral.uuid}/", CAME | values)


def lacking(plan) -> list[str]:
    return [lack.field for lack in plan_queries.lacks(plan, plan_queries.content(plan))]


# --- A red flag and the plan


def test_a_referral_answers_the_red_flags_that_it_names_and_no_other(client, case, user):
    """Decisions 12.5: a plan is not signed before each is answered."""
    make.assessment(case, user, red_flags=["calf", "weight"])
    plan = make.plan_draft(case, user)
    assert lacking(plan) == ["red_flags"]
    assert refer(client, case, red_flags=["calf"]).status_code == 302
    assert [task.params["flag"] for task in queries.open_red_flags(case.chart)] == ["weight"]
    assert lacking(plan) == ["red_flags"]
    assert refer(client, case, red_flags=["weight"], urgency="days").status_code == 302
    assert lacking(plan) == []


def test_a_reason_why_not_answers_a_red_flag_too(case, user):
    """Decisions 12.5: acknowledged with a reason."""
    make.assessment(case, user, red_flags=["one_side"])
    plan, task = make.plan_draft(case, user), Task.objects.get(kind="red_flag")
    with pytest.raises(ValueError, match="what came of it"):
        case_actions.close_task(task=task, seen=task.version, outcome=" ", actor=make.actor(user), now=make.NOW)
    assert lacking(plan) == ["red_flags"]
    case_actions.close_task(task=task, seen=task.version, outcome="Known.", actor=make.actor(user), now=make.NOW)
    assert lacking(plan) == []


def test_the_note_that_documents_the_referral_is_signed_all_the_same(case, user):
    """Decisions 12.5: an open red flag never blocks a note."""
    make.assessment(case, user, red_flags=["calf"])
    assert make.signed(case, user).status == "signed"
    assert queries.open_red_flags(case.chart).exists()


def test_the_draft_of_a_plan_leads_to_both_answers(client, case, user):
    make.assessment(case, user, red_flags=["calf"])
    page = Page(client.get(f"/rls/plans/{make.plan_draft(case, user).uuid}/"))
    assert f"/rls/cases/{case.uuid}/referrals/" in page.links
    assert f"/rls/tasks/{Task.objects.get().uuid}/" in page.links
    assert "One calf that is hot, swollen and sore" in page.words


def test_a_red_flag_is_answered_only_by_who_may_close_its_task(client, case, user, settings):
    """AZ-2: to refer without one takes no such right."""
    make.assessment(case, user, red_flags=["calf"])
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without("task.close"):
        assert refer(client, case, red_flags=["calf"]).status_code == 403
        assert not Referral.objects.exists()
        assert refer(client, case, reason="Doubts.").status_code == 302
    assert queries.open_red_flags(case.chart).exists()


# --- The page


def test_what_waits_is_ticked_and_its_urgency_proposed(client, case, user):
    make.assessment(case, user, red_flags=["weight", "calf"])
    page = Page(client.get(f"/rls/cases/{case.uuid}/referrals/"))
    assert sorted(page.sends["red_flags"]) == ["calf", "weight"]
    assert (page.sends["urgency"], page.sends["referred_on"]) == (["now"], ["2026-09-07"])


def test_without_a_red_flag_words_say_why(client, case):
    assert refer(client, case, reason="Doubts about the pattern.").status_code == 302
    [row] = queries.referrals(case)
    assert (row.to, row.red_flags, row.referred_by_name) == ("emergency department", [], "Dana Whitfield")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Tick a red flag, or write why."),
        ({"red_flags": ["calf"], "to_kind": ""}, "This field is required."),
        ({"red_flags": ["calf"], "urgency": "soon"}, "Select a valid choice."),
        ({"red_flags": ["calf"], "referred_on": "2026-09-08"}, "This day has not come yet."),
        ({"red_flags": ["moon"]}, "Select a valid choice."),
    ],
)
def test_what_cannot_stand_is_refused_in_words_and_stays_on_the_page(client, case, values, words):
    response = refer(client, case, to_name="Dr Lindqvist", **values)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["to_name"] == ["Dr Lindqvist"]
    assert not Referral.objects.exists()


@pytest.mark.only_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_referrals_at_once_none_is_half_written(user):
    """DI-1: who comes too late wrote nothing, or found the red flag answered."""
    case = make.case(user)
    make.assessment(case, user, red_flags=["calf"])
    jobs = [partial(make.referral, case, user, red_flags=["calf"])] * 2
    outcomes = make.at_once(*jobs)
    kept = [one for one in outcomes if isinstance(one, Referral)]
    assert all(isinstance(one, Stale) for one in outcomes if one not in kept), outcomes
    assert Referral.objects.count() == Task.objects.filter(rule="referral").count() == len(kept) >= 1
    assert Task.objects.get(kind="red_flag").state == "done"


# --- What came of it


def test_somebody_is_asked_later_until_it_is_known(client, case):
    refer(client, case, reason="Doubts.", urgency="now")
    task = Task.objects.get(kind="review")
    assert (task.rule, task.state) == ("referral", "open")
    assert task.due_at.date().isoformat() == "2026-09-08"
    page = Page(client.get(f"/rls/tasks/{task.uuid}/"))
    assert "Referral: ask what came of it." in page.words
    [referral] = Referral.objects.all()
    assert f"/rls/referrals/{referral.uuid}/" in page.links
    assert answer(client, referral).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "Scan was clear.")
    assert "Scan was clear." in Page(client.get(f"/rls/cases/{case.uuid}/referrals/")).words


def test_a_later_word_is_added_and_the_newest_counts(client, case, user):
    referral = make.referral(case, user)
    answer(client, referral, kind="not_seen", note="Had no time.")
    answer(client, referral, kind="told", note="Went on Friday.")
    assert [row.note for row in queries.outcomes(referral)] == ["Went on Friday.", "Had no time."]


def test_a_referral_entered_in_error_opens_its_red_flags_again(client, case, user):
    """Decisions 12.5: what nobody was asked about is not answered."""
    make.assessment(case, user, red_flags=["calf"])
    refer(client, case, red_flags=["calf"])
    answer(client, Referral.objects.get(), kind="in_error", note="The wrong patient.")
    assert [task.params["flag"] for task in queries.open_red_flags(case.chart)] == ["calf"]
    page = Page(client.get(f"/rls/cases/{case.uuid}/referrals/"))
    letter = f"/rls/referrals/{Referral.objects.get().uuid}/letter/"
    assert letter not in page.links
    assert client.get(letter).status_code == client.post(letter).status_code == 409


def test_an_outcome_without_words_is_refused(client, case, user):
    referral = make.referral(case, user)
    assert answer(client, referral, note="").status_code == 422
    assert not ReferralOutcome.objects.exists()


def test_the_chart_tells_of_it_among_all_that_happened(client, case, user):
    referral = make.referral(case, user)
    page = Page(client.get(f"/rls/charts/{case.chart.uuid}/"))
    assert "Referred: Dr Lindqvist, family physician" in page.words
    assert f"/rls/referrals/{referral.uuid}/" in page.links


# --- What is kept


def test_both_are_kept_for_good(client, case, user):
    """DI-4: neither changed nor taken away."""
    answer(client, make.referral(case, user))
    for model, change in ((Referral, {"reason": "other"}), (ReferralOutcome, {"note": "other"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all()._raw_delete("default")


def test_every_step_is_an_event_without_a_value(client, case, user):
    """AU-2: who referred, and who wrote down what came of it."""
    make.assessment(case, user, red_flags=["calf"])
    refer(client, case, red_flags=["calf"], reason="canary")
    answer(client, Referral.objects.get(), note="canary")
    written = AuditEvent.objects.filter(object_kind__in=("referral", "referraloutcome")).exclude(fields=[])
    assert [(event.verb, event.object_kind) for event in written.order_by("pk")] == [
        ("intake.edit", "referral"),
        ("intake.edit", "referraloutcome"),
    ]
    assert AuditEvent.objects.filter(verb="task.close").count() == 2
    assert "canary" not in str(list(AuditEvent.objects.values()))


def test_a_referral_without_any_reason_is_none(case, user):
    with pytest.raises(ValueError, match="say why"):
        make.referral(case, user, red_flags=[], reason="  ")
    assert not Referral.objects.exists()

"""What is explained: planned by topic, recorded with teach-back, printed for the patient."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.knowledge.planning import education
from rls_module.plans import actions, queries
from rls_module.plans.models import Plan, Teaching
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

TOPICS = ["bad_night", "sitting_position"]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


def page(client, case) -> Page:
    return Page(client.get(f"/rls/cases/{case.uuid}/plan/"))


def test_topics_are_chosen_on_the_draft_and_signed_with_it(client, case, user):
    draft = make.plan_draft(case, user)
    form = Page(client.get(f"/rls/plans/{draft.uuid}/"))
    assert "What to do on a bad night" in form.words
    sent = {name: values for name, values in form.sends.items() if name != "do"} | {"topics": TOPICS}
    assert client.post(f"/rls/plans/{draft.uuid}/", sent | {"do": "save", "topics": ["moon"]}).status_code == 422
    assert client.post(f"/rls/plans/{draft.uuid}/", sent | {"do": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.topics == TOPICS
    assert sorted(Page(client.get(f"/rls/plans/{draft.uuid}/")).sends["topics"]) == TOPICS


def test_a_topic_is_explained_and_said_back(client, case, user, at):
    make.plan(case, user, topics=TOPICS)
    assert "not yet" in page(client, case).words
    address = f"/rls/cases/{case.uuid}/plan/"
    for _twice in range(2):
        assert client.post(address, {"explained": "bad_night"}).status_code == 302
    assert "What to do on a bad night explained, Sept. 7, 2026" in page(client, case).words
    at(make.NOW + make.days(7))
    assert client.post(address, {"said_back": "bad_night"}).status_code == 302
    assert "What to do on a bad night said back, Sept. 14, 2026" in page(client, case).words
    assert list(Teaching.objects.order_by("pk").values_list("topic", "is_taught_back", "taught_by_name")) == [
        ("bad_night", False, "Dana Whitfield"),
        ("bad_night", True, "Dana Whitfield"),
    ]
    assert AuditEvent.objects.filter(verb="plan.edit", object_kind="teaching").count() == 2


def test_what_was_taught_stays_taught_when_the_plan_changes(client, case, user):
    plan = make.plan(case, user, topics=TOPICS)
    actions.teach(
        plan=plan, topic="bad_night", is_taught_back=True, on=make.TODAY, actor=make.actor(user), now=make.NOW
    )
    make.plan(case, user)
    assert "said back, Sept. 7, 2026" in page(client, case).words


def test_a_topic_that_the_plan_does_not_have_is_refused(client, case, user):
    plan = make.plan(case, user, topics=TOPICS)
    assert client.post(f"/rls/cases/{case.uuid}/plan/", {"explained": "footwear"}).status_code == 409
    actions.change_status(plan=plan, seen=plan.version, to="completed", reason="Done.", actor=make.actor(user))
    with pytest.raises(ValueError, match="running plan"):
        actions.teach(
            plan=Plan.objects.get(), topic="bad_night", is_taught_back=True, on=make.TODAY,
            actor=make.actor(user), now=make.NOW,
        )  # fmt: skip
    assert not Teaching.objects.exists()


def test_what_was_taught_is_guarded_and_signed_topics_are(case, user):
    """DI-4, part."""
    plan = make.plan(case, user, topics=TOPICS)
    actions.teach(
        plan=plan, topic="bad_night", is_taught_back=False, on=make.TODAY, actor=make.actor(user), now=make.NOW
    )
    for change in (
        lambda: Teaching.objects.update(is_taught_back=True),
        lambda: Teaching.objects.all()._raw_delete("default"),
        lambda: Plan.objects.update(topics=[]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    plan.topics = ["footwear"]
    signed = queries.content_hash(Plan.objects.get(), queries.content(plan))
    assert queries.content_hash(plan, queries.content(plan)) != signed


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["What we talked about", "Get up rather than fight it."]), ("es", ["De qué hablamos", "Levántese en vez"])],
)
def test_the_handout_prints_the_topics_in_the_patients_language(client, user, language, words):
    plan = make.plan(make.case(user, make.patient(user, language=language)), user, topics=["bad_night"])
    found = Page(client.get(f"/rls/plans/{plan.uuid}/handout/")).words
    assert [one for one in words if one not in found] == []
    assert "footwear" not in found


def test_every_kind_of_topic_is_there_and_none_changes_a_medicine():
    """Issue: habits and postures. Decisions 12.5 and the house: no patient is told to change a drug."""
    assert {one.kind for one in education.topics()} == set(education.KINDS)
    said = " ".join(text for one in education.topics() for text in (*one.name.values(), *one.text.values())).casefold()
    assert not [word for word in ("stop taking", "reduce", "deje de tomar") if word in said]
    assert not [word for word in ("restless", "syndrome", "inquiet", "síndrome") if word in said], "it lies about"

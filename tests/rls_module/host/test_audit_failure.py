"""No witness, no deed: where an audit event can't be stored, nothing is read and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.intake import actions as intake_actions
from rls_module.visits import actions as visit_actions
from tests import factories as make
from tests.rls_module.host.pages import signed_in
from tests.rls_module.intake.sheets import BASELINE, FITS

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


@contextmanager
def no_audit(verb: str = "%") -> Iterator[None]:
    """Let the database refuse every audit event whose verb is like `verb`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION no_witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF NEW.verb LIKE '{verb}' THEN RAISE EXCEPTION 'no audit today'; END IF; RETURN NEW; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER no_witness BEFORE INSERT ON rls_module_auditevent "
                "FOR EACH ROW EXECUTE FUNCTION no_witness()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER no_witness BEFORE INSERT ON rls_module_auditevent "
                f"WHEN NEW.verb LIKE '{verb}' BEGIN SELECT RAISE(ABORT, 'no audit today'); END"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION no_witness() CASCADE")
            else:
                cursor.execute("DROP TRIGGER no_witness")


def contents() -> dict[str, list[Any]]:
    """Every row of the plugin."""
    models = apps.get_app_config("rls_module").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def rows(at):
    user = make.therapist()
    case = make.case(user)
    by = {"actor": make.actor(user), "now": make.NOW}
    return SimpleNamespace(
        user=user,
        by=by,
        case=case,
        chart=case.chart,
        newcomer=make.patient(user),
        other=make.chart(make.patient(user)),
        screen=intake_actions.record_known(chart=case.chart, **by),
        task=make.task(case),
        draft=make.draft(case, user),
    )


ACTIONS = {
    "open_chart": lambda rows: case_actions.open_chart(patient=rows.newcomer, **rows.by),
    "open_case": lambda rows: case_actions.open_case(chart=rows.other, reason="primary", on=make.TODAY, **rows.by),
    "name_activities": lambda rows: case_actions.name_activities(case=rows.case, texts=["sit"], **rows.by),
    "reach": lambda rows: case_actions.reach(case=rows.case, kind="date", on=make.TODAY, ref="x", **rows.by),
    "open_task": lambda rows: case_actions.open_task(
        chart=rows.chart, case=rows.case, kind="call", rule="no_answer", **rows.by
    ),
    "take_task": lambda rows: case_actions.take_task(task=rows.task, seen=1, actor=rows.by["actor"]),
    "close_task": lambda rows: case_actions.close_task(task=rows.task, seen=1, outcome="Called.", **rows.by),
    "give_consent": lambda rows: case_actions.give_consent(
        chart=rows.other, purpose="email", text_version="1", language="en", **rows.by
    ),
    "withdraw_consent": lambda rows: case_actions.withdraw_consent(chart=rows.chart, purpose="email", **rows.by),
    "record_screen": lambda rows: intake_actions.record_screen(
        chart=rows.chart, answers={"s1_urge": "no"}, language="en", **rows.by
    ),
    "record_known": lambda rows: intake_actions.record_known(chart=rows.other, **rows.by),
    "decide": lambda rows: intake_actions.decide(screen=rows.screen, decision="later", on=make.TODAY, **rows.by),
    "record_baseline": lambda rows: make.baseline(rows.case, rows.user),
    "open_draft": lambda rows: visit_actions.open_draft(case=rows.case, visit_date=make.TODAY, **rows.by),
    "save_draft": lambda rows: visit_actions.save_draft(
        visit=rows.draft, seen=rows.draft.version, note={"findings": "Tender."}, sites=[], **rows.by
    ),
    "sign": lambda rows: visit_actions.sign(visit=rows.draft, seen=rows.draft.version, **rows.by),
    "discard": lambda rows: visit_actions.discard(visit=rows.draft, seen=rows.draft.version, actor=rows.by["actor"]),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_whose_event_is_refused_writes_nothing(rows, name):
    """AU-3, part: a write and its event roll back together."""
    before = contents()
    with no_audit(), pytest.raises(DatabaseError):
        ACTIONS[name](rows)
    assert contents() == before


@pytest.mark.parametrize("name", ACTIONS)
def test_the_same_action_is_done_where_the_event_is_stored(rows, name):
    """The test above means something only if each of them would write."""
    events = AuditEvent.objects.count()
    before = {key: value for key, value in contents().items() if key != "AuditEvent"}
    ACTIONS[name](rows)
    assert {key: value for key, value in contents().items() if key != "AuditEvent"} != before
    assert AuditEvent.objects.count() > events


def test_every_page_is_refused_with_our_own_503(rows):
    """AU-3, part: a read whose event can't be stored is no read."""
    client = signed_in(rows.user)
    before = contents()
    with no_audit():
        for address in (
            f"/rls/patients/{rows.newcomer.pk}/",
            f"/rls/charts/{rows.chart.uuid}/",
            f"/rls/charts/{rows.chart.uuid}/screen/",
            f"/rls/screens/{rows.screen.uuid}/",
            f"/rls/cases/{rows.case.uuid}/baseline/",
            f"/rls/visits/{rows.draft.uuid}/",
            f"/rls/tasks/{rows.task.uuid}/",
            "/rls/",
            "/rls/charts/00000000-0000-4000-8000-000000000000/",
        ):
            response = client.get(address)
            assert response.status_code == 503, address
            assert "Nothing could be read or stored safely" in response.content.decode()
            assert "Alma" not in response.content.decode()
    assert contents() == before


POSTS = {
    "a chart is begun": ("screen.create", "/rls/patients/{newcomer.pk}/", {"x": "1"}),
    "a plain no is saved": ("screen.create", "/rls/charts/{other.uuid}/screen/", {"s1_urge": "no", "do": "see"}),
    "a screen opens a case": ("case.open", "/rls/charts/{other.uuid}/screen/", FITS | {"do": "open"}),
    "a known patient's case is opened": ("case.open", "/rls/charts/{other.uuid}/screen/", {"do": "known"}),
    "a screen is decided": ("screen.create", "/rls/screens/{screen.uuid}/", {"decision": "later"}),
    "a baseline is taken": ("response.create", "/rls/cases/{case.uuid}/baseline/", BASELINE),
    "a baseline with consent is taken": (
        "consent.create", "/rls/cases/{own.uuid}/baseline/", BASELINE | {"agrees": "yes"}
    ),
    "a note is begun": ("visit.edit", "/rls/cases/{case.uuid}/visits/", {"x": "1"}),
    "a note is discarded": ("visit.edit", "/rls/visits/{draft.uuid}/", {"do": "discard", "version": "2"}),
    "a task is taken": ("task.edit", "/rls/tasks/{task.uuid}/", {"do": "take", "version": "1"}),
    "a task is closed": ("task.close", "/rls/tasks/{task.uuid}/", {"do": "close", "version": "1", "outcome": "Done."}),
    "consent is withdrawn": ("consent.withdraw", "/rls/charts/{chart.uuid}/consent/", {"agrees": "no"}),
}  # fmt: skip


@pytest.mark.parametrize(("verb", "path", "data"), POSTS.values(), ids=POSTS)
def test_a_form_that_cannot_be_witnessed_is_a_503_that_left_nothing(rows, verb, path, data):
    """AU-3, part: no partial data, also where one form writes twice."""
    rows.own = make.case(rows.user, mail=False)
    client = signed_in(rows.user)
    before = {key: value for key, value in contents().items() if key != "AuditEvent"}
    with no_audit(verb):
        response = client.post(path.format(**vars(rows)), data)
    assert response.status_code == 503
    assert {key: value for key, value in contents().items() if key != "AuditEvent"} == before
    assert client.post(path.format(**vars(rows)), data).status_code == 302, "and the same form is taken afterwards"

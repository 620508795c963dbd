"""The gate: only a literal True opens, whatever else the host answers; and every answer leaves its event."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from clinic.models import Patient, Role
from rls_module.audit.models import AuditEvent
from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Chart, Signature, Task
from rls_module.host import ACTIONS, web
from rls_module.host.actor import of_request, system
from rls_module.visits.models import Visit
from tests import factories as make
from tests.rls_module.cases import hosts

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def request_of(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    request.resolver_match = None
    return request


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def record(user: Any) -> dict[str, Any]:
    """A patient's chart with one row of everything that has a page."""
    case = make.case(user)
    task = case_actions.open_task(
        chart=case.chart, case=case, kind="call", rule="no_answer", actor=system("test"), now=make.NOW
    )
    return {
        "chart": case.chart,
        "case": case,
        "task": task,
        "draft": make.draft(case, user),
        "visit": make.signed(case, user),
    }


PAGES = ["chart", "task", "draft", "visit"]


def address(leaf: str, row: Any) -> str:
    return {
        "chart": "/rls/charts/{}/",
        "task": "/rls/tasks/{}/",
        "draft": "/rls/visits/{}/",
        "visit": "/rls/visits/{}/",
    }[leaf].format(row.uuid)


def with_host(settings: Any, name: str) -> None:
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{hosts.HERE}.{name}"}


# The policy function


@pytest.mark.parametrize("action", ["chart.see", "", "visit", "chart.view ", "CHART.VIEW", "visit.sign*"])
def test_an_unknown_action_is_an_error_and_no_answer(action):
    """AZ-2."""
    user = make.therapist()
    chart = make.case(user).chart
    with pytest.raises(KeyError):
        access.may(request_of(user), action, chart.patient)
    with pytest.raises(KeyError):
        access.fetch(request_of(user), of_request(request_of(user)), Chart, chart.uuid, action)


def test_an_action_of_a_patient_is_not_asked_without_one_nor_the_other_way_round():
    """AZ-2: a forgotten patient is an error, not a wider right."""
    user = make.therapist()
    person = make.patient(user)
    for action in ACTIONS.values():
        with pytest.raises(KeyError):
            access.may(request_of(user), action.name, None if action.patient else person)


@pytest.mark.parametrize("answer", [None, 1, "yes", [True], "True", 0, "", object])
@pytest.mark.parametrize("leaf", PAGES)
def test_nothing_but_true_grants(settings, monkeypatch, leaf, answer):
    """AZ-2: never 200."""
    user = make.therapist()
    row = record(user)[leaf]
    with_host(settings, "Truthy")
    monkeypatch.setattr(hosts.Truthy, "answer", answer)
    assert access.may(request_of(user), "chart.view", make.patient(user)) is False
    assert signed_in(user).get(address(leaf, row)).status_code == 404


@pytest.mark.parametrize("leaf", PAGES)
def test_a_host_that_raises_denies_and_it_is_logged(settings, caplog, leaf):
    """AZ-2."""
    user = make.therapist()
    row = record(user)[leaf]
    with_host(settings, "Raising")
    before = AuditEvent.objects.filter(outcome="refused").count()
    with caplog.at_level(logging.ERROR, logger="rls_module.cases.access"):
        assert signed_in(user).get(address(leaf, row)).status_code == 404
    assert "denied" in caplog.text
    assert AuditEvent.objects.filter(outcome="refused").count() == before + 1


@pytest.mark.parametrize("host", ["SeesNobody", "SightRaises", "SeesAllMayNothing"])
@pytest.mark.parametrize("leaf", PAGES)
def test_both_answers_are_needed_to_see_and_an_empty_one_is_no_access(settings, host, leaf):
    """AZ-2: `visible_patients` and `can`; neither opens alone."""
    user = make.therapist()
    row = record(user)[leaf]
    with_host(settings, host)
    assert signed_in(user).get(address(leaf, row)).status_code == 404


@pytest.mark.parametrize("host", ["Truthy", "Raising", "SeesNobody", "SeesAllMayNothing"])
def test_the_worklist_of_such_a_host_shows_nobody(settings, host):
    """AZ-2, AZ-5: lists ask as well, row by row."""
    user = make.therapist()
    name = record(user)["chart"].patient.full_name
    assert name in signed_in(user).get("/rls/").content.decode()
    with_host(settings, host)
    events = AuditEvent.objects.count()
    response = signed_in(user).get("/rls/")
    assert response.status_code == 200
    assert name not in response.content.decode()
    assert AuditEvent.objects.count() == events


def test_the_worklist_of_a_host_that_cannot_say_who_is_seen_is_our_own_error_page(settings):
    """AZ-2, AP-8: no list, and no traceback."""
    user = make.therapist()
    name = record(user)["chart"].patient.full_name
    with_host(settings, "SightRaises")
    response = signed_in(user).get("/rls/")
    assert name not in response.content.decode()
    assert response.status_code in (403, 404, 503)


# Who is not asked


PEOPLE = ["colleague", "stranger", "admin", "superuser", "former"]


def somebody(kind: str) -> Any:
    """A person who may not see the chart: a colleague, one of the other clinic, and those who look as if they might."""
    match kind:
        case "colleague":
            return make.therapist()
        case "stranger":
            return make.therapist(make.clinic("lakeside"))
        case "admin":
            return make.therapist(role=Role.CLINIC_ADMIN)
        case "superuser":
            user = make.therapist()
            user.is_superuser = user.is_staff = True
            user.save()
            return user
        case _:
            return make.therapist()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("leaf", PAGES)
def test_whoever_does_not_treat_the_patient_finds_nothing_there_and_leaves_a_refusal(who, leaf):
    """AZ-2, AZ-12, AU-5: 404 for the page and one event with person, object and patient.

    At the chart, therapists of the clinic are led on to where one may be opened in an emergency.
    """
    there = record(make.therapist())
    row = there[leaf]
    user = somebody(who)
    if who == "former":
        there["chart"].patient.therapists.add(user)
        there["chart"].patient.therapists.remove(user)
    events = AuditEvent.objects.count()
    response = signed_in(user).get(address(leaf, row))
    is_led_on = leaf == "chart" and who in ("colleague", "superuser", "former")
    assert response.status_code == (302 if is_led_on else 404)
    assert response.headers.get("Location", "") == (f"/rls/charts/{row.uuid}/emergency/" if is_led_on else "")
    assert there["chart"].patient.family not in response.content.decode()
    assert AuditEvent.objects.count() == events + 1
    event = AuditEvent.objects.order_by("pk").last()
    assert (event.actor, event.outcome, event.object_id, event.patient, event.scope) == (
        f"user:{user.pk}",
        "refused",
        str(row.uuid),
        str(there["chart"].patient_id),
        "riverside",
    )
    assert event.route


WRITES = [
    ("draft", {"do": "save", "version": "2", "findings": "theirs"}),
    ("draft", {"do": "sign", "version": "2"}),
    ("draft", {"do": "discard", "version": "2"}),
    ("task", {"do": "take", "version": "1"}),
    ("task", {"do": "close", "version": "1", "outcome": "Done."}),
]


@pytest.mark.parametrize("who", PEOPLE[:4])
@pytest.mark.parametrize(("leaf", "form"), WRITES, ids=[f"{leaf}-{form['do']}" for leaf, form in WRITES])
def test_nor_can_they_write_there(who, leaf, form):
    """AZ-2, AU-5."""
    row = record(make.therapist())[leaf]
    before = type(row).objects.filter(pk=row.pk).values().get()
    client = signed_in(somebody(who))
    assert client.post(address(leaf, row), form).status_code == 404
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert AuditEvent.objects.order_by("pk").last().outcome == "refused"


@pytest.mark.parametrize("leaf", PAGES)
def test_what_does_not_exist_looks_the_same_as_what_may_not_be_known(leaf):
    """AZ-2, AZ-4: byte for byte, but for what changes with every page."""
    row = record(make.therapist())[leaf]
    client = signed_in(make.therapist(make.clinic("lakeside")))
    hidden = client.get(address(leaf, row))
    row.uuid = uuid4()
    absent = client.get(address(leaf, row))
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.headers["Cache-Control"] == absent.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("leaf", PAGES)
def test_a_read_of_ones_own_patient_is_recorded_before_it_is_shown(leaf):
    """AU-1."""
    user = make.therapist()
    row = record(user)[leaf]
    events = AuditEvent.objects.count()
    assert signed_in(user).get(address(leaf, row)).status_code == 200
    [event] = AuditEvent.objects.order_by("pk")[events:]
    assert (event.outcome, event.actor, event.object_id) == ("done", f"user:{user.pk}", str(row.uuid))
    assert event.patient == str(row.patient_id if leaf == "chart" else row.chart.patient_id)


@pytest.mark.parametrize("leaf", PAGES)
def test_a_read_whose_event_cannot_be_stored_is_no_read(leaf):
    """AU-3: 503, and nothing of the patient."""
    user = make.therapist()
    row = record(user)[leaf]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rls_module_auditevent RENAME TO rls_module_auditevent_gone")
    response = signed_in(user).get(address(leaf, row))
    assert response.status_code == 503
    assert b"Abbott" not in response.content


def test_what_may_be_seen_but_not_done_is_forbidden_and_recorded(settings):
    """AZ-2, AU-5: 403 for those who see it anyway."""
    user = make.therapist()
    there = record(user)
    with_host(settings, "LooksOnly")
    client = signed_in(user)
    assert client.get(address("draft", there["draft"])).status_code == 200
    for leaf, form in WRITES:
        response = client.post(address(leaf, there[leaf]), form)
        assert response.status_code == 403
        assert AuditEvent.objects.order_by("pk").last().outcome == "refused"
    assert Visit.objects.get(pk=there["draft"].pk).status == "draft"


def test_a_chart_is_found_by_the_hosts_key_only_by_those_who_see_the_patient():
    """AZ-6, AZ-7: the way in from the host."""
    user = make.therapist()
    person = record(user)["chart"].patient
    assert signed_in(user).get(f"/rls/patients/{person.pk}/").status_code == 302
    for other in (make.therapist(role=Role.CLINIC_ADMIN), make.therapist(make.clinic("lakeside"))):
        assert signed_in(other).get(f"/rls/patients/{person.pk}/").status_code == 404


@pytest.mark.parametrize("key", ["0", "nobody", "9" * 40, "%00", "'", "%E2%80%AE", "x" * 300], ids=lambda key: key[:9])
def test_a_key_that_no_patient_can_have_is_not_found(key):
    """AZ-6, DI-9: the same on every database, and no error of ours."""
    assert signed_in(make.therapist()).get(f"/rls/patients/{key}/").status_code == 404


def test_a_list_holds_only_what_may_be_seen_and_records_each_patient_once():
    """AZ-5, AU-1: own rows among those of colleagues and of the other clinic."""
    user = make.therapist()
    own = [record(user), record(user)]
    record(make.therapist())
    record(make.therapist(make.clinic("lakeside")))
    request = request_of(user)
    events = AuditEvent.objects.count()
    found = access.listing(request, of_request(request), Task.objects.order_by("pk"), "task.view", limit=50)
    assert found == [there["task"] for there in own]
    shown = list(AuditEvent.objects.order_by("pk")[events:].values_list("patient", "object_kind", "scope"))
    assert shown == [(str(there["chart"].patient_id), "task list", "riverside") for there in own]


def test_a_patient_who_moved_to_the_other_clinic_takes_the_chart_along():
    """AZ-2: the adapter's answer of now counts, not the scope of then."""
    user = make.therapist()
    chart = record(user)["chart"]
    Patient.objects.filter(pk=chart.patient_id).update(clinic=make.clinic("lakeside"))
    assert signed_in(user).get(address("chart", chart)).status_code == 404


# The second factor


GATED = ["says_true", "says_false", "raises", "asks_for_more", "is_not_there"]


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    hosts.asked.clear()


def with_gate(settings: Any, name: str) -> None:
    settings.RLS_MODULE = settings.RLS_MODULE | {"STAFF_GATE": f"{hosts.HERE}.{name}"}


def signing(visit: Visit) -> dict[str, str]:
    """The note's own form, sent with Sign, from what is stored."""
    site = visit.needling_sites.get()
    note = {name: getattr(visit, name) for name in make.COMPLETE}
    return {
        **{name: str(value) for name, value in note.items()},
        "do": "sign",
        "version": str(visit.version),
        "visit_date": visit.visit_date.isoformat(),
        **{f"{block}-{part}_FORMS": "0" for block in ("point", "exercise") for part in ("TOTAL", "INITIAL")},
        "site-TOTAL_FORMS": "1",
        "site-INITIAL_FORMS": "1",
        "site-0-muscle": "soleus",
        "site-0-side": site.side,
        "site-0-technique": site.technique,
        "site-0-needles_in": str(site.needles_in),
        "site-0-twitch": "on",
    }


def test_the_gate_is_asked_once_for_a_signature_and_lets_it_pass(settings):
    """AN-11."""
    user = make.therapist()
    draft = make.draft(make.case(user), user)
    with_gate(settings, "passes")
    response = signed_in(user).post(address("draft", draft), signing(draft))
    assert response.status_code == 302
    assert Visit.objects.get(pk=draft.pk).status == "signed"
    assert hosts.asked == ["visit.sign"]


@pytest.mark.parametrize("gate", GATED)
def test_a_gate_that_does_not_pass_has_nothing_written(settings, gate):
    """AN-11: refusal, True, an exception, a page of its own, or no gate there: asked once, one event, nothing else."""
    user = make.therapist()
    draft = make.draft(make.case(user), user)
    before = Visit.objects.filter(pk=draft.pk).values().get()
    events = AuditEvent.objects.count()
    with_gate(settings, gate)
    response = signed_in(user).post(address("draft", draft), signing(draft) | {"findings": "changed"})
    if gate == "asks_for_more":
        assert (response.status_code, response.content.decode()) == (401, hosts.WORDS)
    else:
        assert response.status_code == 403
    assert Visit.objects.filter(pk=draft.pk).values().get() == before
    assert not Signature.objects.exists()
    assert hosts.asked == ([] if gate == "is_not_there" else ["visit.sign"])
    [event] = AuditEvent.objects.order_by("pk")[events:]
    assert (event.verb, event.outcome) == ("visit.sign", "refused")


def test_what_is_not_marked_in_the_registry_is_not_asked_of_the_gate(settings):
    """AN-11: reading and saving go on."""
    user = make.therapist()
    there = record(user)
    with_gate(settings, "says_false")
    client = signed_in(user)
    for leaf in PAGES:
        assert client.get(address(leaf, there[leaf])).status_code == 200
    form = signing(there["draft"]) | {"do": "save"}
    assert client.post(address("draft", there["draft"]), form).status_code == 302
    assert hosts.asked == []


def test_nobody_is_asked_for_a_second_factor_to_be_told_that_there_is_nothing(settings):
    """AN-11, AZ-2: the gate comes after the right, or it would say that the note exists."""
    draft = make.draft(make.case(user := make.therapist()), user)
    with_gate(settings, "asks_for_more")
    assert signed_in(make.therapist()).post(address("draft", draft), signing(draft)).status_code == 404
    assert hosts.asked == []


@pytest.mark.parametrize("action", sorted(name for name, listed in ACTIONS.items() if listed.gated and listed.patient))
def test_every_action_marked_in_the_registry_asks_the_gate_at_the_gate(settings, action, monkeypatch):
    """AN-11: whichever door will come."""
    user = make.therapist()
    case = make.case(user)
    with_host(settings, "Truthy")
    monkeypatch.setattr(hosts.Truthy, "answer", True)
    with_gate(settings, "says_false")
    request = request_of(user)
    with pytest.raises(web.Forbidden):
        access.fetch(request, of_request(request), Case, case.uuid, action)
    assert hosts.asked == [action]

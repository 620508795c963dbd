"""A patient's page that fails: no log has its link, what came before is kept, and our own page says what to do."""

from __future__ import annotations

import pytest
from django.db import connection

from clinic.rls import ClinicAdapter
from rls_module.audit.models import AuditEvent
from rls_module.surveys.models import Draft
from tests.rls_module.host.test_audit_failure import no_audit
from tests.rls_module.surveys.phone import Phone, link

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]


class Talkative(ClinicAdapter):
    """A host whose own fault quotes a row."""

    def is_active(self, patient):
        raise ValueError("Canary" + patient._meta.model_name)  # a value, not a word of the code


class Torn:
    """A body that breaks off on its way."""

    def read(self, _size: int = -1) -> bytes:
        raise OSError("connection reset")

    readline = read


def secrets_of(asked) -> list[str]:
    return [asked.selector, link(asked).rsplit("/", 2)[-2]]


def no_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rls_module_occurrence RENAME TO rls_module_elsewhere")


def tables_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rls_module_elsewhere RENAME TO rls_module_occurrence")


@pytest.mark.parametrize("purpose", ["survey", "unsubscribe"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_database_that_fails_logs_no_link(asked, logged, purpose, method):
    """PV-1 part, TK-6: 503 in the patient's words; the log has what kind of failure and where."""
    address = link(asked, purpose)
    no_tables()
    try:
        response = getattr(Phone().client, method)(address)
    finally:
        tables_again()
    assert response.status_code == 503
    assert "open the link in the mail again" in response.content.decode()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "could not be served" in logged()
    assert not [one for one in (*secrets_of(asked), address) if one in logged()]


def test_a_fault_logs_no_link_and_no_value(asked, logged, settings):
    """PV-1 part: the exception's own text is not told, the line of code is; the host's handler never sees it."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.Talkative"}
    response = Phone().client.get(link(asked))
    assert response.status_code == 503
    assert "ValueError" in logged()
    assert "test_failures.py" in logged()
    assert not [one for one in (*secrets_of(asked), "Canarypatient") if one in logged() + response.content.decode()]


@pytest.mark.not_mariadb
@pytest.mark.parametrize("atomic", [False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def test_a_page_whose_event_cannot_be_stored_keeps_nothing(asked, monkeypatch, atomic):
    """AU-3: beginning leaves an event, or did not happen; also where the host opens a transaction for each request."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    phone = Phone()
    page = phone.get(link(asked))
    before = AuditEvent.objects.count()
    with no_audit("response.%"):
        response = phone.client.post(page.form.action, {**page.form.fields, "do": "start"})
    assert response.status_code == 503
    asked.refresh_from_db()
    assert (asked.begun_at, AuditEvent.objects.count()) == (None, before)
    assert phone.start(asked).status == 200


@pytest.mark.not_mariadb
@pytest.mark.parametrize("atomic", [False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def test_what_a_failed_request_wrote_is_undone_where_the_host_wants_that(asked, monkeypatch, atomic):
    """F-33 part: an answer is kept, its alert can't be; under ATOMIC_REQUESTS both go, else the answer stays."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    phone = Phone()
    phone.start(asked)
    phone.answer_until("new_problem")
    with no_audit("task.%"):
        assert phone.answer({"new_problem": ["drive"]}).status == 503
    assert Draft.objects.filter(page="new_problem").exists() is not atomic


def test_a_body_that_breaks_off_is_the_senders_fault(asked, logged):
    """F-33 part: 400, and no link in any log."""
    response = Phone().client.generic(
        "POST", link(asked), b"do=start", "application/x-www-form-urlencoded", **{"wsgi.input": Torn()}
    )
    assert response.status_code == 400
    assert not [one for one in secrets_of(asked) if one in logged()]


def test_a_body_in_an_encoding_that_no_form_of_ours_sends(asked, logged):
    """F-34 part: 400, and no link in any log."""
    strange = "application/x-www-form-urlencoded; charset=utf-7"
    response = Phone().client.post(link(asked), b"do=start", content_type=strange)
    assert response.status_code == 400
    assert not [one for one in secrets_of(asked) if one in logged()]

"""What must be on record, one line each: refusals, failed links, emergencies, exports, signatures, changes of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.followups import links, queries
from rls_module.followups.models import Occurrence
from tests import factories as make
from tests.contracts.matrix import SLEEP
from tests.contracts.test_matrix import browsers, world
from tests.rls_module.admin.test_admin import TEN_WEEKS, sheet
from tests.rls_module.admin.test_managed import TEXT
from tests.rls_module.host.pages import Page, at
from tests.rls_module.surveys.phone import link

__all__ = ["at", "world"]
Browsers = Mapping[str, Client]
Keys = Mapping[str, Any]
ADMIN = "/admin/rls_module"


def _denied(at: Browsers, keys: Keys) -> None:
    at["stranger"].get(f"/rls/charts/{keys['chart']}/")


def _denied_in_the_api(at: Browsers, keys: Keys) -> None:
    at["stranger"].get(f"/rls/api/v1/charts/{keys['chart']}/")


def _emergency(at: Browsers, keys: Keys) -> None:
    at["colleague"].post(f"/rls/charts/{keys['chart']}/emergency/", {"reason": "Collapsed in the waiting room"})


def _export(at: Browsers, keys: Keys) -> None:
    at["therapist"].post(f"/rls/charts/{keys['chart']}/export/")


def _download(at: Browsers, keys: Keys) -> None:
    at["therapist"].post(f"/rls/exports/{keys['export']}/")


def _download_of_another(at: Browsers, keys: Keys) -> None:
    at["admin"].post(f"/rls/exports/{keys['export']}/")


def _sign(at: Browsers, keys: Keys) -> None:
    address = f"/rls/visits/{keys['visit']}/"
    page = Page(at["therapist"].get(address))
    assert at["therapist"].post(address, page.sends | {"do": "sign"}).status_code == 302


def _protocol(at: Browsers, keys: Keys) -> None:
    at["admin"].post(f"{ADMIN}/protocol/{keys['protocol']}/change/", sheet(release="1", **TEN_WEEKS))


def _text(at: Browsers, keys: Keys) -> None:
    at["admin"].post(f"{ADMIN}/mailtext/reminder_1-en/change/", TEXT | {"write": "1"})


def _instrument(at: Browsers, keys: Keys) -> None:
    text = SLEEP.replace("version = 1", "version = 2")
    at["admin"].post(f"{ADMIN}/importedinstrument/add/", {"import": "1", "text": text})


def _retire(at: Browsers, keys: Keys) -> None:
    address = f"{ADMIN}/importedinstrument/{keys['instrument']}/change/"
    at["admin"].post(address, {"retire": "1", "reason": "Too long."})


def _revoke_all(at: Browsers, keys: Keys) -> None:
    at["admin"].post(f"{ADMIN}/delivery/engine/", {"revoke_all": "1", "reason": "A key was lost."})


# What is done, by whom, and the event of it.
EVENTS: dict[str, tuple[Callable[[Browsers, Keys], None], str, str]] = {
    "access that is denied": (_denied, "chart.view", "refused"),
    "access that is denied in the API": (_denied_in_the_api, "chart.view", "refused"),
    "a chart opened in an emergency": (_emergency, "patient.break_glass", "done"),
    "an export that is asked for": (_export, "export.patient", "done"),
    "a download": (_download, "export.download", "done"),
    "a download of another's": (_download_of_another, "export.download", "refused"),
    "a signature": (_sign, "visit.sign", "done"),
    "a protocol": (_protocol, "protocol.edit", "done"),
    "a mail's words": (_text, "text.edit", "done"),
    "a questionnaire": (_instrument, "instrument.import", "done"),
    "a questionnaire that is retired": (_retire, "instrument.retire", "done"),
    "every link closed": (_revoke_all, "link.revoke_all", "done"),
}
ATOMIC = pytest.mark.parametrize("atomic", [False, True], ids=["autocommit", "ATOMIC_REQUESTS"])


def last_event() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@ATOMIC
@pytest.mark.django_db(transaction=True)
def test_what_matters_is_an_event_that_stays(world, monkeypatch, atomic, record_property):
    """AU-5: one by one, in the clinic's own scope; also where each request is a transaction."""
    users, keys = world
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    clients, silent = browsers(users), {}
    for name, (do, verb, outcome) in EVENTS.items():
        before = last_event()
        do(clients, keys)
        events = AuditEvent.objects.filter(pk__gt=before)
        if not events.filter(verb=verb, outcome=outcome, actor__startswith="user:").exists():
            silent[name] = list(events.values_list("verb", "outcome"))
    assert silent == {}
    record_property("deeds that left an event", len(EVENTS))


def failing_links(asked: Occurrence) -> dict[str, tuple[str, str]]:
    """Link -> the kind of failure, and whether it is known what it was about."""
    token = queries.link_token(asked, "survey")
    strange = links.token("survey", kid="test", scope="riverside", selector=links.new_selector(), version=1)
    later = Occurrence.objects.get(chart=asked.chart, step="week_12")
    return {
        "/q/nothing/": ("malformed", ""),
        f"/q/{strange}/": ("unknown", ""),
        f"/q/{queries.link_token(asked, 'unsubscribe')}/": ("unverified", str(asked.uuid)),
        f"/q/u/{token}/": ("unverified", str(asked.uuid)),
        f"/q/{asked.selector}/": ("no_ticket", str(asked.uuid)),
        link(later): ("over", str(later.uuid)),
    }


@ATOMIC
@pytest.mark.django_db(transaction=True)
def test_each_kind_of_link_that_opens_nothing_is_an_event(at, monkeypatch, atomic, record_property):
    """AU-5, AU-6: by its kind, and with nothing of the link but the beginning of its public half."""
    chart = make.planned(make.therapist()).chart
    asked = Occurrence.objects.get(chart=chart, step="week_6")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    cases = failing_links(asked)
    for address, (kind, ref) in cases.items():
        before = last_event()
        assert Client().get(address).status_code == 404
        [event] = AuditEvent.objects.filter(pk__gt=before)
        assert (event.verb, event.outcome, event.purpose, event.object_id) == ("link.open", "refused", kind, ref)
        assert (event.scope, event.patient) == (("riverside", str(chart.patient_id)) if ref else ("", ""))
        assert len(event.actor) <= len("token:") + 8
    record_property("kinds of links that open nothing", len({kind for kind, _ref in cases.values()}))


@pytest.mark.django_db
def test_a_revoked_link_is_an_event_too(at):
    """AU-5: its verifier is of a version that is gone."""
    asked = Occurrence.objects.get(chart=make.planned(make.therapist()).chart, step="week_6")
    old = link(asked)
    Occurrence.objects.filter(pk=asked.pk).update(link_version=2)
    Client().get(old)
    assert AuditEvent.objects.get(verb="link.open").purpose == "unverified"

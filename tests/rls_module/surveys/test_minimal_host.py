"""Links of a host with a login wall of its own, text keys and no scope: the survey and one-click go through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.test_minimal import run, shell

SURVEY = """
import re
from datetime import UTC, datetime, timedelta
from django.test import Client
from rls_module.cases import actions as cases
from rls_module.followups import actions, links, queries
from rls_module.followups.models import Delivery, Enrolment, Occurrence, Preference
from rls_module.host.actor import Actor
from tests.hosts.minimal.models import Person

now, actor = datetime.now(UTC), Actor("system:test", "Test")
person = Person.objects.create(code="LX-7", called="Lena", reachable_at="lena@example.org")
actions.install_protocol(scope="default", key="default", actor=actor, now=now)
chart = cases.open_chart(patient=person, actor=actor, now=now)
case = cases.open_case(chart=chart, reason="incidental", on=now.date(), actor=actor, now=now)
version = queries.protocol_version("default")
enrolment = Enrolment.objects.create(
    chart=chart, case=case, version=version, scope="default", open_key="x", created_at=now
)
asked = Occurrence.objects.create(
    enrolment=enrolment, chart=chart, scope="default", step="week_6", anchor_on=now.date(), due_on=now.date(),
    send_time=version.send_time, zone="America/Phoenix", due_at=now - timedelta(hours=1),
    on_time_until=now + timedelta(days=1), window_end=now + timedelta(days=2), instruments={"rls_checkin": 1},
    selector=links.new_selector(), link_kid=links.newest_kid(), created_at=now,
)
Delivery.objects.create(
    occurrence=asked, chart=chart, scope="default", kind="invite", due_at=now, next_attempt_at=now, created_at=now
)
client = Client(enforce_csrf_checks=True)
start = client.get(f"/s/{queries.link_token(asked, 'survey')}/")
print(start.status_code, start.headers["Referrer-Policy"], start.headers["Cache-Control"])
form_token = re.search(r'name="form_token" value="([^"]+)"', start.content.decode())[1]
begun = client.post(f"/s/{asked.selector}/", {"do": "start", "form_token": form_token})
print(begun.status_code, begun.headers["Location"] == f"/s/{asked.selector}/?page=nights")
asks = client.get(begun.headers["Location"]).content.decode()
print("did your legs bother you" in asks, "Lena" in asks)
stopped = Client(enforce_csrf_checks=True).post(
    f"/s/u/{queries.link_token(asked, 'unsubscribe')}/", {"List-Unsubscribe": "One-Click"}
)
print(stopped.status_code, Preference.objects.get().source, Delivery.objects.get().state)
print(client.get("/care/").status_code)
"""


@pytest.mark.both
def test_behind_a_login_wall_the_survey_opens_and_one_click_works(tmp_path: Path) -> None:
    """EM-8 part: also behind a host with login-required middleware; only the patient's routes are open."""
    database = f"sqlite:///{tmp_path}/minimal.sqlite3"
    run(database, "migrate")
    assert shell(database, SURVEY).splitlines() == [
        "200 no-referrer no-store",
        "303 True",
        "True False",
        "200 one_click suppressed",
        "302",
    ]

"""The core journey in the very different host: text keys, no visits, a login wall, every request a transaction.

The story runs in a process of its own, for it needs that host's settings: `python -m tests.journeys.test_minimal_host`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 9, 7, 17, 0, tzinfo=UTC)  # 10:00 in Phoenix
CHAPTERS = [
    "the wall stands before staff",
    "a chart is begun",
    "the screen opens a case",
    "the baseline is taken",
    "the intake is taken section by section",
    "the body is examined",
    "a plan is signed",
    "a note without a visit of the host is signed",
    "nothing is due yet",
    "one mail goes out",
    "the survey is answered behind the wall",
    "the chart says whether it changed",
    "a colleague sees nothing",
    "a person who left gets nothing",
]


@pytest.mark.both
@pytest.mark.journey
def test_the_core_journey_in_another_host(tmp_path):
    """Host contract 8: what works in one host is proved in none."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ |= {
        "DATABASE_URL": f"sqlite:///{tmp_path}/minimal.sqlite3",
        "DJANGO_SETTINGS_MODULE": "tests.hosts.minimal.settings",
        "PYTHONWARNINGS": "error",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.test_minimal_host"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.stdout.splitlines() == CHAPTERS, done.stdout + done.stderr
    assert done.returncode == 0, done.stderr


def story() -> None:  # noqa: PLR0915  one story, told in one go
    """Tell it, and print each chapter that came out well."""
    import django
    from django.conf import settings

    django.setup()
    settings.PLUGIN_CONFIGS["rls_module"]["CLOCK"] = "tests.clock.now"
    from django.core import mail
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from rls_module.audit.models import AuditEvent
    from rls_module.cases.models import Activity, Case, Chart, Measurement, Task
    from rls_module.intake.models import Intake
    from rls_module.plans.models import Plan
    from rls_module.visits.models import Visit
    from tests import clock
    from tests.hosts.minimal.models import Keeper, Person
    from tests.rls_module.host.pages import Page
    from tests.rls_module.intake.sheets import BASELINE, FITS, NEEDED
    from tests.rls_module.surveys.phone import Phone

    setup_test_environment()
    clock.put(MONDAY)
    quiet = {"verbosity": 0}
    call_command("migrate", **quiet)
    call_command("rls_setup", stdout=_Nowhere())

    def turn() -> None:
        call_command("rls_followups", "run", "--once", stdout=_Nowhere())

    keeper = Keeper.objects.create_user("ann@example.org", "correct horse")
    Person.objects.create(code="LX-7", called="Lena Vogt", reachable_at="lena@example.org", keeper=keeper)
    client = Client()
    assert client.get("/care/patients/LX-7/").status_code == 302
    client.post("/door/", {"username": "ann@example.org", "password": "correct horse"})
    assert client.get("/care/").status_code == 200
    chapter(0)

    assert "Lena Vogt" in Page(client.get("/care/patients/LX-7/")).words
    response = client.post("/care/patients/LX-7/", {"x": "1"})
    chart = Chart.objects.get()
    assert (chart.patient_id, chart.scope) == ("LX-7", "default")
    assert response.headers["Location"] == f"/care/charts/{chart.uuid}/screen/"
    chapter(1)

    response = client.post(f"/care/charts/{chart.uuid}/screen/", FITS | {"do": "open"})
    case = Case.objects.get()
    assert response.headers["Location"] == f"/care/cases/{case.uuid}/baseline/"
    assert case.opened_by_name == "ann@example.org"
    chapter(2)

    response = client.post(f"/care/cases/{case.uuid}/baseline/", BASELINE | {"agrees": "yes"})
    assert response.headers["Location"] == f"/care/charts/{chart.uuid}/"
    chapter(3)

    intake_page = f"/care/cases/{case.uuid}/intake/"
    client.post(intake_page, {"do": "begin"})
    for section, answers in NEEDED.items():
        sent = answers | {"version": Intake.objects.get().version, "do": "leave"}
        assert client.post(f"{intake_page}{section}/", sent).status_code == 302
    client.post(intake_page, {"do": "submit", "version": Intake.objects.get().version})
    assert Intake.objects.get().status == "submitted"
    chapter(4)

    found = {
        "version": "0", "assessed_on": "2026-09-07", "nerve_vessel": "all_normal", "red_flags": ["none"],
        "finding-TOTAL_FORMS": "1", "finding-INITIAL_FORMS": "0", "complaint-TOTAL_FORMS": "0",
        "complaint-INITIAL_FORMS": "0",
        "finding-0-place": "sol l", "finding-0-kind": "trigger_point", "finding-0-grade": "2",
    }  # fmt: skip
    assert client.post(f"/care/cases/{case.uuid}/assessment/", found).status_code == 302
    chapter(5)

    client.post(f"/care/cases/{case.uuid}/plan/", {"do": "begin"})
    plan = Plan.objects.get()
    planned = {
        "version": plan.version, "diagnosis": "G25.81 Restless legs syndrome", "times_per_week": "2", "weeks": "6",
        "planned_sessions": "9", "review_on": "2026-10-19", "is_precautions_reviewed": "on", "precautions": "None.",
        "goal-TOTAL_FORMS": "1", "goal-INITIAL_FORMS": "0", "goal-0-activity": str(Activity.objects.get().uuid),
        "goal-0-baseline": "3", "goal-0-target": "6", "goal-0-by_on": "2026-11-30",
        "intervention-TOTAL_FORMS": "1", "intervention-INITIAL_FORMS": "0",
        "intervention-0-modality": "needling", "intervention-0-targets": "sol l",
    }  # fmt: skip
    response = client.post(f"/care/plans/{plan.uuid}/", planned | {"do": "sign"})
    assert response.headers["Location"] == f"/care/cases/{case.uuid}/plan/"
    assert Plan.objects.get().status == "active"
    chapter(6)

    client.post(f"/care/cases/{case.uuid}/visits/", {"x": "1"})
    visit = Visit.objects.get()
    assert (visit.host_visit, str(visit.visit_date)) == ("", "2026-09-07")
    note = {
        "visit_date": "2026-09-07", "since_last": "same", "reaction": "first", "safety": "unchanged",
        "point-TOTAL_FORMS": "0", "point-INITIAL_FORMS": "0",
        "exercise-TOTAL_FORMS": "0", "exercise-INITIAL_FORMS": "0",
        "site-TOTAL_FORMS": "1", "site-INITIAL_FORMS": "0", "site-0-muscle": "sol l", "site-0-needles_in": "3",
        "needles_out": "3", "response": "Softer.", "timed_minutes": "30", "total_minutes": "45",
        "next_time": "Again.", "version": "1",
    }  # fmt: skip
    response = client.post(f"/care/visits/{visit.uuid}/", note | {"do": "sign", "needles_out": "2"})
    assert response.status_code == 422
    agreed = {"do": "agree", "method": "signed", "language": "en"}
    response = client.post(f"/care/charts/{chart.uuid}/consent/needling/", agreed)
    assert response.headers["Location"] == f"/care/charts/{chart.uuid}/"
    visit.refresh_from_db()
    response = client.post(
        f"/care/visits/{visit.uuid}/",
        note | {"do": "sign", "version": str(visit.version), "site-INITIAL_FORMS": "1"},
    )
    assert response.headers["Location"] == f"/care/charts/{chart.uuid}/"
    chapter(7)

    turn()
    clock.put(MONDAY + timedelta(days=41))
    turn()
    assert mail.outbox == []
    chapter(8)

    clock.put(MONDAY + timedelta(days=42))
    turn()
    turn()
    [letter] = mail.outbox
    assert letter.to == ["lena@example.org"]
    assert "Lena" not in letter.message().as_string()
    [link] = set(re.findall(r"https://surgery\.example\.org(/s/[\w-]{65}/)", letter.body))
    chapter(9)

    phone = Phone()
    assert phone.get(link).status == 200
    phone.press("start")
    phone.answer_until("review")
    phone.press("send")
    assert phone.page.status == 200
    follow_up = Measurement.objects.filter(measure="rls_checkin:nights").order_by("at")
    assert [row.value for row in follow_up] == [6, 3]
    turn()
    assert len(mail.outbox) == 1
    chapter(10)

    page = Page(client.get(f"/care/charts/{chart.uuid}/"))
    assert "\N{MINUS SIGN}3" in page.words
    assert AuditEvent.objects.filter(verb="chart.view", patient="LX-7", outcome="done").exists()
    assert [task.rule for task in Task.objects.all()] == ["read_comment"], "the patient wrote one"
    chapter(11)

    Keeper.objects.create_user("bob@example.org", "correct horse")
    other = Client()
    other.post("/door/", {"username": "bob@example.org", "password": "correct horse"})
    for address in (f"/care/charts/{chart.uuid}/", "/care/patients/LX-7/", f"/care/visits/{visit.uuid}/"):
        assert other.get(address).status_code == 404
    assert "Lena" not in other.get("/care/").content.decode()
    assert other.get("/care/api/v1/charts/").json()["results"] == []
    assert [row["patient"] for row in client.get("/care/api/v1/charts/").json()["results"]] == ["LX-7"]
    chapter(12)

    Person.objects.update(has_left=True)
    clock.put(MONDAY + timedelta(days=84))
    turn()
    assert len(mail.outbox) == 1
    assert client.get(f"/care/charts/{chart.uuid}/").status_code == 404
    chapter(13)


class _Nowhere:
    def write(self, text: str) -> None:
        """Say nothing."""


def chapter(number: int) -> None:
    sys.stdout.write(f"{CHAPTERS[number]}\n")


if __name__ == "__main__":
    story()

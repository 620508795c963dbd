"""Commands of the operator, where patient 1 is somebody else in each clinic."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from rls_module import engine
from rls_module.audit.models import AuditEvent, Seal
from rls_module.cases.models import Chart
from tests import factories as make
from tests.hosts.two_clinics.clinics import CLINICS, inside
from tests.hosts.two_clinics.test_jobs import AlphaIsDown
from tests.hosts.two_clinics.world import BOTH, person, staff
from tests.rls_module.host.pages import at

__all__ = ["at"]
pytestmark = [BOTH, pytest.mark.usefixtures("at")]
BROKEN = f"{AlphaIsDown.__module__}.{AlphaIsDown.__qualname__}"


@pytest.fixture
def twins():
    """Patient 1 has a chart in both clinics."""
    people = staff("therapist", "stranger")
    for label, who in (("alpha", "therapist"), ("beta", "stranger")):
        with inside(label):
            make.chart(person(label, people[who]))


def charts() -> dict[str, int]:
    return {label: Chart.objects.using(label).count() for label in CLINICS}


def test_a_key_that_two_patients_share_erases_neither(twins):
    """PV-9: the operator has to say whose."""
    with pytest.raises(CommandError, match="name one by --scope: alpha, beta"):
        call_command("rls_release", "1", reason="a letter")
    assert charts() == {"alpha": 1, "beta": 1}


def test_the_patient_of_the_named_clinic_is_erased(twins, capsys):
    """PV-9."""
    call_command("rls_release", "1", reason="a letter", scope="beta", dry_run=True)
    assert charts() == {"alpha": 1, "beta": 1}
    call_command("rls_release", "1", reason="a letter", scope="beta")
    assert charts() == {"alpha": 1, "beta": 0}
    with pytest.raises(CommandError, match="no chart of such a patient"):
        call_command("rls_release", "1", reason="a letter", scope="gamma")


def test_a_report_of_a_key_that_two_patients_share_is_of_neither(twins, capsys):
    """AU-10."""
    with pytest.raises(CommandError, match="name one by --scope: alpha, beta"):
        call_command("rls_audit", "report", patient="1")
    call_command("rls_audit", "report", patient="1", scope="beta")
    assert "1 events" in capsys.readouterr().out


def test_each_clinics_events_are_sealed_where_they_stand(twins, capsys):
    """AU-4."""
    engine.turn(now=make.NOW)
    for label in CLINICS:
        sealed = {key for row in Seal.objects.using(label) for key, _digest in row.events}
        assert sealed == set(AuditEvent.objects.using(label).values_list("pk", flat=True))
    call_command("rls_audit", "verify")
    assert "2 chains read, 0 faults" in capsys.readouterr().out


def test_a_clinic_that_is_down_keeps_no_other_from_being_sealed(twins, settings, caplog):
    """AU-4, AZ-16: alpha is walked first."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": BROKEN}
    engine.turn(now=make.NOW)
    assert Seal.objects.using("beta").exists()
    assert not Seal.objects.using("alpha").exists()
    assert "the audit could not be sealed (ConnectionError)" in caplog.text

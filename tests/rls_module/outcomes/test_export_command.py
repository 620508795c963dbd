"""`rls_export`: the registry as files in a folder, on record, whole or not at all."""

from __future__ import annotations

import csv
import json
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from rls_module.audit.models import AuditEvent
from tests import factories as make
from tests.rls_module.host.test_audit_failure import no_audit
from tests.rls_module.outcomes import exporting as ex

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def user():
    return make.therapist()


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_registry_is_written_for_its_owner_alone(user, tmp_path, capsys):
    """PV-8, decisions 12.14: nobody named, only who agreed, nobody else on the machine may read it."""
    ex.treated(user, family="Zofiacanary")
    make.case(user)  # who did not agree
    out = tmp_path / "registry"
    call_command("rls_export", out=out)
    assert len(rows(out, "patients")) == len(rows(out, "cases")) == 1
    everything = "".join(one.read_text() for one in out.iterdir())
    assert "canary" not in everything.lower()
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in out.iterdir()} == {0o600}
    assert f"riverside: 1 patients in {out}" in capsys.readouterr().out


def test_with_names_it_holds_everybody(user, tmp_path):
    ex.treated(user, family="Zofiacanary")
    make.case(user)
    call_command("rls_export", out=tmp_path / "all", identified=True)
    assert len(rows(tmp_path / "all", "cases")) == 2
    assert "Zofiacanary" in (tmp_path / "all" / "patients.csv").read_text()


def test_each_patient_in_it_and_the_file_itself_are_on_record(user, tmp_path):
    """AU-1, AU-5, PV-8: by the hash of the manifest, which holds those of the tables."""
    case = ex.treated(user)
    call_command("rls_export", out=tmp_path / "registry")
    events = AuditEvent.objects.filter(actor="system:rls_export").order_by("pk")
    said = (tmp_path / "registry" / "manifest.json").read_bytes()
    assert [(one.verb, one.patient) for one in events] == [
        ("export.create", str(case.chart.patient_id)),
        ("export.made", ""),
    ]
    assert events[1].purpose == f"sha256 {sha256(said).hexdigest()}"
    table = (tmp_path / "registry" / "visits.csv").read_bytes()
    assert json.loads(said)["tables"]["visits"]["sha256"] == sha256(table).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_without_a_witness_nothing_is_left(user, tmp_path):
    """AU-3."""
    ex.treated(user)
    with no_audit(), pytest.raises(CommandError, match="Nothing was left behind"):
        call_command("rls_export", out=tmp_path / "registry")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"out": "there"}, "is there already"),
        ({"out": "no/such"}, "There is no folder"),
        ({"out": "new", "scope": "nowhere"}, "There is no scope 'nowhere'. Name one by --scope: hillside, riverside"),
        ({"out": "new"}, "There are several clinics. Name one"),
    ],
)
def test_wrong_usage_is_told_in_words(user, tmp_path, given, words):
    make.clinic("hillside")
    (tmp_path / "there").mkdir()
    with pytest.raises(CommandError, match=words) as refused:
        call_command("rls_export", **given | {"out": tmp_path / given["out"]})
    assert refused.value.returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["there"]

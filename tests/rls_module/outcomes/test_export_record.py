"""One patient's record: every row of theirs, as it stands, with the questions as they were asked; and nobody else's."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.apps import apps

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Response
from rls_module.outcomes.queries import exported
from tests import factories as make
from tests.contracts.filled import fill
from tests.rls_module.outcomes import exporting as ex

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    make.protocol()
    return make.therapist()


def record_of(user, chart):
    return ex.fetched(ex.turned(ex.ask(user, chart)), user)


@pytest.mark.both
def test_it_holds_every_row_of_the_patient_and_none_of_another(user):
    """PV-8, AZ-9: counted against the tables themselves."""
    case = ex.treated(user, family="Mine")
    ex.treated(user, family="Canaryother")
    folder = record_of(user, case.chart)
    rows = {row.model: row.count() for row in case_queries.rows_of(case.chart)}
    expected = {one.name: rows[one.model] for one in exported.TABLES}
    found = {name: about["rows"] for name, about in ex.manifest(folder)["tables"].items()}
    assert {name: found[name] for name in expected} == expected
    assert sum(count > 0 for count in expected.values()) >= 20
    assert "Canaryother" not in ex.everything(folder)


@pytest.mark.both
def test_the_manifest_tells_the_hash_of_each_file_and_the_export_that_of_the_whole(user):
    """PV-8: names of tables, counts and hashes; no value."""
    chart = ex.treated(user, family="Canaryabbott").chart
    export = ex.turned(ex.ask(user, chart))
    folder = ex.fetched(export, user)
    inside = ex.manifest(folder)
    assert inside["tables"] == export.manifest["tables"]
    for name, about in inside["tables"].items():
        assert sha256(folder.read(f"{name}.csv")).hexdigest() == about["sha256"]
        assert len(ex.table(folder, name)) == about["rows"]
    assert set(folder.namelist()) == {*(f"{name}.csv" for name in inside["tables"]), "README.txt", "manifest.json"}
    assert "Canary" not in str(export.manifest)


def test_what_was_asked_stands_in_its_own_words_beside_what_was_answered(user):
    """In the language of the form."""
    chart = ex.treated(user).chart
    Response.objects.filter(chart=chart, phase="followup").update(language="es")
    rows = ex.table(record_of(user, chart), "answers")
    said = {row["question"]: row["answer"] for row in rows}
    assert said["On how many of the last 7 nights did your legs bother you?"] == "6"
    assert any("noches" in question for question in said)


def test_the_words_of_other_peoples_questionnaires_stay_where_they_are(user):
    """Decisions 7: of an instrument that is not shipped the keys are told, no wording."""
    chart = ex.treated(user).chart
    Response.objects.filter(chart=chart).update(instruments={"x-licensed": 1}, answers={"x-licensed.q1": 3})
    rows = ex.table(record_of(user, chart), "answers")
    assert {(row["question"], row["answer"]) for row in rows} == {("x-licensed.q1", "3")}


def test_who_it_is_about_is_what_the_host_says(user):
    chart = ex.treated(user, given="Alma", family="Abbott", record_number="R-77").chart
    [person] = ex.table(record_of(user, chart), "patients")
    assert person == {"chart": str(chart.uuid), "name": "Alma Abbott", "reference": "R-77", "born": "1968-03-02"}


def test_rows_lead_to_each_other_by_their_keys(user):
    folder = record_of(user, ex.treated(user).chart)
    visits = {row["uuid"] for row in ex.table(folder, "visits")}
    assert {row["visit"] for row in ex.table(folder, "needling")} <= visits
    assert {row["chart"] for row in ex.table(folder, "visits")} == {row["uuid"] for row in ex.table(folder, "charts")}


def test_a_formula_in_every_column_is_a_formula_in_no_cell(user):
    """PV-7: whatever was typed, wherever; numbers stay numbers."""
    chart = ex.treated(user).chart
    fill(["=1+1", " @SUM(A1)", "\u3000\uff0b1", "-2+3"])
    export = ex.ask(user, chart)
    folder = ex.fetched(ex.turned(export), user)
    cells = [
        cell
        for name in ex.manifest(folder)["tables"]
        for row in ex.table(folder, name)
        for cell in row.values()
        if cell.strip()[:1] in "=+-@\uff0b"
    ]
    assert [cell for cell in cells if cell and not cell.lstrip("-").replace(".", "").isdigit()] == []
    assert ex.everything(folder).count("'=1+1") >= 10


def test_every_table_is_described_column_by_column(user):
    folder = record_of(user, ex.treated(user).chart)
    told = {(row["table"], row["column"]) for row in ex.table(folder, "codebook")}
    for table in exported.TABLES:
        header = folder.read(f"{table.name}.csv").decode("utf-8-sig").splitlines()[0]
        assert {(table.name, name.strip('"')) for name in header.split(",")} <= told


def test_nothing_that_is_left_out_is_a_patients_own(user):
    """Tables that hang from a chart are exported, or left out by name."""
    ours = {one.__name__ for one in apps.get_app_config("rls_module").get_models()}
    hanging = {one.__name__ for one in case_queries.paths_to_chart()}
    out = {"AssessmentDraft", "Draft", "EmergencyAccess", "Export", "ExportPart", "Hold", "HoldLift"}
    assert hanging - {one.model.__name__ for one in exported.TABLES} == out
    assert ours >= hanging

"""The de-identified registry: who is in it, and that nobody can be read out of a cell."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from clinic.models import Patient
from clinic.rls import ClinicAdapter
from rls_module.assessment.models import Finding
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Response
from rls_module.host import Birth
from rls_module.intake.models import CriteriaReview, LabPanel, Medication
from rls_module.outcomes.queries import exported
from rls_module.outcomes.queries.exported import known
from rls_module.plans.models import PlannedIntervention
from rls_module.visits.models import Visit
from tests import factories as make
from tests.contracts.filled import fill
from tests.rls_module.outcomes import exporting as ex

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    make.protocol()
    return make.therapist()


def registry_of(user, **values):
    return ex.fetched(ex.turned(ex.ask(user, **values)), user)


class Answering(ClinicAdapter):
    """A host that keeps consents: no to whoever is called Refuses, yes to Agrees, and of others it knows nothing."""

    def consent(self, patient: Patient, purpose: str) -> bool | None:
        return {"Refuses": False, "Agrees": True}.get(patient.family)


class Approximate(ClinicAdapter):
    """A host that knows the year, or an age, or nothing."""

    def birth(self, patient: Patient) -> Birth:
        return {"Year": Birth(year=1936), "Age": Birth(age=91)}.get(patient.family, Birth())


def ages(folder) -> list[str]:
    return sorted(row["age_at_opening"] for row in ex.table(folder, "patients"))


# --- Who is in it


@pytest.mark.both
def test_only_whose_agreement_to_research_stands_today(user):
    """Decisions 12.14: no record is a no; withdrawn and expired ones are a no."""
    for _ in range(2):
        ex.agrees(make.case(user).chart, user)
    silent, withdrawn, expired, on_its_last_day = (make.case(user).chart for _ in range(4))
    ex.agrees(withdrawn, user)
    case_actions.withdraw_consent(chart=withdrawn, purpose="research", actor=make.actor(user), now=make.NOW)
    ex.agrees(expired, user, expires_on=make.TODAY - timedelta(days=1))
    ex.agrees(on_its_last_day, user, expires_on=make.TODAY)
    assert silent.pk
    assert len(ex.table(registry_of(user), "patients")) == 3


def test_a_host_that_keeps_consents_is_believed(user, settings):
    """Host contract 4: its yes and its no count more than our own record."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.Answering"}
    ex.agrees(make.case(user, make.patient(user, family="Refuses", born=date(1950, 1, 1))).chart, user)
    make.case(user, make.patient(user, family="Agrees", born=date(1960, 1, 1)))
    make.case(user, make.patient(user, family="Unknown", born=date(1970, 1, 1)))
    assert ages(registry_of(user)) == ["66"]


def test_a_patient_the_host_no_longer_has_and_a_chart_without_a_case_are_not_in_it(user):
    """AZ-15: what is softly deleted is in nothing."""
    ex.agrees(make.case(user, make.patient(user, archived=True)).chart, user)
    ex.agrees(make.chart(make.patient(user)), user)
    assert ex.table(registry_of(user), "patients") == []


# --- What it says


@pytest.mark.both
def test_days_are_counted_from_the_opening_of_the_case_and_only_the_year_is_told(user):
    """Decisions 12.14: no date stands in any cell."""
    ex.treated(user)
    folder = registry_of(user)
    [case] = ex.table(folder, "cases")
    assert (case["opened_year"], case["case"]) == ("2026", "1")
    assert {row["day"] for row in ex.table(folder, "measurements")} == {"0", "43"}
    assert {row["due_day"] for row in ex.table(folder, "followups")} == {"42", "84"}
    cells = [
        cell
        for name in ex.manifest(folder)["tables"]
        if name != "codebook"
        for row in ex.table(folder, name)
        for cell in row.values()
    ]
    assert [cell for cell in cells if re.search(r"\d{4}-\d{2}|\d{2}:\d{2}", cell)] == []


def test_an_instant_is_of_the_day_on_the_clinics_wall(user):
    case = make.case(user)
    ex.agrees(case.chart, user)
    make.baseline(case, user, now=datetime.fromisoformat("2026-09-10T02:00:00+00:00"))  # 22:00 on the 9th
    assert {row["day"] for row in ex.table(registry_of(user), "measurements")} == {"2"}


def test_each_case_has_its_own_day_zero_and_a_row_of_no_case_the_first_ones(user):
    first = make.case(user, now=make.NOW - timedelta(days=400))
    Case.objects.filter(pk=first.pk).update(status="closed", open_key=None)
    second = make.case(user, first.chart.patient)
    ex.agrees(first.chart, user)
    make.baseline(second, user, now=make.NOW + timedelta(days=3))
    folder = registry_of(user)
    assert {(row["case"], row["opened_year"]) for row in ex.table(folder, "cases")} == {("1", "2025"), ("2", "2026")}
    assert {(row["case"], row["answered_day"]) for row in ex.table(folder, "responses")} == {("2", "3")}
    assert {row["given_day"] for row in ex.table(folder, "consents") if row["purpose"] == "research"} == {"400"}


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1936, 9, 7), "90+"),  # ninety today
        (date(1936, 9, 8), "89"),
        (date(1916, 1, 1), "90+"),
        (date(1968, 9, 7), "58"),
        (date(1968, 9, 8), "57"),
    ],
    ids=str,
)
def test_ages_of_ninety_and_over_stand_together(user, born, age):
    """Decisions 12.14."""
    ex.agrees(make.case(user, make.patient(user, born=born)).chart, user)
    assert ages(registry_of(user)) == [age]


def test_an_age_is_as_exact_as_the_host_knows_it(user, settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{__name__}.Approximate"}
    for family in ("Year", "Age", "Nothing"):
        ex.agrees(make.case(user, make.patient(user, family=family)).chart, user)
    assert ages(registry_of(user)) == ["", "90+", "90+"]


def test_the_numbers_of_patients_are_drawn_anew_and_tell_no_order(user):
    for number in range(12):
        ex.agrees(make.case(user, make.patient(user, born=date(1950 + number, 1, 1))).chart, user)
    one, other = registry_of(user), registry_of(user)
    drawn = [[row["patient"] for row in ex.table(folder, "patients")] for folder in (one, other)]
    assert not set(drawn[0]) & set(drawn[1])
    assert drawn[0] == sorted(drawn[0])
    orders = [[row["age_at_opening"] for row in ex.table(folder, "patients")] for folder in (one, other)]
    assert orders[0] != orders[1]


def test_rows_lead_to_each_other_by_numbers_within_the_patient(user):
    for _ in range(2):
        ex.treated(user)
    folder = registry_of(user)
    for child, parent in (
        ("needling", "visit"),
        ("findings", "assessment"),
        ("goals", "plan"),
        ("measurements", "response"),
    ):
        ours = {(row["patient"], row[parent]) for row in ex.table(folder, f"{parent}s")}
        theirs = {(row["patient"], row[parent]) for row in ex.table(folder, child)}
        assert theirs, child
        assert theirs <= ours, child
    assert {row["visit"] for row in ex.table(folder, "visits")} == {"1", "2"}


# --- What it never says


def test_no_word_that_anybody_typed_is_in_it(user, record_property):
    """Decisions 12.14, PV-1: every column that holds a text is filled with one; none comes out, nor does any key."""
    chart = ex.treated(user, family="Canaryabbott", given="Canaryzofia", record_number="Canary-7").chart
    filled = fill(["canary", "canary1", "Canary"])
    keys = {str(value) for row in rows_of(chart) for value in row.values() if isinstance(value, UUID)}
    said = ex.everything(registry_of(user))
    assert "canary" not in said.lower()
    assert not [key for key in keys if key in said]
    for word in ("riverside", "Riverside", "Dana", "Whitfield", "2026-", "555-"):
        assert word not in said, word
    assert filled >= 60
    record_property("columns of the registry that held a canary", filled)


def rows_of(chart):
    return [row for rows in case_queries.rows_of(chart) for row in rows.values()]


def test_words_between_codes_drop_out(user):
    """A code that nobody knows may be anybody's word, also where lists and tables of codes are kept."""
    chart = ex.treated(user).chart
    fill_past_triggers(
        {
            Medication: {"code": "canary", "side_effects": ["canary", "nausea"]},
            CriteriaReview: {
                "answers": {"e1": {"current": "canary"}, "mimic": "canary", "canary": "yes"},
                "mimics": {"canary": "present", "cramps": "canary"},
                "labels": ["canary"],
            },
            LabPanel: {"canonical": {"ferritin": "96", "canary": "1", "iron": "canary"}, "modifiers": ["canary"]},
            Finding: {"place": "canary"},
            PlannedIntervention: {"targets": [{"kind": "muscle", "key": "canary", "side": "L"}, "canary"]},
            Visit: {"since_last": "canary", "reaction": "canary"},
            Response: {
                "answers": {
                    "rls_checkin.comment": "canary",
                    "rls_checkin.places.other": "canary",
                    "rls_checkin.places": ["canary", "lower_legs"],
                    "rls_checkin.nights": "canary",
                    "rls_checkin.canary": 1,
                    "canary.nights": 1,
                },
                "instruments": {"rls_checkin": 1, "canary": 1},
            },
        }
    )
    folder = registry_of(user)
    assert "canary" not in ex.everything(folder)
    assert {row["canonical"] for row in ex.table(folder, "labs")} == {"ferritin=96"}
    assert {row["value"] for row in ex.table(folder, "answers")} == {"lower_legs"}
    assert chart.pk


def fill_past_triggers(values: dict[type[models.Model], dict[str, object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    for model, columns in values.items():
        assert model._default_manager.update(**columns), model
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize("table", exported.TABLES, ids=lambda one: one.name)
def test_every_shared_column_is_a_day_a_number_a_code_or_a_key_between_rows(table):
    """Decisions 12.14: a column of free text can't be declared as one of the registry's."""
    for field in table.fields("shared"):
        is_coded = bool(field.choices) or field.name in known.codes()
        assert not isinstance(field, models.TextField), field
        if isinstance(field, models.CharField | models.JSONField):
            assert is_coded, f"{table.name}.{field.name} has no list of what it may say"
        assert not isinstance(field, models.UUIDField), field


def test_what_remains_of_the_risk_is_told_with_it(user):
    """Decisions 12.14: not called anonymous; cells are single rows."""
    folder = registry_of(user)
    readme = " ".join(folder.read("README.txt").decode().split())
    assert "names nobody, and it is not anonymous" in readme
    assert "may find the row" in readme
    told = {(row["table"], row["column"]) for row in ex.table(folder, "codebook")}
    for name in ex.manifest(folder)["tables"]:
        if name != "codebook":
            header = folder.read(f"{name}.csv").decode("utf-8-sig").splitlines()[0]
            assert {(name, column.strip('"')) for column in header.split(",")} <= told, name


def test_the_identified_one_holds_everybody_of_the_clinic(user):
    """`export.identified`: the clinic's own records, agreed to research or not."""
    make.case(user, make.patient(user, family="Canaryabbott"))
    folder = registry_of(user, is_identified=True)
    assert "Canaryabbott" in {row["name"].split()[-1] for row in ex.table(folder, "patients")}
    assert "names people" in folder.read("README.txt").decode()


def test_it_asks_as_often_for_thirty_patients_as_for_three(user):
    """P11, part: rows are read in portions, not one by one."""
    counts = []
    for number in (3, 27):
        for _ in range(number):
            ex.agrees(make.case(user).chart, user)
        with CaptureQueriesContext(connection) as asked:
            for sheet in exported.de_identified(exported.charts_of("riverside"), zone=ZoneInfo("UTC")).sheets:
                list(sheet.rows)
        counts.append(len(asked))
    assert counts[0] == counts[1]

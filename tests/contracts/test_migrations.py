"""Migrations that fit every host: they ask for the patient and name nobody, and they say all that the models say."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

MIGRATIONS = sorted((Path(__file__).parents[2] / "rls_module" / "migrations").glob("[0-9]*.py"))
INITIAL = MIGRATIONS[0]


def breaches(source: str) -> list[str]:
    """Everything in a migration that would tie it to one host, one wording or one Django."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="RLS_MODULE_PATIENT_MODEL") | ast.Constant(value="RLS_MODULE_PATIENT_MODEL"):
                found.append("names the patient's setting")
            case ast.keyword(arg="choices"):
                found.append("holds choices")
            case ast.keyword(arg="check"):
                found.append("holds check=, which Django 6 no longer takes")
            case ast.keyword(arg="to", value=ast.Constant(value=str(target))) if not target.startswith("rls_module."):
                found.append(f"points at {target}")
            case ast.Tuple(elts=[ast.Constant(value=str(label)), ast.Constant(value=str(name))]) if (
                label != "rls_module" and name[:4].isdigit()
            ):
                found.append(f"depends on {label}")
            case ast.Constant(value=str(text)) if text == "clinic" or text.startswith(("clinic.", "clinic_")):
                found.append(f"says {text}")
            case ast.Import(names=[ast.alias(name=str(name))]) if name.split(".")[0] in ("clinic", "tests"):
                found.append(f"imports {name}")
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in ("clinic", "tests"):
                found.append(f"imports {module}")
    return found


SEEDS = [
    "x = settings.RLS_MODULE_PATIENT_MODEL",
    "x = getattr(settings, 'RLS_MODULE_PATIENT_MODEL')",
    "x = models.CharField(max_length=3, choices=[('a', 'A')])",
    "x = models.CheckConstraint(check=models.Q(a=1), name='rls_a')",
    "x = models.ForeignKey(to='clinic.patient', on_delete=models.PROTECT)",
    "x = models.ForeignKey(to='auth.user', on_delete=models.PROTECT)",
    "dependencies = [('auth', '0012_alter_user_first_name_max_length')]",
    "dependencies = [('clinic', '0001_initial')]",
    "import clinic.models",
    "from clinic import models",
]


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_names_no_host_no_choice_and_no_old_argument(path):
    """Host contract 2 and 3, row 5."""
    assert breaches(path.read_text()) == []


@pytest.mark.parametrize("line", SEEDS)
def test_a_breach_is_found(line):
    assert breaches(f"{INITIAL.read_text()}\n{line}\n") != []


def test_the_patient_is_asked_for():
    source = INITIAL.read_text()
    assert source.count("host.patient_model()") == 1
    assert source.count("host.patient_migration()") == 1


@pytest.mark.both
@pytest.mark.django_db
def test_the_models_say_nothing_that_the_migrations_do_not():
    """Host contract A3: `makemigrations --check` is clean."""
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue().strip() == "No changes detected"


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_a_migration_can_be_shown_as_sql(path, backwards):
    """Host contract 2: the patient's table is resolved, whichever migration of the host made it."""
    said = StringIO()
    call_command("sqlmigrate", "rls_module", path.stem, backwards=backwards, stdout=said, no_color=True)
    assert said.getvalue().strip()
    if path == INITIAL:
        assert "rls_module_chart" in said.getvalue()


OURS = list(apps.get_app_config("rls_module").get_models())


def test_every_table_is_called_after_the_plugin():
    """Host contract 3, row 8."""
    assert [model._meta.db_table for model in OURS if not model._meta.db_table.startswith("rls_module_")] == []


def test_every_constraint_and_index_is_called_after_the_plugin():
    """Host contract 3, row 8."""
    names = [one.name for model in OURS for one in (*model._meta.constraints, *model._meta.indexes)]
    assert len(names) > 20
    assert [name for name in names if not name.startswith("rls_")] == []


def test_keys_into_the_host_leave_no_name_there_and_only_the_chart_has_one_to_the_patient():
    """Host contract 3, rows 7 and 8; AZ-10."""
    foreign = [
        (model.__name__, field.name, field.remote_field.on_delete, field.remote_field.related_name)
        for model in OURS
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.app_label != "rls_module"
    ]
    assert {related for *_, related in foreign} == {"+"}
    to_patients = [
        model.__name__
        for model in OURS
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.label == "clinic.Patient"
    ]
    assert to_patients == ["Chart"]
    of_staff = {deletes for name, _, deletes, _ in foreign if name != "Chart"}
    assert of_staff == {models.SET_NULL}


def test_no_key_between_our_rows_cascades():
    """DI-10, DI-11: nothing clinical goes because something else did."""
    cascading = [
        f"{model.__name__}.{field.name}"
        for model in OURS
        for field in model._meta.concrete_fields
        if field.is_relation and field.remote_field.on_delete not in (models.PROTECT, models.SET_NULL)
    ]
    assert cascading == []


def test_no_unique_key_holds_only_under_a_condition():
    """Host contract 3, row 9: MariaDB would not make it."""
    found = [one.name for model in OURS for one in model._meta.constraints if getattr(one, "condition", None)]
    assert [name for name in found if "unique" in name] == []
    assert not any(
        isinstance(one, models.UniqueConstraint) and one.condition for model in OURS for one in model._meta.constraints
    )

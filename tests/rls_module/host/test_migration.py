"""In which migration a host's patient model comes into being, whatever the host did to get there."""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.migrations.writer import MigrationWriter

from rls_module.cases.models import Case, Chart
from rls_module.host import patient_migration, patient_model
from rls_module.host.fields import CodeField, HostForeignKey
from rls_module.host.migration import field_target

MIGRATIONS = Path(__file__).parents[3] / "rls_module" / "migrations"
_numbers = itertools.count(1)

NOTHING = "[]"
CREATE = '[m.CreateModel("Patient", [("id", f.AutoField(primary_key=True))])]'
CREATE_OTHER = '[m.CreateModel("Person", [("id", f.AutoField(primary_key=True))])]'
RENAME = '[m.RenameModel("Person", "Patient")]'
RENAME_AWAY = '[m.RenameModel("Patient", "Person")]'
IN_STATE_ONLY = f"[m.SeparateDatabaseAndState(state_operations={CREATE})]"
IN_DATABASE_ONLY = f"[m.SeparateDatabaseAndState(database_operations={CREATE})]"
RENAMED_IN_STATE = f"[m.SeparateDatabaseAndState(state_operations={RENAME})]"
NESTED = f"[m.SeparateDatabaseAndState(state_operations=[m.SeparateDatabaseAndState(state_operations={CREATE})])]"
LOWER = '[m.CreateModel("PATIENT", [("id", f.AutoField(primary_key=True))])]'

HOSTS = {
    "created first": ([CREATE, NOTHING], "m0"),
    "created later": ([CREATE_OTHER, NOTHING, CREATE, NOTHING], "m2"),
    "in another spelling": ([NOTHING, LOWER], "m1"),
    "renamed": ([CREATE_OTHER, RENAME, NOTHING], "m1"),
    "renamed away and made anew": ([CREATE, RENAME_AWAY, CREATE], "m2"),
    "in the state only": ([NOTHING, IN_STATE_ONLY], "m1"),
    "renamed in the state": ([CREATE_OTHER, RENAMED_IN_STATE], "m1"),
    "nested": ([NOTHING, NESTED], "m1"),
    "in the database only, which Django's state never sees": ([IN_DATABASE_ONLY, NOTHING], "__first__"),
    "never": ([CREATE_OTHER], "__first__"),
    "no migration in the package": ([], "__first__"),
}


@pytest.fixture
def host(tmp_path, settings, monkeypatch):
    """Give the clinic's app other migrations: write(name, operations, replaces)."""
    package = tmp_path / f"migrations_of_a_host_{next(_numbers)}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"clinic": package.name}

    def write(name: str, operations: str, replaces: str = "[]") -> None:
        (package / f"{name}.py").write_text(
            "from django.db import migrations as m, models as f\n"
            f"class Migration(m.Migration):\n    replaces = {replaces}\n    operations = {operations}\n"
        )

    yield write
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


@pytest.mark.parametrize(("history", "born_in"), HOSTS.values(), ids=HOSTS)
def test_the_migration_found_is_the_one_in_which_the_patient_comes_into_being(host, history, born_in):
    for number, operations in enumerate(history):
        host(f"m{number}", operations)
    assert patient_migration() == ("clinic", born_in)


def test_a_squashed_migration_counts_once_its_originals_are_gone(host):
    host("m0_squashed_m3", CREATE, replaces='[("clinic", "m0"), ("clinic", "m3")]')
    assert patient_migration() == ("clinic", "m0_squashed_m3")


def test_while_the_originals_are_there_the_original_counts(host):
    host("m0", CREATE_OTHER)
    host("m0_squashed_m1", CREATE, replaces='[("clinic", "m0"), ("clinic", "m1")]')
    host("m1", CREATE)
    assert patient_migration() == ("clinic", "m1")


def test_a_file_that_is_no_migration_is_passed_over(host, tmp_path):
    host("m1", CREATE)
    [package] = [path for path in tmp_path.iterdir() if path.is_dir()]
    (package / "m2_notes.py").write_text("words = 'not a migration'\n")
    assert patient_migration() == ("clinic", "m1")


@pytest.mark.parametrize("module", [None, "no_such_package_of_migrations"])
def test_an_app_without_migrations_is_depended_on_as_a_whole(settings, module):
    settings.MIGRATION_MODULES = {"clinic": module}
    assert patient_migration() == ("clinic", "__first__")


@pytest.mark.parametrize(
    ("value", "found"),
    [("records.0042_patient", ("records", "0042_patient")), ("records.__first__", ("records", "__first__"))],
)
def test_the_setting_overrides_what_would_be_found(settings, value, found):
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MIGRATION": value}
    assert patient_migration() == found


def test_the_reference_hosts_own_migrations_are_read_as_they_are():
    assert patient_migration() == ("clinic", "0001_initial")


# --- The label


@pytest.mark.parametrize("label", ["", "Patient", "clinic.", ".Patient", "a.b.c"])
def test_a_malformed_label_is_refused_in_a_sentence_that_repeats_it(settings, label):
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MODEL": label}
    with pytest.raises(ImproperlyConfigured, match=re.escape(f"'app_label.Model'; it is '{label}'.")):
        patient_model()


def test_a_label_of_an_app_that_is_not_installed_is_refused(settings):
    settings.RLS_MODULE = settings.RLS_MODULE | {"PATIENT_MODEL": "surgery.Person"}
    with pytest.raises(ImproperlyConfigured, match="no installed app has the label 'surgery'"):
        patient_model()


def test_no_label_at_all_stops_the_migration_too(settings):
    settings.RLS_MODULE = {}
    with pytest.raises(ImproperlyConfigured, match="PATIENT_MODEL'] is missing"):
        patient_migration()


def test_models_can_be_imported_without_a_label_so_that_the_checks_can_speak(settings):
    settings.RLS_MODULE = {}
    assert field_target() == settings.AUTH_USER_MODEL


# --- The key


def test_the_key_points_at_the_hosts_patient_and_leaves_nothing_on_it():
    field = Chart._meta.get_field("patient")
    assert isinstance(field, HostForeignKey)
    assert field.remote_field.model is apps.get_model("clinic.Patient")
    assert field.remote_field.related_name == "+"


def test_migrations_see_djangos_own_foreign_key_and_a_setting_for_its_target():
    _, path, _, _ = Chart._meta.get_field("patient").deconstruct()
    assert path == "django.db.models.ForeignKey"
    written, _ = MigrationWriter.serialize(Chart._meta.get_field("patient"))
    assert "to=settings.RLS_MODULE_PATIENT_MODEL" in written
    assert "clinic" not in written


def test_a_code_field_keeps_its_choices_out_of_migrations():
    """Architecture 7: a new code is no change of the schema."""
    field = Case._meta.get_field("status")
    assert isinstance(field, CodeField)
    assert list(field.choices) == Case.Status.choices
    _, path, _, arguments = field.deconstruct()
    assert (path, "choices" in arguments) == ("django.db.models.CharField", False)


def test_shipped_migrations_name_no_host():
    """Host contract 2: no setting that a host would need, and no label that is not ours."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in MIGRATIONS.glob("0*.py")}
    assert texts
    for text in texts.values():
        assert "RLS_MODULE_PATIENT_MODEL" not in text
        labels = set(re.findall(r"""to=["'](\w+)\.\w+["']""", text)) | set(re.findall(r"""\(["'](\w+)["'],""", text))
        assert "clinic" not in labels
        assert set(re.findall(r"""to=["'](\w+)\.\w+["']""", text)) <= {"rls_module"}

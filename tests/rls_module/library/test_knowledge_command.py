"""`rls_knowledge`: what there is, whether it is whole, and questionnaires in and out of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from rls_module.audit import guards
from rls_module.library.models import ImportedInstrument, Licence
from tests import factories as make
from tests.rls_module.host.pages import at
from tests.rls_module.knowledge.instruments.samples import question, questionnaire, sleep

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _one_clinic(at):
    make.clinic()


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "sleep.toml").write_bytes(sleep())
    (tmp_path / "form.json").write_bytes(questionnaire(question()))
    (tmp_path / "broken.toml").write_bytes(sleep().replace(b'kind = "count"', b'kind = "colour"'))
    (tmp_path / "large.toml").write_bytes(b"#" * 100_000_000)
    return tmp_path


def said(*words: object, **options: object) -> str:
    out = io.StringIO()
    call_command("rls_knowledge", *map(str, words), stdout=out, stderr=out, **options)
    return out.getvalue()


def test_what_there_is_and_that_it_is_whole(folder):
    said("import", folder / "sleep.toml")
    listed = said("list")
    assert "rls_checkin              v1  en,es" in listed
    assert "x-sleep                  v1  en         riverside, imported" in listed
    assert "muscles" in listed
    assert "are whole" in said("check")


def test_an_import_that_was_tampered_with_is_found(folder):
    said("import", folder / "sleep.toml")
    row = ImportedInstrument.objects.get()
    guards.remove(connection)  # by whoever owns the table
    ImportedInstrument.objects.filter(pk=row.pk).update(wording={})
    guards.install(connection)
    with pytest.raises(CommandError, match="its hash differs"):
        said("check")


@pytest.mark.parametrize("name", ["sleep.toml", "form.json"])
def test_what_goes_in_comes_out(folder, name, tmp_path):
    """The same file out as in, as far as the format can say it."""
    said("import", folder / name)
    row = ImportedInstrument.objects.get()
    assert (row.imported_by, row.imported_by_name) == (None, "system:rls_knowledge")
    (tmp_path / "out.toml").write_text(said("export", row.key))
    assert "It can be imported." in said("check", tmp_path / "out.toml")
    assert (
        json.loads(said("export", row.key, "--format", "fhir").split("\nnot in it")[0])["resourceType"]
        == "Questionnaire"
    )
    assert row.key in said("show", row.key)


def test_the_words_of_others_come_in_with_a_permission_and_do_not_leave(folder):
    said("import", folder / "sleep.toml", "--holder", "A. Author", "--expires-on", "2027-01-31")
    entry = Licence.objects.get()
    assert (entry.holder, entry.granted_on, str(entry.expires_on)) == ("A. Author", make.TODAY, "2027-01-31")
    with pytest.raises(CommandError, match="leave in no export"):
        said("export", "x-sleep")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check", "broken.toml"), r"broken.toml: items.wake.kind: "),
        (("import", "large.toml"), r"at most 262,144 are read"),
        (("import", "gone.toml"), r"No such file"),
        (("import", "sleep.toml", "--scope", "nowhere"), r"There is no scope 'nowhere'"),
        (("import", "sleep.toml", "--granted-on", "2026-01-01"), r"go with --holder"),
        (("show", "nothing"), r"There is no 'nothing'"),
        (("show", "rls_checkin", "--language", "fr"), r"It is there in en, es"),
    ],
)
def test_mistakes_are_told_in_words(folder, words, message, monkeypatch):
    """AP-5."""
    monkeypatch.chdir(folder)
    with pytest.raises(CommandError, match=message):
        said(*words)
    assert not ImportedInstrument.objects.exists()


def test_a_version_that_is_there_is_refused(folder):
    said("import", folder / "sleep.toml")
    with pytest.raises(CommandError, match="riverside has version 1 of it already"):
        said("import", folder / "sleep.toml")

"""Released knowledge never changes: the hash lock sees it, and the release writer refuses it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from rls_module.knowledge import release
from rls_module.knowledge.files import ROOT, KnowledgeError, KnowledgeProblem
from rls_module.knowledge.instruments.loading import verify_released
from rls_module.knowledge.lock import LOCK, add_released

SCREEN = "instruments/data/rls_screen.v1.en.toml"


@pytest.fixture
def shelf(tmp_path):
    for folder in (
        "data",
        "exercises/data",
        "instruments/data",
        "papers/data",
        "planning/data",
        "protocols/data",
        "vocabulary/data",
    ):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_what_is_shipped_is_what_was_released():
    assert verify_released() == []


def test_every_shipped_file_loads():
    release.load_everything()


def test_changed_file_is_named(shelf):
    append(shelf / SCREEN, "# harmless?\n")
    assert verify_released(shelf) == [KnowledgeProblem(SCREEN, "", "was released and has changed")]


def test_missing_file_is_named(shelf):
    (shelf / SCREEN).unlink()
    assert verify_released(shelf) == [KnowledgeProblem(SCREEN, "", "was released and is gone")]


def test_file_beside_the_lock_is_named_unless_it_is_a_draft(shelf):
    (shelf / "protocols/data/other.v1.toml").write_text('key = "other"\n', encoding="utf-8")
    (shelf / "instruments/data/rls_screen.v1.fr.toml").write_text('status = "draft"\n', encoding="utf-8")
    assert verify_released(shelf) == [
        KnowledgeProblem("protocols/data/other.v1.toml", "", "is shipped and not released")
    ]


@pytest.mark.parametrize("line", ["abc  short.toml\n", f"{'a' * 64} one-space.toml\n", f"{'a' * 64}  {SCREEN}\n"])
def test_broken_line_of_the_lock_is_named(shelf, line):
    append(shelf / LOCK, line)
    problem = verify_released(shelf)[0]
    assert (problem.file, problem.path) == (LOCK, f"line {len((ROOT / LOCK).read_text().splitlines()) + 1}")


def test_missing_lock_is_named(shelf):
    (shelf / LOCK).unlink()
    assert [problem.file for problem in verify_released(shelf)] == [LOCK]


def test_release_adds_a_line_for_what_is_new_and_changes_no_other(shelf):
    before = (shelf / LOCK).read_text(encoding="ascii").splitlines()
    (shelf / "protocols/data/other.v1.toml").write_text('key = "other"\n', encoding="utf-8")
    assert add_released(shelf) == ("protocols/data/other.v1.toml",)
    assert set(before) < set((shelf / LOCK).read_text(encoding="ascii").splitlines())
    assert verify_released(shelf) == []
    assert add_released(shelf) == ()


def test_release_writes_a_lock_where_there_is_none(shelf):
    (shelf / LOCK).unlink()
    add_released(shelf)
    assert (shelf / LOCK).read_bytes() == (ROOT / LOCK).read_bytes()


def test_release_leaves_drafts_out(shelf):
    questionnaires = [
        line for line in (ROOT / LOCK).read_text(encoding="ascii").splitlines() if " instruments/" in line
    ]
    assert questionnaires
    assert not any("es.toml" in line for line in questionnaires)


def test_release_refuses_a_changed_file_and_writes_nothing(shelf):
    before = (shelf / LOCK).read_bytes()
    (shelf / "protocols/data/other.v1.toml").write_text('key = "other"\n', encoding="utf-8")
    append(shelf / SCREEN, "# harmless?\n")
    with pytest.raises(KnowledgeError, match="has changed: a correction is a new version") as caught:
        add_released(shelf)
    assert caught.value.file == SCREEN
    assert (shelf / LOCK).read_bytes() == before


def test_released_file_cannot_become_a_draft(shelf):
    path = shelf / SCREEN
    path.write_text(path.read_text(encoding="utf-8").replace('"released"', '"draft"'), encoding="utf-8")
    assert verify_released(shelf)[0].reason == "was released and has changed"


def test_knowledge_imports_no_framework():
    modules = ["django", "celery", "rest_framework", "redis"]
    code = f"import rls_module.knowledge.release, sys; sys.exit(any(m in sys.modules for m in {modules}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent.parent, check=False).returncode == 0

"""What the project is built from: pinned, hashed, few, and of the versions that it needs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-uv.txt",
    "requirements-release.txt",
    "requirements-mariadb.txt",
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)(?: ; [^\\]+)? \\$", re.IGNORECASE)


def faults(lock: str) -> list[str]:
    """Lines of a lock that are no exact version with hashes: another index, an address, a range."""
    wrong, hashes = [], 1
    for line in lock.splitlines():
        if PINNED.match(line):
            wrong += [] if hashes else ["a package without a hash"]
            hashes = 0
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            hashes += 1
        elif line.strip() and not line.lstrip().startswith("#"):
            wrong.append(line)
    return wrong + ([] if hashes else ["a package without a hash"])


def pins(lock: str) -> dict[str, Version]:
    found = (PINNED.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {one[1].lower(): Version(one[2]) for one in found if one}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_exact_versions_with_hashes_and_no_address(lock):
    """SC-1, part: what is installed is what was locked."""
    text = (ROOT / lock).read_text()
    assert faults(text) == []
    assert len(pins(lock)) >= 1
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize(
    "breach",
    [
        "django>=5.2",
        "--index-url https://elsewhere.example.org/simple",
        "six==1.16.0",
        "six @ https://example.org/six.whl",
    ],
)
def test_a_lock_that_is_none_is_found(breach):
    """SC-1, part: seeded."""
    assert faults(f"{breach}\n") != []


@pytest.mark.parametrize(
    ("name", "least"), [("django", "5.2"), ("celery", "5.7.0"), ("kombu", "5.7.0"), ("psycopg", "3.2"), ("redis", "6")]
)
def test_the_lock_keeps_the_floors(name, least):
    """SC-2, part: Celery and kombu before 5.7 hand out a task many times after a lost connection."""
    assert pins("requirements.txt")[name] >= Version(least)


def test_the_package_declares_the_floors():
    """SC-2, part: for a host that installs the wheel."""
    extras = PROJECT["optional-dependencies"]
    declared = {one.name: one.specifier for one in map(Requirement, [*PROJECT["dependencies"], *extras["celery"]])}
    assert not declared["django"].contains("5.1.9")
    assert declared["django"].contains("6.1.2")
    assert not declared["celery"].contains("5.6.2")
    assert PROJECT["requires-python"] == ">=3.11"


def test_the_plugin_asks_for_few_packages_and_says_why():
    """SC-3: each one with its line in the decision."""
    names = {Requirement(one).name for one in PROJECT["dependencies"]}
    assert names == {"django", "djangorestframework", "drf-spectacular", "pydantic"}
    decision = (ROOT / "docs/decisions/0001-dependencies.md").read_text()
    assert {name for name in names if f"| {name} |" not in decision} == set()


def test_only_the_reference_host_knows_the_libraries_of_its_front_door():
    """SC-3: no second factor, limit or policy is installed by the plugin."""
    words = re.compile(r"^\s*(?:from|import) (allauth|axes|csp|redis|whitenoise|environs)\b", re.MULTILINE)
    assert [path for path in (ROOT / "rls_module").rglob("*.py") if words.search(path.read_text())] == []
    assert words.search("from allauth.mfa import models")


WITHOUT_CELERY = """
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("celery", "kombu", "redis"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nowhere())
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("check", databases=["default"])
call_command("rls_setup", verbosity=0)
call_command("rls_followups", "run", "--once")
assert not {"celery", "kombu", "redis"} & set(sys.modules)
"""


def test_a_host_without_celery_runs_the_engine(tmp_path):
    """SC-2, part: neither celery nor redis can be imported; everything but the metronome is there."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CELERY],
        env={
            "DJANGO_SETTINGS_MODULE": "tests.hosts.minimal.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"sqlite:///{tmp_path}/minimal.sqlite3",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "0 sent" in done.stdout

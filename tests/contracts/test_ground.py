"""The lock files: whole, hashed, right for every supported Python, and silent about where packages come from."""

from __future__ import annotations

import re
import runpy
import tomllib
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-mariadb.txt")


def pins(name: str) -> list[str]:
    """The requirements of one lock file, each with its continuation lines."""
    return (ROOT / name).read_text().replace("\\\n", " ").splitlines()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_no_path(name):
    assert (
        re.findall(r"\S*(?:https?:|file:|--index|--find-links|--extra-index| @ |/)\S*", (ROOT / name).read_text()) == []
    )


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_pinned_and_hashed(name):
    loose = [pin for pin in pins(name) if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)]
    assert pins(name)
    assert loose == []


def test_the_demo_installs_nothing_that_the_tests_do_not_have():
    assert set(pins("requirements.txt")) <= set(pins("requirements-dev.txt"))


def test_django_is_locked_once_for_each_side_of_python_3_12():
    found = [pin.split(" --hash")[0].strip() for pin in pins("requirements.txt") if pin.startswith("django==")]
    [long_term, newest] = found
    assert re.fullmatch(r"django==5\.2\.\d+ ; python_full_version < '3\.12'", long_term)
    assert re.fullmatch(r"django==6\.1\.\d+ ; python_full_version >= '3\.12'", newest)


def test_the_lock_holds_every_dependency_of_the_plugin_and_its_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    locked = {pin.partition("==")[0] for pin in pins("requirements.txt")}
    assert {re.match(r"[\w-]+", requirement)[0].lower() for requirement in wanted} <= locked


def test_the_matrix_tries_every_python_with_the_oldest_and_the_newest_django_that_it_can_have():
    """SC-2: the cells of `make matrix` are those that the wheel promises."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cells = runpy.run_path(str(ROOT / "tools" / "matrix.py"))["CELLS"]
    assert project["requires-python"] == ">=3.11"
    assert "django>=5.2,<6.2" in project["dependencies"]
    newer = ("3.12", "3.13")  # which take a Django 6; the lock has the newest for each Python
    assert {(cell.python, cell.django) for cell in cells} == {("3.11", ""), *product(newer, ("", "5.2"))}


def test_no_lock_of_another_tool_is_in_the_tree():
    assert [name for name in ("uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock") if (ROOT / name).exists()] == []

"""The import contracts of pyproject.toml: the tree keeps them, each one fires, no built room is left out of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
RULES = {contract["name"]: contract for contract in CONTRACTS}
FLOORS = RULES["The house: every floor may look down, none may look up"]["layers"]
ROOMS = {"cases", "intake", "assessment", "plans", "visits", "followups", "surveys", "outcomes", "library"}
PURE = {"rls_module.knowledge", "rls_module.outcomes.change", "rls_module.outcomes.charts", "rls_module.outcomes.cells"}
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]

BREACHES = [
    ("The house: every floor may look down, none may look up", "rls_module/conf.py", "import rls_module.cases.models"),
    ("The house: every floor may look down, none may look up", "rls_module/helpers.py", ""),
    ("Every room is furnished alike", "rls_module/cases/models.py", "import rls_module.cases.queries"),
    ("Every room is furnished alike", "rls_module/visits/helpers.py", ""),
    ("Pure knowledge imports no framework", "rls_module/knowledge/__init__.py", "import django"),
    ("The plugin does not know its host", "rls_module/apps.py", "import clinic"),
    ("The host enters by the front door", "clinic/views.py", "import rls_module.cases.models"),
    ("The public survey cannot see the chart", "rls_module/surveys/models.py", "import rls_module.cases.models"),
    ("Celery has one door", "rls_module/followups/models.py", "import celery"),
    ("REST framework has one door", "rls_module/cases/queries.py", "import rest_framework"),
    (
        "Instruments, vocabulary, protocols and papers do not know each other",
        "rls_module/knowledge/vocabulary/__init__.py",
        "import rls_module.knowledge.instruments",
    ),
    (
        "Safety rules read vocabulary only",
        "rls_module/knowledge/safety/__init__.py",
        "import rls_module.knowledge.protocols",
    ),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False)


def test_the_tree_keeps_every_contract():
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout


def test_every_contract_has_a_breach_that_shows_it_firing():
    assert {name for name, _, _ in BREACHES} == set(RULES)


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES, ids=lambda value: value.replace(" ", "-"))
def test_a_breach_is_found(tmp_path, contract, file, line):
    for package in ("rls_module", "clinic"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "locale", "data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a") as breached:
        breached.write(f"\n{line}\n")

    found = lint(tmp_path)

    assert found.returncode == 1
    assert re.search(rf"^{re.escape(contract)} BROKEN", found.stdout, re.MULTILINE), found.stdout


def is_built(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return (path / "__init__.py").exists() or path.with_suffix(".py").exists()


def test_only_floors_that_are_not_built_are_optional():
    optional = {name for floor in FLOORS for name in re.findall(r"\((\w+)\)", floor)}
    assert {name for name in optional if is_built(f"rls_module.{name}")} == set()


@pytest.mark.parametrize(
    ("contract", "listed", "belongs"),
    [
        ("Every room is furnished alike", "containers", {f"rls_module.{room}" for room in ROOMS}),
        (
            "The host enters by the front door",
            "forbidden_modules",
            {f"rls_module.{room}" for room in ROOMS | {"api", "admin", "models", "conf"}},
        ),
        (
            "The public survey cannot see the chart",
            "forbidden_modules",
            {f"rls_module.{room}" for room in ROOMS - {"surveys", "followups", "library"}},
        ),
        ("Pure knowledge imports no framework", "source_modules", PURE),
    ],
)
def test_what_is_built_stands_in_its_contract(contract, listed, belongs):
    assert set(RULES[contract][listed]) == {module for module in belongs if is_built(module)}

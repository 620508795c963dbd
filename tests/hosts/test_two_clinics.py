"""The suite of the two-clinic host, whose settings are its own, in a process of its own; its counts are told here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.services import postgres

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "database",
    [pytest.param("sqlite", marks=[pytest.mark.both, pytest.mark.only_sqlite]), "postgresql"],
)
def test_two_clinics_with_a_database_each(database, tmp_path, record_property):
    """AZ-9, AZ-16, host contract 8: users shared, the same keys, and no byte of the other clinic."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "PG_BIN") if name in os.environ}
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}" if database == "sqlite" else postgres.database_url()
    report = tmp_path / "report.xml"
    words = ["--ds=tests.hosts.two_clinics.settings", "-q", "--show-capture=no", f"--junit-xml={report}"]
    words += ["-o", "junit_family=xunit1"]  # the newer one has no place for what is counted
    if database == "sqlite":
        words += ["-m", "not only_postgresql"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "-p", "no:cacheprovider", "tests/hosts/two_clinics"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts: Counter[str] = Counter()
    for one in ET.parse(report).iter("property"):
        counts[one.attrib["name"]] += int(one.attrib["value"])
    for name, count in counts.items():
        record_property(name, count)

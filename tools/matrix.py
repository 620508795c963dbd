"""Runs the suite on every Python and Django that the floors promise, each from a clean clone; one line for each.

    make matrix               all of it: some twenty minutes for each line
    make matrix ARGS="-k ..." the same on a part of the suite

The lock has the newest Django for its Python; the LTS is tried on each as well. A Python that is not on this machine is
named, and the whole fails: what was not run was not shown.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
LTS = "5.2"
ABOUT_THE_LOCK = "tests/contracts/test_ground.py::test_django_is_locked_once_for_each_side_of_python_3_12"


@dataclass(frozen=True, slots=True)
class Cell:
    """One Python with one Django; `django` empty is the lock's own."""

    python: str
    django: str = ""

    @property
    def name(self) -> str:
        return f"Python {self.python}, Django {self.django or 'as locked'}"


# The lock's Django is the LTS itself on 3.11, which no newer one supports.
CELLS = [Cell("3.11"), *(Cell(python, django) for python in PYTHONS[1:] for django in ("", LTS))]


def run(cell: Cell, args: str) -> str:
    """Run one cell; return how it ended, beginning with "ok" where it passed."""
    interpreter = _interpreter(cell.python)
    if interpreter is None:
        return "not run: no such Python on PATH"
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        if cell.django:
            for lock in ("requirements.txt", "requirements-dev.txt"):
                pin(clone / lock, cell.django)
            args = f"{args} --deselect {ABOUT_THE_LOCK}"  # it reads the very lock that was pinned just now
        environment = {**os.environ, "PYTHON": interpreter}
        done = subprocess.run(
            ["make", "test", f"ARGS={args}"], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
    counts = re.findall(r"=+ (.*(?:passed|failed|error).*) in .*", done.stdout) or done.stderr.splitlines()[-1:]
    named = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return "\n    ".join((f"{'ok' if done.returncode == 0 else 'FAILED'}: {'; '.join(counts)}", *named))


def _interpreter(version: str) -> str | None:
    """Return a Python of this version that runs: what stands on PATH may be a shim of nothing."""
    for folder in os.get_exec_path():
        found = shutil.which(f"python{version}", path=folder)
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            return found
    return None


def pin(lock: Path, series: str) -> None:
    """Let the Django of `series` that the lock has for one Python serve for all of them."""
    text = lock.read_text()
    entry = re.compile(r"^django==(\S+) ;[^\n]*\n(?:    [^\n]*\n)+", re.MULTILINE)
    [kept] = [one[0] for one in entry.finditer(text) if one[1].startswith(f"{series}.")]
    unmarked = re.sub(r" ; python_full_version[^\\\n]*", " ", kept)
    lock.write_text(entry.sub("", text) + unmarked)


def main() -> int:
    """Run every cell; 0 where all of them were run and passed."""
    args, ends = os.environ.get("ARGS", ""), []
    for cell in CELLS:
        ends.append(run(cell, args))
        print(f"{cell.name:<34} {ends[-1]}", flush=True)
    return 0 if all(end.startswith("ok") for end in ends) else 1


if __name__ == "__main__":
    sys.exit(main())

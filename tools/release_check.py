"""What a release must pass, one line a step; the whole fails where one did.

    make release-check
    python tools/release_check.py weaknesses        the steps that are named alone

It needs the package index and a service that knows weaknesses: the index itself, or what speaks OSV's protocol at
OSV_URL. Where it can't be reached the step fails and says so. RELEASE_TOOLS says where the programs are that are not
in `build/`.
Leaves `build/sbom.json` (CycloneDX) and the wheel in `build/dist/`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
TOOLS = Path(os.environ.get("RELEASE_TOOLS", BUILD / "release-tools"))
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-uv.txt",
    "requirements-release.txt",
    "requirements-mariadb.txt",
)
# Licences under which the reference host's packages may be used in a clinic's own system, as their makers write them.
LICENCES = ";".join(
    (
        *(
            "Apache Software License",
            "Apache-2.0",
            "Apache License 2.0",
            "Apache-2.0 OR BSD-3-Clause",
            "Apache-2.0 OR BSD-2-Clause",
        ),
        *("BSD License", "BSD", "BSD-2-Clause", "BSD-3-Clause", "3-Clause BSD License", "BSD 3-Clause OR Apache-2.0"),
        *("ISC", "ISC License (ISCL)", "MIT", "MIT License", "MIT-0", "0BSD", "The Unlicense (Unlicense)"),
        *("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0", "PSF-2.0", "Python Software Foundation License"),
        *(
            "LGPL-3.0-only",
            "GNU Lesser General Public License v3 (LGPLv3)",
        ),  # psycopg, as a library that is not changed
    )
)
# Files whose long words are hashes and invented keys.
NO_SECRETS_IN = r"requirements.*\.txt|released\.sha256|\.po$|\.mo$|tests/.*|docs/images/.*"
SHIPPED = ("rls_module/", "rls_module-", "rls_module")


class Failed(Exception):
    """A step did not pass; the text says why."""


def run(*words: str, **environ: str) -> str:
    """Run a program and return what it said; raises Failed with its last lines."""
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Failed("\n    ".join(said[-8:]) or f"{words[0]} ended with {done.returncode}")
    return done.stdout


def tool(name: str) -> str:
    return str(TOOLS / "bin" / name)


def tools() -> str:
    """The programs of this check, as they were locked."""
    if not Path(tool("python")).exists():
        run(sys.executable, "-m", "venv", str(TOOLS))
    run(tool("python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements-release.txt")
    return "installed as locked"


def weaknesses() -> str:
    """No package of any lock has a known weakness; one that nobody could be asked about is not passed over."""
    url = os.environ.get("OSV_URL", "")
    service = ("--vulnerability-service", "osv", "--osv-url", url) if url else ()
    strictly = ("--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off")
    for lock in LOCKS:
        run(tool("pip-audit"), *strictly, *service, "-r", lock)
    return f"none known in {len(LOCKS)} locks"


def licences() -> str:
    """Every package of the reference host is under a licence of the list."""
    host = BUILD / "release-host"
    if not (host / "bin" / "python").exists():
        run(sys.executable, "-m", "venv", str(host))
    run(str(host / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt")
    python = f"--python={host / 'bin' / 'python'}"
    run(
        tool("pip-licenses"),
        python,
        "--from=mixed",
        f"--allow-only={LICENCES}",
        "--ignore-packages",
        "pip",
        "setuptools",
    )
    found = json.loads(run(tool("pip-licenses"), python, "--from=mixed", "--format=json"))
    return f"{len(found)} packages under licences of the list"


def parts() -> str:
    """The list of parts that goes with a release."""
    target = BUILD / "sbom.json"
    run(tool("cyclonedx-py"), "requirements", "requirements.txt", "--of", "JSON", "-o", str(target))
    return f"{len(json.loads(target.read_text())['components'])} parts in {target.relative_to(ROOT)}"


def secrets() -> str:
    """No file of the tree holds what looks like a password or a key."""
    files = run("git", "ls-files").splitlines()
    said = run(
        tool("detect-secrets"),
        "scan",
        "--exclude-files",
        NO_SECRETS_IN,
        "--exclude-lines",
        "invented|not a secret",
        *files,
    )
    found = json.loads(said)["results"]
    if found:
        raise Failed(
            "\n    ".join(f"{name}:{one['line_number']} {one['type']}" for name in found for one in found[name])
        )
    return f"none in {len(files)} files"


def wheel() -> str:
    """Built twice the wheel is the same, and it holds the plugin and nothing else."""
    moment = run("git", "log", "-1", "--format=%ct").strip()
    built = []
    for number in (1, 2):
        target = BUILD / "dist" / str(number)
        run(
            tool("python"),
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(target),
            SOURCE_DATE_EPOCH=moment,
        )
        [path] = target.glob("*.whl")
        built.append(path)
    first, second = (hashlib.sha256(path.read_bytes()).hexdigest() for path in built)
    if first != second:
        raise Failed(f"{built[0].name}: {first[:16]} and {second[:16]}")
    names = zipfile.ZipFile(built[0]).namelist()
    if foreign := [name for name in names if not name.startswith(SHIPPED)]:
        raise Failed(f"in the wheel: {', '.join(foreign[:5])}")
    return f"{built[0].name}, {len(names)} files, sha256 {first[:16]}"


STEPS: tuple[Callable[[], str], ...] = (tools, weaknesses, licences, parts, secrets, wheel)


def main() -> int:
    BUILD.mkdir(exist_ok=True)
    failed, steps = 0, [step for step in STEPS if not sys.argv[1:] or step.__name__ in sys.argv[1:]]
    for step in steps:
        try:
            print(f"ok      {step.__name__:<11} {step()}", flush=True)
        except Failed as why:
            failed += 1
            print(f"FAILED  {step.__name__:<11} {why}", flush=True)
    print(f"{len(steps) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

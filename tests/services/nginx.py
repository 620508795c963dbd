"""Finds nginx for the tests: on PATH, else, on Debian, out of its package, which is unpacked and not installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path


class NginxMissing(RuntimeError):
    """No nginx can be had; the message is what to do."""


def program() -> str:
    """Return the path of nginx; raises NginxMissing."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or _unpacked()


def _unpacked() -> str:
    folder = Path(tempfile.mkdtemp(prefix="rls-nginx-"))
    try:
        subprocess.run(["apt-get", "download", "nginx"], cwd=folder, check=True, capture_output=True)
        [package] = folder.glob("nginx_*.deb")
        subprocess.run(["dpkg", "-x", package, folder], check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise NginxMissing("No nginx found. Install one (apt-get install nginx).") from error
    return str(folder / "usr" / "sbin" / "nginx")

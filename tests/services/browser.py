"""Finds Chromium for the browser tests, or installs it where that is allowed. No fixtures here."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")
# Without the network flags Chromium looks for its maker's hosts at every start, and pages wait for that.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ChromiumMissing(RuntimeError):
    """No Chromium can be had; the message is the one line to run."""


def executable() -> str:
    """Return the path of Chromium: $CHROMIUM, else one on PATH, else, as root on Debian, a new install.

    Raises ChromiumMissing.
    """
    if named := os.environ.get("CHROMIUM"):
        if shutil.which(named) is None:
            raise ChromiumMissing(f"CHROMIUM={named} is no program. Unset it, or name Chromium's program.")
        return named
    return _on_path() or _installed()


def _on_path() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _installed() -> str:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ChromiumMissing(f"Browser tests need Chromium. Run: sudo {' '.join(INSTALL)}")
    with Path(tempfile.gettempdir(), "rls-chromium-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers may come here at once
        if _on_path() is None:
            _apt_get("update")
            _apt_get(*INSTALL[1:])
    found = _on_path()
    if found is None:
        raise ChromiumMissing(f"Browser tests need Chromium, and this did not bring it: {' '.join(INSTALL)}")
    return found


def _apt_get(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ChromiumMissing(f"apt-get {' '.join(arguments)} failed:\n{done.stdout[-2000:]}")

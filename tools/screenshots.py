"""Makes the pictures in docs/images/ from the demo: its own data, its own port, nothing of yours is touched.

The stories come from a fixed seed; the days in the pictures are counted from the day on which they are made.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.services import browser as chromium  # noqa: E402  the project is found by its path

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 250_000
DESK = {"width": 1120, "height": 900}
PHONE = {"width": 360, "height": 760}
LOOK: dict[str, Any] = {
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "locale": "en-US",
    "timezone_id": "America/New_York",
}
ON_THE_CHART = "Alma Abbott"
ON_THE_PHONE = "carmen.haddad@example.org"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs now."""

    url: str
    password: str

    def link_to(self, address: str) -> str:
        """Return the survey link of the newest mail to `address`."""
        with urllib.request.urlopen(f"{self.url}/inbox/?format=json", timeout=30) as response:  # noqa: S310  our own
            mails = json.load(response)
        text = next(mail["text"] for mail in mails if mail["to"] == address)
        return re.search(r"http://\S+/q/[\w-]{65}/", text)[0]  # type: ignore[index]


def main() -> int:
    """Make every picture; fail when one is too heavy for a README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as clinic, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.executable(), args=list(chromium.FLAGS))
        at_the_desk(browser, clinic)
        on_the_phone(browser, clinic)
        browser.close()
    heavy = [path.name for path in IMAGES.glob("*.png") if path.stat().st_size > MOST_BYTES]
    for path in sorted(IMAGES.glob("*.png")):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1000} kB")
    if heavy:
        print(f"heavier than {MOST_BYTES // 1000} kB: {', '.join(heavy)}")
    return 1 if heavy else 0


@contextmanager
def demo() -> Iterator[Demo]:
    """Build and serve a demo in a folder that goes with it."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        password = secrets.token_urlsafe(9)
        environment = os.environ | {
            "DEMO_DIR": folder,
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "DEMO_PASSWORD": password,
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            said = _until_open(process)
            if "Ctrl-C stops everything" not in said:
                raise SystemExit(f"The demo did not start:\n{said}")
            yield Demo(f"http://127.0.0.1:{port}", password)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _until_open(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout or ():
        said += line
        if "Ctrl-C stops everything" in line:
            break
    return said


# The therapist's pages


def at_the_desk(browser: Browser, clinic: Demo) -> None:
    context = browser.new_context(viewport=DESK, **LOOK)
    page = context.new_page()
    page.goto(f"{clinic.url}/accounts/login/")
    page.get_by_label("User name").fill("therapist")
    page.get_by_label("Password").fill(clinic.password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{clinic.url}/rls/")
    take(page, "worklist")
    page.goto(f"{clinic.url}/patients/?q={ON_THE_CHART.replace(' ', '+')}")
    page.get_by_role("link", name=re.compile("Abbott")).first.click()
    page.get_by_role("link", name="RLS chart").click()
    take(page, "chart")
    refused_note(page)
    take(page, "note", is_whole=True)
    context.close()


def refused_note(page: Page) -> None:
    """Chart a visit with one needle fewer out than in, and try to sign it."""
    page.get_by_role("button", name=re.compile("Chart (today's|a) visit")).first.click()
    for field, value in (("since_last", "better"), ("nights", "2"), ("reaction", "none"), ("safety", "unchanged")):
        page.locator(f'input[name="{field}"][value="{value}"]').check()
    fill(page, "site-0", muscle="sol l", needles_in="3", needle="0.30x40", technique="deep_pistoning")
    page.get_by_role("button", name="Add another muscle").click()
    fill(page, "site-1", muscle="gastroc med l", needles_in="2", needle="0.30x40", technique="deep_pistoning")
    page.locator('textarea[name="response"]').fill("Calf softer, ankle moves further. Stands up easily.")
    page.locator('textarea[name="next_time"]').fill("Same sites; look at the foot.")
    for field, value in (("timed_minutes", "25"), ("total_minutes", "45"), ("needles_out", "4")):
        page.locator(f'input[name="{field}"]').fill(value)
    page.get_by_role("button", name="Sign").click()
    expect(page.get_by_role("alert")).to_contain_text("Fewer needles came out than went in")


def fill(page: Page, row: str, *, muscle: str, needles_in: str, needle: str, technique: str) -> None:
    page.locator(f'input[name="{row}-muscle"]').fill(muscle)
    page.locator(f'input[name="{row}-needles_in"]').fill(needles_in)
    page.locator(f'select[name="{row}-needle"]').select_option(needle)
    page.locator(f'select[name="{row}-technique"]').select_option(technique)


def take(page: Page, name: str, *, is_whole: bool = False) -> None:
    """Photograph what the plugin shows, without the demo's bar; of a long page its first screen, or the whole."""
    page.evaluate("document.querySelector('.demo-bar')?.remove(); document.activeElement?.blur(); scrollTo(0, 0)")
    if is_whole:
        page.set_viewport_size({**DESK, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
    page.set_viewport_size(DESK)


# The patient's pages


def on_the_phone(browser: Browser, clinic: Demo) -> None:
    context = browser.new_context(viewport=PHONE, **LOOK)
    page = context.new_page()
    page.goto(clinic.link_to(ON_THE_PHONE))
    shots = [photo(page)]
    page.get_by_role("button", name="Start").click()
    page.locator('input[name="nights"][value="3"]').check()
    shots.append(photo(page))
    page.get_by_role("button", name="Next").click()
    page.locator('input[name="worst"][value="5"]').check()
    page.locator('input[name="usual"][value="3"]').check()
    shots.append(photo(page))
    context.close()
    side_by_side(browser, shots)


def photo(page: Page) -> bytes:
    return page.screenshot(animations="disabled")


def side_by_side(browser: Browser, shots: list[bytes]) -> None:
    pictures = "".join(f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots)
    gap, edge = 16, 1
    width = gap + len(shots) * (PHONE["width"] + 2 * edge + gap)
    page = browser.new_page(viewport={"width": width, "height": PHONE["height"] + 2 * (gap + edge)})
    look = f"body{{margin:{gap}px;display:flex;gap:{gap}px}} img{{border:{edge}px solid #c4cccf;border-radius:12px}}"
    page.set_content(f"<style>{look}</style>{pictures}")
    page.screenshot(path=IMAGES / "survey.png")
    page.close()


if __name__ == "__main__":
    raise SystemExit(main())

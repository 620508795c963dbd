"""README and docs/ keep their word: generated pages are current, links and names lead somewhere, installing works."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rls_module import conf
from rls_module.host import ACTIONS
from tools import reference

ROOT = Path(__file__).parents[2]
TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PARTS = ROOT / "docs" / "_parts"  # what stands around the generated tables; read there, not here
PAGES = [ROOT / name for name in TOP] + sorted(set((ROOT / "docs").rglob("*.md")) - set(PARTS.glob("*.md")))
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

# Whatever else looks like an absolute path or a host is somebody's machine, and no reader has that.
OUR_ADDRESSES = ("/rls/", "/q/", "/admin/", "/srv/clinic", "/etc/systemd/system/clinic-followups.service")
OUR_HOSTS = {"127.0.0.1", "localhost", "clinic.example.org"}


@pytest.fixture(params=PAGES, ids=NAMES)
def sheet(request: pytest.FixtureRequest) -> Path:
    return request.param


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


# Generated pages


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_a_generated_page_is_current(name):
    assert reference.is_current(name, reference.pages()[name]), f"docs/{name} is old: run tools/reference.py"


def test_the_tool_finds_a_page_that_is_not_current(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    assert not reference.is_current("settings.md", "")
    (tmp_path / "settings.md").write_text("old")
    assert not reference.is_current("settings.md", "new")
    assert reference.is_current("settings.md", "old")


def test_every_setting_is_documented():
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", written("settings.md"), re.MULTILINE)) == {
        one.name for one in conf.TABLE
    }


def test_every_adapter_method_and_action_is_documented():
    text = written("adapter.md")
    assert set(re.findall(r"^\| `(\w+)\(", text, re.MULTILINE)) == set(reference.adapter_methods())
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:\\\*)? ?)+)\|$", text, re.MULTILINE)
    told = {f"{subject}.{verb}" for subject, verbs in rows for verb in re.findall(r"`(\w+)`", verbs)}
    assert told == set(ACTIONS)


def test_every_check_is_documented_and_described_in_its_docstring():
    told = set(re.findall(r"^\| `rls_module\.([EW]\d{3})` \|", written("checks.md"), re.MULTILINE))
    raised = {number for path in (ROOT / "rls_module" / "checks").glob("*.py") for number in ids_raised(path)}
    assert told == raised


def ids_raised(path: Path) -> Iterator[str]:
    """The ids that the code itself makes, and those it looks up by a word."""
    text = path.read_text()
    for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(func=ast.Name(id="error" | "warning" as level), args=[ast.Constant(value=number), *_]):
                yield f"{level[0].upper()}{number}"
    yield from (f"E{number}" for number in re.findall(r'"(?:unknown|type)": "(\d{3})"', text))


def written(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


# Links and names


def test_every_relative_link_leads_somewhere(sheet):
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(sheet.read_text())):
        path, _, anchor = target.partition("#")
        found = (sheet.parent / path).resolve() if path else sheet
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        if not found.exists() or not found.is_relative_to(ROOT) or (anchor and anchor not in anchors(found)):
            missing.append(target)
    assert missing == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the common renderers of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme():
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        here = todo.pop()
        if here in seen or here.suffix != ".md" or not here.exists():
            continue
        seen.add(here)
        targets = re.findall(r"\]\(([^)#\s]+)", prose(here.read_text()))
        todo += [(here.parent / target).resolve() for target in targets if "://" not in target]
    assert set(PAGES) - seen == set()


def test_every_command_and_make_target_that_is_named_exists(sheet):
    text = sheet.read_text()
    commands = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")}
    assert set(re.findall(r"(?:manage\.py |^`?)(rls_\w+|demo\w*)\b", text, re.MULTILINE)) <= commands | {"rls_module"}
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:[A-Z]+=\S+ )*make ([\w-]+)", text)) <= targets


def test_every_file_and_module_that_is_named_exists(sheet):
    named = re.findall(r"`((?:rls_module|clinic|tests|tools|docs)/[\w./-]*\w)/?`", sheet.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_page_names_a_machine_or_a_registry(sheet):
    text = sheet.read_text()
    paths = re.findall(r"(?<![\w./:<>)\]-])/[A-Za-z][\w.-]*/[\w./-]*", text)
    assert [path for path in paths if not path.startswith(OUR_ADDRESSES)] == []
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= OUR_HOSTS
    assert not re.search(r"index-url|find-links|\.\./\.\./\.\.", text)


def test_every_picture_that_the_readme_shows_is_light_enough():
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert shown
    assert [name for name in shown if (ROOT / name).stat().st_size > 250_000] == []


# The installation of the README, in a project of its own

MODELS = """
from django.conf import settings
from django.db import models

class Patient(models.Model):
    given = models.CharField(max_length=80)
    family = models.CharField(max_length=80)
    born = models.DateField()
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    archived = models.BooleanField(default=False)
    therapist = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)

class Appointment(models.Model):
    patient = models.ForeignKey(Patient, related_name="appointments", on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
"""
SETTINGS = """
SECRET_KEY = "x" * 60
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "project.urls"
STATIC_URL = "/static/"
LOGIN_URL = "/sign-in/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "frontdesk.sqlite3",
        "OPTIONS": {"init_command": "PRAGMA recursive_triggers=ON; PRAGMA synchronous=OFF;"},
    }
}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "frontdesk"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
"""
URLS = "from django.urls import include, path\n\nurlpatterns = []\n"
MANAGE = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings'\n"
MANAGE += "from django.core.management import execute_from_command_line as run\nimport sys\nrun(sys.argv)\n"
WALK = """
from datetime import date
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from frontdesk.models import Appointment, Patient

mine, other = User.objects.create_user("dana"), User.objects.create_user("ruth")
person = Patient.objects.create(given="Moira", family="Kowalski", born=date(1970, 1, 2), therapist=mine)
Appointment.objects.create(patient=person, starts_at=timezone.now())
client, stranger = Client(), Client()
client.force_login(mine), stranger.force_login(other)
screen = client.post(f"/rls/patients/{person.pk}/").url
client.post(screen, {"do": "known"})
chart = screen.removesuffix("screen/")
seen = client.get(chart)
print(seen.status_code, "Moira Kowalski" in seen.text, "Chart today" in seen.text)
print(client.get("/rls/").status_code, stranger.get(chart).status_code, Client().get(chart).status_code)
print(Client().get("/q/made-up/").status_code)
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clinic system into which the README's three blocks are pasted."""
    settings, urls, adapter = blocks("python")
    for name, text in {
        "manage.py": MANAGE,
        "project/__init__.py": "",
        "project/settings.py": SETTINGS + settings,
        "project/urls.py": URLS + urls,
        "frontdesk/__init__.py": "",
        "frontdesk/models.py": MODELS,
        "frontdesk/rls.py": adapter,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    run(tmp_path, "makemigrations", "frontdesk")
    return tmp_path


def run(project: Path, *words: str) -> str:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=project, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_installing_as_the_readme_says_and_uninstalling_as_the_guide_says(project):
    [console] = blocks("console")
    commands = [line.removeprefix("python manage.py ").split() for line in console.splitlines()]
    assert commands[-1] == ["rls_followups", "run", "--loop"]  # which would go on for ever
    for words in [*commands[:-1], ["check", "--database", "default"], ["rls_followups", "run", "--once"]]:
        said = run(project, *words)
    assert said == "0 sent\n"
    assert run(project, "shell", "-c", WALK).splitlines()[-3:] == ["200 True True", "200 404 302", "404"]

    run(project, "migrate", "rls_module", "zero")
    look = "from django.db import connection; print([n for n in connection.introspection.table_names() if 'rls' in n])"
    assert run(project, "shell", "-c", look).splitlines()[-1] == "[]"

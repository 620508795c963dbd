"""The translations: whole, fit for their messages, compiled; and no page or mail of a patient's that stays English."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.host import Brand
from rls_module.knowledge.instruments import branching, loading
from rls_module.knowledge.mail_texts import NAMES, PLACEHOLDERS
from rls_module.questionnaire import form_for
from tests import clock
from tests import factories as make
from tools import messages

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rls_module"
TEMPLATES = PACKAGE / "templates"
CATALOGUE = "locale/es/LC_MESSAGES/django.po"
SAID = list(messages.gathered(PACKAGE))
PATIENTS = messages.patients(PACKAGE, SAID)


# The check


def check(package: Path = PACKAGE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "messages.py"), "--check", str(package)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    """The plugin's words, to be spoiled."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "rls_module", ignore=shutil.ignore_patterns("static", "*.pyc")))


def reword(package: Path, change, *, compiled: bool = True) -> None:
    """Change the Spanish catalogue of a copy, its .mo with it unless told otherwise."""
    path = package / CATALOGUE
    catalogue = polib.pofile(str(path))
    change({entry.msgid: entry for entry in catalogue})
    catalogue.save(str(path))
    if compiled:
        path.with_suffix(".mo").write_bytes(messages.compiled(path))


def test_every_patient_reads_spanish_and_every_translation_fits():
    found = check()
    assert found.returncode == 0, found.stdout


def test_a_new_sentence_for_patients_is_missed(copy):
    with (copy / "templates/rls_module/surveys/gone.html").open("a") as page:
        page.write('{% load i18n %}{% translate "The moon is full." %}')
    found = check(copy)
    assert found.returncode == 1
    assert re.search(r"gone\.html:\d+: a patient would read English: 'The moon is full\.'", found.stdout)


def test_a_new_sentence_for_staff_is_counted_only(copy):
    with (copy / "visits/views/note.py").open("a") as views:
        views.write('\nFULL = _("The moon is full.")\n')
    before, found = check().stdout, check(copy)
    assert found.returncode == 0
    assert found.stdout != before


def test_a_sentence_that_comes_to_the_patient_through_a_partial_is_missed(copy):
    with (copy / "templates/rls_module/partials/progress.html").open("a") as partial:
        partial.write(
            "{% load i18n %}{% blocktranslate count n=n %}{{ n }} moon{% plural %}moons{% endblocktranslate %}"
        )
    assert "progress.html:4: a patient would read English: '%(n)s moon'" in check(copy).stdout


def drop_placeholder(entries):
    entries["It closes on %(last_day)s."].msgstr = "Se cierra pronto."


def empty(entries):
    entries["Please call me"].msgstr = ""


def doubt(entries):
    entries["Please call me"].flags.append("fuzzy")


def halve_plural(entries):
    entries["We will send a last short form in about %(weeks)s week."].msgstr_plural[1] = ""


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (drop_placeholder, "other placeholders than the message: 'It closes on %(last_day)s.'"),
        (empty, "a patient would read English: 'Please call me'"),
        (doubt, "a patient would read English: 'Please call me'"),
        (halve_plural, "We will send a last short form"),
    ],
)
def test_a_spoiled_translation_is_named(copy, change, named):
    reword(copy, change)
    found = check(copy)
    assert found.returncode == 1
    assert named in found.stdout
    assert "not compiled" not in found.stdout


def test_an_mo_that_is_not_its_po_is_named(copy):
    reword(copy, lambda entries: setattr(entries["Send"], "msgstr", "Mandar"), compiled=False)
    found = check(copy)
    assert found.returncode == 1
    assert "the .mo beside it is not compiled from it" in found.stdout


def test_words_that_no_tool_can_read_are_named(copy):
    with (copy / "surveys/queries.py").open("a") as module:
        module.write("\nfrom django.utils.translation import gettext as _\n\n\ndef say(it):\n    return _(it)\n")
    found = check(copy)
    assert found.returncode == 1
    assert re.search(r"surveys/queries\.py:\d+: gettext is called with words", found.stderr)


def test_updating_keeps_what_was_translated_and_writes_the_same_bytes_again(copy):
    def write() -> bytes:
        command = [sys.executable, str(ROOT / "tools" / "messages.py"), str(copy)]
        subprocess.run(command, capture_output=True, check=False)
        return (copy / CATALOGUE).read_bytes() + (copy / CATALOGUE).with_suffix(".mo").read_bytes()

    page = copy / "templates/rls_module/surveys/gone.html"
    page.write_text(page.read_text().replace("This link does not work any more.", "This link is old."))
    once = write()
    assert write() == once
    entries = {entry.msgid: entry for entry in polib.pofile(str(copy / CATALOGUE))}
    assert entries["This link is old."].msgstr == ""
    assert entries["This link does not work any more."].obsolete
    assert entries["This link does not work any more."].msgstr == "Este enlace ya no funciona."
    assert entries["Send"].msgstr == "Enviar"


def test_the_catalogue_says_that_it_awaits_its_second_reader():
    """Goes when the review is recorded, together with the header."""
    assert "awaits its second fluent reader" in polib.pofile(str(PACKAGE / CATALOGUE)).header


# What is rendered

SHOWN = re.compile(r'(?:aria-label|title|placeholder|alt)="([^"]*)"|>([^<>]+)<')
LETTERS = re.compile(r"[^\W\d_]{2}")
BRAND = Brand(name="77", phone="555")
ADVICE = [{"title": "1", "lines": ["2"], "is_urgent": True}]
MAIL = [{name: str(place) for place, name in enumerate(PLACEHOLDERS)} | {"language": "9"}]
SECTION = {"heading": "1", "text": ["2"], "points": ["3"]}
LEAFLET = {"title": "1", "lead": "2", "numbered": [(SECTION, (1,))], "mark": "4", "version": 1}
OWN = [MAIL[0] | {"paragraphs": [[("1", "2"), ("3", "")]]}]

# Everything that comes from elsewhere is a figure here, so that every word shown is the template's own.
CONTEXTS = {
    "surveys/_advice.html": [{"advice": ADVICE}],
    "surveys/advice.html": [{"advice": ADVICE}],
    "surveys/already.html": [{}],
    "surveys/busy.html": [{}],
    "surveys/call.html": [{}],
    "surveys/call_asked.html": [{}],
    "surveys/gone.html": [{}],
    "surveys/papers.html": [{"papers": [("1", "2")]}],
    "surveys/papers_leaflet.html": [{"leaflet": LEAFLET, "citations": ["1"], "back_url": "2"}],
    "surveys/papers_programme.html": [{"exercises": [], "back_url": "1"}],
    "surveys/papers_start.html": [{}],
    "surveys/paused.html": [{}],
    "surveys/preferences.html": [{"done": "1", "is_open": True}, {"is_open": False}, {"is_off": True}],
    "surveys/question.html": [
        {"form": None, "stale_form": True, "was_answered": True, "notices": ["1"], "back_url": "2", "rule_10": "3"}
    ],
    "surveys/review.html": [{"has_problems": True, "back_url": "1", "lines": [{"text": "1", "value": "2"}]}],
    "surveys/start.html": [{"count": 9, "minutes": 3}, {"count": 9, "minutes": 3, "has_begun": True}],
    "surveys/thanks.html": [{"call_line": True, "weeks": weeks, "advice": ADVICE} for weeks in (0, 1, 6)],
    "emails/_frame.html": MAIL,
    "emails/own.body.html": OWN,
    **{f"emails/{mail}.{part}": MAIL for mail in NAMES for part in ("subject.txt", "body.txt", "body.html")},
}
FRAME = {
    "brand": BRAND,
    "title": "1",
    "wording": {"help": "1", "emergency": "2", "crisis": "3", "call_me": "4", "later": "5", "stop": "6"},
    "languages": [("1", "2", "en", True), ("3", "4", "es", False)],
    "progress": {"value": 1, "max": 2, "text": "3"},
    "call_url": "1",
    "later_url": "2",
    "stop_url": "3",
}


def questions_form(language: str):
    """A form that comes back: one question of each shape, every one of them in need of an answer."""
    check_in = loading.shipped("rls_checkin")
    asked = branching.questions(check_in, answers={"nights": 3}, facts={"since": "1"}, phase="followup")
    some = [question for question in asked if question.name in ("nights", "start", "new_problem")]
    return form_for(some, words=check_in.words(language), data={"start": "never"})


def rendered(name: str, context: dict, language: str) -> str:
    if "form" in context:
        context = context | {"form": questions_form(language)}
    with translation.override(language):
        return render_to_string(f"rls_module/{name}", FRAME | context)


def shown(text: str) -> set[str]:
    """What a person can read of a page, or the lines of a plain text."""
    pieces = [one or other for one, other in SHOWN.findall(text)] if "</" in text else text.splitlines()
    return {html.unescape(" ".join(piece.split())) for piece in pieces}


def unmoved(spanish: str, english: str) -> set[str]:
    """What reads the same in both languages and is no mere figure: words that were never translated."""
    return {piece for piece in shown(spanish) & shown(english) if LETTERS.search(piece)}


def english_left(text: str) -> list[str]:
    """The patient's English messages that stand in a text."""
    whole = html.unescape(text)
    return [singular for singular, pattern in PATTERNS.items() if pattern.search(whole)]


def pattern_of(words: str) -> re.Pattern[str]:
    fixed = [re.escape(piece) for piece in re.split(r"%\(\w+\)[a-z]|\{\w+\}", words)]
    return re.compile(r"(?<!\w)" + r".{0,120}?".join(fixed) + r"(?!\w)", re.DOTALL)


PATTERNS = {
    words: pattern_of(words)
    for one in SAID
    if one.key in PATIENTS
    for words in (one.singular, one.plural)
    if words is not None
}


def test_every_patients_template_has_its_contexts():
    own = {
        path.relative_to(TEMPLATES / "rls_module").as_posix()
        for room in ("surveys", "emails")
        for path in (TEMPLATES / "rls_module" / room).rglob("*.*")
    }
    assert set(CONTEXTS) == own


@pytest.mark.parametrize(
    ("name", "context"), [(name, context) for name, found in CONTEXTS.items() for context in found]
)
def test_a_patients_template_in_spanish_holds_no_english(name, context):
    spanish, english = rendered(name, context, "es"), rendered(name, context, "en")
    assert english_left(spanish) == []
    assert unmoved(spanish, english) == set()


def test_english_that_was_never_wrapped_is_seen():
    template = engines["django"].from_string('{% load i18n %}<p>{% translate "Send" %}</p><p>Please wait.</p>')
    with translation.override("en"):  # a page that was asked for before may have left its language behind
        page = template.render()
    with translation.override("es"):
        assert unmoved(page, page) == {"Send", "Please wait."}
    assert english_left(page) == ["Send"]


# Words that a stranger at the patient's screen must not find in a mail. Source: project design.
TELLING = re.compile(
    r"piernas?|sueñ|síntoma|dolor|aguja|ejercicio|tratamiento|terapi|terapeuta|paciente|diagnóstico|salud|medicin"
    r"|medicamento|hierro",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", [name for name in CONTEXTS if name.startswith("emails/")])
def test_a_mail_in_spanish_tells_a_stranger_nothing(name):
    assert TELLING.findall(rendered(name, MAIL[0], "es")) == []


# Through the views


class Phone:
    """A patient's browser: follows redirects, sends a page's own hidden fields, keeps every page it saw."""

    def __init__(self, client):
        self.client = client
        self.seen: list[str] = []
        self.url = ""

    def get(self, url: str) -> str:
        return self._took(self.client.get(url, follow=True, headers={"accept-language": "es-US,es"}))

    def post(self, url: str = "", **fields) -> str:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.seen[-1]))
        return self._took(self.client.post(url or self.url, hidden | fields, follow=True))

    def _took(self, response) -> str:
        self.url = response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"]
        self.seen.append(response.content.decode())
        return self.seen[-1]


ANSWERS = {
    "nights": {"nights": "3"},
    "strength": {"worst": "3", "usual": "5"},  # usual above worst: a notice
    "start": {"start": "1260"},
    "places": {"places": ["lower_legs"]},
    "awake": {"awake": "2"},
    "days": {"rested": "4", "tired": "2"},
    "activity": {"activity.1": "6"},
    "new_problem": {"new_problem": ["chest", "drive", "mind", "sore"]},
    "medicines": {"med_change": "no"},
    "change": {"change": "7"},
    "closing": {"call_me": "morning"},
}


@pytest.fixture
def occurrence(settings):
    """A check-in that is due today, of a patient who reads Spanish, in a clinic that sends drafts."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"CLOCK": "tests.clock.now", "DRAFT_WORDING": True}
    therapist = make.therapist()
    make.planned(therapist, person=make.patient(therapist, language="es"))
    clock.put(make.NOW + make.days(42))
    yield Occurrence.objects.get(step="week_6")
    clock.clear()


@pytest.mark.django_db(transaction=True)
def test_a_spanish_check_in_shows_no_english_from_link_to_thanks(client, occurrence):
    phone = Phone(client)
    assert "preguntas cortas" in phone.get(survey_link(occurrence))
    phone.post(reverse_of(occurrence), do="start")
    phone.get(address(occurrence, "call"))
    assert "Le llamaremos." in phone.post(do="call")
    phone.get(address(occurrence, "nights"))
    assert "Por favor, elija una respuesta." in phone.post(do="next")
    assert "estuvo abierta mucho tiempo" in phone.post(do="next", nights="3", form_token="old")
    for page, given in ANSWERS.items():
        phone.get(address(occurrence, page))
        phone.post(do="next", **given)
    advice = ("Busque ayuda ahora", "no maneje si tiene sueño", "Vale la pena contar", "Gracias por decirnos")
    assert [words for words in advice if words not in "".join(phone.seen)] == []
    phone.get(address(occurrence, "stop"))
    assert "Revise antes de enviar" in phone.get(address(occurrence, "review"))
    assert "Gracias. Recibimos sus respuestas." in phone.post(do="send")
    assert "Sus respuestas ya llegaron." in phone.post(address(occurrence, "nights"), nights="4")
    assert {left for text in phone.seen for left in english_left(text)} == set()


@pytest.mark.django_db(transaction=True)
def test_the_way_out_in_spanish_shows_no_english(client, occurrence):
    phone = Phone(client)
    phone.get(f"/q/u/{followup_queries.link_token(occurrence, 'unsubscribe')}/")
    for tap in ("tomorrow", "in7", "reminders", "all", "resume"):
        phone.post(do=tap)
    phone.get("/q/nothing-that-opens/")
    assert "Este enlace ya no funciona." in phone.seen[-1]
    assert {left for text in phone.seen for left in english_left(text)} == set()


def survey_link(occurrence: Occurrence) -> str:
    return f"/q/{followup_queries.link_token(occurrence, 'survey')}/"


def reverse_of(occurrence: Occurrence) -> str:
    return f"/q/{occurrence.selector}/"


def address(occurrence: Occurrence, page: str) -> str:
    return f"{reverse_of(occurrence)}?page={page}"

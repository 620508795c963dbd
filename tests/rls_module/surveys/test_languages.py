"""The survey in the patient's language: Spanish where its draft may be sent, else English."""

from __future__ import annotations

import re

import pytest

from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.host.actor import Actor
from rls_module.library import actions as library_actions
from rls_module.library.models import Licence
from tests import factories as make
from tests.rls_module.knowledge.instruments.samples import sleep
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import Phone, link

pytestmark = [pytest.mark.both, pytest.mark.django_db]

ADMIN = Actor("user:1", "Lena Ortiz")

# Content 8: the words around the questions, by the page that says them.
AROUND = {
    "": [
        "Hola.",
        "preguntas cortas",
        "Empezar",
        "¿Necesita ayuda ahora?",
        "Emergencia: llame al 911",
        "Más tarde",
        "Parar",
    ],
    "nights": ["Siguiente", "Llámenme, por favor"],
    "advice": [
        "Busque ayuda ahora, por favor.",
        "Usted marcó: Dolor de pecho o dificultad para respirar.",
        "Parar aquí",
    ],
    "review": ["Revise antes de enviar, por favor.", "Toque una línea para cambiarla.", "Enviar"],
    "receipt": ["Gracias. Recibimos sus respuestas.", "Puede cerrar esta página."],
}
URGENT = {"new_problem": {"new_problem": ["chest"]}}


@pytest.fixture
def of_a_spanish_speaker(at) -> Occurrence:
    user = make.therapist()
    case = make.planned(user, person=make.patient(user, language="es"))
    at(DUE)
    return Occurrence.objects.get(chart=case.chart, step="week_6")


@pytest.fixture
def draft_wording(settings, at):
    """The demo's setting: wording that awaits its second reader may be sent."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"DRAFT_WORDING": True}


def test_the_questions_are_spanish_from_start_to_receipt(of_a_spanish_speaker, draft_wording):
    phone = Phone()
    phone.send_in(of_a_spanish_speaker, URGENT)
    texts = {page.key: page for page in phone.pages}
    assert {re.search('<html lang="(.*?)"', page.html)[1] for page in phone.pages} == {"es"}
    assert "De las últimas 7 noches, ¿en cuántas le molestaron las piernas?" in texts["nights"].text
    assert "Desde 7 de septiembre, ¿ha tenido algo de esto?" in texts["new_problem"].text
    assert "Dolor de pecho o dificultad para respirar" in texts["advice"].text
    assert "Cómo va" in texts["nights"].text
    of_a_spanish_speaker.refresh_from_db()
    assert of_a_spanish_speaker.response.language == "es"
    assert of_a_spanish_speaker.response.answers["rls_checkin.nights"] == 3


def test_a_second_readers_sign_off_sends_the_draft_in_its_clinic_alone(of_a_spanish_speaker):
    """Content 1.9: Spanish goes out where the clinic's licence register says that a second reader signed it off."""
    assert followup_queries.language_for(of_a_spanish_speaker) == "en"
    signed = {"kind": "wording_review", "instrument": "rls_checkin", "instrument_version": 1, "language": "es"}
    told = {"holder": "Second Reader", "granted_on": make.TODAY, "actor": ADMIN, "now": make.NOW}
    library_actions.record_licence(scope="hillside", **signed, **told)
    assert followup_queries.language_for(of_a_spanish_speaker) == "en"
    row = library_actions.record_licence(scope="riverside", **signed, **told)
    assert followup_queries.language_for(of_a_spanish_speaker) == "es"
    library_actions.revoke_licence(licence=row, reason="A mistake was found.", actor=ADMIN, now=make.NOW)
    assert followup_queries.language_for(of_a_spanish_speaker) == "en"


def test_somebody_elses_words_go_out_in_the_languages_that_are_permitted(at):
    """AP-5, part: a permission for Spanish that is revoked, or for another clinic, leaves English."""
    spanish = sleep().decode().partition("[wording.en]")[2].replace("wording.en", "wording.es")
    reviewed = b'[wording.es]\nreviewed_by = "M. Ruiz"\nreviewed_on = 2026-08-01\n'
    make.instrument(sleep() + reviewed + spanish.lstrip().encode(), holder="A. Holder")
    make.asking("x-sleep")
    user = make.therapist()
    case = make.planned(user, person=make.patient(user, language="es"))
    at(DUE)
    asked = Occurrence.objects.get(chart=case.chart, step="week_6")
    assert followup_queries.languages_for(asked) == ["en", "es"]
    row = Licence.objects.get(instrument="x-sleep", language="es")
    library_actions.revoke_licence(licence=row, reason="It ended.", actor=ADMIN, now=make.NOW)
    assert followup_queries.languages_for(asked) == ["en"]
    assert followup_queries.language_for(asked) == "en"


def test_the_words_around_the_questions_are_spanish_too(of_a_spanish_speaker, draft_wording):
    """Content 8, column ES."""
    phone = Phone()
    phone.start(of_a_spanish_speaker)
    phone.answer_until("review", URGENT)
    phone.page = phone.pages[-1]
    said = {page.key: page.text for page in phone.pages} | {"receipt": phone.press("send").text}
    missing = [(page, words) for page, all_words in AROUND.items() for words in all_words if words not in said[page]]
    assert missing == []


def test_a_refused_page_speaks_spanish(of_a_spanish_speaker, draft_wording):
    phone = Phone()
    phone.start(of_a_spanish_speaker)
    text = phone.answer({}).text
    assert "Please" not in text


def test_without_leave_for_drafts_everything_is_english_and_no_language_is_offered(of_a_spanish_speaker):
    """Content 1, rule 9: draft wording cannot be sent in production."""
    phone = Phone()
    phone.get(link(of_a_spanish_speaker) + "?lang=es")
    phone.press("start")
    phone.get(f"/q/{of_a_spanish_speaker.selector}/?page=nights&lang=es")
    phone.answer_until("review", URGENT)
    phone.press("send")
    for page in phone.pages:
        assert re.search('<html lang="(.*?)"', page.html)[1] == "en"
        assert "Español" not in page.text
        assert "noches" not in page.text
    of_a_spanish_speaker.refresh_from_db()
    assert of_a_spanish_speaker.response.language == "en"


@pytest.mark.parametrize("takes_cookies", [True, False], ids=["cookies", "token path"])
def test_the_language_can_be_changed_on_the_way_and_no_answer_is_lost(asked, draft_wording, takes_cookies):
    phone = Phone(takes_cookies=takes_cookies)
    phone.start(asked)
    phone.answer()
    page = phone.follow("Español")
    assert page.key == "strength"
    assert "¿Qué tan fuerte fue en el peor momento?" in page.text
    assert "¿A" not in phone.answer().text
    assert "¿Más o menos a qué hora empezaba?" in phone.page.text
    page = phone.follow("English")
    assert "At about what time did it usually start?" in page.text
    phone.answer_until("review")
    phone.press("send")
    asked.refresh_from_db()
    assert asked.response.answers["rls_checkin.nights"] == 3
    assert asked.response.language == "en"


def test_the_language_can_be_chosen_on_the_start_page(asked, draft_wording):
    phone = Phone()
    phone.get(link(asked))
    phone.follow("Español")
    assert "le molestaron las piernas" in phone.press("start").text

"""What leaves the house: one recipient, plain text first, and not a word that tells anybody anything."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import getaddresses

import pytest

from clinic.models import Clinic, Patient
from rls_module.followups import actions, emails
from rls_module.followups.models import Delivery, Occurrence
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

NOW = make.NOW
KINDS = [("invite", 1), ("reminder", 1), ("reminder", 2)]

# Words that may stand in no mail; a clinic's own name for mails is exempt.
FORBIDDEN = (
    "legs, restless, RLS, sleep, symptom, pain, needle, needling, fascia, exercise, treatment, therapy, therapist, "
    "patient, diagnosis, health, medicine, iron, piernas, sueño, síntoma, dolor, aguja, ejercicio, tratamiento, "
    "terapia, terapeuta, paciente, diagnóstico, salud, medicina, hierro"
).split(", ")


@pytest.fixture(params=["en", "es"])
def language(request, settings) -> str:
    settings.RLS_MODULE = settings.RLS_MODULE | {"DRAFT_WORDING": True}
    return request.param


def sent(smtp_server, kind: str, ordinal: int, language: str) -> EmailMessage:
    """The mail of one delivery, as the server took it over."""
    [row] = make.queued(1)
    Patient.objects.update(given="Wilhelmina", family="Quartermaine", language=language)
    Delivery.objects.filter(pk=row.pk).update(kind=kind, ordinal=ordinal)
    assert actions.tick(now=NOW) == 1
    [received] = smtp_server.messages
    return received.message


def parts(message: EmailMessage) -> list[tuple[str, str]]:
    """Every header and every part, decoded, with the two tokens of the links taken out: they are random letters."""
    [occurrence] = Occurrence.objects.all()
    tokens = re.compile(re.escape(occurrence.selector) + r"[A-Za-z0-9_-]{43}")
    found = [(name, str(value)) for name, value in message.items()]
    for part in message.walk():
        found += [(f"{part.get_content_type()} {name}", str(value)) for name, value in part.items()]
        if not part.is_multipart():
            found.append((part.get_content_type(), part.get_content()))
    return [(name, tokens.sub("TOKEN", text)) for name, text in found]


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_no_part_of_a_mail_holds_a_forbidden_word(smtp_server, language, kind, ordinal):
    """EM-1: headers, subject, text and HTML, decoded, in both languages."""
    message = sent(smtp_server, kind, ordinal, language)
    held = [(name, word) for name, text in parts(message) for word in FORBIDDEN if word.casefold() in text.casefold()]
    assert held == []


def test_the_list_of_words_finds_what_it_should(smtp_server, settings):
    """EM-1: the test above can fail; in the sender's name and in the clinic's."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"FROM_EMAIL": '"Restless Legs Clinic" <clinic@example.org>'}
    make.clinic()
    Clinic.objects.update(mail_name="Terapia del Sueño")
    message = sent(smtp_server, "invite", 1, "en")
    held = {word for _, text in parts(message) for word in FORBIDDEN if word.casefold() in text.casefold()}
    assert {"restless", "legs", "terapia", "sueño"} <= held


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_no_mail_names_anybody_or_a_day_of_care(smtp_server, language, kind, ordinal):
    """EM-1: no name, no record number, no key, no visit date."""
    message = sent(smtp_server, kind, ordinal, language)
    person = Patient.objects.get()
    canaries = [person.given, person.family, person.record_number, "Dana", "Whitfield", "2026-09-07", "week_6"]
    canaries += [str(Occurrence.objects.get().uuid), str(Occurrence.objects.get().chart.uuid)]
    told = "\n".join(text for name, text in parts(message) if name != "To")
    assert [one for one in canaries if one in told] == []


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_the_text_comes_first_and_html_repeats_it(smtp_server, language, kind, ordinal):
    """EM-2: no image, no style, no script, nothing fetched."""
    message = sent(smtp_server, kind, ordinal, language)
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    markup = html.get_content()
    assert re.findall(r"<(?:img|style|script|link|iframe|object)|style=|src=|url\(", markup) == []
    addresses = set(re.findall(r'href="([^"]+)"', markup))
    assert addresses
    assert all(one.replace("&amp;", "&") in text.get_content() for one in addresses)
    assert f'lang="{language}"' in markup


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_a_mail_has_one_recipient_and_the_headers_of_a_list_that_can_be_left(smtp_server, language, kind, ordinal):
    """EM-3, EM-8: RFC 8058 with one address of its own purpose; no Cc, no Bcc."""
    message = sent(smtp_server, kind, ordinal, language)
    person = Patient.objects.get()
    assert getaddresses([str(message["To"])]) == [("", person.email)]
    assert smtp_server.messages[0].recipients == (person.email,)
    assert (message["Cc"], message["Bcc"], message["Reply-To"]) == (None, None, None)
    assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    [unsubscribe] = message.get_all("List-Unsubscribe")
    links = emails.links_of(Delivery.objects.select_related("occurrence").get())
    assert unsubscribe.strip() == f"<{links.stop}>"  # one long line is folded after its name
    assert re.fullmatch(r"http://testserver/q/u/[A-Za-z0-9_-]{65}/", links.stop)
    assert re.fullmatch(r"http://testserver/q/[A-Za-z0-9_-]{65}/", links.survey)
    assert links.stop.split("/")[-2] != links.survey.split("/")[-2]
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_the_mail_says_until_when_the_link_works_on_the_patients_calendar(smtp_server, kind, ordinal):
    message = sent(smtp_server, kind, ordinal, "en")
    occurrence = Occurrence.objects.get()
    assert occurrence.window_end == NOW + make.days(21)
    assert "Sept. 28, 2026" in message.get_body(("plain",)).get_content()


SUBJECTS = {
    ("en", "invite", 1): "A few questions from Riverside PT",
    ("en", "reminder", 1): "Your form is still open - Riverside PT",
    ("en", "reminder", 2): "Last reminder - Riverside PT",
    ("es", "invite", 1): "Unas preguntas de Riverside PT",
    ("es", "reminder", 1): "Su formulario sigue abierto - Riverside PT",
    ("es", "reminder", 2): "Último recordatorio - Riverside PT",
}


@pytest.mark.parametrize(("kind", "ordinal"), KINDS)
def test_the_subject_is_the_one_of_the_content_page(smtp_server, language, kind, ordinal):
    """EM-1: word for word, in both languages."""
    message = sent(smtp_server, kind, ordinal, language)
    assert str(message["Subject"]) == SUBJECTS[language, kind, ordinal]


def test_wording_that_awaits_its_second_reader_is_not_sent(smtp_server):
    """EM-1: the Spanish of the check-in is a draft, so the mail is English too."""
    message = sent(smtp_server, "invite", 1, "es")
    assert str(message["Subject"]) == SUBJECTS["en", "invite", 1]
    assert Delivery.objects.get().language == "en"


def test_a_message_id_is_of_one_mail_and_says_nothing(smtp_server):
    """EM-5: stable, different for each kind and ordinal, and no key in it."""
    [row] = make.queued(1)
    ids = set()
    for kind, ordinal in KINDS:
        row.kind, row.ordinal = kind, ordinal
        assert emails.message_id(row) == emails.message_id(row)
        assert re.fullmatch(r"<[0-9a-f]{40}@testserver>", emails.message_id(row))
        ids.add(emails.message_id(row))
    assert len(ids) == 3


def test_no_text_of_the_clinic_is_a_template(smtp_server):
    """EM-2: what looks like one stays as it is."""
    make.clinic()
    Clinic.objects.update(mail_name="{{ settings.SECRET_KEY }}{patient.name}")
    message = sent(smtp_server, "invite", 1, "en")
    assert str(message["Subject"]) == "A few questions from {{ settings.SECRET_KEY }}{patient.name}"


def test_a_clinics_name_with_markup_is_text_in_the_html(smtp_server):
    """EM-2: no remote image by way of a name."""
    make.clinic()
    Clinic.objects.update(mail_name='<img src="http://evil.example/x">')
    message = sent(smtp_server, "invite", 1, "en")
    assert "<img" not in message.get_body(("html",)).get_content()


def test_a_clinics_name_with_a_line_break_opens_no_header(smtp_server):
    """EM-3: not sent, or sent without the header; never with it."""
    make.clinic()
    Clinic.objects.update(mail_name="Riverside\r\nBcc: x@evil.example")
    make.queued(1)
    actions.tick(now=NOW)
    for received in smtp_server.messages:
        assert received.message["Bcc"] is None
        assert len(received.recipients) == 1

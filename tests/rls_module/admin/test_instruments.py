"""A clinic admin brings a questionnaire in: looked at first, kept for good, retired; what is wrong is told by place."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rls_module.audit.models import AuditEvent
from rls_module.knowledge.instruments import limits
from rls_module.library.models import ImportedInstrument, Licence
from tests import factories as make
from tests.rls_module.admin.test_admin import lena
from tests.rls_module.host.pages import Page, signed_in
from tests.rls_module.knowledge.instruments.samples import question, questionnaire, sleep

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

LIST = "/admin/rls_module/importedinstrument/"
NEW = f"{LIST}add/"


@pytest.fixture
def client():
    make.clinic()
    return signed_in(lena())


def file(content: bytes, name: str = "sleep.toml") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def test_from_the_file_to_the_protocol(client):
    """AP-5: a file is only ever looked at; its text stands on the page, and what is imported is what was seen."""
    looked = Page(client.post(NEW, {"look": "1"} | file(sleep())))
    assert "How do you sleep?" in looked.words
    assert "Badly" in looked.words
    assert not ImportedInstrument.objects.exists()
    [text] = looked.sends["text"]
    assert "import" in looked.sends, "one look is enough"
    assert client.post(NEW, {"import": "1", "text": text}).status_code == 302
    row = ImportedInstrument.objects.get()
    assert (row.scope, row.key, row.version, row.imported_by_name) == ("riverside", "x-sleep", 1, "Dana Whitfield")
    assert "Sleep" in Page(client.get(LIST)).words
    make.protocol()
    protocol = Page(client.get("/admin/rls_module/protocol/", follow=True))
    assert protocol.words
    event = AuditEvent.objects.get(verb="instrument.import", object_kind="importedinstrument")
    assert event.fields == ["licence", "structure", "wording"]


def test_a_file_is_not_imported_unseen(client):
    assert client.post(NEW, {"import": "1"} | file(sleep())).status_code == 403
    assert not ImportedInstrument.objects.exists()


def test_a_fhir_questionnaire_is_read_as_well(client):
    looked = Page(client.post(NEW, {"look": "1"} | file(questionnaire(question()), "form.json")))
    [text] = looked.sends["text"]
    assert client.post(NEW, {"import": "1", "text": text}).status_code == 302
    assert ImportedInstrument.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The submitted file is empty."),
        (b"   \n", "Choose a file, or paste its text."),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><a>&lol;</a>", "looks like XML or HTML"),
        (b"a: &a [x]\nb: *a\n", "nothing else is read, YAML neither"),
        (b'{"resourceType": "Patient"}', "resourceType"),
        (b"[" * 10_000, "at most 5,000 are read"),
        (b"a = " + b"[" * 4_000, "levels deep"),
        (b'{"a":' * 10_000, "levels deep"),
        (b'key = "sleep"' + sleep()[len(b'key = "x-sleep"') :], "does not begin with 'x-'"),
        (b"x" * (limits.MOST_BYTES + 1), "at most 262,144 are read"),
    ],
)
def test_what_can_not_be_read_is_refused_by_place_and_reason(client, content, words):
    """AP-5: no XML, no YAML, no depth, no size; the answer is a sentence and never a traceback."""
    for deed in ("look", "import"):
        response = client.post(NEW, {deed: "1"} | file(content))
        assert response.status_code in (422, 403)
    assert words in Page(client.post(NEW, {"look": "1"} | file(content))).words
    assert not ImportedInstrument.objects.exists()


def test_words_of_others_need_to_know_who_permits_them(client):
    text = sleep().decode()
    page = Page(client.post(NEW, {"look": "1", "text": text, "holder": "A. Author"}))
    assert "From which day do they permit it?" in page.words
    assert page.sends["text"] == [text.replace("\n", "\r\n")] or page.sends["text"] == [text]
    page = Page(client.post(NEW, {"look": "1", "text": text, "note": "In the safe"}))
    assert "Who permits it?" in page.words
    given = {"holder": "A. Author", "granted_on": "2026-09-01", "note": "In the safe"}
    assert client.post(NEW, {"import": "1", "text": text} | given).status_code == 302
    row = ImportedInstrument.objects.get()
    assert row.is_licensed
    assert Licence.objects.get().holder == "A. Author"
    assert "A. Author" in Page(client.get(f"{LIST}{row.pk}/change/")).words


def test_a_version_that_is_there_is_not_imported_again(client):
    make.instrument()
    page = Page(client.post(NEW, {"import": "1", "text": sleep().decode()}))
    assert "The clinic has version 1 of it already" in page.words
    assert ImportedInstrument.objects.count() == 1


def test_it_is_retired_once_and_with_a_reason(client):
    row = make.instrument()
    address = f"{LIST}{row.pk}/change/"
    assert "Write why." in Page(client.post(address, {"retire": "1"})).words
    assert client.post(address, {"retire": "1", "reason": "Too long."}).status_code == 302
    assert "Too long." in Page(client.get(address)).words
    assert client.post(address, {"retire": "1", "reason": "Again."}).status_code == 403
    assert AuditEvent.objects.filter(verb="instrument.retire", outcome="done", purpose="Too long.").exists()


def test_a_sign_off_of_imported_words_goes_into_the_register(client):
    make.instrument()
    entry = {"kind": "wording_review", "wording": "x-sleep:1", "language": "en", "holder": "M. Ruiz"}
    assert (
        client.post("/admin/rls_module/licence/add/", entry | {"granted_on": "2026-09-01", "record": "1"}).status_code
        == 302
    )


def test_another_clinics_does_not_exist(client):
    """AZ-9, part."""
    make.clinic("hillside")
    row = make.instrument(scope="hillside")
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 404
    assert "x-sleep" not in Page(client.get(LIST)).words

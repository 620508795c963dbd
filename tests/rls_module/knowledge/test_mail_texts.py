"""What a clinic may write into a mail, and how its placeholders are filled."""

from __future__ import annotations

import pytest

from rls_module.knowledge import mail_texts

BODY = "Good evening.\nOpen it: {link}\nStop: {stop_link}"


def kinds(subject: str = "A form", body: str = BODY) -> set[str]:
    return {f"{one.field}.{one.kind}" for one in mail_texts.problems(subject, body)}


def test_plain_words_with_their_links_may_stand():
    assert mail_texts.problems("From {mail_name}", BODY + "\nCall {clinic_phone} until {last_day}.") == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "body.empty"),
        (BODY + "x" * 4000, "body.too_long"),
        (BODY + "\x00", "body.unreadable"),
        (BODY + "{{ settings.SECRET_KEY }}", "body.braces"),
        (BODY + "{% include 'x' %}", "body.braces"),
        (BODY + "{nobody}", "body.braces"),
        (BODY + "\n<b>now</b>", "body.markup"),
        (BODY + "\nhttps://a.example", "body.address"),
        (BODY + "\nwww.example", "body.address"),
        (BODY + "\njavascript:alert(1)", "body.address"),
        ("Stop: {stop_link}", "body.missing"),
        ("Open: {link}", "body.missing"),
        (BODY + "\nAgain: {link}", "body.twice"),
        ("Open {link} now\nStop: {stop_link}", "body.line_end"),
        ("Open: {link} {stop_link}", "body.line_end"),
        (BODY + "\nHow are your legs?", "body.word"),
        (BODY + "\nPoor sleepers write back.", "body.word"),
        (BODY + "\nSus sintomas, por favor.", "body.word"),
    ],
)
def test_everything_else_is_named(body, kind):
    """EM-1, EM-2: the whole list of what may stand in no mail."""
    assert kind in kinds(body=body)


@pytest.mark.parametrize("subject", ["a\nb", "a\r\nBcc: x"])
def test_a_subject_is_one_line(subject):
    """EM-3, part."""
    assert "subject.unreadable" in kinds(subject=subject)


def test_a_link_in_the_subject_is_refused():
    assert "subject.braces" in kinds(subject="Open {link}")


@pytest.mark.parametrize("word", ["Saludos", "elegant", "Painting", "telephone", "legal"])
def test_innocent_words_pass(word):
    assert mail_texts.forbidden_in(word) == ()


@pytest.mark.parametrize("word", ["leg", "Legs", "LEGS", "therapies", "needled", "pacientes", "sintoma"])
def test_the_others_do_not_in_any_form(word):
    assert mail_texts.forbidden_in(word) == (word,)


def test_a_value_is_never_read_as_a_placeholder():
    values = {"mail_name": "{link}", "link": "https://clinic.example/q/x/"}
    assert mail_texts.fill("{mail_name} {nobody}", values) == "{link} {nobody}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Open it: {link}", ("Open it", "link")),
        ("{stop_link}", ("", "stop_link")),
        ("No link here {last_day}", None),
    ],
)
def test_a_line_is_its_words_and_its_link(line, expected):
    assert mail_texts.links_in(line) == expected

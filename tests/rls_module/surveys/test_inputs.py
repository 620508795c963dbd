"""What cannot stand is said in words, and what was typed is still there."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Item, Option
from rls_module.surveys.models import Draft
from tests.rls_module.surveys.phone import Phone

pytestmark = [pytest.mark.both, pytest.mark.django_db]

URLENCODED = "application/x-www-form-urlencoded"

# page, what is sent beside a good answer -> what the page says
REFUSED = [
    ("nights", {"nights": "8"}, "Please choose one of the answers shown."),
    ("nights", {"nights": "-1"}, "Please choose one of the answers shown."),
    ("nights", {"nights": "2.5"}, "Please choose one of the answers shown."),
    ("nights", {"nights": "٣"}, "Please choose one of the answers shown."),
    ("nights", {"nights": "3\x00"}, "Please choose one of the answers shown."),
    ("nights", {"nights": "9" * 5000}, "Please choose one of the answers shown."),
    ("nights", {"nights": ""}, "Please choose an answer."),
    ("strength", {"worst": "11"}, "Please choose one of the answers shown."),
    ("strength", {"worst": "7", "usual": "x"}, "Please choose one of the answers shown."),
    ("start", {"start": "1261"}, "Please choose one of the answers shown."),
    ("places", {"places": ["knee"]}, "Please choose one of the answers shown."),
    ("places", {"places": ["feet", "knee"]}, "Please choose one of the answers shown."),
    ("awake", {"awake": "6"}, "Please choose one of the answers shown."),
    ("activities", {"activity.1": "11"}, "Please choose one of the answers shown."),
    ("new_problem", {"new_problem": ["none", "chest"]}, "“None of these” cannot stand together with another answer."),
    ("medicines", {"med_change": "maybe"}, "Please choose one of the answers shown."),
    ("change", {"change": "8"}, "Please choose one of the answers shown."),
    ("closing", {"call_me": "now"}, "Please choose one of the answers shown."),
]
LONG = "This has {} characters; at most {} fit. Please shorten it. Nothing was cut off."
UNSTORABLE = "This contains characters that cannot be stored. Please type the text again."
# page, the box of words, what is typed into it -> what the page says
REFUSED_TEXTS = [
    ("closing", "comment", "x" * 1001, LONG.format(1001, 1000)),
    ("closing", "comment", "🦓" * 1001, LONG.format(1001, 1000)),
    ("closing", "comment", "one\x00two", UNSTORABLE),
    ("closing", "comment", "one\x1btwo", UNSTORABLE),
    ("closing", "comment", "x" * 60_000, LONG.format(60_000, 1000)),
    ("places", "places.other", "y" * 301, LONG.format(301, 300)),
    ("places", "places.other", "y\x00", UNSTORABLE),
    ("new_problem", "new_problem.other", "z" * 301, LONG.format(301, 300)),
]
STORED = [
    "x" * 1000,
    "Línea uno\nlínea dos",
    "<script>alert(1)</script> & \"quotes\" 'too'",
    "\u202eright to left\u202c \u2066isolated\u2069",
    "e" + "\u0301" * 900,
    "👩‍⚕️ \U0001d4b5 \U0010fffd",
    "'; DROP TABLE rls_module_draft; --",
    "{{ 7 }} {% now %} %s %(x)s",
]
UNREADABLE = {
    "lone surrogate": b"comment=one%ED%A0%80two",
    "latin-1": b"comment=ma%F1ana",
    "overlong": b"comment=%C0%AF",
    "cut off": b"comment=%F0%9F%A6",
}


def on_page(asked, page: str) -> Phone:
    phone = Phone()
    phone.start(asked)
    phone.answer_until(page)
    return phone


@pytest.mark.parametrize(("page", "sent", "said"), REFUSED, ids=[f"{one[0]}-{n}" for n, one in enumerate(REFUSED)])
def test_an_answer_that_is_not_on_the_page_is_refused_in_words_and_not_kept(asked, page, sent, said):
    """F-33 part: 422, no 500."""
    phone = on_page(asked, page)
    kept = Draft.objects.count()
    back = phone.answer(sent)
    assert (back.status, back.key) == (422, page)
    assert said in back.text
    assert "Please look at this again:" in back.text
    assert Draft.objects.count() == kept
    known = {value for values in back.form.offered.values() for value in values}
    for name, value in sent.items():  # what can be shown as picked still is
        for one in [value] if isinstance(value, str) else value:
            assert (f"{name}={one}" in back.picked) == (one in known and one != "")


@pytest.mark.parametrize(
    ("page", "box", "typed", "said"), REFUSED_TEXTS, ids=[f"{one[1]}-{n}" for n, one in enumerate(REFUSED_TEXTS)]
)
def test_words_that_cannot_be_kept_are_refused_and_stand_on_the_page_as_typed(asked, page, box, typed, said):
    """F-33 part, F-34 part: too long, NUL and control characters -> 422; nothing typed is lost or cut."""
    phone = on_page(asked, page)
    kept = Draft.objects.count()
    back = phone.answer({box: typed})
    assert (back.status, back.key) == (422, page)
    assert said in back.text
    assert back.form.fields[box] == [typed]
    assert Draft.objects.count() == kept


@pytest.mark.parametrize("text", STORED)
def test_words_are_stored_and_shown_exactly(asked, text):
    """F-34 part: what can be stored is stored exactly, and no page takes it for markup."""
    phone = on_page(asked, "closing")
    page = phone.answer({"comment": text})
    assert page.key == "review"
    assert "<script>alert" not in page.html
    page = phone.get(f"/q/{asked.selector}/?page=closing")
    assert page.form.fields["comment"] == [text]
    phone.answer({"comment": text.replace("\n", "\r\n")})  # as browsers send line breaks
    phone.press("send")
    asked.refresh_from_db()
    assert asked.response.answers["rls_checkin.comment"] == text


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_bytes_that_are_no_text_are_refused_and_not_stored_as_something_else(asked, body):
    """F-34 part: lone surrogates, overlong UTF-8, latin-1: 422 or stored exactly."""
    phone = on_page(asked, "closing")
    token = phone.page.form.fields["form_token"][0].encode()
    back = phone.post(
        phone.page.url, b"form_token=" + token + b"&seen=comment call_me&" + body, content_type=URLENCODED
    )
    assert (back.status, back.key) == (422, "closing")
    assert not Draft.objects.filter(page="closing").exists()


def test_words_beside_none_are_refused_and_kept_on_the_page(asked):
    """F-33 part: two answers that contradict each other are not chosen between."""
    phone = on_page(asked, "new_problem")
    back = phone.answer({"new_problem": ["none"], "new_problem.other": "A rash."})
    assert back.status == 422
    assert back.form.fields["new_problem.other"] == ["A rash."]
    assert "new_problem=none" in back.picked


def test_words_alone_count_as_the_answer_they_belong_to(asked):
    phone = on_page(asked, "new_problem")
    phone.answer({"new_problem.other": "A rash."})
    answers = Draft.objects.get(page="new_problem").answers
    assert answers == {"new_problem": ["other"], "new_problem.other": "A rash."}


def test_what_the_page_does_not_ask_is_ignored(asked):
    """F-33 part: a page keeps answers to its own questions only."""
    phone = on_page(asked, "nights")
    phone.answer({"nights": "2", "change": "7", "worst": "9", "surprise": "1", "nights.other": "x", "page": "review"})
    assert Draft.objects.get().answers == {"nights": 2}


def test_the_same_option_four_hundred_times_is_once(asked):
    """F-33 part: many answers."""
    phone = on_page(asked, "new_problem")
    phone.answer({"new_problem": ["drive"] * 400})
    assert Draft.objects.get(page="new_problem").answers == {"new_problem": ["drive"]}


@pytest.mark.parametrize(
    "query",
    ["page=%00", "page=%ED%A0%80", "page=nights&lang=%00", "page=" + "x" * 3000, "page=advice&show=%3Cb%3E&then=%00",
     "lang=xx", "t=%F0&page=nights", "page=nights&page=review", "%FF=%FF"],
)  # fmt: skip
def test_an_address_that_was_tampered_with_shows_some_page_and_no_error(asked, query):
    """F-34 part: no 500."""
    phone = on_page(asked, "nights")
    page = phone.get(f"/q/{asked.selector}/?{query}")
    assert page.status == 200
    assert "<b>" not in page.html


@pytest.mark.parametrize("cookie", ["", "x", "en.s.²", "é.é.1.é", "." * 5000, "en.\x01.1.x"])
def test_a_cookie_that_was_tampered_with_opens_nothing(asked, cookie):
    """F-34 part, TK-12 part."""
    phone = on_page(asked, "nights")
    client = phone.client
    client.cookies.clear()
    response = client.get(f"/q/{asked.selector}/", headers={"Cookie": f"rls_s_{asked.selector}={cookie}"})
    assert response.status_code == 404


@pytest.mark.parametrize(("length", "status"), [(64 * 1024, 422), (64 * 1024 + 1, 413)])
def test_a_body_has_64_kib_at_most(asked, length, status):
    """DI-8: to the byte; refused as a whole, nothing of it is kept."""
    phone = on_page(asked, "closing")
    kept = Draft.objects.count()
    start = f"form_token={phone.page.form.fields['form_token'][0]}&call_me=no&comment="
    back = phone.client.post(phone.page.url, start + "x" * (length - len(start)), content_type=URLENCODED)
    assert back.status_code == status
    assert Draft.objects.count() == kept


@pytest.mark.parametrize(("count", "status"), [(200, 303), (201, 413)])
def test_a_page_has_200_answers_at_most(asked, count, status):
    """DI-8: beside what the form itself sends."""
    phone = on_page(asked, "nights")
    sent = phone.page.form.fields | {"do": "next", "nights": "2"} | {f"more{n}": "1" for n in range(count - 1)}
    assert phone.client.post(phone.page.url, sent).status_code == status
    assert Draft.objects.exists() is (status == 303)


@pytest.mark.parametrize(("length", "wrong"), [(4000, None), (4001, "too_long")])
def test_a_text_has_4000_code_points_at_most_and_is_never_cut(length, wrong):
    """DI-8: the most that an instrument may allow, counted in code points; more than that no instrument can say."""
    assert branching.text_problem("\U0001f9b5" * length, max_length=4000) == wrong
    with pytest.raises(ValidationError, match="4000"):
        Option(key="other", max_length=4001)
    with pytest.raises(ValidationError, match="4000"):
        Item(key="comment", kind="text", page="closing", max_length=4001)


def test_names_that_look_nested_are_one_flat_name(asked):
    """DI-8: what a form sends has no depth, however its names are written."""
    phone = on_page(asked, "nights")
    phone.answer({"nights": "2", "nights" + "[a]" * 6: "9"})
    assert Draft.objects.get().answers == {"nights": 2}

"""Questions as forms: what a browser sends becomes the answers that are stored, or a sentence about why not."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from rls_module import questionnaire
from rls_module.knowledge.instruments import branching, importing, loading
from tests.rls_module.knowledge.examples import FULL, quick, sittings
from tests.rls_module.knowledge.instruments.samples import mixed

CHECKIN = loading.shipped("rls_checkin")
SCREEN = loading.shipped("rls_screen")
OPEN = {"nights": 3, "home_days": 1, "med_change": "yes"}  # answers that open every branch
EVERY = {one.name: one for one in branching.questions(CHECKIN, answers=OPEN, facts=FULL, phase="followup")}


def form(*names: str, data: str | None = None, language: str = "en", **more: Any) -> questionnaire.QuestionForm:
    asked = [EVERY[name] for name in names]
    sent = None if data is None else QueryDict(data)
    return questionnaire.form_for(asked, words=CHECKIN.words(language), data=sent, **more)


def answers(*names: str, data: str) -> dict[str, object]:
    filled = form(*names, data=data)
    assert filled.is_valid(), filled.errors
    return questionnaire.answers_from(filled)


def codes(*names: str, data: str) -> dict[str, list[str]]:
    filled = form(*names, data=data)
    return {name: [one["code"] for one in found] for name, found in filled.errors.get_json_data().items()}


class Browser(HTMLParser):
    """What a browser would send of a page, and the ids and references on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent = QueryDict(mutable=True)
        self.ids: list[str] = []
        self.references: set[str] = set()
        self._name = ""
        self._text: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(found["id"])
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            self.references |= set((found.get(attribute) or "").split())
        if tag == "input" and (found["type"] not in ("radio", "checkbox") or "checked" in found):
            self.sent.appendlist(found["name"], found["value"])
        if tag in ("select", "textarea"):
            self._name = found["name"]
        if tag == "textarea":
            self._text = ""
        if tag == "option" and "selected" in found:
            self.sent.appendlist(self._name, found["value"])

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            # A browser drops the line break after the tag and sends the others as two characters.
            self.sent.appendlist(self._name, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._text = None


def page(shown: tuple[questionnaire.Shown, ...]) -> str:
    return "".join(render_to_string("rls_module/partials/question.html", {"question": one}) for one in shown)


@pytest.mark.parametrize(
    ("name", "data", "stored"),
    [
        ("nights", "nights=0", {"nights": 0}),
        ("nights", "nights=7", {"nights": 7}),
        ("usual", "usual=10", {"usual": 10}),
        ("usual", "usual=", {}),
        ("usual", "", {}),
        ("start", "start=1140", {"start": 1140}),
        ("start", "start=0", {"start": 0}),
        ("start", "start=woke", {"start": "woke"}),
        ("start", "start=", {}),
        ("awake", "awake=0", {"awake": 0}),
        ("med_change", "med_change=unsure", {"med_change": "unsure"}),
        ("places", "places=arms&places=feet", {"places": ["feet", "arms"]}),
        ("places", "places=other", {"places": ["other"]}),
        ("places", "places=other&places.other=left+ear", {"places": ["other"], "places.other": "left ear"}),
        ("new_problem", "new_problem=none", {"new_problem": ["none"]}),
        ("activity.2", "activity.2=4", {"activity.2": 4}),
        ("comment", "comment=+two%0D%0Alines%0D+", {"comment": "two\nlines"}),
        ("comment", "comment=+%0A+", {}),
        ("comment", "comment=%C2%BFs%C3%AD%3F+%F0%9F%99%82", {"comment": "¿sí? 🙂"}),
    ],
)
def test_what_a_browser_sends_becomes_the_stored_answer(name, data, stored):
    assert answers(name, data=data) == stored


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("nights", "", {"nights": ["required"]}),
        ("nights", "nights=+", {"nights": ["wrong_type"]}),
        ("nights", "nights=8", {"nights": ["wrong_type"]}),
        ("nights", "nights=03", {"nights": ["wrong_type"]}),
        ("nights", "nights=%D9%A3", {"nights": ["wrong_type"]}),  # an Arabic three
        ("start", "start=1141", {"start": ["bad_option"]}),
        ("awake", "awake=9", {"awake": ["bad_option"]}),
        ("places", "places=feet&places=wings", {"places": ["bad_option"]}),
        ("new_problem", "new_problem=", {"new_problem": ["required"]}),
        ("new_problem", "", {"new_problem": ["required"]}),
        ("new_problem", "new_problem=none&new_problem=calf", {"new_problem": ["exclusive"]}),
        ("comment", "comment=a%00b", {"comment": ["control_char"]}),
        ("comment", "comment=a%1Bb", {"comment": ["control_char"]}),
        ("comment", "comment=at+the+end%1F", {"comment": ["control_char"]}),
        ("comment", "comment=" + "x" * 1001, {"comment": ["too_long"]}),
        ("places", "places=other&places.other=a%07b", {"places.other": ["control_char"]}),
        ("places", "places=other&places.other=" + "x" * 4001, {"places.other": ["too_long"]}),
    ],
)
def test_what_cannot_stand_is_refused_at_its_question(name, data, problem):
    assert codes(name, data=data) == problem


def test_half_of_a_character_is_refused():
    broken = questionnaire.form_for([EVERY["comment"]], words=CHECKIN.words("en"), data={"comment": "a\ud83d"})
    assert "cannot be stored" in str(broken.errors["comment"])


def test_a_text_at_its_limit_is_stored_whole():
    assert answers("comment", data="comment=" + "x" * 1000) == {"comment": "x" * 1000}


def test_a_line_break_counts_as_one_character():
    assert answers("comment", data="comment=" + "x" * 998 + "%0D%0Ay") == {"comment": "x" * 998 + "\ny"}


def test_a_text_that_is_too_long_comes_back_whole_with_its_length():
    filled = form("comment", data="comment=" + "x" * 1200)
    [shown] = filled.shown
    assert shown.value == "x" * 1200
    assert "1200" in shown.error
    assert "1000" in shown.error


def test_words_for_something_else_count_as_picking_it():
    assert answers("places", data="places=feet&places.other=left+ear") == {
        "places": ["feet", "other"],
        "places.other": "left ear",
    }


def test_words_for_something_else_answer_a_required_question():
    assert answers("new_problem", data="new_problem.other=itching") == {
        "new_problem": ["other"],
        "new_problem.other": "itching",
    }


def test_words_for_something_else_cannot_stand_beside_none_of_these():
    assert codes("new_problem", data="new_problem=none&new_problem.other=itching") == {"new_problem": ["exclusive"]}


def test_what_is_not_asked_is_ignored():
    assert answers("nights", data="nights=2&worst=9&comment=hello&page=x&token=y") == {"nights": 2}


def test_a_form_with_errors_still_gives_the_answers_that_stand():
    filled = form("worst", "usual", data="usual=4")
    assert not filled.is_valid()
    assert questionnaire.answers_from(filled) == {"usual": 4}


def test_nothing_is_picked_before_the_patient_picks():
    assert Browser(page(form(*EVERY).shown)).sent.dict() == dict.fromkeys(
        ("places.other", "home_barrier.other", "new_problem.other", "med_what", "comment"), ""
    )


def test_forms_with_different_prefixes_share_a_page():
    first = form("nights", data="a-nights=1&b-nights=5", prefix="a")
    second = form("nights", data="a-nights=1&b-nights=5", prefix="b")
    assert first.is_valid()
    assert second.is_valid()
    assert [questionnaire.answers_from(one) for one in (first, second)] == [{"nights": 1}, {"nights": 5}]
    assert not set(Browser(page(first.shown)).ids) & set(Browser(page(second.shown)).ids)


def test_the_words_are_those_of_the_language_with_the_piped_names_filled_in():
    english, spanish = form("activity.2").shown[0], form("activity.2", language="es").shown[0]
    assert english.text == "How well can you do this now: dinner with {friends}?"
    assert spanish.text == "¿Qué tan bien puede hacer esto ahora: dinner with {friends}?"
    assert (spanish.low_end, spanish.high_end) == ("0 = no puedo hacerlo", "10 = las piernas no me estorban")


def test_a_question_without_its_piped_words_is_never_shown_with_a_hole():
    [question] = [
        one for one in branching.questions(CHECKIN, answers={}, facts={}, phase="followup") if one.name == "new_problem"
    ]
    with pytest.raises(ValueError, match="new_problem"):
        questionnaire.shown([question], words=CHECKIN.words("en"))


def test_an_instrument_may_bring_its_own_words_for_a_problem():
    words = CHECKIN.words("es").model_copy(update={"messages": {"required": "Elija una respuesta."}})
    filled = questionnaire.form_for([EVERY["nights"]], words=words, data=QueryDict(""))
    assert filled.problems == (
        questionnaire.Target(
            "id_nights_0", "Elija una respuesta.", "De las últimas 7 noches, ¿en cuántas le molestaron las piernas?"
        ),
    )


def test_a_patient_s_words_are_escaped():
    shown = form("comment", "places", data='comment=<b>&places=other&places.other="><script>').shown
    assert "<b>" not in page(shown)
    assert "<script>" not in page(shown)


@pytest.mark.parametrize("data", [None, "", "nights=99&comment=a%00b&places=other&places.other=a%00b&start=5"])
def test_every_reference_on_the_page_leads_to_one_control(data):
    filled = form(*EVERY, data=data)
    seen = Browser(page(filled.shown))
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.references <= set(seen.ids)
    assert {target.target for target in filled.problems} <= set(seen.ids)
    assert len(filled.problems) == len(filled.errors)


def test_headed_groups_keep_the_order_of_the_instrument():
    [shown] = form("new_problem").shown
    assert [choice.value for choice in shown.choices] == [o.name for o in EVERY["new_problem"].item.options]
    assert [group.label for group in shown.groups if group.label] == list(CHECKIN.words("en").groups.values())


def in_the_order_of_the_options(instrument, stored):
    kinds = {item.key: item for item in instrument.items}
    return {
        name: [o.key for o in kinds[name].options if o.key in value] if isinstance(value, list) else value
        for name, value in stored.items()
    }


@pytest.mark.parametrize("instrument", [CHECKIN, SCREEN], ids=lambda one: one.key)
@pytest.mark.parametrize("prefix", [None, "p"])
@quick
@given(data=st.data())
def test_stored_answers_survive_the_page_and_the_browser(instrument, prefix, data):
    stored, facts, phase = data.draw(sittings(instrument))
    asked = branching.questions(instrument, answers=stored, facts=facts, phase=phase)
    words = instrument.words("en")
    first = questionnaire.form_for(asked, words=words, initial=stored, prefix=prefix)
    again = questionnaire.form_for(asked, words=words, data=Browser(page(first.shown)).sent, prefix=prefix)
    assert again.is_valid(), again.errors
    assert questionnaire.answers_from(again) == in_the_order_of_the_options(instrument, stored)
    assert questionnaire.shown(asked, words=words, answers=stored, prefix=prefix) == first.shown


texts = st.text(max_size=12) | st.sampled_from(
    ["none", "other", "feet", "0", "7", "10", "1140", "woke", "yes", "\x00", "\ud800"]
)


@quick
@given(
    sent=st.dictionaries(
        st.sampled_from([*EVERY, "places.other", "new_problem.other"]), texts | st.lists(texts, max_size=3)
    )
)
def test_what_the_form_lets_through_stands_for_the_instrument_too(sent):
    filled = questionnaire.form_for(EVERY.values(), words=CHECKIN.words("en"), data=sent)
    filled.is_valid()
    given_answers = questionnaire.answers_from(filled)
    found = branching.check(
        CHECKIN,
        answers=given_answers | {k: v for k, v in OPEN.items() if k not in given_answers},
        facts=FULL,
        phase="followup",
    )
    assert {name: code for name, code in found.items() if code not in ("required", "not_asked")} == {}


MIXED = importing.read(mixed(), file="in.json", skeletons={}).instrument
TYPED = {
    "coffee": 3, "dose": 7.5, "since": "2026-02-03", "asleep": "23:30", "last_cup": "2026-10-18T16:05",
    "helps": ["A walk", "Cold <water>"], "page": "https://example.org/?a=1&b=2", "weight": 71.25,
}  # fmt: skip


def typed(**changes: Any) -> tuple[branching.Question, ...]:
    return branching.questions(MIXED, answers={**TYPED, **changes}, facts={}, phase="followup")


def sent(data: str) -> questionnaire.QuestionForm:
    return questionnaire.form_for(typed(), words=MIXED.words("en"), data=QueryDict(data))


def test_what_is_typed_survives_the_page_and_the_browser():
    first = questionnaire.form_for(typed(), words=MIXED.words("en"), initial=TYPED)
    seen = Browser(page(first.shown))
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.references <= set(seen.ids)
    again = questionnaire.form_for(typed(), words=MIXED.words("en"), data=seen.sent)
    assert again.is_valid(), again.errors
    assert questionnaire.answers_from(again) == TYPED


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ("coffee=3&dose=7%2C5", {"coffee": 3, "dose": 7.5}),
        ("coffee=3&last_cup=2026-10-18T16:05:00", {"coffee": 3, "last_cup": "2026-10-18T16:05"}),
        ("coffee=3&asleep=23:30:00.000", {"coffee": 3, "asleep": "23:30"}),
        ("coffee=3&helps=&helps=+one+&helps=", {"coffee": 3, "helps": ["one"]}),
        ("coffee=0", {"coffee": 0}),
    ],
)
def test_what_a_browser_sends_of_what_is_typed_becomes_the_stored_answer(data, stored):
    filled = sent(data)
    assert filled.is_valid(), filled.errors
    assert questionnaire.answers_from(filled) == stored


@pytest.mark.parametrize(
    ("data", "name", "said", "target"),
    [
        ("coffee=x", "coffee", "Please write a number.", "id_coffee"),
        ("coffee=-1", "coffee", "Please write 0 or more.", "id_coffee"),
        ("coffee=99999999999", "coffee", "Please write a number.", "id_coffee"),
        ("coffee=1&dose=1.25", "dose", "Digits after the point: at most 1.", "id_dose"),
        ("coffee=1&since=2019-01-01", "since", "Please write Jan. 1, 2020 or later.", "id_since"),
        (
            "coffee=1&last_cup=2026-10-18",
            "last_cup",
            "Please write a day and a time, as 2026-03-01T22:30.",
            "id_last_cup",
        ),
        ("coffee=1&page=example.org", "page", "Please write a whole web address, as https://example.org.", "id_page"),
        ("coffee=1" + "&helps=a" * 6, "helps", "Please write at most 5 answers.", "id_helps_0"),
        ("coffee=1&helps=ok&helps=" + "a" * 301, "helps", "This has 301 characters; at most 300 fit.", "id_helps_0"),
    ],
)
def test_what_was_typed_and_cannot_stand_is_told_with_what_can(data, name, said, target):
    filled = sent(data)
    assert not filled.is_valid()
    assert str(filled.errors[name][0]).startswith(said)
    assert target in [problem.target for problem in filled.problems]
    assert target in Browser(page(filled.shown)).ids


def test_what_was_typed_is_escaped_and_comes_back_as_it_was():
    shown = page(sent("coffee=%22%3E%3Cb%3E&helps=%3Cscript%3E").shown)
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert Browser(shown).sent["coffee"] == '"><b>'


def test_words_to_read_have_no_control():
    read_only = [one for one in questionnaire.shown(typed(), words=MIXED.words("en")) if one.kind == "info"]
    assert [one.text for one in read_only] == ["About your nights", "Three cups or more are many."]
    assert Browser(page(tuple(read_only))).ids == []


def test_what_an_instrument_fills_in_stands_there_until_the_page_was_answered():
    first = Browser(page(questionnaire.shown(typed(), words=MIXED.words("en"))))
    assert first.sent["asleep"] == "23:00"
    later = Browser(page(questionnaire.shown(typed(), words=MIXED.words("en"), answers={"coffee": 1})))
    assert later.sent["asleep"] == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dose", "7.5 mg"), ("since", "Feb. 3, 2026"), ("asleep", "23:30"), ("last_cup", "Oct. 18, 2026 16:05"),
        ("helps", "A walk, Cold <water>"), ("weight", "71.25"), ("coffee", "3"),
    ],
)  # fmt: skip
def test_an_answer_reads_as_people_write_it(name, said):
    found = questionnaire.in_words(MIXED.item(name), MIXED.words("en").items[name], TYPED[name])
    assert found == said

"""A FHIR R4 Questionnaire says the same here as there, or is refused; what our own say goes out and comes back."""

from __future__ import annotations

import json

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import fhir, loading
from tests.rls_module.knowledge.instruments.samples import codes, number, question, questionnaire, read, when

BASE = "http://hl7.org/fhir/StructureDefinition/"
ORDINAL = {"url": f"{BASE}ordinalValue", "valueDecimal": 2.0}
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
ALONE = {"url": f"{BASE}questionnaire-optionExclusive", "valueBoolean": True}


def control(code: str) -> dict:
    return {
        "url": f"{BASE}questionnaire-itemControl",
        "valueCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]
        },
    }


def text(link: str, said: str, code: str = "") -> dict:
    return {"linkId": link, "type": "display", "text": said, **({"extension": [control(code)]} if code else {})}


def instrument(*items, **more):
    return read(questionnaire(*items, **more), file="in.json").instrument


def one(item):
    found = instrument(item)
    return found.items[0], found.words("en").items[found.items[0].key]


def refusal(*items, **more) -> tuple[str, str]:
    with pytest.raises(KnowledgeError) as caught:
        instrument(*items, **more)
    return caught.value.path, caught.value.reason


# --- Types


def test_yes_and_no_are_a_choice():
    item, words = one(question(required=True))
    assert (item.kind, item.required, words.options) == ("choice", True, {"yes": "Yes", "no": "No"})


def test_a_choice_keeps_its_codes_words_and_worth():
    options = [{**codes("la-1")[0], "extension": [ORDINAL]}, {"valueInteger": 3}, {"valueString": "Never <i>mind</i>"}]
    item, words = one(question(kind="choice", answerOption=options))
    assert [(option.key, option.weight) for option in item.options] == [("la-1", 2), (3, None), ("o3", None)]
    assert words.options == {"la-1": "La-1", "3": "3", "o3": "Never <i>mind</i>"}


def test_a_choice_that_repeats_takes_several_and_may_have_one_that_stands_alone():
    options = [*codes("feet", "arms"), {"valueCoding": {"code": "none", "display": "None", "extension": [ALONE]}}]
    item, _words = one(question(kind="open-choice", repeats=True, answerOption=options))
    assert item.kind == "multi"
    assert [option.key for option in item.options] == ["feet", "arms", "other", "none"]
    assert item.options[2].max_length == 300
    assert item.options[3].exclusive


def test_numbers_between_two_bounds_are_counted_and_a_slider_is_a_scale():
    item, _ = one(question(kind="integer", extension=number(0, 7)))
    assert (item.kind, item.min, item.max) == ("count", 0, 7)
    ends = [text("l", "None", "lower"), text("u", "Worst", "upper"), text("h", "Tonight", "help"), text("n", "Note")]
    item, words = one(question(kind="integer", extension=number(0, 10, control("slider")), item=ends))
    assert item.kind == "scale"
    assert (words.low, words.high, words.hint, words.note) == ("None", "Worst", "Tonight", "Note")


@pytest.mark.parametrize(("kind", "length"), [("string", 300), ("text", 2000)])
def test_texts(kind, length):
    assert one(question(kind=kind))[0].max_length == length
    assert one(question(kind=kind, maxLength=40))[0].max_length == 40


def test_groups_are_pages_and_what_stands_alone_is_a_page_of_its_own():
    group = {"linkId": "g", "type": "group", "text": "<b>Nights</b>", "item": [question("1.1"), question("1.2")]}
    found = read(questionnaire(text("t", "Welcome."), group, question("last"), text("end", "<script>")), file="in.json")
    assert found.instrument.pages == ("g", "last")
    assert [(item.key, item.page) for item in found.instrument.items] == [
        ("q1_1", "g"), ("q1_2", "g"), ("last", "last"),
    ]  # fmt: skip
    assert found.instrument.words("en").introduction == "Welcome."
    assert found.remarks[:2] == (
        "The heading of item g is not shown to patients: “<b>Nights</b>”",
        "The text of item end is not shown to patients: “<script>”",
    )


@pytest.mark.parametrize(
    "kind", ["decimal", "date", "dateTime", "time", "url", "attachment", "reference", "quantity", "coding"]
)
def test_types_without_a_counterpart_are_refused(kind):
    assert refusal(question(kind=kind)) == ("item.q1", f"is of the type {kind!r}, which is not read")


# --- Conditions


BEFORE = {
    "choice": question("a", "choice", answerOption=codes("x", "y", "z")),
    "multi": question("a", "choice", repeats=True, answerOption=codes("x", "y", "z")),
    "number": question("a", "integer", extension=number(0, 4)),
    "yes": question("a"),
}
X, Y = {"answerCoding": {"code": "x"}}, {"answerCoding": {"code": "y"}}


@pytest.mark.parametrize(
    ("before", "conditions", "behavior", "form"),
    [
        ("choice", [when("a", **X)], None, {"any_of": ("x",)}),
        ("choice", [when("a", "!=", **X)], None, {"none_of": ("x",)}),
        ("choice", [when("a", **X), when("a", **Y)], "any", {"any_of": ("x", "y")}),
        ("multi", [when("a", "!=", **X), when("a", "!=", **Y)], "all", {"none_of": ("x", "y")}),
        ("choice", [when("a", "exists", answerBoolean=True)], None, {"any_of": ("x", "y", "z")}),
        ("choice", [when("a", "exists", answerBoolean=False)], None, {"none_of": ("x", "y", "z")}),
        ("number", [when("a", ">", answerInteger=2)], None, {"any_of": (3, 4)}),
        ("number", [when("a", ">=", answerInteger=1), when("a", "<", answerInteger=3)], "all", {"any_of": (1, 2)}),
        ("yes", [when("a", answerBoolean=True)], None, {"any_of": ("yes",)}),
    ],
)
def test_a_condition_says_the_same_here(before, conditions, behavior, form):
    last = question("b", enableWhen=conditions, **({"enableBehavior": behavior} if behavior else {}))
    asked_if = instrument(BEFORE[before], last).item("b").show_if
    assert asked_if.model_dump(include={"item", *form}) == {"item": "a", **form}


def test_the_condition_of_a_group_is_that_of_each_question_in_it():
    group = {"linkId": "g", "type": "group", "enableWhen": [when("a", **X)], "item": [question("b"), question("c")]}
    found = instrument(BEFORE["choice"], group)
    assert [found.item(key).show_if.any_of for key in "bc"] == [("x",), ("x",)]


CYCLE = (
    question("a", enableWhen=[when("b", answerBoolean=True)]),
    question("b", enableWhen=[when("a", answerBoolean=True)]),
)


@pytest.mark.parametrize(
    ("items", "path", "reason"),
    [
        (CYCLE, "item.a", "waits for 'b', which is not a question before it"),
        ((question("a", enableWhen=[when("a", answerBoolean=True)]),), "item.a", "not a question before it"),
        (
            (question("a", "text"), question("b", enableWhen=[when("a", "exists", answerBoolean=True)])),
            "item.b",
            "is a text",
        ),
        (
            (
                BEFORE["choice"],
                question("c"),
                question("b", enableBehavior="any", enableWhen=[when("a", **X), when("c", answerBoolean=True)]),
            ),
            "item.b",
            "several questions",
        ),
        ((BEFORE["choice"], question("b", enableWhen=[when("a", **X), when("a", **Y)])), "item.b", "no enableBehavior"),
        (
            (BEFORE["multi"], question("b", enableBehavior="all", enableWhen=[when("a", **X), when("a", **Y)])),
            "item.b",
            "mixes conditions",
        ),
        ((BEFORE["number"], question("b", enableWhen=[when("a", ">", answerInteger=9)])), "item.b", "always or never"),
        ((BEFORE["choice"], question("b", enableWhen=[when("a", ">", answerInteger=1)])), "item.b", "no whole number"),
        (
            (BEFORE["choice"], question("b", enableWhen=[when("a", answerCoding={"code": "q"})])),
            "item.b",
            "is no answer to 'a'",
        ),
        (
            (BEFORE["yes"], question("b", enableWhen=[when("a", answerDate="2026-01-01")])),
            "item.b",
            "no coding, whole number",
        ),
        (
            (BEFORE["yes"], question("b", enableWhen=[when("a", "~", answerBoolean=True)])),
            "item.b.enableWhen.0.operator",
            "'exists'",
        ),
        ((question("a"), question("a")), "item.a", "has the linkId of another page"),
        (
            ({"linkId": "g", "type": "group", "item": [question("a"), question("a")]},),
            "item.a",
            "has the linkId of another item",
        ),
        ((question("1.2"), question("1/2")), "item.1/2", "has the linkId of another page"),
        (
            ({"linkId": "g", "type": "group", "item": [{"linkId": "h", "type": "group"}]},),
            "item.h",
            "is a group in a group",
        ),
        (({"linkId": "g", "type": "group", "repeats": True, "item": [question()]},), "item.g", "several times"),
        ((question(item=[question("q2")]),), "item.q2", "is asked below another question"),
        ((question(kind="choice", answerValueSet="http://example.org/vs"),), "item.q1", "value set"),
        ((question(kind="choice"),), "item.q1", "has no answerOption"),
        ((question(kind="choice", answerOption=codes("a", "a")),), "item.q1", "two answers with the code 'a'"),
        (
            (question(kind="choice", answerOption=[{"valueDate": "2026-01-01"}]),),
            "item.q1",
            "no coding, text or number",
        ),
        (
            (
                question(
                    kind="choice", answerOption=[{**codes("a")[0], "extension": [ORDINAL | {"valueDecimal": 1.5}]}]
                ),
            ),
            "item.q1",
            "worth 1.5",
        ),
        ((question(kind="open-choice", answerOption=codes("other")),), "item.q1", "of its own"),
        ((question(kind="integer"),), "item.q1", "without minValue and maxValue"),
        ((question(kind="integer", extension=number(0, 9, control("slider"))),), "item.q1", "both of its ends"),
        ((question(kind="text", repeats=True),), "item.q1", "several times"),
        ((question(initial=[{"valueBoolean": True}]),), "item.q1.initial", "changes what is asked"),
        ((question(readOnly=True),), "item.q1.readOnly", "changes what is asked"),
        ((question(modifierExtension=[{"url": "u"}]),), "item.q1.modifierExtension", "changes what is asked"),
        (
            (question(extension=[{"url": f"{BASE}questionnaire-hidden", "valueBoolean": True}]),),
            "item q1",
            "depends on the extension",
        ),
        ((question(extension=[{"url": SDC}]),), "item q1", "depends on the extension"),
        ((question(enableWhne=[]),), "item.q1.enableWhne", "is not a known key here"),
        (({"linkId": "q", "type": "boolean"},), "item.q", "has no text"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_item(items, path, reason):
    """AP-5: cycles, duplicates, unknown keys, conditions with no counterpart, what changes a question's meaning."""
    where, why = refusal(*items)
    assert where == path
    assert reason in why


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"version": "2.71"}, "version", "'2.71' is not a whole number, as 1"),
        ({"version": "\u0661"}, "version", "is not a whole number"),
        ({"language": "es"}, "language", "further languages come by TOML"),
        ({"status": "draft"}, "status", "'active'"),
        ({"name": "", "id": "--"}, "name", "is missing"),
        ({"contained": [{}]}, "contained", "changes what is asked"),
        ({"colour": "red"}, "colour", "is not a known key here"),
        ({"item": []}, "item", "at least 1"),
    ],
)
def test_a_questionnaire_as_a_whole(more, path, reason):
    where, why = refusal(**more)
    assert where == path
    assert reason in why


def test_where_it_comes_from_is_kept():
    found = instrument(copyright="© Somebody", publisher="Somebody", name="SleepScale v2", version="3")
    assert (found.key, found.version, found.licence, found.source) == ("x-sleepscale_v2", 3, "© Somebody", "Somebody")


def test_additions_to_words_are_dropped_and_other_extensions_named():
    found = read(
        questionnaire(question(_text={"extension": []}, extension=[{"url": "http://example.org/<x>"}])), file="in.json"
    )
    assert found.remarks[0] == "An extension of item q1 is not read: http://example.org/<x>"


# --- Out, and in again


def test_our_screen_goes_out_and_comes_back():
    ours = loading.shipped("rls_screen")
    written = fhir.write(ours, "en")
    back = read(json.dumps(written.resource).encode(), file="out.json").instrument
    assert (back.key, back.version) == ("x-rls_screen", 1)
    assert [item.key for item in back.items] == [item.key for item in ours.items]
    for item in ours.items:
        mine, theirs = back.item(item.key), ours.words("en").items[item.key]
        assert [option.name for option in mine.options] == [option.name for option in item.options]
        assert (mine.show_if, mine.required) == (item.show_if, item.required)
        words = back.words("en").items[item.key]
        assert (words.text, words.hint, words.options) == (theirs.text, theirs.hint, theirs.options)
    assert back.words("en").introduction == ours.words("en").introduction
    assert written.left_out[0].startswith("the essential criterion it speaks to: s1_urge")


def test_the_check_in_goes_out_and_what_the_chart_decides_on_is_marked():
    """A system that does not know the fact must not ask: a modifierExtension may not be passed over."""
    ours = loading.shipped("rls_checkin")
    written = fhir.write(ours, "es")
    items = {item["linkId"]: item for page in written.resource["item"] if "item" in page for item in page["item"]}
    assert set(items) == {item.key for item in ours.items}
    assert items["home_days"]["modifierExtension"][0]["valueString"] == "home_programme"
    assert items["worst"]["item"][0]["text"] == ours.words("es").items["worst"].low
    with pytest.raises(KnowledgeError, match="modifierExtension: changes what is asked"):
        read(json.dumps({**written.resource, "language": "en"}).encode())


def test_a_language_it_does_not_have_cannot_be_written():
    with pytest.raises(KeyError):
        fhir.write(loading.shipped("rls_screen"), "fr")

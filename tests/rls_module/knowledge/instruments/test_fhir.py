"""A FHIR R4 Questionnaire says the same here as there, or is refused; what our own say goes out and comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import fhir, loading, writing
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
    assert [(item.key, item.kind, item.page) for item in found.instrument.items] == [
        ("g", "info", "g"), ("q1_1", "choice", "g"), ("q1_2", "choice", "g"), ("last", "choice", "last"),
        ("end", "info", "last"),
    ]  # fmt: skip
    words = found.instrument.words("en").items
    assert (words["g"].text, words["end"].text) == ("<b>Nights</b>", "<script>")
    assert found.instrument.words("en").introduction == "Welcome."


@pytest.mark.parametrize("kind", ["attachment", "reference", "coding", "question", "nonsense"])
def test_types_without_a_counterpart_are_refused(kind):
    assert refusal(question(kind=kind)) == ("item.q1", f"is of the type {kind!r}, which is not read")


def value(url: str, **said: Any) -> dict[str, Any]:
    return {"url": f"{BASE}{url}", **said}


UNIT = value("questionnaire-unit", valueCoding={"code": "mg", "display": "milligrams"})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (question(kind="integer"), {"kind": "number"}),
        (question(kind="integer", extension=number(0, 500)), {"kind": "number", "min": 0, "max": 500}),
        (question(kind="integer", extension=[value("minValue", valueInteger=1)]), {"kind": "number", "min": 1}),
        (question(kind="decimal"), {"kind": "number", "decimals": 6}),
        (
            question(
                kind="decimal",
                extension=[value("maxValue", valueDecimal=9.5), value("maxDecimalPlaces", valueInteger=1)],
            ),
            {"kind": "number", "max": 9.5, "decimals": 1},
        ),
        (question(kind="quantity", extension=[UNIT]), {"kind": "number", "decimals": 6}),
        (
            question(kind="date", extension=[value("minValue", valueDate="2026-01-01")]),
            {"kind": "date", "min": "2026-01-01"},
        ),
        (question(kind="time", extension=[value("maxValue", valueTime="22:30:00")]), {"kind": "time", "max": "22:30"}),
        (question(kind="dateTime"), {"kind": "moment"}),
        (question(kind="url"), {"kind": "url", "max_length": 2000}),
        (question(kind="string", repeats=True), {"kind": "text", "max_length": 300, "several": True}),
        (question(kind="integer", repeats=True, extension=number(0, 4)), {"kind": "number", "min": 0, "max": 4}),
        (question(initial=[{"valueBoolean": False}]), {"initial": ("no",)}),
        (question(kind="decimal", initial=[{"valueDecimal": 1.5}]), {"initial": (1.5,)}),
        (question(kind="date", initial=[{"valueDate": "2026-02-03"}]), {"initial": ("2026-02-03",)}),
        (question(kind="time", initial=[{"valueTime": "07:00:00"}]), {"initial": ("07:00",)}),
        (question(kind="url", initial=[{"valueUri": "urn:x"}]), {"initial": ("urn:x",)}),
        (question(kind="string", repeats=True, initial=[{"valueString": "a"}] * 2), {"initial": ("a", "a")}),
        (
            question(
                kind="quantity", extension=[UNIT], initial=[{"valueQuantity": {"value": 2, "unit": "milligrams"}}]
            ),
            {"initial": (2,)},
        ),
        (
            question(kind="choice", answerOption=[{**codes("a")[0], "initialSelected": True}, *codes("b")]),
            {"initial": ("a",)},
        ),
        (
            question(kind="choice", answerOption=[{"valueString": "Red"}], initial=[{"valueString": "Red"}]),
            {"initial": ("o1",)},
        ),
    ],
)
def test_what_is_typed_has_its_kind_its_ends_and_what_stands_there_at_first(given, expected):
    item, _words = one(given)
    assert item.model_dump(include=set(expected)) == expected


def test_a_quantity_keeps_its_unit_and_a_prefix_stands_before_the_text():
    _item, words = one(question(kind="quantity", extension=[UNIT], prefix="3."))
    assert (words.unit, words.text) == ("milligrams", "3. About q1?")


def test_an_answer_may_be_worth_a_fraction():
    said = question(kind="choice", answerOption=[{**codes("a")[0], "extension": [ORDINAL | {"valueDecimal": 1.5}]}])
    assert one(said)[0].options[0].weight == 1.5


def test_groups_in_groups_stand_on_the_page_of_the_outer_one_under_the_conditions_of_all():
    inner = {"linkId": "i", "type": "group", "enableWhen": [when("b", "exists", answerBoolean=True)], "item": [
        question("c", enableWhen=[when("a", answerBoolean=True)]),
    ]}  # fmt: skip
    outer = {
        "linkId": "g",
        "type": "group",
        "enableWhen": [when("a", answerBoolean=True)],
        "item": [question("b"), inner],
    }
    found = instrument(question("a"), outer)
    assert {item.key: item.page for item in found.items} == {"a": "a", "b": "g", "c": "g"}
    asked_if = found.item("c").show_if.model_dump(exclude_defaults=True)
    assert asked_if == {"all": ({"item": "a", "any_of": ("yes",)}, {"item": "b", "answered": True})}


def test_what_stands_below_a_question_is_asked_once_that_is_answered():
    found = instrument(question("a", item=[question("b"), text("t", "Note")]))
    assert found.item("b").show_if.model_dump(exclude_defaults=True) == {"item": "a", "answered": True}
    assert found.words("en").items["a"].note == "Note"


def test_a_control_that_the_page_does_not_have_is_named():
    said = read(questionnaire(question(extension=[control("gtable")])), file="in.json").remarks
    assert said[0] == "The control 'gtable' of item q1 is not shown: the page has its own"


# --- Conditions


BEFORE = {
    "choice": question("a", "choice", answerOption=codes("x", "y", "z")),
    "multi": question("a", "choice", repeats=True, answerOption=codes("x", "y", "z")),
    "number": question("a", "integer", extension=number(0, 4)),
    "yes": question("a"),
    "text": question("a", "text"),
    "decimal": question("a", "decimal"),
    "date": question("a", "date"),
    "time": question("a", "time"),
    "moment": question("a", "dateTime"),
    "quantity": question("a", "quantity", extension=[UNIT]),
}
X, Y = {"answerCoding": {"code": "x"}}, {"answerCoding": {"code": "y"}}


@pytest.mark.parametrize(
    ("before", "conditions", "behavior", "form"),
    [
        ("choice", [when("a", **X)], None, {"any_of": ("x",)}),
        ("choice", [when("a", "!=", **X)], None, {"none_of": ("x",)}),
        ("choice", [when("a", **X), when("a", **Y)], "any", {"any_of": ("x", "y")}),
        ("multi", [when("a", "!=", **X), when("a", "!=", **Y)], "all", {"none_of": ("x", "y")}),
        ("choice", [when("a", "exists", answerBoolean=True)], None, {"answered": True}),
        ("choice", [when("a", "exists", answerBoolean=False)], None, {"answered": False}),
        ("text", [when("a", "exists", answerBoolean=True)], None, {"answered": True}),
        ("text", [when("a", "!=", answerString="no")], None, {"none_of": ("no",)}),
        ("number", [when("a", ">", answerInteger=2)], None, {"above": 2}),
        ("number", [when("a", ">=", answerInteger=2)], None, {"at_least": 2}),
        ("decimal", [when("a", "<", answerDecimal=2.5)], None, {"below": 2.5}),
        ("decimal", [when("a", "=", answerDecimal=2.5)], None, {"any_of": (2.5,)}),
        ("date", [when("a", "<=", answerDate="2026-01-01")], None, {"at_most": "2026-01-01"}),
        ("time", [when("a", ">", answerTime="22:00:00")], None, {"above": "22:00"}),
        ("moment", [when("a", ">", answerDateTime="2026-01-01T22:00")], None, {"above": "2026-01-01T22:00"}),
        ("quantity", [when("a", ">", answerQuantity={"value": 2, "unit": "milligrams"})], None, {"above": 2}),
        ("yes", [when("a", answerBoolean=True)], None, {"any_of": ("yes",)}),
    ],
)
def test_a_condition_says_the_same_here(before, conditions, behavior, form):
    last = question("b", enableWhen=conditions, **({"enableBehavior": behavior} if behavior else {}))
    asked_if = instrument(BEFORE[before], last).item("b").show_if
    assert asked_if.model_dump(include={"item", *form}) == {"item": "a", **form}


@pytest.mark.parametrize("behavior", ["all", "any"])
def test_several_questions_decide_together(behavior):
    asked = [when("a", **X), when("c", answerBoolean=True), when("a", "!=", **Y)]
    found = instrument(BEFORE["multi"], question("c"), question("b", enableWhen=asked, enableBehavior=behavior))
    assert found.item("b").show_if.model_dump(exclude_defaults=True) == {
        behavior: (
            {"item": "a", "any_of": ("x",)}, {"item": "c", "any_of": ("yes",)}, {"item": "a", "none_of": ("y",)},
        )
    }  # fmt: skip


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
        ((BEFORE["choice"], question("b", enableWhen=[when("a", **X), when("a", **Y)])), "item.b", "no enableBehavior"),
        ((BEFORE["number"], question("b", enableWhen=[when("a", ">", answerInteger=9)])), "item.b", "never met"),
        (
            (BEFORE["choice"], question("b", enableWhen=[when("a", ">", answerInteger=1)])),
            "item.b",
            "neither a number nor",
        ),
        (
            (BEFORE["choice"], question("b", enableWhen=[when("a", answerCoding={"code": "q"})])),
            "item.b",
            "is no answer to 'a'",
        ),
        (
            (BEFORE["yes"], question("b", enableWhen=[when("a", answerDate="2026-01-01")])),
            "item.b",
            "does not have",
        ),
        (
            (BEFORE["yes"], question("b", enableWhen=[when("a", "~", answerBoolean=True)])),
            "item.b.enableWhen.0.operator",
            "'exists'",
        ),
        ((question("a"), question("a")), "item.a", "has the linkId of another page"),
        ((question("1.2", item=[question("1/2")]),), "item.1/2", "comes to the key 'q1_2'"),
        ((question("a", item=[question("b", item=[question("a")])]),), "item.a", "has the linkId of another item"),
        (
            ({"linkId": "g", "type": "group", "item": [question("a"), question("a")]},),
            "item.a",
            "has the linkId of another item",
        ),
        ((question("1.2"), question("1/2")), "item.1/2", "has the linkId of another page"),
        (({"linkId": "g", "type": "group", "repeats": True, "item": [question()]},), "item.g", "several times"),
        (
            ({"linkId": "g", "type": "group", "item": [{"linkId": "h", "type": "group", "repeats": True}]},),
            "item.h",
            "several",
        ),
        ((question(kind="choice", answerValueSet="http://example.org/vs"),), "item.q1", "value set"),
        ((question(kind="choice"),), "item.q1", "has no answerOption"),
        ((question(kind="choice", answerOption=codes("a", "a")),), "item.q1", "two answers with the code 'a'"),
        (
            (question(kind="choice", answerOption=[{"valueReference": {}}]),),
            "item.q1",
            "no coding, text, number, day or time",
        ),
        ((question(kind="open-choice", answerOption=codes("other")),), "item.q1", "of its own"),
        ((question(kind="quantity"),), "item.q1", "without the one unit"),
        ((question(kind="decimal", extension=[control("slider")]),), "item.q1", "without whole numbers"),
        ((question(kind="date", extension=[value("minValue", valueDate="2026")]),), "item.q1", "no whole date"),
        ((question(kind="dateTime", initial=[{"valueDateTime": "2026-01-01T10:00:00Z"}]),), "item.q1", "and zone"),
        ((question(kind="date", extension=[value("minValue", valueInteger=3)]),), "item.q1", "no date"),
        ((question(kind="date", initial=[{"valueInteger": 3}]),), "items.q1.initial", "is no answer to it"),
        ((question(kind="string", extension=[value("regex", valueString="a+")]),), "item q1", "depends on"),
        (
            (BEFORE["quantity"], question("b", enableWhen=[when("a", ">", answerQuantity={"value": 1, "unit": "g"})])),
            "item.b",
            "has a condition in 'g'",
        ),
        (
            (question(kind="choice", answerOption=codes("a", "b"), initial=[{"valueCoding": {"code": "c"}}]),),
            "items.q1.initial",
            "is no answer",
        ),
        ((question(kind="integer", extension=number(0, 9, control("slider"))),), "item.q1", "both of its ends"),
        ((question(repeats=True),), "item.q1", "several times"),
        ((question(initial=[{"valueReference": {"reference": "x"}}]),), "item.q1.initial.0.valueReference", "not read"),
        ((question(initial=[{"valueBoolean": True}, {"valueBoolean": False}]),), "item.q1", "takes one"),
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


@pytest.mark.parametrize(
    ("said", "number", "remark"),
    [
        ("3", 3, ""),
        ("4.0.1", 4, "The version '4.0.1' is read as 4"),
        ("v2", 2, "The version 'v2' is read as 2"),
        ("0.1.0", 1, "The version '0.1.0' is read as 1"),
        ("2010-05", 2010, "The version '2010-05' is read as 2010"),
        ("\u0661", 1, "is read as 1"),
        ("9" * 400, 1, "is read as 1"),
        ("", 1, "No version is given: it is read as 1"),
    ],
)
def test_a_version_that_is_no_whole_number_is_read_as_one_and_said(said, number, remark):
    """AP-5: FHIR leaves it open what a version looks like, and public files use it."""
    found = read(questionnaire(version=said))
    assert found.instrument.version == number
    about = [one for one in found.remarks if "version" in one]
    assert [remark in one for one in about] == ([True] if remark else [])


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


MIXED = (
    question("n", "integer", extension=number(0, 4)),
    question("w", "integer", extension=[value("minValue", valueInteger=1)]),
    question("d", "decimal", extension=[value("maxDecimalPlaces", valueInteger=2)], initial=[{"valueDecimal": 0.5}]),
    question("q", "quantity", extension=[UNIT, value("maxDecimalPlaces", valueInteger=1)]),
    question("day", "date", extension=[value("minValue", valueDate="2026-01-01")]),
    question("hour", "time"),
    question("both", "dateTime"),
    question("site", "url", initial=[{"valueUri": "https://example.org"}]),
    question("many", "string", repeats=True),
    text("read", "Nearly done."),
    question("c", "choice", answerOption=codes("x", "y"), initial=[{"valueCoding": {"code": "y"}}]),
    question("last", enableBehavior="any", enableWhen=[
        when("n", ">=", answerInteger=2), when("day", "<", answerDate="2026-06-01"), when("c", **X),
        when("d", "=", answerDecimal=0.25), when("many", "exists", answerBoolean=True),
        when("hour", ">", answerTime="22:00:00"),
    ]),
)  # fmt: skip


@pytest.mark.parametrize("way", ["fhir", "toml"])
def test_every_kind_goes_out_and_comes_back(way):
    ours = instrument(*MIXED)
    content = json.dumps(fhir.write(ours, "en").resource) if way == "fhir" else writing.to_toml(ours)
    back = read(content.encode(), file="out").instrument
    assert {item.key: item.model_dump(exclude={"page"}) for item in back.items if item.is_asked} == {
        item.key: item.model_dump(exclude={"page"}) for item in ours.items if item.is_asked
    }
    assert [words.text for words in back.words("en").items.values()] == [
        words.text for words in ours.words("en").items.values()
    ]
    assert back.words("en").items["q"].unit == "milligrams"


def test_a_condition_in_a_condition_is_marked_for_who_cannot_say_it():
    nested = {"linkId": "g", "type": "group", "enableWhen": [when("a", **X), when("a", **Y)], "enableBehavior": "any",
              "item": [question("b", enableWhen=[when("c", answerBoolean=True)])]}  # fmt: skip
    written = fhir.write(instrument(BEFORE["choice"], question("c"), nested), "en")
    page = next(page for page in written.resource["item"] if page["linkId"] == "page_g")
    assert "enableWhen" not in page["item"][0]
    assert page["item"][0]["modifierExtension"][0]["url"].endswith("nested-conditions")
    assert "a condition made of several that FHIR can't nest: b" in written.left_out

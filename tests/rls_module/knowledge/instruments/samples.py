"""What a clinic may bring: one questionnaire of its own as TOML, one as FHIR has it."""

from __future__ import annotations

import json
from typing import Any

from rls_module.knowledge.instruments import importing
from rls_module.knowledge.instruments.definition import Structure

SLEEP = """\
key = "x-sleep"
version = 1
audience = "adult_patient"
recall_days = 7
minutes = 2
licence = "The clinic's own words."
source = "Written at Riverside."
pages = ["night", "day"]

[[items]]
key = "rest"
kind = "choice"
page = "night"
required = true
measure = { better = "lower", unit = "points", source = "the clinic's own" }
options = [{ key = "good", weight = 0 }, { key = "poor", weight = 2 }, { key = "other", weight = 1, max_length = 80 }]

[[items]]
key = "wake"
kind = "count"
page = "night"
show_if = { item = "rest", any_of = ["poor", "other"] }
min = 0
max = 9

[[items]]
key = "nap"
kind = "text"
page = "day"
max_length = 200

[wording.en]
status = "released"
title = "Sleep"
heading = "Your nights"

[wording.en.items.rest]
text = "How do you sleep?"
short = "Sleep"
options = { good = "Well", poor = "Badly", other = "It varies" }

[wording.en.items.wake]
text = "How often do you wake?"
hint = "Since {since}."

[wording.en.items.nap]
text = "What helps by day?"
"""


def sleep(version: int = 1, **words: str) -> bytes:
    """The questionnaire as a file; `words` are replaced in it."""
    text = SLEEP.replace("version = 1", f"version = {version}")
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def question(link: str = "q1", kind: str = "boolean", **more: Any) -> dict[str, Any]:
    return {"linkId": link, "type": kind, "text": f"About {link}?", **more}


def codes(*of: str) -> list[dict[str, Any]]:
    return [{"valueCoding": {"code": one, "display": one.title()}} for one in of]


def when(link: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": link, "operator": operator, **answer}


def number(low: int, high: int, *more: dict[str, Any]) -> list[dict[str, Any]]:
    base = "http://hl7.org/fhir/StructureDefinition/"
    ends = [{"url": f"{base}minValue", "valueInteger": low}, {"url": f"{base}maxValue", "valueInteger": high}]
    return [*ends, *more]


def questionnaire(*items: dict[str, Any], **more: Any) -> bytes:
    """A FHIR Questionnaire as a file."""
    resource = {
        "resourceType": "Questionnaire", "status": "active", "name": "Rest", "title": "Rest", "version": "1",
        "item": list(items) or [question()],
    }  # fmt: skip
    return json.dumps({**resource, **more}).encode()


def read(content: bytes, *, file: str = "in.toml", **more: Any) -> importing.Reading:
    return importing.read(content, file=file, skeletons=more.get("skeletons", {}))


MEASURE = """measure = { better = "lower", unit = "points", source = "the clinic's own" }\n"""


def skeleton() -> dict[tuple[str, int], Structure]:
    """A structure that is shipped without words."""
    plain = read(sleep(**{MEASURE: ""})).instrument
    table = plain.model_dump(include=set(Structure.model_fields))
    return {("scale", 1): Structure(**{**table, "key": "scale"})}


def _said(url: str, **value: Any) -> dict[str, Any]:
    return {"url": f"http://hl7.org/fhir/StructureDefinition/{url}", **value}


def mixed() -> bytes:
    """A FHIR questionnaire with one question of each kind that can be typed, in groups with conditions."""
    milligrams = _said("questionnaire-unit", valueCoding={"code": "mg", "display": "mg"})
    places = _said("maxDecimalPlaces", valueInteger=1)
    about = {"linkId": "about", "type": "group", "text": "About your nights", "item": [
        question("coffee", "integer", required=True, prefix="1.", extension=[_said("minValue", valueInteger=0)]),
        question("dose", "quantity", extension=[milligrams, places]),
        question("since", "date", extension=[_said("minValue", valueDate="2020-01-01")]),
        question("asleep", "time", initial=[{"valueTime": "23:00:00"}]),
        {"linkId": "more", "type": "group", "enableWhen": [when("coffee", ">", answerInteger=2)], "item": [
            {"linkId": "read", "type": "display", "text": "Three cups or more are many."},
            question("last_cup", "dateTime"),
        ]},
    ]}  # fmt: skip
    rest = {
        "linkId": "rest", "type": "group", "enableBehavior": "any",
        "enableWhen": [when("coffee", ">=", answerInteger=3), when("dose", "exists", answerBoolean=True)],
        "item": [question("helps", "string", repeats=True), question("page", "url"), question("weight", "decimal")],
    }  # fmt: skip
    return questionnaire({"linkId": "intro", "type": "display", "text": "A few numbers."}, about, rest, name="Mixed")


def _nested(depth: int) -> dict:
    inner = question("deepest")
    for level in range(depth):
        inner = {"linkId": f"g{level}", "type": "group", "item": [inner]}
    return inner


_YES = {"operator": "=", "answerBoolean": True}
_ITEMS = {
    "groups in groups without end": (_nested(200),),
    "a ring of conditions": tuple(
        question(f"q{n}", enableWhen=[{"question": f"q{(n + 1) % 90}", **_YES}]) for n in range(90)
    ),
    "one linkId many times": tuple({"linkId": "g", "type": "group", "item": [question("a")] * 60} for _ in range(60)),
    "conditions on everything before": tuple(
        question(f"q{n}", enableBehavior="any", enableWhen=[{"question": f"q{m}", **_YES} for m in range(n)])
        for n in range(101)
    ),
    "a number with more buttons than there are atoms": (question("a", "integer", extension=number(0, 10**9)),) * 2,
}
HOSTILE = {
    **{name: questionnaire(*items) for name, items in _ITEMS.items()},
    "dotted keys, each deeper than any": b"".join(b"k%d.%s = 1\n" % (n, b".".join([b"a"] * 2400)) for n in range(53)),
    "a table without end": b"[" + b".".join([b"a"] * 98) + b"]\n" + b"".join(b"b%d=1\n" % n for n in range(25_000)),
    "a dotted key of a hundred thousand parts": b'"\xe2\x80\xa8".' + b".".join([b"a"] * 120_000) + b" = 1\n",
    "a list of deep tables": b"a = [\n" + b"{a.a.a.a.a.a.a.a.a=1},\n" * 11_000 + b"]",
    "a list of nothings": b'{"item": [' + b",".join([b"{}"] * 80_000) + b"]}",
    "ten megabytes": questionnaire(question(text="x" * 10 * 1024 * 1024)),
}

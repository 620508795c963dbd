"""A file from outside becomes an instrument, or a sentence with file, place and reason; never anything else."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments import limits, loading
from tests.rls_module.knowledge.instruments.samples import (
    HOSTILE,
    SLEEP,
    question,
    questionnaire,
    read,
    skeleton,
    sleep,
)

OVERLAY = SLEEP[SLEEP.index("[wording.en]") :].replace('short = "Sleep"\n', "")
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>'
)
MOST_CALLS = 2_000_000  # a second or two of anybody's machine; what is refused by its size takes some dozen
YAML_BOMB = b'a: &a ["lol","lol"]\nb: &b [*a,*a]\nc: !!python/object/apply:os.system ["id"]\n'
PICKLE = b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."


def refusal(content: bytes, **more) -> tuple[str, str]:
    with pytest.raises(KnowledgeError) as caught:
        read(content, **more)
    assert caught.value.file == "in.toml"
    return caught.value.path, caught.value.reason


def test_one_file_carries_structure_and_words():
    instrument = read(sleep()).instrument
    assert (instrument.key, instrument.version, instrument.languages) == ("x-sleep", 1, ("en",))
    assert [item.key for item in instrument.items] == ["rest", "wake", "nap"]
    assert instrument.words("en").items["rest"].label("poor") == "Badly"
    assert not instrument.is_licensed


def test_words_alone_are_laid_over_a_structure_that_is_shipped_without():
    file = f'skeleton = "scale"\nskeleton_version = 1\nversion = 3\ncomparable_with = [2]\n\n{OVERLAY}'
    laid = read(file.encode(), skeletons=skeleton()).instrument
    assert (laid.key, laid.version, laid.comparable_with) == ("scale", 3, (2,))
    assert laid.items == skeleton()["scale", 1].items


def test_words_for_a_structure_that_nobody_ships_are_refused():
    file = f'skeleton = "scale"\nskeleton_version = 2\nversion = 1\n\n{OVERLAY}'
    assert refusal(file.encode(), skeletons=skeleton()) == (
        "skeleton", "no structure 'scale' version 2 is shipped without words",
    )  # fmt: skip


def test_a_skeleton_is_a_structure_file_without_words_and_not_a_shipped_instrument(tmp_path):
    for path in loading.DATA.glob("rls_screen.v1.toml"):
        (tmp_path / path.name).write_text('name = "Screen"\n' + path.read_text())
    assert "rls_screen" not in {key for key, _version in loading.skeletons()}
    assert list(loading.skeletons(tmp_path)) == [("rls_screen", 1)]
    (tmp_path / "rls_screen.v2.en.toml").touch()
    assert loading.skeletons(tmp_path) == {}, "a key that has words in any version takes no others"


def test_what_a_person_should_know_before_saying_yes_is_remarked():
    spanish = SLEEP[SLEEP.index("[wording.en]") :].replace("wording.en", "wording.es").replace('"released"', '"draft"')
    said = read((SLEEP + "\n" + spanish).encode()).remarks
    assert said == ("The words in 'es' are a draft: they go out only with a second reader's sign-off.",)
    unmeasured = questionnaire(question())
    assert len(read(unmeasured).remarks) == 2


WORDS = {
    'key = "x-sleep"': ('key = "sleep"', "key", "does not begin with 'x-'"),
    'key = "x-sleep"\n': ('key = "x-sleep"\ncolour = "red"\n', "colour", "is not a known key here"),
    "Your nights": ("n" * 301, "wording.en.heading", "has 301 characters; at most 300 fit"),
    "How do you sleep?": ("n" * 2001, "wording.en.items.rest.text", "has 2,001 characters; at most 2,000 fit"),
    "How often do you wake?": ("In {days} days?", "wording.en.items.wake.text", "names {days}"),
    "What helps by day?": ("{{ 7|add:7 }}", "wording.en.items.nap.text", "brace"),
    "Since {since}.": ("{patient}", "wording.en.items.wake.hint", "placeholder {patient}"),
    '"Well"': ('""', "wording.en.items.rest.options.good", "is empty"),
    'status = "released"': ('status = "draft"', "wording.en.status", "English"),
    "max = 9": ("max = 101", "items.wake.max", "gives 102 numbers to pick from; at most 101 fit"),
    "max_length = 200": ("max_length = 99999999999999999999", "items", "is not a number from"),
    "min = 0": ("min = nan", "items", "is not a number from"),
    "min = 0\n": ("min = -inf\n", "items", "is not a number from"),
    '"poor", "other"]': ('"bad"]', "items.wake.show_if.any_of", "is not an answer to 'rest'"),
    'item = "rest"': ('item = "nap"', "items.wake.show_if.item", "is not an item before this one"),
    'item = "rest",': ('item = "wake",', "items.wake.show_if.item", "is not an item before this one"),
    'key = "wake"': ('key = "rest"', "items.rest", "is the key of two items"),
    "nap": ("token", "items.token", "the survey keeps for itself"),
    'pages = ["night", "day"]': ('pages = ["review", "day"]', "items.rest.page", "is not among the pages"),
    "version = 1": ("version = 1\nversion = 2", "", "is neither TOML"),
    "minutes = 2": ("minutes = " + "9" * 4400, "", "is neither TOML"),
}  # fmt: skip


@pytest.mark.parametrize("old", WORDS)
def test_what_does_not_fit_is_named_by_place_and_reason(old):
    """AP-5, DI-8, DI-9: lengths, counts, keys, references, duplicates, numbers."""
    new, path, reason = WORDS[old]
    where, why = refusal(sleep(**{old: new}))
    assert where.startswith(path)
    assert reason in why


def test_english_is_needed():
    file = sleep(**{"wording.en": "wording.fr", '"released"': '"draft"'})
    assert refusal(file) == ("", "has no wording in 'en', which other languages fall back to")


def test_the_key_of_an_option_can_stand_in_a_page():
    file = sleep(**{'key = "good"': 'key = "<b>"', "good =": '"<b>" ='})
    assert refusal(file) == ("items.rest.options", "'<b>' is not of 1 to 32 letters, digits, _ and -")


@pytest.mark.parametrize(
    ("lists", "path"),
    [("items", "items"), ("options", "items.rest.options"), ("languages", "wording")],
)
def test_lists_have_their_limits(lists, path):
    match lists:
        case "items":
            more = "".join(f'[[items]]\nkey = "t{n}"\nkind = "text"\npage = "day"\nmax_length = 9\n' for n in range(98))
            words = "".join(f'[wording.en.items.t{n}]\ntext = "?"\n' for n in range(98))
            file = SLEEP.replace("[wording.en]\n", more + "[wording.en]\n") + words
        case "options":
            file = SLEEP.replace(
                '{ key = "good", weight = 0 }', ",".join(f'{{ key = "k{n}", weight = 0 }}' for n in range(51))
            )
            file = file.replace('good = "Well"', ",".join(f'k{n} = "Well"' for n in range(51)))
        case _:
            spanish = SLEEP[SLEEP.index("[wording.en]") :].replace('"released"', '"draft"')
            codes = [f"{a}{b}" for a in "abcd" for b in "xyz"][:10]
            file = SLEEP + "".join("\n" + spanish.replace("wording.en", f"wording.{code}") for code in codes)
    where, why = refusal(file.encode())
    assert where == path
    assert "entries; at most" in why


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"x" * (limits.MOST_BYTES + 1), "has 262,145 bytes; at most 262,144 are read"),
        (BILLION_LAUGHS, "looks like XML or HTML"),
        (YAML_BOMB, "nothing else is read, YAML neither"),
        (PICKLE, "is not UTF-8 text"),
        (b'key = "x-\xff"', "is not UTF-8 text"),
        ('key = "x-sleep"\ntitle = "\ufffd"'.encode(), "holds the character U+FFFD"),
        (b'key = "a\x00b"', "holds the character U+0000"),
        (b'key = "a\\u0007b"', "holds the character U+0007"),
        (b'{"name": "a\\u0000b"}', "holds the character U+0000"),
        (b'{"name": "\\ud800"}', "is not valid JSON"),
        (b'{"version": NaN}', "is not valid JSON"),
        (b'{"version": -Infinity}', "is not valid JSON"),
        (b'{"version": 1e999}', "number"),
        (b'{"version": ' + b"9" * 400 + b"}", "is not a number from"),
        (b"version = -" + b"9" * 400, "is not a number from"),
        (b"version = 0x" + b"f" * 4_900, "is not a number from"),
        (b"version = nan", "is not a number from"),
        (b'{"version": ' + b"9" * 5000 + b"}", "is not valid JSON"),
        (b"[1, 2]", "is neither TOML"),
        (b'{"resourceType": "Patient"}', "'Questionnaire'"),
        (b'a = """' + b"[\n" * 9 + b"[" + b"a." * 9 + b'"""', "begins with [ and has more than 8 dots"),
        (b"#" * 5001, "has 5,001 characters; at most 5,000 are read"),
        (b"a = [" + b"1," * 201 + b"]", "has 201 entries; at most 200 fit"),
    ],
)
def test_bytes_that_are_no_instrument_are_refused_in_words(content, reason):
    """AP-5: size, encoding, control characters, XML entities, YAML, pickle, numbers that are none."""
    assert reason in refusal(content)[1]


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a":' + b"[" * 60 + b"]" * 60 + b"}",
        b"a=" + b"[" * 2_000 + b"]" * 2_000,
        b"a." * 40 + b"b = 1",
    ],
)
def test_ten_thousand_levels_are_a_sentence(content):
    """AP-5: nesting, and no RecursionError."""
    assert any(word in refusal(content)[1] for word in ("nested more than 24 levels", "recursion limit"))


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_before_it_makes_much_work(content):
    """AP-5: size, nesting, rings, duplicates, conditions by the thousand, dotted keys: a reason, for little work.

    Counted in calls, which no slow machine changes; `python -m bench.imports` prints the seconds.
    """
    calls, reason = effort(content)
    assert reason
    assert calls < MOST_CALLS


def effort(content: bytes) -> tuple[int, str]:
    """Return how many functions were called until `content` was refused, and the reason."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read(content)
    except KnowledgeError as error:
        return calls, error.reason
    finally:
        sys.setprofile(None)
    return calls, ""


@pytest.mark.parametrize(
    ("size", "reason"), [(10, "at most 262,144 are read"), (100, "104,857,600 bytes")], ids=["10 MB", "100 MB"]
)
def test_megabytes_are_refused_by_their_size_alone(size, reason):
    """AP-5."""
    assert reason in refusal(b"x" * size * 1024 * 1024)[1]


# --- Whatever comes in

patient = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
BYTES = (SLEEP.encode(), questionnaire(question(), question("q2", "integer")))


def judged(content: bytes, reader=read) -> None:
    """An instrument, or a KnowledgeError of this file; any other exception passes through and fails the test."""
    try:
        key = reader(content).instrument.key
    except KnowledgeError as refused:
        key = f"x-{refused.file}"
    assert key.startswith("x-")


@patient
@given(st.binary(max_size=400))
@example(BILLION_LAUGHS)
@example(PICKLE)
def test_any_bytes_are_an_instrument_or_a_refusal(content):
    """AP-5: fuzz."""
    judged(content)


@patient
@given(st.data())
def test_a_good_file_spoiled_anywhere_is_an_instrument_or_a_refusal(data):
    """AP-5: fuzz, from files that are read."""
    content = bytearray(data.draw(st.sampled_from(BYTES)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 12))
        content[place : place + length] = data.draw(st.binary(max_size=12))
    judged(bytes(content))


NAMES = "linkId type text item answerOption valueCoding code url enableWhen question operator answerInteger".split()
KINDS = "group display boolean choice open-choice integer string text date".split()
words = st.text(max_size=8) | st.sampled_from(
    ["q1", "q2", "yes", "=", "http://hl7.org/fhir/StructureDefinition/minValue"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
questions = st.fixed_dictionaries(
    {"linkId": st.sampled_from(["q1", "q2", "1.2", ""]), "type": st.sampled_from(KINDS), "text": words},
    optional={
        "required": st.booleans(),
        "repeats": st.booleans(),
        "maxLength": st.integers(),
        "answerOption": st.lists(st.fixed_dictionaries({}, optional={"valueInteger": values, "valueString": values})),
        "enableWhen": st.lists(st.fixed_dictionaries({"question": words, "operator": words}), max_size=2),
        "item": values,
        "extension": values,
    },
)


@patient
@given(
    st.lists(questions, max_size=3) | values,
    st.dictionaries(st.sampled_from(["version", "name", "language", "item", "url"]), values),
)
def test_any_json_is_an_instrument_or_a_refusal(items, more):
    """AP-5: fuzz, by the shape."""
    judged(
        json.dumps(
            {"resourceType": "Questionnaire", "status": "active", "name": "a", "version": "1", "item": items, **more}
        ).encode()
    )


def test_the_fuzz_would_find_a_reader_that_breaks():
    """AP-5: seeded violation, an exception of another kind."""
    with pytest.raises(KeyError):
        judged(b"", reader=lambda content: {}[content])

"""Instruments come out of files whole, or with a mistake named by file, place and reason."""

from __future__ import annotations

import copy
import datetime
import shutil

import pytest

from rls_module.knowledge.files import KnowledgeError, read_toml
from rls_module.knowledge.instruments.loading import DATA, from_tables, load, shipped, shipped_keys

STRUCTURE = read_toml(DATA / "rls_checkin.v1.toml")
ENGLISH = read_toml(DATA / "rls_checkin.v1.en.toml")
SPANISH = read_toml(DATA / "rls_checkin.v1.es.toml")
FILE, EN, ES = "rls_checkin.v1.toml", "rls_checkin.v1.en.toml", "rls_checkin.v1.es.toml"


def thawed(value):
    if isinstance(value, tuple | list):
        return [thawed(one) for one in value]
    return {key: thawed(one) for key, one in value.items()} if isinstance(value, dict) else copy.copy(value)


def seeded(file, path, value):
    """The three tables with a value set at a place, or taken away where the value is None; `+` appends."""
    tables = {FILE: thawed(STRUCTURE), EN: thawed(ENGLISH), ES: thawed(SPANISH)}
    *steps, last = path.split(".")
    here = tables[file]
    for step in steps:
        here = next(one for one in here if str(one["key"]) == step) if isinstance(here, list) else here[step]
    if last == "+":
        here.append(value)
    elif value is None:
        del here[last]
    else:
        here[last] = value
    return tables


def mistake(tables):
    with pytest.raises(KnowledgeError) as caught:
        from_tables(tables[FILE], {EN: tables[EN], ES: tables[ES]}, file=FILE)
    return caught.value.file, caught.value.path, caught.value.reason


NIGHTS = {"key": "nights", "kind": "count", "page": "closing", "min": 0, "max": 7}
EARLY = {"key": "late", "kind": "count", "page": "nights", "min": 0, "max": 7}


@pytest.mark.parametrize(
    ("file", "path", "value", "named", "reason"),
    [
        (FILE, "colour", "red", "colour", "is not a known key here"),
        (FILE, "items.nights.colour", "red", "items.nights.colour", "is not a known key here"),
        (FILE, "items.start.measure.colour", "red", "items.start.measure.colour", "is not a known key here"),
        (FILE, "items.worst.show_if.items", "nights", "items.worst.show_if.items", "is not a known key here"),
        (FILE, "items.places.options.feet.colour", "x", "items.places.options.feet.colour", "is not a known key here"),
        (FILE, "version", None, "version", "is missing"),
        (FILE, "version", "1", "version", "input should be a valid integer"),
        (FILE, "items.nights.kind", "slider", "items.nights.kind", "input should be 'choice', 'multi', 'count',"),
        (FILE, "items.nights.key", "the nights", "items.the nights.key", "string should match pattern"),
        (FILE, "items.nights.required", 1, "items.nights.required", "input should be a valid boolean"),
        (FILE, "items.nights.page", "night", "items.nights.page", "'night' is not among the pages"),
        (FILE, "items.+", NIGHTS, "items.nights", "is the key of two items"),
        (FILE, "items.+", EARLY, "items.late.page", "'nights' comes before the page of the item above"),
        (FILE, "pages.+", "nights", "pages.nights", "is the key of two pages"),
        (FILE, "pages.+", "empty", "pages.empty", "has no item"),
        (FILE, "items.worst.show_if.item", "night", "items.worst.show_if.item", "'night' is not an item before this"),
        (FILE, "items.worst.show_if.item", "usual", "items.worst.show_if.item", "'usual' is not an item before this"),
        (FILE, "items.worst.show_if.none_of", [8], "items.worst.show_if.none_of", "8 is not an answer to 'nights'"),
        (FILE, "items.worst.show_if.none_of", ["0"], "items.worst.show_if.none_of", "'0' is not an answer to"),
        (FILE, "items.worst.show_if.any_of", [1], "items.worst.show_if", "needs exactly one of any_of, none_of"),
        (
            FILE,
            "items.worst.show_if.item",
            None,
            "items.worst.show_if",
            "names an item, or a fact, or other conditions, and no two",
        ),
        (FILE, "items.med_what.show_if.any_of", ["ye"], "items.med_what.show_if.any_of", "'ye' is not an answer to"),
        (FILE, "items.med_extra.show_if.fact", "dopa", "items.med_extra.show_if.fact", "'dopa' is not a known fact"),
        (
            FILE,
            "items.home_barrier.show_if.below_fact",
            "plan",
            "items.home_barrier.show_if.below_fact",
            "'plan' is not a known fact",
        ),
        (
            FILE,
            "items.home_days.show_if",
            {"item": "activity", "any_of": [1]},
            "items.home_days.show_if.item",
            "'activity' is asked more than once",
        ),
        (
            FILE,
            "items.home_days.show_if",
            {"item": "worst", "below_fact": "planned_days"},
            "items.home_days.show_if.below_fact",
            "'worst' is not a count",
        ),
        (
            FILE,
            "items.awake.measure.zero_when",
            {"item": "change", "any_of": [1]},
            "items.awake.measure.zero_when.item",
            "'change' is not an item before this one",
        ),
        (FILE, "items.places.options.+", {"key": "feet"}, "items.places.options.feet", "is the key of two options"),
        (FILE, "items.awake.options.+", {"key": "1"}, "items.awake.options.1", "is the key of two options"),
        (FILE, "items.start.options.+", {"key": 60}, "items.start.options.60", "is the key of two options"),
        (FILE, "items.new_problem.options.+", {"key": "rash"}, "items.new_problem.options.none", "stands last"),
        (FILE, "items.call_me.options.no.exclusive", True, "items.call_me.options.no", "only one option can be picked"),
        (
            FILE,
            "items.awake.options.2.weight",
            None,
            "items.awake.options.2.weight",
            "is missing: the item is measured",
        ),
        (FILE, "items.call_me.options.no.criterion", "no", "items.call_me.options.no.criterion", "without a criterion"),
        (FILE, "items.nights.max", None, "items.nights.max", "is missing: an item of kind 'count' needs it"),
        (FILE, "items.nights.max", 0, "items.nights.max", "is not above min"),
        (FILE, "items.call_me.options", None, "items.call_me.options", "is missing: an item of kind 'choice' needs it"),
        (FILE, "items.call_me.min", 1, "items.call_me.min", "does not belong to an item of kind 'choice'"),
        (FILE, "items.comment.options", [{"key": "a"}], "items.comment.options", "does not belong to an item of kind"),
        (FILE, "items.activity.repeat", "hobbies", "items.activity.repeat", "'hobbies' is not a list among the facts"),
        (
            FILE,
            "items.comment.measure",
            {"better": "lower", "unit": "word", "source": "x"},
            "items.comment.measure",
            "a text cannot be measured",
        ),
        (FILE, "items.change.past", True, "items.change.past", "names no criterion"),
        (FILE, "notices.usual_above_worst.above", "places", "notices.usual_above_worst.above", "'places' is not an"),
        (EN, "instrument", "rls_screen", "instrument", "is not the wording of rls_checkin version 1"),
        (EN, "items.worst", None, "items.worst", "has no words"),
        (EN, "items.worse", {"text": "?"}, "items.worse", "is not the key of any item"),
        (EN, "items.worst.text", None, "items.worst.text", "is missing"),
        (EN, "items.worst.text", "", "items.worst.text", "string should have at least 1 character"),
        (EN, "items.worst.tip", "x", "items.worst.tip", "is not a known key here"),
        (EN, "items.worst.low", None, "items.worst.low", "is missing"),
        (EN, "items.nights.high", "all", "items.nights.high", "belongs to scales only"),
        (EN, "items.worst.short", None, "items.worst.short", "is missing: the item is measured"),
        (EN, "items.places.options.feet", None, "items.places.options.feet", "has no words"),
        (EN, "items.places.options.feet", "", "items.places.options.feet", "is empty"),
        (EN, "items.places.options.nose", "Nose", "items.places.options.nose", "is not the key of any option"),
        (EN, "items.start.options.60", None, "items.start.options.60", "has no words"),
        (EN, "groups.tell_us", None, "groups.tell_us", "has no words"),
        (EN, "groups.later", "Later", "groups.later", "is not the key of any group"),
        (EN, "units.pounds", "pounds", "units.pounds", "is the unit of no measure"),
        (EN, "messages.usual_above_worst", None, "messages.usual_above_worst", "is missing"),
        (EN, "messages.staff_change", "{name}", "messages.staff_change", "placeholder {name} is not allowed here"),
        (EN, "items.nights.text", "{activity}?", "items.nights.text", "placeholder {activity} is not allowed here"),
        (EN, "items.nights.hint", "{0}", "items.nights.hint", "has a brace that belongs to no placeholder"),
        (EN, "items.places.options.feet", "{since}", "items.places.options.feet", "placeholder {since} is not allowed"),
        (ES, "items.nights.hint", None, "items.nights.hint", "is missing, 'en' has it"),
        (ES, "items.worst.hint", "Piense", "items.worst.hint", "is not in 'en'"),
        (ES, "items.new_problem.text", "¿Y ahora?", "items.new_problem.text", "has other placeholders than 'en'"),
        (ES, "introduction", "Hola", "introduction", "is not in 'en'"),
        (ES, "messages.patient_change", None, "messages.patient_change", "is missing, 'en' has it"),
        (ES, "units.points", None, "units.points", "is missing, 'en' has it"),
        (ES, "language", "Spanish", "language", "string should match pattern"),
        (ES, "language", "en", "language", "'en' has two wording files"),
        (ES, "status", "released", "reviewed_by", "is missing: a translation is released only after a recorded"),
    ],
)
def test_seeded_mistake_is_named(file, path, value, named, reason):
    found_file, found_path, found_reason = mistake(seeded(file, path, value))
    assert (found_file, found_path) == (file, named)
    assert reason in found_reason


def test_instrument_without_english_is_refused():
    with pytest.raises(KnowledgeError, match=r"rls_checkin\.v1\.toml: whole file: has no wording in 'en'"):
        from_tables(STRUCTURE, {ES: SPANISH}, file=FILE)


def test_reviewed_translation_may_be_released():
    tables = seeded(ES, "status", "released")
    tables[ES] |= {"reviewed_by": "A. Reader", "reviewed_on": datetime.date(2026, 11, 1)}
    instrument = from_tables(tables[FILE], {EN: tables[EN], ES: tables[ES]}, file=FILE)
    assert not instrument.words("es").is_draft


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'key = "a"\nkey = "b"\n', "is not valid TOML: Cannot overwrite a value (at line 2"),
        (b"key = \n", "is not valid TOML: Invalid value (at line 1"),
        (b'key = "\xff"\n', "is not UTF-8 text: invalid start byte at byte 7"),
    ],
)
def test_unreadable_file_is_named(tmp_path, content, reason):
    path = tmp_path / "broken.v1.toml"
    path.write_bytes(content)
    with pytest.raises(KnowledgeError) as caught:
        load(path, [])
    assert (caught.value.file, caught.value.path) == ("broken.v1.toml", "")
    assert reason in caught.value.reason


def test_missing_file_is_named(tmp_path):
    with pytest.raises(KnowledgeError, match=r"gone\.v1\.toml: whole file: cannot be read: No such file"):
        load(tmp_path / "gone.v1.toml", [])


@pytest.mark.parametrize(
    ("source", "target"),
    [("rls_screen.v1.toml", "rls_screen.v2.toml"), ("rls_screen.v1.en.toml", "rls_screen.v1.fr.toml")],
)
def test_file_under_another_name_is_refused(tmp_path, source, target):
    for path in DATA.glob("rls_screen.*"):
        shutil.copy(path, tmp_path / path.name)
    (tmp_path / source).rename(tmp_path / target)
    structure = next(path for path in tmp_path.glob("rls_screen.v?.toml"))
    with pytest.raises(KnowledgeError) as caught:
        load(structure, tmp_path.glob("rls_screen.v1.*.toml"))
    assert (caught.value.file, caught.value.reason) == (target, f"holds what belongs into {source}")


def test_every_shipped_instrument_loads_in_english_and_spanish():
    assert shipped_keys() == ("rls_checkin", "rls_intake", "rls_screen")
    assert {shipped(key).languages for key in shipped_keys()} == {("en", "es")}


def test_newest_version_is_shipped_unless_one_is_named():
    assert shipped("rls_checkin") == shipped("rls_checkin", 1)
    with pytest.raises(KeyError, match="no shipped instrument 'rls_checkin' version 9"):
        shipped("rls_checkin", 9)
    with pytest.raises(KeyError, match="no shipped instrument 'irls'"):
        shipped("irls")


@pytest.mark.parametrize(("language", "heading"), [("es", "Cómo va"), ("es-MX", "Cómo va"), ("fr", "Check-in")])
def test_words_fall_back_to_the_main_language_then_to_english(language, heading):
    assert shipped("rls_checkin").words(language).heading == heading


def test_unknown_item_is_a_key_error():
    with pytest.raises(KeyError, match="nose"):
        shipped("rls_checkin").item("nose")

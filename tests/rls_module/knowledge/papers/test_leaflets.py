"""Leaflets as data: balanced, sourced, plain, the same in every language, and advising on no medicine."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.papers import loading
from rls_module.knowledge.papers.definition import BALANCE, Leaflet

EVERY = [(key, language) for key in loading.LEAFLETS for language in loading.LANGUAGES]
every_leaflet = pytest.mark.parametrize(("key", "language"), EVERY)

# What no leaflet says: promises, judgements that are a physician's, and what to do with a medicine.
NEVER = {
    "en": r"\b(cures?|heals?|guarantee\w*|proven to|diagnosed|caused? by)\b"
    r"|\b(stop|start|skip|reduce|increase|change) (taking|your (medicine|iron|tablet|dose)\w*)",
    "es": r"\b(cura|sana|garantiza\w*|diagnosticad\w*|causad\w* por)\b"
    r"|\b(deje|empiece|suspenda|reduzca|aumente|cambie) (de tomar|su (medicamento|hierro|dosis)\w*)",
}


def said(leaflet: Leaflet) -> list[str]:
    """Everything that a patient reads of a leaflet, text by text."""
    parts = (chain([section.heading], section.text, section.points) for section in leaflet.sections)
    return [leaflet.title, leaflet.lead, *chain.from_iterable(parts)]


def ease(leaflet: Leaflet) -> tuple[float, float]:
    """Words a sentence and syllables a word, points of a list being sentences."""
    text = ". ".join(said(leaflet)[1:])
    sentences = [one for one in re.split(r"[.:?!]+\s*", text) if one]
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) / len(sentences), sum(map(syllables, words)) / len(words)


def syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouyáéíóúü]+", word.lower())))


@every_leaflet
def test_it_says_what_is_known_what_is_not_and_what_may_go_wrong(key, language):
    """Decisions 12.13."""
    leaflet = loading.leaflet(key, language)
    assert {section.part for section in leaflet.sections} >= BALANCE
    assert (leaflet.key, leaflet.language) == (key, language)


@every_leaflet
def test_what_is_claimed_as_known_has_a_source_that_is_printed(key, language):
    """Decisions 12.13: with sources."""
    leaflet = loading.leaflet(key, language)
    assert all(numbers for section, numbers in leaflet.numbered if section.part == "known")
    printed = loading.citations(leaflet.sources)
    assert len(printed) == len(set(printed)) == len(leaflet.sources)
    for section, numbers in leaflet.numbered:
        printed_for = [leaflet.sources[number - 1] for number in numbers]
        assert printed_for == sorted(section.sources, key=leaflet.sources.index)


@pytest.mark.parametrize("key", loading.LEAFLETS)
def test_every_language_says_the_same_point_by_point(key):
    english = loading.leaflet(key, "en")
    for language in loading.LANGUAGES:
        other = loading.leaflet(key, language)
        assert [(one.part, len(one.text), len(one.points), one.sources) for one in other.sections] == [
            (one.part, len(one.text), len(one.points), one.sources) for one in english.sections
        ]
        assert bool(other.mark) == bool(english.mark)


@pytest.mark.parametrize("key", loading.LEAFLETS)
def test_a_child_of_twelve_can_read_it(key):
    """UI: plain words. Flesch-Kincaid's grade for English, Fernández Huerta's ease for Spanish."""
    length, weight = ease(loading.leaflet(key, "en"))
    assert 0.39 * length + 11.8 * weight - 15.59 <= 6
    length, weight = ease(loading.leaflet(key, "es"))
    assert 206.84 - 60 * weight - 1.02 * length >= 75


@every_leaflet
def test_it_promises_nothing_and_changes_no_medicine(key, language):
    """Domain, scope rule: never told to start, stop or change a drug or iron."""
    found = [one for one in said(loading.leaflet(key, language)) if re.search(NEVER[language], one, re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize(
    "words", ["Stop taking it.", "It is caused by iron.", "You were diagnosed.", "It cures you.", "Reduce your dose."]
)
def test_words_that_must_not_stand_would_be_found(words):
    assert re.search(NEVER["en"], words, re.IGNORECASE)


def test_the_one_name_that_is_a_mark_is_marked_and_disclaimed():
    """Decisions 12.15."""
    for key, language in EVERY:
        leaflet = loading.leaflet(key, language)
        uses = [one for one in said(leaflet) if "Fascial Manipulation" in one]
        assert bool(leaflet.mark) == bool(uses) == (key == "fascial_manipulation")
        assert all("Fascial Manipulation®" in one for one in uses[:1])
        assert not uses or re.search(r"neither .* affiliated|ni .* afiliados", leaflet.mark, re.IGNORECASE)
        assert not re.search(r"Stecco|Postural Restoration|\bPRI\b|certified", " ".join(said(leaflet)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('part = "not_known"', 'part = "how"'), "another order, or one twice"),
        (('part = "risks"', 'part = "you"'), "another order, or one twice"),
        (('sources = ["needling_trial"', 'sources = ["hearsay"'), "'hearsay' is not a source"),
        (("version = 1", "version = 2"), "is not called after its key, version and language"),
        (('heading = "What is known"', 'heading = ""'), "at least 1 character"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path, change, words):
    path = tmp_path / "dry_needling.v1.en.toml"
    shipped = (loading.DATA / path.name).read_text()
    assert change[0] in shipped
    path.write_text(shipped.replace(*change))
    with pytest.raises(KnowledgeError, match=words):
        loading.load_leaflet(path)


def test_a_leaflet_without_its_risks_is_refused(tmp_path):
    """Decisions 12.13: balanced."""
    path = tmp_path / "dry_needling.v1.en.toml"
    before, _risks, after = re.split(
        r'(?s)(\[\[sections\]\]\npart = "risks".*?)(?=\[\[sections\]\])', (loading.DATA / path.name).read_text()
    )
    path.write_text(before + after)
    with pytest.raises(KnowledgeError, match="lacks risks"):
        loading.load_leaflet(path)


def test_a_key_that_is_no_leaflet_is_none():
    with pytest.raises(KeyError):
        loading.leaflet("letters", "en")

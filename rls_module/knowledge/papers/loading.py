"""Letters and leaflets out of files, checked before they are used; of each the newest version, in every language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rls_module.knowledge.files import KnowledgeError, read_toml, repeated, shaped
from rls_module.knowledge.papers.definition import Leaflet, Letter, Letters, Source, Sources

DATA = Path(__file__).parent / "data"
LEAFLETS = ("restless_legs", "dry_needling", "fascial_manipulation", "exercise", "iron", "follow_up")  # in this order
LANGUAGES = ("en", "es")  # of every paper; whoever speaks another gets the first


def language_of(code: str) -> str:
    """Return the language of papers for a language code such as `es-MX`: the same where there is one, else English."""
    main = code.replace("_", "-").partition("-")[0].lower()
    return main if main in LANGUAGES else LANGUAGES[0]


def citations(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the publications behind these source keys; raises KeyError for a key that is none."""
    return tuple(_sources()[key].citation for key in keys)


@cache
def letters(language: str) -> Letters:
    """Return all letters in `language`, one of LANGUAGES."""
    return load_letters(_newest("letters", language))


def load_letters(path: Path) -> Letters:
    """Return a file of letters; raises KnowledgeError for the first mistake."""
    loaded = shaped(Letters, read_toml(path), file=path.name)
    for key, letter in loaded.letters.items():
        _known_sources(letter.sources, file=path.name, place=f"letters.{key}.sources")
    return loaded


def letter(key: str, language: str) -> Letter:
    """Return one letter; raises KeyError if there is none of this key."""
    return letters(language).letters[key]


@cache
def leaflet(key: str, language: str) -> Leaflet:
    """Return a leaflet, one of LEAFLETS, in `language`, one of LANGUAGES; raises KeyError for another key."""
    if key not in LEAFLETS:
        raise KeyError(key)
    return load_leaflet(_newest(key, language))


def leaflets(language: str) -> tuple[Leaflet, ...]:
    """Return all leaflets in `language`, in the order in which they are offered."""
    return tuple(leaflet(key, language) for key in LEAFLETS)


def everything() -> tuple[Leaflet | Letter, ...]:
    """Return every paper in every language; raises KnowledgeError for the first mistake in any of them."""
    found: list[Leaflet | Letter] = []
    for language in LANGUAGES:
        found += letters(language).letters.values()
        found += leaflets(language)
    return tuple(found)


def load_leaflet(path: Path) -> Leaflet:
    """Return a leaflet's file; raises KnowledgeError for the first mistake."""
    loaded = shaped(Leaflet, read_toml(path), file=path.name)
    if path.name != f"{loaded.key}.v{loaded.version}.{loaded.language}.toml":
        raise KnowledgeError(path.name, "", "is not called after its key, version and language")
    for section in loaded.sections:
        _known_sources(section.sources, file=path.name, place=f"sections.{section.part}.sources")
    return loaded


def _newest(name: str, language: str) -> Path:
    found = DATA.glob(f"{name}.v*.{language}.toml")
    return max(found, key=lambda path: int(path.name.split(".")[1].removeprefix("v")))


@cache
def _sources() -> dict[str, Source]:
    path = DATA / "sources.v1.toml"
    loaded = shaped(Sources, read_toml(path), file=path.name)
    if (key := repeated(one.key for one in loaded.sources)) is not None:
        raise KnowledgeError(path.name, f"sources.{key}", "is a key used twice")
    return {one.key: one for one in loaded.sources}


def _known_sources(keys: Iterable[str], *, file: str, place: str) -> None:
    for key in keys:
        if key not in _sources():
            raise KnowledgeError(file, place, f"{key!r} is not a source")

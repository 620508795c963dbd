"""Letters and leaflets out of files, checked before they are used; of each the newest version, in every language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rls_module.knowledge.files import KnowledgeError, read_toml, repeated, shaped
from rls_module.knowledge.papers.definition import Letter, Letters, Source, Sources

DATA = Path(__file__).parent / "data"
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

"""Instruments out of files: shipped ones by key, any other by path, all of them checked before they are used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from rls_module.knowledge.files import KnowledgeError, KnowledgeProblem, read_toml, shaped
from rls_module.knowledge.instruments import coherence
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE, Instrument, ItemWords, Structure, Wording
from rls_module.knowledge.lock import verify_released

__all__ = [
    "KnowledgeError", "KnowledgeProblem", "from_tables", "load", "shipped", "shipped_keys", "skeleton", "skeletons",
    "verify_released",
]  # fmt: skip

DATA = Path(__file__).parent / "data"
_ITEM = {"en": "Item", "es": "Ítem"}
_STRUCTURE_NAME = re.compile(r"(?P<key>\w+)\.v(?P<version>\d+)\.toml")


@cache
def shipped(key: str, version: int | None = None) -> Instrument:
    """Return a shipped instrument, its newest version unless one is named.

    Raises KeyError if there is none, KnowledgeError if its files hold a mistake.
    """
    versions = _shipped().get(key, ())
    chosen = max(versions, default=None) if version is None else version
    if chosen is None or chosen not in versions:
        raise KeyError(f"no shipped instrument {key!r}" + (f" version {version}" if version is not None else ""))
    name = f"{key}.v{chosen}"
    return load(DATA / f"{name}.toml", sorted(DATA.glob(f"{name}.*.toml")))


def shipped_keys() -> tuple[str, ...]:
    """Return the keys of all shipped instruments, in alphabetical order."""
    return tuple(sorted(_shipped()))


def skeletons(folder: Path | None = None) -> dict[tuple[str, int], Structure]:
    """Return the structures whose key has no words in any version, by key and version: for wording under licence."""
    return dict(_own_skeletons()) if folder is None else _skeletons(folder)


@cache
def _own_skeletons() -> dict[tuple[str, int], Structure]:
    return _skeletons(DATA)


def _skeletons(folder: Path) -> dict[tuple[str, int], Structure]:
    found: dict[tuple[str, int], Structure] = {}
    for path in sorted(folder.glob("*.toml")):
        match = _STRUCTURE_NAME.fullmatch(path.name)
        if match and not any(folder.glob(f"{match['key']}.v*.*.toml")):
            structure = shaped(Structure, read_toml(path), file=path.name)
            coherence.check_structure(structure, file=path.name)
            _check_name(path.name, f"{structure.key}.v{structure.version}.toml")
            if not structure.name:
                raise KnowledgeError(path.name, "name", "is missing: a structure without words goes by it")
            found[structure.key, structure.version] = structure
    return found


@cache
def skeleton(key: str, version: int | None = None) -> Instrument:
    """Return a structure that is shipped without words, its newest version unless one is named, to enter numbers into.

    Its items go by their numbers and their answers by what they are worth: whoever enters them holds the form. Raises
    KeyError if there is none.
    """
    known = skeletons()
    chosen = max((number for name, number in known if name == key), default=None) if version is None else version
    if chosen is None or (key, chosen) not in known:
        raise KeyError(f"no structure {key!r} without words" + ("" if version is None else f" in version {version}"))
    structure = known[key, chosen]
    words = {language: _by_number(structure, language, word) for language, word in _ITEM.items()}
    return Instrument(**structure.model_dump(), wording=words, is_licensed=True)


def _by_number(structure: Structure, language: str, word: str) -> Wording:
    names = [f"{word} {place}" for place in range(1, len(structure.items) + 1)]
    if len(names) == 1:
        names = [structure.name]
    items = {
        item.key: ItemWords(text=name, short=name, options={one.name: one.name for one in item.options})
        for name, item in zip(names, structure.items, strict=True)
    }
    return Wording(
        instrument=structure.key,
        version=structure.version,
        language=language,
        status="released",
        title=structure.name,
        heading=structure.name,
        items=items,
    )


def load(structure_path: Path, wording_paths: Iterable[Path]) -> Instrument:
    """Return the instrument in one structure file and its wording files; raises KnowledgeError for any mistake."""
    wordings = {path.name: read_toml(path) for path in wording_paths}
    instrument = from_tables(read_toml(structure_path), wordings, file=structure_path.name)
    _check_name(structure_path.name, f"{instrument.key}.v{instrument.version}.toml")
    for name, table in wordings.items():
        _check_name(name, f"{instrument.key}.v{instrument.version}.{table['language']}.toml")
    return instrument


def from_tables(
    structure: Mapping[str, object], wordings: Mapping[str, Mapping[str, object]], *, file: str
) -> Instrument:
    """Return the instrument in tables that were read already; `wordings` and `file` name where each came from.

    Raises KnowledgeError(file, path, reason) for the first mistake.
    """
    skeleton = shaped(Structure, structure, file=file)
    coherence.check_structure(skeleton, file=file)
    words = {name: shaped(Wording, table, file=name) for name, table in wordings.items()}
    for name, wording in words.items():
        coherence.check_wording(skeleton, wording, file=name)
    by_language = _by_language(words, file=file)
    reference = next(name for name, wording in words.items() if wording.language == FALLBACK_LANGUAGE)
    for name, wording in words.items():
        coherence.check_coverage(wording, words[reference], file=name)
    return Instrument(**{field: getattr(skeleton, field) for field in Structure.model_fields}, wording=by_language)


def _by_language(words: Mapping[str, Wording], *, file: str) -> dict[str, Wording]:
    languages: dict[str, Wording] = {}
    for name, wording in words.items():
        if wording.language in languages:
            raise KnowledgeError(name, "language", f"{wording.language!r} has two wording files")
        languages[wording.language] = wording
    if FALLBACK_LANGUAGE not in languages:
        raise KnowledgeError(file, "", f"has no wording in {FALLBACK_LANGUAGE!r}, which other languages fall back to")
    return languages


def _check_name(found: str, expected: str) -> None:
    if found != expected:
        raise KnowledgeError(found, "", f"holds what belongs into {expected}")


@cache
def _shipped() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for path in DATA.glob("*.toml"):
        match = _STRUCTURE_NAME.fullmatch(path.name)
        if match and any(DATA.glob(f"{path.stem}.*.toml")):
            found[match["key"]] = (*found.get(match["key"], ()), int(match["version"]))
    return found

"""An instrument out of one file that came from outside: TOML with structure and words, or a FHIR R4 Questionnaire.

Whatever the bytes are, they become an instrument or a KnowledgeError with file, place and reason. TOML and JSON are
read and nothing else: nothing in a file names another file, is fetched, expanded or run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rls_module.knowledge.files import IMPORTED, Frozen, KnowledgeError, shaped
from rls_module.knowledge.instruments import fhir, limits, loading
from rls_module.knowledge.instruments.definition import Instrument, Structure

Table = Mapping[str, object]
Skeletons = Mapping[tuple[str, int], Structure]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the instrument, and remarks on it that a person should read before saying yes."""

    instrument: Instrument
    remarks: tuple[str, ...]


class Overlay(Frozen):
    """A file with words alone, for a structure that is shipped without any."""

    skeleton: str
    skeleton_version: int
    version: int
    comparable_with: tuple[int, ...] = ()
    wording: Mapping[str, object]


def read(content: bytes, *, file: str, skeletons: Skeletons) -> Reading:
    """Return what `content` holds; `file` names it in what is said, `skeletons` are the structures without words.

    Raises KnowledgeError for everything that can't be an instrument of a clinic.
    """
    text = limits.text_of(content, file=file)
    structure: Table
    wordings: Mapping[str, Table]
    found: tuple[str, ...] = ()
    match text.lstrip()[:1]:
        case "":
            raise KnowledgeError(file, "", "is empty")
        case "<":
            raise KnowledgeError(file, "", "looks like XML or HTML; TOML or a FHIR Questionnaire as JSON is read")
        case "{":
            structure, wordings, found = fhir.read(text, file=file)
        case _:
            structure, wordings = _tables(_toml(text, file=file), skeletons, file=file)
    instrument = _built(structure, wordings, file=file)
    if not instrument.key.startswith(IMPORTED) and (instrument.key not in {key for key, _ in skeletons}):
        raise KnowledgeError(file, "key", f"{instrument.key!r} does not begin with {IMPORTED!r}, as a clinic's own do")
    limits.check_instrument(instrument, file=file)
    return Reading(instrument, (*found, *_remarks(instrument)))


def _toml(text: str, *, file: str) -> dict[str, object]:
    limits.check_lines(text, file=file)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise KnowledgeError(file, "", f"is nested more than {limits.DEEPEST} levels deep") from None
    except ValueError as error:  # besides its own error, that of a number with thousands of digits
        reason = f"is neither TOML ({str(error)[: limits.LONGEST_LABEL]}) nor a FHIR Questionnaire as JSON"
        raise KnowledgeError(file, "", f"{reason}; nothing else is read, YAML neither") from None
    limits.check_values(table, file=file)
    return table


def _tables(table: dict[str, object], skeletons: Skeletons, *, file: str) -> tuple[Table, dict[str, Table]]:
    """Return the structure and the words by language, from a file that holds both or words for a skeleton."""
    words = table.get("wording")
    if not isinstance(words, dict) or not all(isinstance(one, dict) for one in words.values()):
        raise KnowledgeError(file, "wording", "is missing: a table [wording.en], and one for each other language")
    structure = {name: value for name, value in table.items() if name != "wording"}
    if "skeleton" in table:
        structure = _on_skeleton(shaped(Overlay, table, file=file), skeletons, file=file)
    named = {"instrument": structure.get("key"), "version": structure.get("version")}
    return structure, {language: {**named, "language": language, **one} for language, one in words.items()}


def _on_skeleton(overlay: Overlay, skeletons: Skeletons, *, file: str) -> dict[str, object]:
    skeleton = skeletons.get((overlay.skeleton, overlay.skeleton_version))
    if skeleton is None:
        reason = f"no structure {overlay.skeleton!r} version {overlay.skeleton_version} is shipped without words"
        raise KnowledgeError(file, "skeleton", reason)
    own = {"version": overlay.version, "comparable_with": overlay.comparable_with}
    return skeleton.model_dump(exclude_defaults=True) | own


def _built(structure: Table, wordings: Mapping[str, Table], *, file: str) -> Instrument:
    for language, table in wordings.items():
        if table.get("language") != language:
            raise KnowledgeError(file, f"wording.{language}.language", f"is not {language!r}")
    try:
        return loading.from_tables(
            structure, {f"wording.{language}": table for language, table in wordings.items()}, file=file
        )
    except KnowledgeError as mistake:
        if mistake.file == file:
            raise
        raise KnowledgeError(file, f"{mistake.file}.{mistake.path}".rstrip("."), mistake.reason) from None


def _remarks(instrument: Instrument) -> Iterator[str]:
    for language in instrument.languages:
        if instrument.wording[language].is_draft:
            yield f"The words in {language!r} are a draft: they go out only with a second reader's sign-off."
    if not any(item.measure for item in instrument.items):
        yield "No item is measured: answers can be read, and the chart shows no course of them."
    if instrument.notices == () and not any(item.required for item in instrument.items):
        yield "No question is required: a patient can send it in empty."

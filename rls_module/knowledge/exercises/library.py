"""The exercises that are shipped, in the project's own words; a clinic gets a copy of them and edits that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from rls_module.knowledge.files import KEY_PATTERN, Frozen, KnowledgeError, read_toml, repeated, shaped

DATA = Path(__file__).parent / "data"

Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Texts = Mapping[str, Annotated[str, Field(min_length=1)]]  # language -> words


class ExerciseDefinition(Frozen):
    """One exercise: its family, the region it is for, and the words for it in every language."""

    key: Key
    family: Literal["postural", "strength", "aerobic", "stretch", "balance", "other"]
    region: Key
    is_sided: bool = False
    name: Texts
    cues: Texts
    precautions: Texts = {}


class Library(Frozen):
    """A library file."""

    source: str = Field(min_length=1)
    exercises: tuple[ExerciseDefinition, ...] = Field(min_length=1)


@cache
def shipped() -> tuple[ExerciseDefinition, ...]:
    """Return the shipped exercises; raises KnowledgeError if their file holds a mistake."""
    path = DATA / "exercises.v1.toml"
    library = shaped(Library, read_toml(path), file=path.name)
    if (key := repeated(one.key for one in library.exercises)) is not None:
        raise KnowledgeError(path.name, f"exercises.{key}", "is a key used twice")
    for one in library.exercises:
        if "en" not in one.name or one.cues.keys() != one.name.keys():
            raise KnowledgeError(path.name, f"exercises.{one.key}", "has words in one language that another lacks")
    return library.exercises

"""What is explained to a patient: habits, postures and what to know, each with words to take home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from rls_module.knowledge.files import KEY_PATTERN, Frozen, KnowledgeError, read_toml, repeated, shaped

DATA = Path(__file__).parent / "data"
LANGUAGES = frozenset({"en", "es"})

Kind = Literal["knowledge", "habit", "posture"]
KINDS: tuple[Kind, ...] = ("knowledge", "habit", "posture")
Texts = Mapping[str, Annotated[str, Field(min_length=1)]]  # language -> words


class Topic(Frozen):
    """One topic: its name for staff and on the handout, and what the patient reads about it."""

    key: str = Field(pattern=KEY_PATTERN, max_length=40)
    kind: Kind
    name: Texts
    text: Texts
    retired: bool = False

    def named(self, language: str) -> str:
        """Return its name in `language`, else in English."""
        return self.name.get(language, self.name["en"])

    def told(self, language: str) -> str:
        """Return what the patient reads in `language`, else in English."""
        return self.text.get(language, self.text["en"])


class Topics(Frozen):
    """A file of topics."""

    source: str = Field(min_length=1)
    topics: tuple[Topic, ...] = Field(min_length=1)


@cache
def topics() -> tuple[Topic, ...]:
    """Return every topic in order, retired ones too; raises KnowledgeError if their file holds a mistake."""
    path = DATA / "education.v1.toml"
    read = shaped(Topics, read_toml(path), file=path.name)
    if (key := repeated(one.key for one in read.topics)) is not None:
        raise KnowledgeError(path.name, f"topics.{key}", "is a key used twice")
    for one in read.topics:
        if not one.name.keys() == one.text.keys() == LANGUAGES:
            raise KnowledgeError(path.name, f"topics.{one.key}", "lacks words in a language")
    return read.topics


def named(keys: Iterable[str]) -> tuple[Topic, ...]:
    """Return the topics with these keys in the order of the file; a key that is none is left out."""
    wanted = set(keys)
    return tuple(one for one in topics() if one.key in wanted)

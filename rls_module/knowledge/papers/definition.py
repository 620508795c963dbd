"""The typed shape of letters, leaflets and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rls_module.knowledge.files import KEY_PATTERN, Frozen

Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Words = Annotated[str, Field(min_length=1)]

Standing = Literal["met", "not_met", "open"]
Part = Literal["about", "how", "known", "not_known", "risks", "you"]
PARTS: tuple[Part, ...] = ("about", "how", "known", "not_known", "risks", "you")  # as a reader meets them
BALANCE = frozenset({"about", "known", "not_known", "risks"})  # a leaflet without one of these is advertising


class Source(Frozen):
    """A publication that papers refer to by key."""

    key: Key
    citation: Words


class Sources(Frozen):
    """The sources file."""

    sources: tuple[Source, ...] = Field(min_length=1)


class Letter(Frozen):
    """A letter to a physician: what it is about, what is asked or told before the facts of the chart, and after."""

    subject: Words
    opening: tuple[Words, ...] = Field(min_length=1)
    closing: tuple[Words, ...] = Field(min_length=1)
    sources: tuple[Key, ...] = ()


class Letters(Frozen):
    """All letters in one language, and the sentences that they share."""

    language: Key
    standing: Mapping[Standing, Words]  # how the criteria stand
    signs: Mapping[Key, Words]  # of augmentation, as a check-in can show them
    screens: Mapping[Literal["pattern", "possible"], Words]  # what a screen for augmentation leaves to the prescriber
    earlier: Words  # {hours}: how much earlier in the day the complaints start
    may_worsen: Words  # beside a medicine
    letters: Mapping[Key, Letter]


class Section(Frozen):
    """One part of a leaflet: a heading, sentences, points, and the sources of what they claim."""

    part: Part
    heading: Words
    text: tuple[Words, ...] = ()
    points: tuple[Words, ...] = ()
    sources: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.text or self.points):
            raise ValueError("says nothing")
        return self


class Leaflet(Frozen):
    """One leaflet in one language: balanced by construction, what is known beside what is not and what may go wrong."""

    key: Key
    version: int = Field(ge=1)
    language: Key
    title: Words
    lead: Words
    sections: tuple[Section, ...]
    mark: str = ""  # whose name it uses, and that nobody here belongs to them

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        parts = [section.part for section in self.sections]
        if parts != [part for part in PARTS if part in parts]:
            raise ValueError("has its sections in another order, or one twice")
        if not set(parts) >= BALANCE:
            raise ValueError(f"lacks {', '.join(sorted(BALANCE - set(parts)))}")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys of all sources, in the order in which a reader meets them."""
        return tuple(dict.fromkeys(key for section in self.sections for key in section.sources))

    @property
    def numbered(self) -> tuple[tuple[Section, tuple[int, ...]], ...]:
        """Each section with the numbers, from 1, under which its sources stand in the list of all."""
        return tuple(
            (section, tuple(sorted(self.sources.index(key) + 1 for key in section.sources)))
            for section in self.sections
        )

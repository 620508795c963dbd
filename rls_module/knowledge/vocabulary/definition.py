"""The shape of the vocabularies: muscles, body regions, criteria. Codes are stable for ever: retire, never delete."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rls_module.knowledge.files import KEY_PATTERN, Frozen

Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Words = Annotated[str, Field(min_length=1)]
Side = Literal["L", "R", "B", "M"]  # left, right, both, midline
Caution = Literal["nerve", "vessel", "popliteal", "kidney", "pleura", "peritoneum", "pelvic_floor", "not_needled"]

# A needle near these asks for confirmed competence and a note on depth in words (project design).
DANGER_CAUTIONS: frozenset[Caution] = frozenset({"pleura", "kidney", "peritoneum", "pelvic_floor", "popliteal"})


class MuscleGroup(Frozen):
    """A region that muscles are listed under; `caution` names what lies near them."""

    key: Key
    english: Words
    spanish: Words
    caution: str = ""


class Muscle(Frozen):
    """One muscle that can be palpated or needled; `aliases` are what therapists type for it."""

    key: Key
    latin: Words
    english: Words
    region: Key
    midline: bool = False
    cautions: tuple[Caution, ...] = ()
    aliases: tuple[Words, ...] = ()
    retired: bool = False

    @property
    def needs_competence(self) -> bool:
        """Say whether needling it asks for confirmed competence and a note on depth."""
        return not DANGER_CAUTIONS.isdisjoint(self.cautions)

    @property
    def is_usually_needled(self) -> bool:
        """Say whether needling it is usual at all."""
        return "not_needled" not in self.cautions


class Muscles(Frozen):
    """A muscle file: the groups in the order of the body from the foot up, and the muscles in each."""

    groups: tuple[MuscleGroup, ...] = Field(min_length=1)
    muscles: tuple[Muscle, ...] = Field(min_length=1)


class Region(Frozen):
    """One region of the body chart; `sides` are those it has, M = midline."""

    key: Key
    english: Words
    spanish: Words
    sides: tuple[Side, ...] = Field(min_length=1)
    retired: bool = False


class Regions(Frozen):
    """A region file, in the order of the body from the head down."""

    regions: tuple[Region, ...] = Field(min_length=1)


class Source(Frozen):
    """A publication that criteria refer to by key."""

    key: Key
    citation: Words


class Criterion(Frozen):
    """One essential criterion in the project's own words, with what modifies it and the sources of its meaning."""

    key: Literal["E1", "E2", "E3", "E4", "E5"]
    english: Words
    spanish: Words
    modifier_english: Words
    modifier_spanish: Words
    clinician_only: bool = False
    sources: tuple[Key, ...] = Field(min_length=1)


class Criteria(Frozen):
    """A criteria file: E1 to E5 and their sources."""

    sources: tuple[Source, ...]
    criteria: tuple[Criterion, ...]

    @model_validator(mode="after")
    def _all_five(self) -> Self:
        if [criterion.key for criterion in self.criteria] != ["E1", "E2", "E3", "E4", "E5"]:
            raise ValueError("are not E1 to E5 in this order")
        return self


class Medicine(Frozen):
    """One medicine by its generic name; `brands` are examples that patients say. Recorded, never advised on."""

    key: Key
    generic: Words
    group: Key
    role: Literal["treats", "may_worsen", "less_troublesome", "other"]
    brands: tuple[Words, ...] = ()
    dopaminergic: bool = False
    can_augment: bool = False  # dopaminergic, or tramadol
    retired: bool = False


class SideEffect(Frozen):
    """Something a medicine may do; `alert` says what a therapist must think of."""

    key: Key
    english: Words
    spanish: Words
    alert: Literal["", "driving", "lying_down", "same_day"] = ""


class Medicines(Frozen):
    """A medicines file: the medicines and the side effects that can be picked."""

    medicines: tuple[Medicine, ...] = Field(min_length=1)
    side_effects: tuple[SideEffect, ...] = Field(min_length=1)


class Mimic(Frozen):
    """A condition that can look like restless legs, and the sign that tells it apart."""

    key: Key
    english: Words
    spanish: Words
    discriminator_english: Words
    discriminator_spanish: Words
    sources: tuple[str, ...] = Field(min_length=1)


class Mimics(Frozen):
    """A mimics file, in the order of the checklist."""

    mimics: tuple[Mimic, ...] = Field(min_length=1)


class RedFlag(Frozen):
    """A sign that must go to a physician, and how soon somebody must act on it."""

    key: Key
    english: Words
    spanish: Words
    urgency: Literal["now", "working_day"]


class RedFlags(Frozen):
    """A red flag file, the most pressing first."""

    red_flags: tuple[RedFlag, ...] = Field(min_length=1)

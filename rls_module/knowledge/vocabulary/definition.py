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


Points = Annotated[str, Field(pattern=r"^\d+,\d+( \d+,\d+){2,}$")]


class BodyView(Frozen):
    """One figure of the body chart; `left_of_picture` is the side of the patient that is drawn on the left."""

    key: Key
    english: Words
    spanish: Words
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    left_of_picture: Literal["L", "R"]


class BodyShape(Frozen):
    """A region as it is drawn in one view: the half on the left of the picture, unless it lies in the middle."""

    view: Key
    region: Key
    points: Points
    middle: bool = False


class BodyOutline(Frozen):
    """A part of a figure that can't be picked."""

    view: Key
    points: Points


class BodyChart(Frozen):
    """A body chart file. The view `side` is drawn twice: as it stands for the right side, mirrored for the left."""

    views: tuple[BodyView, ...] = Field(min_length=1)
    shapes: tuple[BodyShape, ...] = Field(min_length=1)
    outlines: tuple[BodyOutline, ...] = ()


class Named(Frozen):
    """A key with its words: a group of tests, or one answer that a test may have."""

    key: Key
    english: Words
    spanish: Words


class BodyTest(Frozen):
    """One test of an examination: answered by one of `options`, the first of them usual, or by a number in `unit`.

    `repositioned`: recorded before and after; `named_for`: which leg the side is named for, where that is mistaken.
    """

    key: Key
    group: Key
    english: Words
    spanish: Words
    options: tuple[Key, ...] = ()
    unit: Literal["", "degrees", "seconds", "times", "level"] = ""
    sided: bool = True
    repositioned: bool = False
    named_for_english: str = ""
    named_for_spanish: str = ""
    retired: bool = False

    @property
    def sides(self) -> tuple[Literal["", "L", "R"], ...]:
        """The sides that are recorded apart; one empty one where there is only one answer."""
        return ("L", "R") if self.sided else ("",)

    @property
    def stages(self) -> tuple[Literal["", "after"], ...]:
        """When it is recorded: once, or also after repositioning."""
        return ("", "after") if self.repositioned else ("",)

    @model_validator(mode="after")
    def _one_kind_of_answer(self) -> Self:
        if bool(self.options) == bool(self.unit):
            raise ValueError("has either options or a unit")
        return self


class Pattern(Frozen):
    """A pattern that a therapist may name, by its label alone."""

    key: Key
    label: Words


class BodyTests(Frozen):
    """A test file, in the order of the examination."""

    groups: tuple[Named, ...] = Field(min_length=1)
    options: tuple[Named, ...] = Field(min_length=1)
    tests: tuple[BodyTest, ...] = Field(min_length=1)
    patterns: tuple[Pattern, ...] = ()

    @model_validator(mode="after")
    def _all_known(self) -> Self:
        groups, options = {one.key for one in self.groups}, {one.key for one in self.options}
        for test in self.tests:
            if test.group not in groups or not options.issuperset(test.options):
                raise ValueError(f"{test.key} names a group or an option that is not in the file")
        return self

"""The shape of an instrument: items, options, branching, measures and wording. Reads no file, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rls_module.knowledge.files import INSTRUMENT_KEY_PATTERN, KEY_PATTERN, Frozen

Key = Annotated[str, Field(pattern=KEY_PATTERN)]
InstrumentKey = Annotated[str, Field(pattern=INSTRUMENT_KEY_PATTERN)]
Phase = Literal["baseline", "followup"]
Kind = Literal[
    "choice", "multi", "count", "scale", "clock", "text", "number", "date", "time", "moment", "url", "info",
]  # fmt: skip
Value = str | int | float  # one answer, or a limit to hold one against: a moment in time is text as ISO has it
Better = Literal["lower", "higher", "later", "fewer"]
Unit = Literal["nights", "mornings", "days", "points", "clock", "places", "band", "word"]
CriterionValue = Literal["yes", "no", "unsure", "past"]
Answers = Mapping[str, object]
Facts = Mapping[str, object]

# Facts a condition may ask for.
FACTS = frozenset({"home_programme", "planned_days", "dopaminergic", "asks_pattern", "asks_now"})
LISTS = frozenset({"activities"})  # facts an item may be repeated over
HOURS_FROM_NOON = tuple((12 + hour) % 24 * 60 for hour in range(24))  # minutes after midnight, noon first
FALLBACK_LANGUAGE = "en"
MOST_SEVERAL = 5  # answers to an item that may have several
COMPARISONS = ("above", "at_least", "below", "at_most")
_FORMS = ("any_of", "none_of", "answered", *COMPARISONS, "below_fact", "fact", "all", "any")


class Condition(Frozen):
    """When an item is asked: an answer to an earlier item, a fact from the chart, or several conditions together.

    Exactly one form. `item` + `any_of`: one of these was answered. `item` + `none_of`: none of these was answered,
    which also holds when nothing was. `item` + `answered`: there is an answer, or there is none. `item` + `above`,
    `at_least`, `below` or `at_most`: a number, or a moment in time, was answered and is that far. `item` +
    `below_fact`: a number was answered and is below the named fact. `fact`: it is true. `all`, `any`: all of these
    conditions hold, or one of them does.
    """

    item: str = ""
    any_of: tuple[Value, ...] = ()
    none_of: tuple[Value, ...] = ()
    answered: bool | None = None
    above: Value | None = None
    at_least: Value | None = None
    below: Value | None = None
    at_most: Value | None = None
    below_fact: str = ""
    fact: str = ""
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [name for name in _FORMS if getattr(self, name) not in ((), "", None)]
        if len(forms) != 1:
            raise ValueError(f"needs exactly one of {', '.join(_FORMS)}")
        if bool(self.item) == (forms[0] in ("fact", "all", "any")):
            raise ValueError("names an item, or a fact, or other conditions, and no two of them")
        return self

    @property
    def limit(self) -> tuple[str, Value] | None:
        """The comparison it makes and what it compares with, or None where it makes none."""
        return next(((name, one) for name in COMPARISONS if (one := getattr(self, name)) is not None), None)

    def alone(self) -> Iterator[Condition]:
        """Yield the conditions on one answer or fact that it is made of."""
        inner = self.all or self.any
        for one in inner:
            yield from one.alone()
        if not inner:
            yield self


class Option(Frozen):
    """One answer that can be picked. `max_length` = it opens a free text, stored under `<item>.<option key>`."""

    key: str | int
    weight: int | float | None = None
    group: str = ""
    exclusive: bool = False
    criterion: CriterionValue | None = None
    max_length: int | None = Field(default=None, ge=1, le=4000)

    @property
    def name(self) -> str:
        """The key as it stands in a wording file."""
        return str(self.key)


CLOCK_HOURS = tuple(Option(key=minutes) for minutes in HOURS_FROM_NOON)


class Measure(Frozen):
    """What an answer is worth over time. Thresholds are differences from the baseline, in the measure's own unit."""

    better: Better
    unit: Unit
    counts_from: float | None = Field(default=None, gt=0)  # a change this large counts
    counts_from_each: float | None = Field(default=None, gt=0)  # the same for one subject of a repeated item
    watch_from: float | None = Field(default=None, gt=0)  # this far the wrong way is watched
    good_to: float | None = None  # measures that are a change themselves: up to here better,
    bad_from: float | None = None  # from here worse
    zero_when: Condition | None = None  # the value is 0, derived, although the item is not asked
    source: str = Field(min_length=1)


class Band(Frozen):
    """A part of a score's range, both ends included; one without a key is known by its ends alone."""

    key: str = Field(default="", pattern=rf"{KEY_PATTERN}|^$")
    min: int
    max: int


class Score(Frozen):
    """One number out of several items, measured as `<instrument>:<key>`. There is none unless every item was answered.

    `some_reversed`: some of its items run the other way. Which ones is not known here; until a clinic has said it,
    there is no score.
    """

    key: Key
    of: tuple[Key, ...] = Field(min_length=2)
    some_reversed: bool = False
    bands: tuple[Band, ...] = ()
    measure: Measure

    def band(self, value: float) -> Band | None:
        """Return the band that a score falls into, or None where it has none."""
        return next((band for band in self.bands if band.min <= value <= band.max), None)


class Item(Frozen):
    """One question of an instrument, or (`info`) words to read between questions.

    A repeated item is asked once for each entry of a list among the facts; one with `several` takes a list of answers.
    `initial` stands in its control before anybody answered.
    """

    key: Key
    kind: Kind
    page: Key
    required: bool = False
    when: Literal["baseline", "followup", "both"] = "both"
    show_if: Condition | None = None
    options: tuple[Option, ...] = ()
    min: Value | None = None  # of a number or scale, or of a moment in time
    max: Value | None = None
    decimals: int | None = Field(default=None, ge=0, le=6)  # places of a number; none where left out
    max_length: int | None = Field(default=None, ge=1, le=4000)
    several: bool = False
    initial: tuple[Value, ...] = ()
    repeat: str | None = None
    measure: Measure | None = None
    criterion: Literal["E1", "E2", "E3", "E4"] | None = None
    past: bool = False  # asks about the past of that criterion

    @property
    def choices(self) -> tuple[Option, ...]:
        """All that can be picked: of a clock the 24 whole hours from noon, then its own options."""
        if self.kind != "clock":
            return self.options
        return CLOCK_HOURS + self.options

    @property
    def numbers(self) -> range:
        """The whole numbers that can be answered to a count or a scale; empty for other kinds."""
        if self.kind not in ("count", "scale") or not isinstance(self.min, int) or not isinstance(self.max, int):
            return range(0)
        return range(self.min, self.max + 1)

    @property
    def is_asked(self) -> bool:
        """Whether it takes an answer; words to read take none."""
        return self.kind != "info"

    def is_in(self, phase: Phase) -> bool:
        """Say whether the item belongs to this phase at all."""
        return self.when in ("both", phase)

    def option(self, key: object) -> Option | None:
        """Return the option with exactly this key (1 is neither "1" nor True), or None."""
        return next((o for o in self.choices if o.key == key and type(o.key) is type(key)), None)


class Notice(Frozen):
    """A remark in words that never blocks: the answer to `item` is above the answer to `above`."""

    key: Key
    item: str
    above: str


class ItemWords(Frozen):
    """The words of one item in one language; `options` is keyed by the option key written as text."""

    text: str = Field(min_length=1)
    short: str = ""  # how staff see it beside a value
    hint: str = ""
    note: str = ""  # stands under the answers
    low: str = ""  # the lowest and
    high: str = ""  # the highest end of a scale
    unit: str = ""  # stands behind a number
    options: Mapping[str, str] = {}

    def label(self, key: str | int) -> str:
        """Return the words of an option; raises KeyError for one that the item does not have."""
        return self.options[str(key)]


class Wording(Frozen):
    """An instrument's words in one language. A draft may be previewed by staff and not be sent to patients."""

    instrument: str
    version: int
    language: str = Field(pattern=r"^[a-z]{2}(-[A-Za-z0-9]+)*$")
    status: Literal["draft", "released"]
    reviewed_by: str = ""
    reviewed_on: date | None = None
    title: str = Field(min_length=1)  # for staff
    heading: str = Field(min_length=1)  # for the patient
    introduction: str = ""
    items: Mapping[str, ItemWords]
    groups: Mapping[str, str] = {}
    units: Mapping[str, str] = {}
    messages: Mapping[str, str] = {}

    @property
    def is_draft(self) -> bool:
        """Say whether a second fluent speaker has still to review these words."""
        return self.status == "draft"


class Structure(Frozen):
    """A structure file: everything about an instrument but its words.

    `name` and `note` are there where a structure is shipped without words: what staff call it, and what they mind when
    they enter its numbers.
    """

    key: InstrumentKey
    name: str = ""
    note: str = ""
    version: int = Field(ge=1)
    comparable_with: tuple[int, ...] = ()  # earlier versions whose measures may share a trend line
    audience: Literal["adult_patient", "clinician"]
    recall_days: int | None = Field(default=None, ge=0)
    minutes: int = Field(ge=1)
    licence: str = Field(min_length=1)
    source: str = Field(min_length=1)
    pages: tuple[Key, ...] = Field(min_length=1)
    items: tuple[Item, ...] = Field(min_length=1)
    notices: tuple[Notice, ...] = ()
    scores: tuple[Score, ...] = ()


class Instrument(Structure):
    """One version of a questionnaire with its words in every language that it has.

    `is_licensed`: the words are somebody else's and lent to one clinic. They are shown to its patients and staff, and
    leave in no export.
    """

    wording: Mapping[str, Wording]
    is_licensed: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it can be read in, English first."""
        return tuple(sorted(self.wording, key=lambda language: (language != FALLBACK_LANGUAGE, language)))

    def item(self, key: str) -> Item:
        """Return the item with this key; raises KeyError if the instrument has none."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)

    def words(self, language: str) -> Wording:
        """Return the words in this language, else in its main language (es-MX: es), else in English."""
        main = language.replace("_", "-").partition("-")[0]
        return self.wording.get(language) or self.wording.get(main) or self.wording[FALLBACK_LANGUAGE]

"""What a template shows of one question: its words, its controls and their state. Checks nothing, stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from typing import Literal

from django.forms.utils import flatatt
from django.utils import formats
from django.utils.safestring import SafeString, mark_safe

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.branching import Question
from rls_module.knowledge.instruments.definition import MOST_SEVERAL, Item, ItemWords, Kind, Option, Wording

_LOOKS: Mapping[Kind, str] = {"count": "numbers count", "scale": "numbers scale", "choice": "words", "multi": "words"}
# A number is typed into a text box: browsers drop what they can't read from a box for numbers, and say nothing.
_TYPES: Mapping[Kind, str] = {
    "number": "text", "date": "date", "time": "time", "moment": "datetime-local", "url": "url", "text": "text",
}  # fmt: skip
_NOTHING = mark_safe("")
_CHECKED = mark_safe(" checked")
_SELECTED = mark_safe(" selected")
_EXCLUSIVE = mark_safe(" data-exclusive")
_EXCLUSIVE_CHECKED = mark_safe(" data-exclusive checked")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands in the controls, as text, and what is wrong with it; both by question name."""

    values: Mapping[str, str | list[str]]
    errors: Mapping[str, str] = field(default_factory=dict)

    def picks(self, name: str) -> frozenset[str]:
        """Return the option names picked for a question."""
        value = self.values.get(name, "")
        return frozenset(value) if isinstance(value, list) else frozenset((value,)) - {""}

    def lines(self, name: str) -> list[str]:
        """Return what was typed into the lines of a question that may have several answers."""
        value = self.values.get(name, "")
        return value if isinstance(value, list) else [value] if value else []

    def text(self, name: str) -> str:
        """Return the text written for a question."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Target:
    """One problem for the error summary: the id of the control to go to, whose it is, and what is wrong."""

    target: str
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class OpenText:
    """The box for the words of one option."""

    id: str
    html_name: str
    label: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to pick; `marks` are the attributes that carry its state."""

    value: str
    label: str
    id: str
    marks: SafeString
    text: OpenText | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """One line to type an answer into."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Answers under one heading; the heading may be empty."""

    id: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as it stands on the page. Template: partials/question.html."""

    name: str
    html_name: str
    kind: Kind
    required: bool
    text: str
    hint: str
    note: str
    low_end: str
    high_end: str
    groups: tuple[Group, ...]
    value: str
    error: str
    rows: int
    boxes: tuple[Box, ...] = ()
    type: str = ""
    unit: str = ""
    bounds: SafeString = _NOTHING

    @property
    def id(self) -> str:
        """The id of the control, or of the group of controls."""
        return f"id_{self.html_name}"

    @property
    def is_grouped(self) -> bool:
        """Whether it is a group of buttons; otherwise one list or one box."""
        return self.kind in _LOOKS

    @property
    def input(self) -> Literal["radio", "checkbox"]:
        """The type of its buttons."""
        return "checkbox" if self.kind == "multi" else "radio"

    @property
    def look(self) -> str:
        """The classes that lay its buttons out."""
        return _LOOKS.get(self.kind, "")

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All answers to pick, without their headings."""
        return tuple(choice for group in self.groups for choice in group.choices)

    @property
    def marks(self) -> SafeString:
        """The attributes of the control or group: role, state, and what describes it."""
        about = (("hint", self.hint), ("error", self.error), ("ends", self.low_end), ("note", self.note))
        described = " ".join(f"{self.id}_{part}" for part, words in about if words)
        is_set = self.kind == "multi"
        return flatatt(
            {
                "role": "radiogroup" if self.is_grouped and not is_set else None,
                "data-exclusive-group": is_set,
                "aria-describedby": described or None,
                "aria-required": "true" if self.required and not is_set else None,
                "aria-invalid": "true" if self.error and not is_set else None,
            }
        )

    @property
    def problems(self) -> tuple[Target, ...]:
        """What is wrong with it and with the words of its options."""
        first = self.groups[0].choices[0].id if self.is_grouped else self.boxes[0].id if self.boxes else self.id
        own = (Target(first, self.error, self.text),) if self.error else ()
        texts = (choice.text for choice in self.choices if choice.text)
        return own + tuple(Target(text.id, text.error, self.text) for text in texts if text.error)


def show(question: Question, words: Wording, *, given: Given, prefix: str) -> Shown:
    """Return the question as it stands with what was given. Raises ValueError when its text lacks a piped word."""
    item, said = question.item, words.items[question.item.key]
    text = branching.filled(said.text, question.piped)
    if not text:
        raise ValueError(f"question {question.name!r} was not given every word that its text needs")
    html_name = f"{prefix}-{question.name}" if prefix else question.name
    return Shown(
        name=question.name,
        html_name=html_name,
        kind=item.kind,
        required=item.required,
        text=text,
        hint=branching.filled(said.hint, question.piped),
        note=branching.filled(said.note, question.piped),
        low_end=f"{item.min} = {said.low}" if said.low else "",
        high_end=f"{item.max} = {said.high}" if said.high else "",
        groups=_groups(question, words, given, html_name),
        value=given.text(question.name),
        error=given.errors.get(question.name, ""),
        rows=max(2, min(6, (item.max_length or 0) // 100)),
        boxes=_boxes(question, given, html_name),
        type=_TYPES.get(item.kind, ""),
        unit=said.unit,
        bounds=_bounds(item),
    )


def is_list(item: Item) -> bool:
    """Say whether a browser sends a list of answers to an item."""
    return item.kind == "multi" or item.several


def in_words(item: Item, said: ItemWords, answer: object) -> str:
    """Return an answer, or several, as people read it: the labels of what was picked, a number with its unit."""
    picked = answer if isinstance(answer, list | tuple) else [answer]
    unit = f" {said.unit}" if said.unit else ""
    return ", ".join(
        said.options.get(str(one), "") if item.option(one) else spelled(item, one) + unit for one in picked
    )


def spelled(item: Item, value: object) -> str:
    """Return a number or a moment in time as people of the page's language write it; anything else as it stands."""
    match item.kind, value:
        case "number", int() | float():
            places = len(repr(value).partition(".")[2]) if isinstance(value, float) else 0
            return formats.number_format(value, decimal_pos=places, use_l10n=True)
        case "date", str():
            return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
        case "time", str():
            return formats.time_format(time.fromisoformat(value), "H:i")
        case "moment", str():
            moment = datetime.fromisoformat(value)
            return f"{formats.date_format(moment, 'DATE_FORMAT')} {formats.time_format(moment.time(), 'H:i')}"
    return str(value)


def _boxes(question: Question, given: Given, html_name: str) -> tuple[Box, ...]:
    """Return the lines to type into: one, or as many as an item may have answers; a long text has none of these."""
    item = question.item
    if item.kind not in _TYPES or (item.kind == "text" and not item.several):
        return ()
    if not item.several:
        return (Box(f"id_{html_name}", given.text(question.name)),)
    written = given.lines(question.name)
    padded = [*written, *[""] * (MOST_SEVERAL - len(written))]
    return tuple(Box(f"id_{html_name}_{place}", value) for place, value in enumerate(padded))


def _bounds(item: Item) -> SafeString:
    """Return what tells a browser which control to show, as far as it has one; what can stand is checked here."""
    is_whole = not item.decimals
    if item.kind == "number":
        return flatatt({"inputmode": "numeric" if is_whole and (item.min is None or item.min >= 0) else "text"})  # type: ignore[operator]
    if item.kind in ("date", "time", "moment"):
        return flatatt({"min": item.min, "max": item.max})
    return flatatt({"maxlength": item.max_length}) if item.kind == "url" else _NOTHING


def _groups(question: Question, words: Wording, given: Given, html_name: str) -> tuple[Group, ...]:
    item = question.item
    options = [Option(key=number) for number in item.numbers] if item.kind in ("count", "scale") else item.choices
    picks = given.picks(question.name)
    said = words.items[item.key]
    places = {option.key: place for place, option in enumerate(options)}
    groups = []
    for heading, members in groupby(options, key=lambda option: option.group):
        choices = (
            Choice(
                value=option.name,
                label=option.name if item.numbers else said.label(option.key),
                id=f"id_{html_name}_{places[option.key]}",
                marks=_marks(option, is_picked=option.name in picks, in_list=item.kind == "clock"),
                text=_open_text(question, option, said, given, html_name),
            )
            for option in members
        )
        label = words.groups.get(heading, "") if heading else ""
        groups.append(Group(f"id_{html_name}_group_{heading}" if heading else "", label, tuple(choices)))
    return tuple(groups)


def _marks(option: Option, *, is_picked: bool, in_list: bool) -> SafeString:
    if option.exclusive:
        return _EXCLUSIVE_CHECKED if is_picked else _EXCLUSIVE
    if is_picked:
        return _SELECTED if in_list else _CHECKED
    return _NOTHING


def _open_text(question: Question, option: Option, said: ItemWords, given: Given, html_name: str) -> OpenText | None:
    if option.max_length is None:
        return None
    name = f"{question.name}.{option.name}"
    return OpenText(
        id=f"id_{html_name}.{option.name}",
        html_name=f"{html_name}.{option.name}",
        label=said.label(option.key),
        value=given.text(name),
        error=given.errors.get(name, ""),
    )

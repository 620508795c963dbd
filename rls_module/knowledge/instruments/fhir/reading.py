"""From a FHIR R4 Questionnaire to the tables of an instrument; what can't be said in them is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic_core import from_json

from rls_module.knowledge.files import IMPORTED, KnowledgeError, shaped
from rls_module.knowledge.instruments import limits
from rls_module.knowledge.instruments.fhir import conditions, kinds, values
from rls_module.knowledge.instruments.fhir.names import item_key, slug
from rls_module.knowledge.instruments.fhir.resource import DECISIVE, UNDERSTOOD, Item, Questionnaire, control_of

Table = dict[str, Any]
QUESTIONS_A_MINUTE = 5
CONTROLS_HEEDED = frozenset(
    {"slider", "radio-button", "check-box", "text-box", "help", "lower", "upper", "inline", "prompt", "list"}
)
_NOT_ASKED = ("group", "display")
LANGUAGE = "en"


@dataclass(slots=True)
class _Sheet:
    """The questionnaire as far as it was read."""

    file: str
    pages: list[str] = field(default_factory=list)
    items: list[Table] = field(default_factory=list)
    words: dict[str, Table] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    introduction: str = ""
    questions: dict[str, conditions.Question] = field(default_factory=dict)  # by linkId
    links: set[str] = field(default_factory=set)  # every linkId so far

    def refuse(self, item: Item, reason: str) -> NoReturn:
        raise KnowledgeError(self.file, f"item.{item.link_id}"[: limits.LONGEST_LABEL], reason)


def read(text: str, *, file: str) -> tuple[Table, dict[str, Table], tuple[str, ...]]:
    """Return structure, words by language, and what was left out in words; raises KnowledgeError."""
    try:
        raw = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        if "recursion" in str(error):
            raise KnowledgeError(file, "", f"is nested more than {limits.DEEPEST} levels deep") from None
        raise KnowledgeError(file, "", f"is not valid JSON: {error}") from None
    limits.check_values(raw, file=file)
    resource = shaped(Questionnaire, raw, file=file)
    if resource.language.partition("-")[0] != LANGUAGE:
        reason = f"is {resource.language!r}; a FHIR file is read in English, further languages come by TOML"
        raise KnowledgeError(file, "language", reason)
    sheet = _Sheet(file)
    _note_extensions(sheet, resource, "the questionnaire")
    for place, item in enumerate(resource.item):
        _take_top(sheet, item, is_first=place == 0)
    structure = _structure(resource, sheet)
    return structure, {LANGUAGE: _wording(resource, sheet, structure)}, tuple(sheet.remarks)


def _take_top(sheet: _Sheet, item: Item, *, is_first: bool) -> None:
    """A group is a page, a question outside of groups is a page of its own, a first text introduces."""
    if item.type == "display" and is_first and not item.enable_when:
        _check_link(sheet, item)
        sheet.introduction = _text(item)
    elif item.type == "display" and sheet.pages:
        _take(sheet, item, sheet.pages[-1], ())
    else:
        _take(sheet, item, _page(sheet, item), ())


def _take(sheet: _Sheet, item: Item, page: str, around: tuple[Table, ...]) -> None:
    """Take a group, a text or a question with all that stands below it; `around` are the conditions it stands under."""
    _check_link(sheet, item)
    _note_extensions(sheet, item, f"item {item.link_id}")
    _note_control(sheet, item)
    try:
        own = conditions.show_if(item, sheet.questions)
        branch = conditions.together((*around, own))
        answered = kinds.answers(item) if item.type not in _NOT_ASKED else None
    except (kinds.Unsaid, conditions.Unsaid, values.Unsaid) as unsaid:
        sheet.refuse(item, str(unsaid))
    within = (*around, own) if own else around
    place = {"page": page, **({"show_if": branch} if branch else {})}
    if answered is not None:
        _take_question(sheet, item, place, answered)
        within = (*within, {"item": item_key(item.link_id), "answered": True})
    elif item.repeats:
        sheet.refuse(item, "is a group that is asked several times")
    elif _text(item):
        _add(sheet, item, {**place, "kind": "info"}, {})
    for below in item.item:
        if answered is None or below.type != "display" or below.enable_when:
            _take(sheet, below, page, within)


def _take_question(sheet: _Sheet, item: Item, place: Table, answered: kinds.Answers) -> None:
    if not item.text:
        sheet.refuse(item, "has no text")
    required = {"required": True} if item.required else {}
    words = {**answered.words, **_asides(sheet, item)}
    _add(sheet, item, {**place, **required, **answered.structure}, words)
    unit = str(answered.words.get("unit", ""))
    sheet.questions[item.link_id] = conditions.Question(item_key(item.link_id), answered.kind, answered.keys, unit)


def _add(sheet: _Sheet, item: Item, structure: Table, words: Table) -> None:
    key = item_key(item.link_id)
    if key in sheet.words:
        sheet.refuse(item, f"comes to the key {key!r}, which another item has")
    sheet.items.append({"key": key, **structure})
    sheet.words[key] = {"text": _text(item), **words}


def _text(item: Item) -> str:
    return f"{item.prefix} {item.text}".strip()


def _check_link(sheet: _Sheet, item: Item) -> None:
    if item.link_id in sheet.links:
        sheet.refuse(item, "has the linkId of another item")
    sheet.links.add(item.link_id)


def _page(sheet: _Sheet, item: Item) -> str:
    key = item_key(item.link_id)
    if key in limits.TAKEN_PAGES:
        key = f"page_{key}"
    if key in sheet.pages:
        sheet.refuse(item, "has the linkId of another page")
    sheet.pages.append(key)
    return key


def _asides(sheet: _Sheet, item: Item) -> Table:
    """A help text below a question is its hint, any other text its note; a scale's ends were taken already."""
    found: Table = {}
    for below in item.item:
        control = control_of(below)
        if below.type != "display" or below.enable_when:
            continue
        _check_link(sheet, below)
        if control in kinds.ENDS and control_of(item) == "slider":
            continue
        name = "hint" if control == "help" else "note"
        if name in found:
            sheet.remarks.append(f"The text of item {below.link_id} is not shown to patients: “{below.text}”")
        else:
            found[name] = _text(below)
    return found


def _note_control(sheet: _Sheet, item: Item) -> None:
    """Say where a control is asked for that a patient's page does not have: it shows its own for the same answers."""
    control = control_of(item)
    if control and control not in CONTROLS_HEEDED:
        sheet.remarks.append(f"The control {control!r} of item {item.link_id} is not shown: the page has its own")


def _note_extensions(sheet: _Sheet, holder: Questionnaire | Item, where: str) -> None:
    """Refuse what a question depends on; say of everything else that it was not understood."""
    for extension in _extensions(holder):
        if extension.rpartition("-")[2].rpartition("/")[2].lower() in DECISIVE:
            raise KnowledgeError(sheet.file, where, f"depends on the extension {extension!r}, which is not read")
        if extension not in UNDERSTOOD:
            sheet.remarks.append(f"An extension of {where} is not read: {extension}")


def _extensions(holder: Questionnaire | Item) -> Iterator[str]:
    yield from (one.url for one in holder.extension)
    for option in holder.answer_option if isinstance(holder, Item) else ():
        yield from (one.url for one in option.extension)
        if option.value_coding:
            yield from (one.url for one in option.value_coding.extension)


def _structure(resource: Questionnaire, sheet: _Sheet) -> Table:
    name = slug(resource.name or resource.id)
    if not name:
        raise KnowledgeError(sheet.file, "name", "is missing: the key is made from it, or from id")
    return {
        "key": IMPORTED + name.removeprefix("x_"),
        "version": _version(resource.version, sheet),
        "audience": "adult_patient",
        "minutes": max(1, -(-len(sheet.items) // QUESTIONS_A_MINUTE)),
        "licence": resource.copyright or "The file names none.",
        "source": resource.publisher or resource.url or "The file names none.",
        "pages": [page for page in sheet.pages if any(item["page"] == page for item in sheet.items)],
        "items": sheet.items,
    }


def _version(said: str, sheet: _Sheet) -> int:
    """Return the whole number that a version begins with, else 1; FHIR leaves it open what a version looks like."""
    match = re.match(r"v?([1-9][0-9]{0,8})(?![0-9])", said)
    number = int(match[1]) if match else 1
    if said != str(number):
        named = f"The version {said!r} is" if said else "No version is given: it is"
        sheet.remarks.append(f"{named} read as {number}; a correction of it needs a higher whole number")
    return number


def _wording(resource: Questionnaire, sheet: _Sheet, structure: Table) -> Table:
    title = resource.title or resource.name or resource.id
    return {
        "instrument": structure["key"],
        "version": structure["version"],
        "language": LANGUAGE,
        "status": "released",
        "title": title,
        "heading": title,
        "introduction": sheet.introduction,
        "items": sheet.words,
    }

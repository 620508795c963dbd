"""Checks that the parts of an instrument fit each other: every reference leads somewhere, no words are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from rls_module.knowledge.files import KnowledgeError, repeated
from rls_module.knowledge.instruments import branching, entries
from rls_module.knowledge.instruments.branching import PLACEHOLDER
from rls_module.knowledge.instruments.definition import (
    FACTS,
    LISTS,
    Condition,
    Item,
    ItemWords,
    Score,
    Structure,
    Value,
    Wording,
)

_NEEDS = {  # kind -> fields it must have; every other of these fields it must not have
    "choice": {"options"},
    "multi": {"options"},
    "count": {"min", "max"},
    "scale": {"min", "max"},
    "clock": set(),
    "text": {"max_length"},
    "number": set(),
    "date": set(),
    "time": set(),
    "moment": set(),
    "url": {"max_length"},
    "info": set(),
}
_BOUNDS = {"min", "max"}
_MAY = {
    "clock": {"options"}, "number": {*_BOUNDS, "decimals"}, "date": _BOUNDS, "time": _BOUNDS, "moment": _BOUNDS,
}  # fmt: skip
_MOMENTS = ("date", "time", "moment")
_TYPED = ("text", "number", "url", *_MOMENTS)  # into a box, which can stand there several times
_MEASURED = ("choice", "multi", "count", "scale", "clock", "number")
_MESSAGE_PLACEHOLDERS = frozenset({"label", "before", "now", "change", "counts_from", "unit"})


def check_structure(structure: Structure, *, file: str) -> None:
    """Raise KnowledgeError for the first part of a structure that does not fit the others."""
    _no_duplicate(structure.pages, file=file, path="pages", what="page")
    _no_duplicate((item.key for item in structure.items), file=file, path="items", what="item")
    _no_duplicate((notice.key for notice in structure.notices), file=file, path="notices", what="notice")
    _check_pages(structure, file=file)
    earlier: dict[str, Item] = {}
    for item in structure.items:
        path = f"items.{item.key}"
        _check_fields(item, file=file, path=path)
        _check_options(item, file=file, path=path)
        _check_initial(item, file=file, path=f"{path}.initial")
        for one in item.show_if.alone() if item.show_if else ():
            _check_condition(one, earlier, file=file, path=f"{path}.show_if")
        if item.measure and item.measure.zero_when:
            for one in item.measure.zero_when.alone():
                _check_condition(one, earlier, file=file, path=f"{path}.measure.zero_when")
        earlier[item.key] = item
    _check_scores(structure, earlier, file=file)
    for notice in structure.notices:
        for field, name in (("item", notice.item), ("above", notice.above)):
            if name not in earlier or earlier[name].kind not in ("count", "scale"):
                _fail(file, f"notices.{notice.key}.{field}", f"{name!r} is not an item with a number for an answer")


def check_wording(structure: Structure, wording: Wording, *, file: str) -> None:
    """Raise KnowledgeError unless a wording has words for each item and option of its structure, and for no others."""
    if (wording.instrument, wording.version) != (structure.key, structure.version):
        _fail(file, "instrument", f"is not the wording of {structure.key} version {structure.version}")
    if wording.status == "released" and wording.language != "en" and not (wording.reviewed_by and wording.reviewed_on):
        _fail(file, "reviewed_by", "is missing: a translation is released only after a recorded review")
    items = {item.key: item for item in structure.items}
    _same(wording.items, items, file=file, path="items", what="item")
    for key, item in items.items():
        _check_words(item, wording.items[key], file=file)
    groups = {option.group for item in structure.items for option in item.options if option.group}
    _same(wording.groups, groups, file=file, path="groups", what="group")
    units = {item.measure.unit for item in structure.items if item.measure}
    for unit in wording.units.keys() - units:
        _fail(file, f"units.{unit}", "is the unit of no measure")
    for notice in structure.notices:
        if notice.key not in wording.messages:
            _fail(file, f"messages.{notice.key}", "is missing")
    for key, text in wording.messages.items():
        _only_placeholders(text, _MESSAGE_PLACEHOLDERS, file=file, path=f"messages.{key}")


def check_coverage(wording: Wording, reference: Wording, *, file: str) -> None:
    """Raise KnowledgeError unless both languages have the same texts, hints and messages filled in."""
    if bool(wording.introduction) != bool(reference.introduction):
        _uneven(file, "introduction", wording.introduction, reference.language)
    for key, words in wording.items.items():
        for field in ("short", "hint", "note", "unit"):
            text = getattr(words, field)
            if bool(text) != bool(getattr(reference.items[key], field)):
                _uneven(file, f"items.{key}.{field}", text, reference.language)
        for field in ("text", "hint", "note"):
            mine, theirs = getattr(words, field), getattr(reference.items[key], field)
            if set(PLACEHOLDER.findall(mine)) != set(PLACEHOLDER.findall(theirs)):
                _fail(file, f"items.{key}.{field}", f"has other placeholders than {reference.language!r}")
    for table in ("messages", "units"):
        mine, theirs = getattr(wording, table), getattr(reference, table)
        for key in sorted(mine.keys() ^ theirs.keys()):
            _uneven(file, f"{table}.{key}", mine.get(key, ""), reference.language)


def _check_pages(structure: Structure, *, file: str) -> None:
    order = {page: position for position, page in enumerate(structure.pages)}
    position = 0
    for item in structure.items:
        if item.page not in order:
            _fail(file, f"items.{item.key}.page", f"{item.page!r} is not among the pages")
        if order[item.page] < position:
            _fail(file, f"items.{item.key}.page", f"{item.page!r} comes before the page of the item above")
        position = order[item.page]
    used = {item.page for item in structure.items}
    for page in structure.pages:
        if page not in used:
            _fail(file, f"pages.{page}", "has no item")


def _check_fields(item: Item, *, file: str, path: str) -> None:
    given = {name for name in ("min", "max", "max_length", "decimals") if getattr(item, name) is not None}
    given |= {"options"} if item.options else set()
    for name in sorted(_NEEDS[item.kind] - given):
        _fail(file, f"{path}.{name}", f"is missing: an item of kind {item.kind!r} needs it")
    for name in sorted(given - _NEEDS[item.kind] - _MAY.get(item.kind, set())):
        _fail(file, f"{path}.{name}", f"does not belong to an item of kind {item.kind!r}")
    for name in ("min", "max"):
        if not _is_bound(item, getattr(item, name)):
            _fail(file, f"{path}.{name}", f"is not what an item of kind {item.kind!r} can be answered with")
    if item.min is not None and item.max is not None and item.min >= item.max:  # type: ignore[operator]
        _fail(file, f"{path}.max", "is not above min")
    if item.several and (item.kind not in _TYPED or item.repeat):
        _fail(file, f"{path}.several", "belongs to what is typed, and is asked once")
    if not item.is_asked and (item.required or item.initial or item.repeat):
        _fail(file, path, "is to be read: it is not required, filled in or repeated")
    if item.repeat is not None and item.repeat not in LISTS:
        _fail(file, f"{path}.repeat", f"{item.repeat!r} is not a list among the facts")
    if item.measure and (item.kind not in _MEASURED or item.several):
        what = "what has several answers" if item.several else f"a {item.kind}"
        _fail(file, f"{path}.measure", f"{what} cannot be measured")
    if item.past and item.criterion is None:
        _fail(file, f"{path}.past", "names no criterion")


def _is_bound(item: Item, bound: Value | None) -> bool:
    match item.kind, bound:
        case _, None:
            return True
        case (("count" | "scale"), int()):
            return True
        case "number", int() | float():
            return True
        case (("date" | "time" | "moment"), str()):
            return entries.is_moment(item.kind, bound)
    return False


def _check_options(item: Item, *, file: str, path: str) -> None:
    _no_duplicate((option.name for option in item.choices), file=file, path=f"{path}.options", what="option")
    exclusive = [option for option in item.options if option.exclusive]
    if exclusive and item.kind != "multi":
        _fail(file, f"{path}.options.{exclusive[0].name}", "is exclusive, but only one option can be picked anyway")
    if exclusive and (len(exclusive) > 1 or not item.options[-1].exclusive):
        _fail(file, f"{path}.options.{exclusive[0].name}", "the one exclusive option stands last")
    for option in item.options:
        if option.criterion and item.criterion is None:
            _fail(file, f"{path}.options.{option.name}.criterion", "belongs to an item without a criterion")
        if item.measure and item.kind == "choice" and option.weight is None:
            _fail(file, f"{path}.options.{option.name}.weight", "is missing: the item is measured")


def _check_condition(condition: Condition, earlier: Mapping[str, Item], *, file: str, path: str) -> None:
    for field, fact in (("fact", condition.fact), ("below_fact", condition.below_fact)):
        if fact and fact not in FACTS:
            _fail(file, f"{path}.{field}", f"{fact!r} is not a known fact")
    if not condition.item:
        return
    item = earlier.get(condition.item)
    if item is None:
        _fail(file, f"{path}.item", f"{condition.item!r} is not an item before this one")
    if item.repeat:
        _fail(file, f"{path}.item", f"{condition.item!r} is asked more than once")
    if not item.is_asked:
        _fail(file, f"{path}.item", f"{condition.item!r} is to be read and is not answered")
    if condition.below_fact and item.kind != "count":
        _fail(file, f"{path}.below_fact", f"{condition.item!r} is not a count")
    for field in ("any_of", "none_of"):
        for key in getattr(condition, field):
            if not can_answer(item, key):
                _fail(file, f"{path}.{field}", f"{key!r} is not an answer to {condition.item!r}")
    if condition.limit:
        _check_limit(*condition.limit, item, file=file, path=path)


def can_answer(item: Item, value: Value) -> bool:
    """Say whether this is one of the answers to an item."""
    if item.options:
        return item.option(value) is not None
    return branching.problem(item.model_copy(update={"several": False}), value) is None


def _check_limit(name: str, limit: Value, item: Item, *, file: str, path: str) -> None:
    is_number = item.kind in ("count", "scale", "number") and isinstance(limit, int | float)
    is_moment = item.kind in _MOMENTS and isinstance(limit, str) and entries.is_moment(item.kind, limit)
    if not is_number and not is_moment:
        _fail(file, f"{path}.{name}", f"{limit!r} cannot be held against the answers to {item.key!r}")


def _check_initial(item: Item, *, file: str, path: str) -> None:
    is_list = item.kind == "multi" or item.several
    if item.initial and branching.problem(item, item.initial if is_list else item.initial[0]):
        _fail(file, path, "is no answer to it")
    if len(item.initial) > 1 and not is_list:
        _fail(file, path, "has several answers; it takes one")


def _check_scores(structure: Structure, items: Mapping[str, Item], *, file: str) -> None:
    """A score is made of numbers, has a name of its own, and its bands lie end to end over all that it can be."""
    names = [*items, *(score.key for score in structure.scores)]
    _no_duplicate(names, file=file, path="scores", what="item or score")
    for score in structure.scores:
        path = f"scores.{score.key}"
        for name in score.of:
            if name not in items or not worths(items[name]) or items[name].repeat:
                _fail(file, f"{path}.of", f"{name!r} is not an item with a number for each answer, asked once")
        _no_duplicate(score.of, file=file, path=f"{path}.of", what="part")
        least, most = (sum(end(worths(items[name])) for name in score.of) for end in (min, max))
        _check_bands(score, least, most, file=file, path=f"{path}.bands")


def _check_bands(score: Score, least: float, most: float, *, file: str, path: str) -> None:
    begins = least
    for band in score.bands:
        if band.min != begins or band.max < band.min:
            _fail(file, path, f"do not go on from {begins:g} with {band.min} to {band.max}")
        begins = band.max + 1
    if score.bands and begins != most + 1:
        _fail(file, path, f"end at {begins - 1:g}; it goes to {most:g}")


def worths(item: Item) -> tuple[float, ...]:
    """Return what each answer to an item adds to a score; none where the answers are no numbers."""
    if item.kind in ("count", "scale"):
        return tuple(item.numbers)
    weights = [option.weight for option in item.options if option.weight is not None]
    return tuple(weights) if item.kind == "choice" and len(weights) == len(item.options) else ()


def _check_words(item: Item, words: ItemWords, *, file: str) -> None:
    path = f"items.{item.key}"
    _same(words.options, {option.name for option in item.choices}, file=file, path=f"{path}.options", what="option")
    for field in ("low", "high"):
        if bool(getattr(words, field)) != (item.kind == "scale"):
            _fail(file, f"{path}.{field}", "is missing" if item.kind == "scale" else "belongs to scales only")
    if words.unit and item.kind != "number":
        _fail(file, f"{path}.unit", "belongs to numbers only")
    if item.measure and not words.short:
        _fail(file, f"{path}.short", "is missing: the item is measured")
    allowed = {"since", "days"} | ({"activity"} if item.repeat else set())
    for field in ("text", "hint", "note"):
        _only_placeholders(getattr(words, field), allowed, file=file, path=f"{path}.{field}")
    for field in ("low", "high", "short", "unit"):
        _only_placeholders(getattr(words, field), (), file=file, path=f"{path}.{field}")
    for key, text in words.options.items():
        if not text:
            _fail(file, f"{path}.options.{key}", "is empty")
        _only_placeholders(text, (), file=file, path=f"{path}.options.{key}")


def _only_placeholders(text: str, allowed: Iterable[str], *, file: str, path: str) -> None:
    for name in PLACEHOLDER.findall(text):
        if name not in allowed:
            _fail(file, path, f"placeholder {{{name}}} is not allowed here")
    if "{" in (rest := PLACEHOLDER.sub("", text)) or "}" in rest:
        _fail(file, path, "has a brace that belongs to no placeholder")


def _same(found: Iterable[str], expected: Iterable[str], *, file: str, path: str, what: str) -> None:
    for key in sorted(set(expected) - set(found)):
        _fail(file, f"{path}.{key}", "has no words")
    for key in sorted(set(found) - set(expected)):
        _fail(file, f"{path}.{key}", f"is not the key of any {what}")


def _no_duplicate(keys: Iterable[str], *, file: str, path: str, what: str) -> None:
    if (key := repeated(keys)) is not None:
        _fail(file, f"{path}.{key}", f"is the key of two {what}s")


def _uneven(file: str, path: str, text: str, language: str) -> NoReturn:
    _fail(file, path, f"is not in {language!r}" if text else f"is missing, {language!r} has it")


def _fail(file: str, path: str, reason: str) -> NoReturn:
    raise KnowledgeError(file, path, reason)

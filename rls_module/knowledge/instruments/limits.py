"""How much an instrument from outside may hold, and what it may not: before it is read, and once it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from typing import NoReturn

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments.branching import PLACEHOLDER
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE, Instrument, Item, Wording
from rls_module.knowledge.instruments.entries import LARGEST

MOST_BYTES = 256 * 1024
LONGEST_LINE = 5000
MOST_DOTS = 8  # in a line that begins a TOML table
MOST_DOTS_SQUARED = 1_000_000  # the time that a dotted key takes grows with the square of its dots
DEEPEST = 24
MOST_ENTRIES = 200  # of any list or table
MOST_ITEMS = 100
MOST_OPTIONS = 50
MOST_NUMBERS = 101  # each number of a count or a scale is a button
MOST_LANGUAGES = 10
MOST_MESSAGES = 100
LONGEST_TEXT = 2000
LONGEST_LABEL = 300
LONGEST_INSTRUMENT_KEY = 40
LONGEST_KEY = 32

# The survey's own addresses and form fields: a page or an item of that name would be taken for them.
TAKEN_PAGES = frozenset({"call", "advice", "stop", "review"})
TAKEN_ITEMS = frozenset({"do", "token", "form_token", "seen", "noticed"})

_OPTION_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_LANGUAGE = re.compile(r"[a-z]{2}")
_LABELS = ("short", "low", "high", "unit")
_TEXTS = ("text", "hint", "note")


def check_size(size: int, *, file: str) -> None:
    """Raise KnowledgeError for more bytes than an import may have; ask before anything is read."""
    if size > MOST_BYTES:
        _fail(file, "", f"has {size:,} bytes; at most {MOST_BYTES:,} are read")


def text_of(content: bytes, *, file: str) -> str:
    """Return the bytes as text; raises KnowledgeError for too many, for other than UTF-8 and control characters."""
    check_size(len(content), file=file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _fail(file, "", f"is not UTF-8 text: {error.reason} at byte {error.start}")
    _readable(text, file=file, path="")
    return text


def check_lines(text: str, *, file: str) -> None:
    """Raise KnowledgeError for lines that would keep the TOML reader busy for minutes; prose has far fewer dots."""
    squared = 0
    for number, line in enumerate(text.split("\n"), start=1):  # a line as TOML counts them
        dots = line.count(".")
        squared += dots * dots
        if len(line) > LONGEST_LINE:
            _fail(file, f"line {number}", f"has {len(line):,} characters; at most {LONGEST_LINE:,} are read")
        if line.lstrip().startswith("[") and dots > MOST_DOTS:
            _fail(file, f"line {number}", f"begins with [ and has more than {MOST_DOTS} dots")
        if squared > MOST_DOTS_SQUARED:
            _fail(file, f"line {number}", "has more dots, with the lines before it, than keys and words need")


def check_values(table: object, *, file: str) -> None:
    """Raise KnowledgeError for nesting, numbers and characters that no instrument needs, wherever they stand.

    It walks without recursion: what is too deep for it is too deep for everything that comes after.
    """
    waiting: list[tuple[object, str, int]] = [(table, "", 1)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > DEEPEST:
            _fail(file, path[:LONGEST_LABEL], f"is nested more than {DEEPEST} levels deep")
        match value:
            case str():
                _readable(value, file=file, path=path)
            case int() | float() if not -LARGEST <= value <= LARGEST:  # nor what is no number at all
                _fail(file, path, f"is not a number from -{LARGEST:,} to {LARGEST:,}")
            case dict() | list() | tuple() if len(value) > MOST_ENTRIES:
                _few(value, MOST_ENTRIES, file=file, path=path)
            case dict():
                for key in value:
                    _readable(key, file=file, path=path)
                waiting += [(one, f"{path}.{key}".lstrip("."), depth + 1) for key, one in reversed(value.items())]
            case list() | tuple():
                waiting += [(one, path, depth + 1) for one in reversed(value)]


def check_instrument(instrument: Instrument, *, file: str) -> None:
    """Raise KnowledgeError for an instrument with more, or longer, than pages and tables here can hold."""
    _short(instrument.key, LONGEST_INSTRUMENT_KEY, file=file, path="key")
    _few(instrument.items, MOST_ITEMS, file=file, path="items")
    _few(instrument.wording, MOST_LANGUAGES, file=file, path="wording")
    for field in ("licence", "source"):
        _short(getattr(instrument, field), LONGEST_TEXT, file=file, path=field)
    for page in instrument.pages:
        _name(page, TAKEN_PAGES, file=file, path=f"pages.{page}")
    for item in instrument.items:
        _check_item(item, file=file)
    for language, wording in instrument.wording.items():
        _check_words(instrument, wording, file=file, path=f"wording.{language}")


def _check_item(item: Item, *, file: str) -> None:
    path = f"items.{item.key}"
    _name(item.key, TAKEN_ITEMS, file=file, path=path)
    _few(item.options, MOST_OPTIONS, file=file, path=f"{path}.options")
    if len(item.numbers) > MOST_NUMBERS:
        _fail(file, f"{path}.max", f"gives {len(item.numbers):,} numbers to pick from; at most {MOST_NUMBERS} fit")
    for option in item.options:
        if not _OPTION_KEY.fullmatch(option.name):
            _fail(file, f"{path}.options", f"{option.name[:LONGEST_KEY]!r} is not of 1 to 32 letters, digits, _ and -")
        if option.group:
            _name(option.group, frozenset(), file=file, path=f"{path}.options.{option.name}.group")


def _check_words(instrument: Instrument, wording: Wording, *, file: str, path: str) -> None:
    if not _LANGUAGE.fullmatch(wording.language):
        _fail(file, path, "is not a language of two small letters")
    if wording.language == FALLBACK_LANGUAGE and wording.is_draft:
        _fail(file, f"{path}.status", "is a draft; other languages fall back to English, so that must be released")
    _few(wording.messages, MOST_MESSAGES, file=file, path=f"{path}.messages")
    for field, text, longest in _all_words(wording):
        _short(text, longest, file=file, path=f"{path}.{field}")
    for item in instrument.items:
        if "days" in PLACEHOLDER.findall(wording.items[item.key].text):
            _fail(file, f"{path}.items.{item.key}.text", "names {days}, which not every patient has; a hint may")


def _all_words(wording: Wording) -> Iterator[tuple[str, str, int]]:
    """Yield where it stands, the words, and how long they may be."""
    yield from ((field, getattr(wording, field), LONGEST_LABEL) for field in ("title", "heading", "reviewed_by"))
    yield "introduction", wording.introduction, LONGEST_TEXT
    for table in ("groups", "units", "messages"):
        yield from ((f"{table}.{key}", text, LONGEST_LABEL) for key, text in getattr(wording, table).items())
    for key, words in wording.items.items():
        yield from ((f"items.{key}.{field}", getattr(words, field), LONGEST_TEXT) for field in _TEXTS)
        yield from ((f"items.{key}.{field}", getattr(words, field), LONGEST_LABEL) for field in _LABELS)
        yield from ((f"items.{key}.options.{name}", text, LONGEST_LABEL) for name, text in words.options.items())


def _name(key: str, taken: frozenset[str], *, file: str, path: str) -> None:
    _short(key, LONGEST_KEY, file=file, path=path)
    if key in taken:
        _fail(file, path, "is a name that the survey keeps for itself; choose another")


def _short(text: str, longest: int, *, file: str, path: str) -> None:
    if len(text) > longest:
        _fail(file, path[:LONGEST_LABEL], f"has {len(text):,} characters; at most {longest:,} fit")


def _few(found: Sized, most: int, *, file: str, path: str) -> None:
    if len(found) > most:
        _fail(file, path, f"has {len(found):,} entries; at most {most} fit")


def _readable(text: str, *, file: str, path: str) -> None:
    if found := _NO_TEXT.search(text):
        where = path or f"line {text.count(chr(10), 0, found.start()) + 1}"
        _fail(file, where[:LONGEST_LABEL], f"holds the character U+{ord(found[0]):04X}, which is no text")


def _fail(file: str, path: str, reason: str) -> NoReturn:
    raise KnowledgeError(file, path, reason)

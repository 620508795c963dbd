"""A clinic's own words for a mail: the placeholders they may hold, what they may not say, and how they are filled.

Plain text and nothing else: no template language, no markup, no address but those of the placeholders. Source of the
rules and of the list of words: project design.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

NAMES = ("invite", "reminder_1", "reminder_2", "papers")
PLACEHOLDERS = (
    "mail_name", "clinic_phone", "minutes", "link", "last_day", "later_link", "stop_link", "emergency_number",
)  # fmt: skip
LINKS = ("link", "later_link", "stop_link")
NEEDED = ("link", "stop_link")
LONGEST = {"subject": 120, "body": 4000}

# Words that may stand in no mail: whoever sees it over a shoulder must learn nothing.
FORBIDDEN = (
    "legs", "restless", "RLS", "sleep", "symptom", "pain", "painful", "needle", "needling", "fascia", "exercise",
    "treatment", "therapy", "therapist", "patient", "diagnosis", "health", "medicine", "iron",
    "piernas", "sueño", "síntoma", "dolor", "aguja", "ejercicio", "tratamiento", "terapia", "terapeuta", "paciente",
    "diagnóstico", "salud", "medicina", "hierro",
)  # fmt: skip
_GREETINGS = re.compile(r"salud(?:o|os|a|ar|arle|arles|amos)")  # begin like "salud" and say nothing
_SHORTEST_STEM = 5  # from this length on a word is found in longer ones that begin with it: needle in needles, needled

_BRACES = re.compile(r"\{(\w+)\}")
_LINK = re.compile(r"\{(link|later_link|stop_link)\}")
_MARKUP = re.compile(r"<[a-z/!?]", re.IGNORECASE)
_ADDRESS = re.compile(
    r"//|\bwww\.|\b(?:mailto|javascript|data):|[\w-]\.(?:com|org|net|edu|gov|info|io|health|care|clinic|us|mx|es)\b",
    re.IGNORECASE,
)

Field = Literal["subject", "body"]
Kind = Literal["empty", "too_long", "unreadable", "braces", "markup", "address", "word", "missing", "twice", "line_end"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot stand: in which field, of which kind, and the very thing where there is one."""

    field: Field
    kind: Kind
    what: str = ""


def problems(subject: str, body: str) -> tuple[Problem, ...]:
    """Return everything that keeps a text from being sent, in the order a reader meets it; empty = it may stand."""
    return (*_of_subject(subject), *_of_body(body))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders filled in one pass: what a value holds is never read as a placeholder."""
    return _BRACES.sub(lambda match: values.get(match[1], match[0]), text)


def links_in(line: str) -> tuple[str, str] | None:
    """Return (words before it, name) of the link at a line's end, or None for a line without one."""
    match = _LINK.search(line)
    return (line[: match.start()].rstrip(" :"), match[1]) if match else None


def forbidden_in(text: str) -> tuple[str, ...]:
    """Return the words of `text` that tell what the clinic treats, each once and as it stands there."""
    found = (word for word in re.findall(r"[^\W\d_]+", text) if _is_forbidden(_plain(word)))
    return tuple(dict.fromkeys(found))


def _of_subject(subject: str) -> Iterator[Problem]:
    if not subject.strip():
        yield Problem("subject", "empty")
    if "\n" in subject or "\r" in subject:
        yield Problem("subject", "unreadable")
    yield from _of_both("subject", subject)
    yield from (Problem("subject", "braces", f"{{{name}}}") for name in LINKS if f"{{{name}}}" in subject)


def _of_body(body: str) -> Iterator[Problem]:
    if not body.strip():
        yield Problem("body", "empty")
        return
    yield from _of_both("body", body)
    for name in LINKS:
        count = body.count(f"{{{name}}}")
        if count == 0 and name in NEEDED:
            yield Problem("body", "missing", f"{{{name}}}")
        elif count > 1:
            yield Problem("body", "twice", f"{{{name}}}")
    for line in body.splitlines():
        match = _LINK.search(line)
        if match and (line[match.end() :].strip() or _LINK.search(line[: match.start()])):
            yield Problem("body", "line_end", match[0])


def _of_both(field: Field, text: str) -> Iterator[Problem]:
    if len(text) > LONGEST[field]:
        yield Problem(field, "too_long", str(LONGEST[field]))
    if not all(one.isprintable() or one in "\r\n" for one in text):
        yield Problem(field, "unreadable")
    for name in _BRACES.findall(text):
        if name not in PLACEHOLDERS:
            yield Problem(field, "braces", f"{{{name}}}")
    if re.search(r"[{}]", _BRACES.sub("", text)):
        yield Problem(field, "braces", "{ }")
    if _MARKUP.search(text):
        yield Problem(field, "markup")
    if match := _ADDRESS.search(text):
        yield Problem(field, "address", match[0])
    yield from (Problem(field, "word", word) for word in forbidden_in(_BRACES.sub("", text)))


def _is_forbidden(word: str) -> bool:
    if _GREETINGS.fullmatch(word):
        return False
    return any(
        _stems(word) & _stems(_plain(one)) or (len(one) >= _SHORTEST_STEM and word.startswith(_plain(one)))
        for one in FORBIDDEN
    )


def _stems(word: str) -> frozenset[str]:
    """The word, and what it would be without the ending of a plural."""
    stems = {word, word.removesuffix("s"), word.removesuffix("es")}
    return frozenset(stems | ({f"{word[:-3]}y"} if word.endswith("ies") else set()))


def _plain(word: str) -> str:
    """Small letters without accents: a missing accent hides nothing."""
    return unicodedata.normalize("NFKD", word.casefold()).encode("ascii", "ignore").decode()

"""Finding a muscle by what therapists type: `ta`, `tib ant`, `gastroc med L`."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from functools import cache
from typing import Literal, NamedTuple

from rls_module.knowledge.vocabulary.definition import Muscle, Side
from rls_module.knowledge.vocabulary.loading import muscles

# dx and sx are the Italian shorthand that fascial therapists learn.
SIDES: dict[str, Literal["L", "R", "B"]] = {
    "l": "L", "lt": "L", "lf": "L", "left": "L", "sx": "L", "izq": "L",
    "r": "R", "rt": "R", "right": "R", "dx": "R", "der": "R",
    "b": "B", "bi": "B", "bl": "B", "bil": "B", "both": "B", "bilat": "B", "bilateral": "B",
}  # fmt: skip
_NO_MATCH = 9
_CLOSE = 0.75  # likeness from which a slip of the keys is taken for the word
_LEAST_LETTERS = 4  # shorter words have no slips: they are abbreviations


class MuscleMatch(NamedTuple):
    """One muscle that fits, with the side that was typed; M for one in the midline, None when none was typed."""

    muscle: Muscle
    side: Side | None


def search_muscles(text: str, *, limit: int = 12) -> tuple[MuscleMatch, ...]:
    """Return the muscles that fit what was typed, best first, at most `limit`; retired ones never.

    Each word typed is the start of a word of one of the muscle's names, in that order; an alias typed in full comes
    first, then initials. A side (l, left, lt, sx; r, right, rt, dx; b, bil, both) may stand first or last. A letter
    that could be a side or the start of a word is read as a side first.
    """
    words = _words(text)
    found: dict[tuple[str, Side | None], MuscleMatch] = {}
    for rest, side in _readings(words):
        for one in _ranked(rest):
            match = MuscleMatch(one, "M" if one.midline else side)
            found.setdefault((one.key, match.side), match)
    return tuple(found.values())[:limit]


def near_muscles(text: str, *, limit: int = 5) -> tuple[MuscleMatch, ...]:
    """Return the muscles that were probably meant by words with a slip in them ("soleous"), the likest first.

    For asking back only: what is written into a record was spelled out or picked.
    """
    found: dict[tuple[str, Side | None], tuple[float, MuscleMatch]] = {}
    for words, side in _readings(_words(text)):
        for one, names in _index():
            likeness = max((_likeness(name, words) for name in names), default=0.0)
            match = MuscleMatch(one, "M" if one.midline else side)
            if likeness >= _CLOSE and likeness > found.get((one.key, match.side), (0.0, match))[0]:
                found[one.key, match.side] = (likeness, match)
    best = sorted(found.values(), key=lambda pair: -pair[0])
    return tuple(match for _likeness, match in best[:limit])


def is_spelled(muscle: Muscle, text: str) -> bool:
    """True when a name or an alias of the muscle is typed in full, with or without a side."""
    readings = {rest for rest, _side in _readings(_words(text))}
    return not readings.isdisjoint(map(_words, (muscle.latin, muscle.english, *muscle.aliases)))


def _readings(words: tuple[str, ...]) -> list[tuple[tuple[str, ...], Literal["L", "R", "B"] | None]]:
    """Return the ways to read the words: with a side taken off the end or the start, then as they stand."""
    readings: list[tuple[tuple[str, ...], Literal["L", "R", "B"] | None]] = []
    if len(words) > 1 and words[-1] in SIDES:
        readings.append((words[:-1], SIDES[words[-1]]))
    if len(words) > 1 and words[0] in SIDES:
        readings.append((words[1:], SIDES[words[0]]))
    return [*readings, (words, None)]


def _ranked(words: tuple[str, ...]) -> list[Muscle]:
    if not words:
        return []
    ranks = [(_rank(names, words), position) for position, (_, names) in enumerate(_index())]
    return [_index()[position][0] for rank, position in sorted(ranks) if rank != _NO_MATCH]


def _rank(names: tuple[tuple[str, ...], ...], words: tuple[str, ...]) -> int:
    """Return how well the words fit the names: 0 a whole name, 1 initials, 2 its first words, 3 words in order."""
    if words in names:
        return 0
    if len(words) == 1 and len(words[0]) > 1 and any("".join(w[0] for w in name) == words[0] for name in names[:2]):
        return 1
    if any(_starts(name, words) for name in names):
        return 2
    return 3 if any(_in_order(name, words) for name in names) else _NO_MATCH


def _starts(name: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(words) <= len(name) and all(part.startswith(word) for part, word in zip(name, words, strict=False))


def _in_order(name: tuple[str, ...], words: tuple[str, ...]) -> bool:
    parts = iter(name)
    return all(any(part.startswith(word) for part in parts) for word in words)


def _likeness(name: tuple[str, ...], words: tuple[str, ...]) -> float:
    """Return how like the words are to as many words of the name, in order, by the least like of them; 0 for none."""
    best = 0.0
    for start in range(len(name) - len(words) + 1):
        pairs = zip(name[start:], words, strict=False)
        best = max(best, min((_likeness_of_word(part, word) for part, word in pairs), default=0.0))
    return best


def _likeness_of_word(part: str, word: str) -> float:
    if part.startswith(word):
        return 1.0
    if len(word) < _LEAST_LETTERS:
        return 0.0
    begun = part[: len(word) + 1]
    found = SequenceMatcher(None, begun, word, autojunk=False)
    return found.ratio() if found.quick_ratio() >= _CLOSE else 0.0


@cache
def _index() -> tuple[tuple[Muscle, tuple[tuple[str, ...], ...]], ...]:
    current = (one for one in muscles() if not one.retired)
    return tuple((one, tuple(map(_words, (one.latin, one.english, *one.aliases)))) for one in current)


def _words(text: str) -> tuple[str, ...]:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return tuple("".join(char if char.isalnum() else " " for char in plain).split())

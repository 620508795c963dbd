"""A place of the body by what therapists type: a muscle, a fascial point or a region, with its side."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rls_module.knowledge.vocabulary import fascial, loading, search

Kind = Literal["muscle", "point", "region"]


class Place(NamedTuple):
    """One place as read; `side` is empty where none was typed, `grade` None."""

    kind: Kind
    key: str
    side: str
    grade: int | None = None


class NoPlace(ValueError):
    """Nothing is called that, or several things are; `near` names them."""

    def __init__(self, near: tuple[str, ...] = ()) -> None:
        super().__init__("no place of the body is called that")
        self.near = near


def find(text: str) -> Place:
    """Return the one place that was meant; raises NoPlace with the candidates for none or several.

    A fascial code comes first, then a region by its full name, then muscles as `search_muscles` reads them.
    """
    try:
        point = fascial.parse(text)
    except fascial.NotAPoint:
        pass
    else:
        return Place("point", point.key, point.side, point.grade)
    region = _region(text)
    if region is not None:
        return region
    matches = search.search_muscles(text)
    keys = {match.muscle.key for match in matches}
    exact = [match for match in matches if search.is_spelled(match.muscle, text)]
    if exact or len(keys) == 1:
        match = (exact or matches)[0]
        return Place("muscle", match.muscle.key, match.side or "")
    raise NoPlace(tuple(dict.fromkeys(match.muscle.latin for match in matches[:5])))


def find_all(text: str) -> tuple[Place, ...]:
    """Return every place in a list separated by commas or semicolons; raises NoPlace for the first that is none."""
    return tuple(find(part) for part in text.replace(";", ",").split(",") if part.strip())


def _region(text: str) -> Place | None:
    words, side = text.casefold().split(), ""
    if len(words) > 1 and words[-1] in search.SIDES:
        side = search.SIDES[words.pop()]
    said = " ".join(words)
    for one in loading.regions():
        if said in (one.key.replace("_", " "), one.english.casefold(), one.spanish.casefold()) and not one.retired:
            return Place("region", one.key, side or ("M" if one.sides == ("M",) else ""))
    return None

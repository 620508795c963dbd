"""A place of the body by what therapists type: a muscle, a fascial point or a region, with its side."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rls_module.knowledge.vocabulary import fascial, loading, search
from rls_module.knowledge.vocabulary.definition import Region

Kind = Literal["muscle", "point", "region"]
_SIDES_OF_REGIONS = {**search.SIDES, "m": "M", "mid": "M"}
_WRITTEN = {"L": "sx", "R": "dx", "B": "bi"}  # after a fascial code, where a bare r is the posterior variant


class Place(NamedTuple):
    """One place as read; `side` is empty where none was typed, `grade` None."""

    kind: Kind
    key: str
    side: str
    grade: int | None = None


class Suggestion(NamedTuple):
    """What may be meant: `text` is read by `find` as just this, `name` and `hint` say it to people."""

    kind: Kind
    text: str
    name: str
    hint: str


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
    raise NoPlace(tuple(dict.fromkeys(match.muscle.latin for match in matches[:5] or search.near_muscles(text))))


def suggest(text: str, language: str, *, limit: int = 12) -> list[Suggestion]:
    """Return what may be meant by what has been typed so far, best first, at most `limit`; nothing for no words.

    Fascial codes come first where the text can begin one, then muscles spelled in full, regions, the other muscles;
    with a slip of the keys in it, the muscles that are like it.
    """
    points = [_of_point(point, language) for point in fascial.begun(text)]
    regions = [_of_region(one, side, language) for one, side in _regions(text, language)]
    matches = search.search_muscles(text, limit=limit)
    if not (points or regions or matches):
        matches = search.near_muscles(text, limit=limit)
    muscles = [_of_muscle(match, language) for match in matches]
    spelled = sum(search.is_spelled(match.muscle, text) for match in matches)
    return [*points, *muscles[:spelled], *regions, *muscles[spelled:]][:limit]


def in_words(kind: str, key: str, language: str) -> str:
    """Return how a place is called: a muscle by its Latin name, a point by its code and words, a region in words."""
    if kind == "muscle":
        return loading.muscle(key).latin
    if kind == "point":
        return f"{key} ({fascial.name(key, language)})"
    region = next((one for one in loading.regions() if one.key == key), None)
    return key if region is None else _name(region, language)


def find_all(text: str) -> tuple[Place, ...]:
    """Return every place in a list separated by commas or semicolons; raises NoPlace for the first that is none."""
    return tuple(find(part) for part in text.replace(";", ",").split(",") if part.strip())


def _region(text: str) -> Place | None:
    said, side = _with_side(text)
    for one in loading.regions():
        if said in _names(one) and not one.retired:
            return Place("region", one.key, side or ("M" if one.sides == ("M",) else ""))
    return None


def _regions(text: str, language: str) -> list[tuple[Region, str]]:
    """Return the regions in whose name a word begins with what was typed."""
    said, side = _with_side(text)
    if not said:
        return []
    begun = [one for one in loading.regions() if f" {said}" in f" {_name(one, language).casefold()}"]
    return [(one, "M" if one.sides == ("M",) else side) for one in begun if not one.retired]


def _with_side(text: str) -> tuple[str, str]:
    words, side = text.casefold().split(), ""
    if len(words) > 1 and words[-1] in _SIDES_OF_REGIONS:
        side = _SIDES_OF_REGIONS[words.pop()]
    return " ".join(words), side


def _names(one: Region) -> tuple[str, ...]:
    return (one.key.replace("_", " "), one.english.casefold(), one.spanish.casefold())


def _name(one: Region, language: str) -> str:
    return one.spanish if language == "es" else one.english


def _of_point(point: fascial.FascialPoint, language: str) -> Suggestion:
    text = f"{point.key} {_WRITTEN.get(point.side, '')}".strip() + "*" * (point.grade or 0)
    return Suggestion("point", text, point.key, fascial.name(point.key, language))


def _of_region(one: Region, side: str, language: str) -> Suggestion:
    name = _name(one, language)
    return Suggestion("region", f"{name} {side if side != 'M' else ''}".strip(), name, "")


def _of_muscle(match: search.MuscleMatch, language: str) -> Suggestion:
    one, side = match.muscle, match.side if match.side in ("L", "R", "B") else ""
    group = next(group for group in loading.muscle_groups() if group.key == one.region)
    hint = f"{one.english} · {group.spanish if language == 'es' else group.english}"
    return Suggestion("muscle", f"{one.latin} {side}".strip(), one.latin, hint)

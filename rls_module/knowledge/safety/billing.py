"""Units of one visit's work, for a biller's review: arithmetic, no payer's coverage and nobody's descriptors.

Source: domain reference 5.8 and 5.9, after CMS Pub 100-04 ch. 5 s. 20.2. The time rule covers the whole treatment day:
what a clinic system charges besides has to be added there. Codes and labels are a clinic's own data; those here are
what a clinic begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

ALGORITHM = "1"

Rule = Literal["CMS", "AMA"]
RULES: tuple[Rule, ...] = get_args(Rule)

UNIT = 15  # minutes
ROUND_UP = 7  # minutes that are added before whole units are counted: a unit begins with its 8th minute
FEW_MUSCLES = 2  # up to which the code for few muscles stands


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a clinic's table, with its own short label."""

    code: str
    label: str
    is_timed: bool


# What a clinic begins with. Labels are ours; a clinic with a licence writes the descriptors itself.
SHIPPED: tuple[Code, ...] = (
    Code("20560", "needling without injection, 1-2 muscles", is_timed=False),
    Code("20561", "needling without injection, 3 or more muscles", is_timed=False),
    Code("97110", "exercise for strength or mobility", is_timed=True),
    Code("97112", "movement-control retraining", is_timed=True),
    Code("97116", "walking practice", is_timed=True),
    Code("97140", "hands-on soft-tissue, fascial or joint work", is_timed=True),
    Code("97530", "task practice", is_timed=True),
    Code("97535", "coaching for daily life at home", is_timed=True),
)
FEW, MANY = "20560", "20561"

# What a clinic may bill work by: needling by its muscles, hands-on work, exercise by the family of the library.
NEEDLING_KINDS = ("needling_few", "needling_many")
FAMILIES = ("postural", "strength", "aerobic", "stretch", "balance", "other")
KINDS = (*NEEDLING_KINDS, "fascial", *FAMILIES)
SHIPPED_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "needling_few": FEW,
        "needling_many": MANY,
        "fascial": "97140",
        "postural": "97112",
        "strength": "97110",
        "aerobic": "97110",
        "stretch": "97110",
        "balance": "97112",
        "other": "97110",
    }
)


@dataclass(frozen=True, slots=True)
class Table:
    """A clinic's table: its rule, whether both sides of a muscle are two, its codes, and which kind of work has which.

    A kind that is missing from `kinds` is not billed.
    """

    rule: Rule = "CMS"
    both_sides_count_twice: bool = True
    codes: tuple[Code, ...] = SHIPPED
    kinds: Mapping[str, str] = field(default_factory=lambda: SHIPPED_KINDS)

    def known(self, code: str) -> Code | None:
        """Return the table's entry for `code`, or None."""
        return next((one for one in self.codes if one.code == code), None)

    def label(self, code: str) -> str:
        """Return the clinic's short label of a code, "" for one that is not in the table."""
        one = self.known(code)
        return one.label if one else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One timed code: its minutes, the units of its own full quarters, what is left over, and a unit for that."""

    code: str
    minutes: int
    full: int
    rest: int
    extra: int = 0

    @property
    def units(self) -> int:
        """The units of the code."""
        return self.full + self.extra


@dataclass(frozen=True, slots=True)
class Units:
    """The units of all timed codes by one rule, in the order of the codes, with the arithmetic."""

    rule: Rule
    lines: tuple[Line, ...]

    @property
    def minutes(self) -> int:
        """The timed minutes of the visit."""
        return sum(line.minutes for line in self.lines)

    @property
    def total(self) -> int:
        """The units of the visit."""
        return sum(line.units for line in self.lines)


def units(minutes: Mapping[str, int], rule: Rule, *, picked: Sequence[str] = ()) -> Units:
    """Return the units of each timed code; `minutes` are whole, one-on-one, code -> minutes.

    CMS pools: the total decides how many units there are, full quarters come first, what is left goes once each to the
    largest remainders; of equal ones to the larger total, then to those `picked`, then to the lower code. AMA counts
    each code by itself. Raises ValueError for minutes below 0.
    """
    if any(count < 0 for count in minutes.values()):
        raise ValueError("minutes are from 0 on")
    lines = [Line(code, count, *divmod(count, UNIT)) for code, count in sorted(minutes.items())]
    chosen = _pooled(lines, picked) if rule == "CMS" else {one.code for one in lines if one.rest > ROUND_UP}
    return Units(rule, tuple(_with_extra(one) if one.code in chosen else one for one in lines))


def pooled_units(total: int) -> int:
    """Return how many units so many timed minutes are by the CMS rule: none below 8, then one per quarter begun so."""
    return (total + ROUND_UP) // UNIT


def tied(minutes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the codes of which only some get a unit by the CMS rule though nothing but a pick tells them apart."""
    waiting = _waiting([Line(code, count, *divmod(count, UNIT)) for code, count in sorted(minutes.items())])
    left = pooled_units(sum(minutes.values())) - sum(count // UNIT for count in minutes.values())
    if not 0 < left < len(waiting) or _rank(waiting[left - 1]) != _rank(waiting[left]):
        return ()
    return tuple(one.code for one in waiting if _rank(one) == _rank(waiting[left]))


def muscles_needled(rows: Iterable[tuple[str, str, int]], *, both_sides_count_twice: bool = True) -> int:
    """Return how many muscles count as needled; `rows` are (muscle, side, needles in), without needles none.

    Whether the two sides of one muscle are one or two is the payer's; side B is both of them.
    """
    needled = [(muscle, side) for muscle, side, count in rows if count > 0]
    if not both_sides_count_twice:
        return len({muscle for muscle, _side in needled})
    return len({(muscle, one) for muscle, side in needled for one in ("LR" if side == "B" else (side,))})


def needling_code(muscles: int, *, few: str = FEW, many: str = MANY) -> str:
    """Return the one untimed code for so many muscles, once a session whatever the minutes; "" for none."""
    if muscles == 0:
        return ""
    return few if muscles <= FEW_MUSCLES else many


def _pooled(lines: Sequence[Line], picked: Sequence[str]) -> set[str]:
    left = pooled_units(sum(one.minutes for one in lines)) - sum(one.full for one in lines)
    return {one.code for one in _waiting(lines, picked)[:left]}


def _waiting(lines: Sequence[Line], picked: Sequence[str] = ()) -> list[Line]:
    """Return the lines with a remainder in the order in which units of pooled remainders go to them."""
    return sorted((one for one in lines if one.rest), key=lambda one: (*_rank(one), one.code not in picked, one.code))


def _rank(line: Line) -> tuple[int, int]:
    return -line.rest, -line.minutes


def _with_extra(line: Line) -> Line:
    return Line(line.code, line.minutes, line.full, line.rest, extra=1)

"""What one visit comes to, for a biller's review: minutes by code, units with their arithmetic, and what to look at.

Source: domain reference 5.7 to 5.9. Nothing here says what a payer covers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rls_module.knowledge.safety import billing

NOT_BILLED = "-"  # what a therapist chose for work that goes under no code


@dataclass(frozen=True, slots=True)
class Work:
    """What a note says was done. Minutes are whole; None is not written.

    `needled` are (muscle, side, needles in); `rows` are (code, minutes) of all other work, "" where the table has no
    code for it; `needling_minutes` is their sum. `elsewhere` are the day's timed minutes by code that the clinic system
    charges besides, None where it does not say. `picked` is the code that gets a unit where codes tie.
    """

    needled: tuple[tuple[str, str, int], ...] = ()
    rows: tuple[tuple[str, int | None], ...] = ()
    needling_minutes: int = 0
    timed_minutes: int | None = None
    total_minutes: int | None = None
    elsewhere: Mapping[str, int] | None = None
    picked: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something for the biller to look at: a code, and the numbers or codes of its sentence."""

    code: str
    values: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """The units of the timed codes, the minutes behind them, the untimed codes (one unit each), and the doubts."""

    table: billing.Table
    units: billing.Units
    own: Mapping[str, int]
    elsewhere: Mapping[str, int] | None
    untimed: tuple[str, ...]
    muscles: int
    tied: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def by_the_other_rule(self) -> int:
        """How many units the same minutes are by the rule that this clinic does not count by."""
        other: billing.Rule = "AMA" if self.units.rule == "CMS" else "CMS"
        return billing.units({line.code: line.minutes for line in self.units.lines}, other).total

    @property
    def own_minutes(self) -> int:
        """The timed minutes of the note by its rows."""
        return sum(self.own.values())


def review(work: Work, table: billing.Table) -> Review:
    """Return what `work` comes to by `table`; raises ValueError for minutes below 0."""
    own: Counter[str] = Counter()
    untimed: set[str] = set()
    for code, minutes in work.rows:
        entry = table.known(code)
        if entry is not None and entry.is_timed:
            own[code] += minutes or 0
        elif entry is not None:
            untimed.add(code)
    muscles = _muscles(work, twice=table.both_sides_count_twice)
    needling = _needling(muscles, table)
    besides = work.elsewhere or {}
    day = {code: own[code] + besides.get(code, 0) for code in {*own, *besides}}
    units = billing.units(day, table.rule, picked=[work.picked] if work.picked else ())
    return Review(
        table=table,
        units=units,
        own=dict(own),
        elsewhere=work.elsewhere,
        untimed=((needling,) if needling else ()) + tuple(sorted(untimed)),
        muscles=muscles,
        tied=billing.tied(day) if table.rule == "CMS" else (),
        doubts=tuple(_doubts(work, table, own, units)),
    )


def _muscles(work: Work, *, twice: bool) -> int:
    return billing.muscles_needled(work.needled, both_sides_count_twice=twice)


def _needling(muscles: int, table: billing.Table) -> str:
    few, many = (table.kinds.get(kind, "") for kind in billing.NEEDLING_KINDS)
    return billing.needling_code(muscles, few=few, many=many)


def _doubts(work: Work, table: billing.Table, own: Counter[str], units: billing.Units) -> Iterator[Doubt]:
    yield from _row_doubts(work, table)
    yield from _minute_doubts(work, own)
    if units.minutes > 0 and not units.total:
        yield Doubt("too_few", {"minutes": units.minutes})
    if _needling(_muscles(work, twice=True), table) != _needling(_muscles(work, twice=False), table):
        yield Doubt("sides")


def _row_doubts(work: Work, table: billing.Table) -> Iterator[Doubt]:
    billed = [(code, minutes) for code, minutes in work.rows if code != NOT_BILLED]
    if uncoded := sum(not code for code, _minutes in billed):
        yield Doubt("uncoded", {"count": uncoded})
    if unknown := sorted({code for code, _minutes in billed if code and table.known(code) is None}):
        yield Doubt("unknown", {"codes": ", ".join(unknown)})
    timed = [minutes for code, minutes in billed if (entry := table.known(code)) and entry.is_timed]
    if unwritten := timed.count(None):
        yield Doubt("unwritten", {"count": unwritten})


def _minute_doubts(work: Work, own: Counter[str]) -> Iterator[Doubt]:
    by_rows = sum(own.values())
    if work.timed_minutes is not None and by_rows != work.timed_minutes:
        yield Doubt("differ", {"rows": by_rows, "note": work.timed_minutes})
    every = work.needling_minutes + sum(minutes or 0 for _code, minutes in work.rows)
    if work.total_minutes is not None and every > work.total_minutes:
        yield Doubt("over_total", {"rows": every, "note": work.total_minutes})

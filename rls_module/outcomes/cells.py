"""Cells, lines and files of tables: RFC 4180, and nothing that a spreadsheet would take for a formula. Pure."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

BOM = "\ufeff"  # tells a spreadsheet that the file is UTF-8
_SIGNS = frozenset("=+-@\u2212")
_FIRST = frozenset("\t\r\n\0")
_MARK = "'"
_AFTER_A_BREAK = re.compile(r"(?<=[;\t\r\n])")  # where a reader that splits at semicolons or tabs begins a new cell

Cell = str | int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table on its way out: its name, its columns, and rows that are read only when they are asked for."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]


def plain(value: object) -> Cell:
    """Return a value as one cell: numbers stay numbers, a truth is 1 or 0, days and times are ISO 8601, lists JSON.

    Raises TypeError for what no cell can hold.
    """
    match value:
        case bool():
            return int(value)
        case None | int() | float() | Decimal() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    raise TypeError(f"no cell can hold a {type(value).__name__}")


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet computes it: what begins like a formula gets a leading apostrophe.

    Begins: also after spaces of any kind, a byte order mark or other invisible characters, and as a full-width sign;
    and within the text after a semicolon, a tab or a line break (and quotation marks), since a spreadsheet that takes
    those for the end of a cell does not see our quotation marks.
    """
    first, *others = _AFTER_A_BREAK.split(text)
    begins = _MARK if first[:1] in _FIRST or _begins_formula(first) else ""
    return begins + first + "".join(_MARK + one if _begins_formula(one.replace('"', "")) else one for one in others)


def lines(sheet: Sheet) -> Iterator[str]:
    """Yield the lines of a CSV file, each with its CRLF; every text is quoted and no number is."""
    write_row = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow
    yield BOM + str(write_row([harmless(column) for column in sheet.columns]))
    for row in sheet.rows:
        yield str(write_row([_cell(value) for value in row]))


def encoded(sheet: Sheet) -> Iterator[bytes]:
    """Yield a CSV file as UTF-8; a lone surrogate, which no database of ours holds, is spelled out."""
    return (line.encode("utf-8", "backslashreplace") for line in lines(sheet))


def write(
    sheets: Iterable[Sheet],
    put: Callable[[str, Iterator[bytes]], None],
    *,
    encode: Callable[[Sheet], Iterator[bytes]] = encoded,
    suffix: str = "csv",
) -> dict[str, Any]:
    """Hand each sheet as a file to `put`, piece by piece; return its count of rows and SHA-256 by its name."""
    tables = {}
    for sheet in sheets:
        tally = _Tally()
        content = encode(replace(sheet, rows=tally.counted(sheet.rows)))
        put(f"{sheet.name}.{suffix}", tally.hashed(content))
        tables[sheet.name] = {"rows": tally.rows, "sha256": tally.digest.hexdigest()}
    return tables


class _Echo:
    """Gives back what is written to it: a CSV writer returns that, line by line."""

    def write(self, text: str) -> str:
        return text


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def counted(self, rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        for row in rows:
            self.rows += 1
            yield row

    def hashed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.digest.update(piece)
            yield piece


def _cell(value: object) -> Cell:
    cell = plain(value)
    return "" if cell is None else harmless(cell) if isinstance(cell, str) else cell


def _begins_formula(text: str) -> bool:
    seen = (char for char in text if not (char.isspace() or unicodedata.category(char) in ("Cf", "Cc")))
    return unicodedata.normalize("NFKC", next(seen, "")) in _SIGNS

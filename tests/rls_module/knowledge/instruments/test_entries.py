"""What is typed into a box: read as it is stored, or not at all."""

from __future__ import annotations

import pytest

from rls_module.knowledge.instruments import entries


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("-7", -7), ("+7", 7), ("7.5", 7.5), ("7,5", 7.5), ("7.0", 7), ("007", 7), ("0", 0),
        ("", None), ("7.", None), (".5", None), ("1e3", None), ("1_000", None), ("1,000.5", None), ("seven", None),
        ("nan", None), ("inf", None), ("\u0667", None), ("1" * 400, None), ("7 mg", None),
    ],
)  # fmt: skip
def test_a_number_is_read_with_a_point_or_a_comma(text, number):
    found = entries.number(text)
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize(
    ("kind", "text", "stands"),
    [
        ("date", "2026-02-28", True), ("date", "2026-02-29", False), ("date", "20260228", False),
        ("date", "2026-W09-6", False), ("date", "2026-02", False), ("date", "2026-02-28T10:00", False),
        ("time", "00:00", True), ("time", "23:59", True), ("time", "24:00", False), ("time", "7:00", False),
        ("time", "07:00:00", False), ("time", "07:00Z", False),
        ("moment", "2026-02-28T23:59", True), ("moment", "2026-02-28 23:59", False),
        ("moment", "2026-02-28T23:59Z", False), ("moment", "2026-02-28", False), ("moment", "2026-02-30T10:00", False),
    ],
)  # fmt: skip
def test_a_moment_is_a_whole_one_by_the_patient_s_own_clock(kind, text, stands):
    assert entries.is_moment(kind, text) is stands


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("https://example.org/a?b=c", True), ("urn:oid:1.2", True), ("mailto:a@b.org", True),
        ("example.org", False), ("https://", False), ("https://a b", False), ('https://a"b', False),
        ("https://a<b>", False), ("://x", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_has_its_scheme(text, stands):
    assert entries.is_address(text) is stands

"""The shipped protocol asks after 6 and 12 weeks; a mistake in a protocol file is named."""

from __future__ import annotations

from datetime import time

import pytest

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments.loading import shipped_keys as instrument_keys
from rls_module.knowledge.protocols.loading import DATA, load, shipped, shipped_keys

TEXT = (DATA / "default.v1.toml").read_text(encoding="utf-8")


def test_shipped_protocol_asks_the_checkin_after_six_and_twelve_weeks():
    protocol = shipped("default")
    assert (protocol.send_time, protocol.name["es"]) == (time(9), "6 y 12 semanas")
    assert [(one.step, one.anchor, one.offset_days, one.instruments) for one in protocol.touchpoints] == [
        ("week_6", "first_visit", 42, ("rls_checkin",)),
        ("week_12", "first_visit", 84, ("rls_checkin",)),
    ]
    rhythm = {
        (one.on_time_days, one.window_days, one.reminder_days, one.call_after_days) for one in protocol.touchpoints
    }
    assert rhythm == {(14, 21, (3, 7), 10)}


def test_shipped_protocols_ask_shipped_instruments():
    asked = {key for name in shipped_keys() for one in shipped(name).touchpoints for key in one.instruments}
    assert asked <= set(instrument_keys())


def test_unknown_protocol_is_a_key_error():
    with pytest.raises(KeyError, match="no shipped protocol 'weekly'"):
        shipped("weekly")
    with pytest.raises(KeyError, match="no shipped protocol 'default' version 2"):
        shipped("default", 2)


@pytest.mark.parametrize(
    ("old", "new", "path", "reason"),
    [
        ('anchor = "first_visit"', 'anchor = "birthday"', "touchpoints.week_6.anchor", "input should be 'first_visit'"),
        ("window_days = 21", "window_days = 13", "touchpoints.week_6", "on_time_days is after window_days"),
        ("[3, 7]", "[7, 3]", "touchpoints.week_6", "reminder_days do not rise from day 1 on"),
        ("[3, 7]", "[0, 7]", "touchpoints.week_6", "reminder_days do not rise from day 1 on"),
        ("[3, 7]", "[3, 30]", "touchpoints.week_6", "a reminder or the call comes after window_days"),
        ("call_after_days = 10", "call_after_days = 22", "touchpoints.week_6", "a reminder or the call comes after"),
        ("offset_days = 42", "offset_days = -1", "touchpoints.week_6.offset_days", "greater than or equal to 0"),
        ("offset_days = 42", 'offset_days = "42"', "touchpoints.week_6.offset_days", "valid integer"),
        ("offset_days = 42", "offset_days = 90", "", "touchpoints do not stand in the order they are due"),
        ('"week_12"', '"week_6"', "", "'week_6' is the step of two touchpoints"),
        ('en = "6 weeks", ', "", "", "touchpoint 'week_6' is named in other languages than the protocol"),
        ('en = "6 and 12 weeks", ', "", "", "name has no English words"),
        ('["rls_checkin"]', "[]", "touchpoints.week_6.instruments", "at least 1 item"),
        ("send_time = 09:00:00", 'send_time = "9"', "send_time", "valid time"),
        ("send_time = 09:00:00\n", "", "send_time", "is missing"),
        ("send_time = 09:00:00", "send_time = 09:00:00\nsms = true", "sms", "is not a known key here"),
    ],
)
def test_seeded_mistake_is_named(tmp_path, old, new, path, reason):
    file = tmp_path / "default.v1.toml"
    assert old in TEXT
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load(file)
    assert (caught.value.file, caught.value.path) == ("default.v1.toml", path)
    assert reason in caught.value.reason


def test_file_under_another_name_is_refused(tmp_path):
    file = tmp_path / "weekly.v1.toml"
    file.write_text(TEXT, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"holds what belongs into default\.v1\.toml"):
        load(file)

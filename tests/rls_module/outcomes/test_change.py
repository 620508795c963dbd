"""What a change is worth, measure by measure, against content 3.1."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.instruments import loading
from rls_module.outcomes.change import Change, change


@dataclass(frozen=True)
class Measure:
    better: str
    unit: str = "points"
    counts_from: float | None = None
    counts_from_each: float | None = None
    watch_from: float | None = None


def shipped(key: str):
    measure = loading.shipped("rls_checkin").item(key).measure
    assert measure is not None
    return measure


# measure, baseline, now -> difference, verdict
SHIPPED = [
    ("nights", 6, 3, -3, "better"),
    ("nights", 6, 4, -2, "better"),
    ("nights", 6, 5, -1, "little"),
    ("nights", 6, 6, 0, "little"),
    ("nights", 5, 6, 1, "little"),
    ("nights", 5, 7, 2, "worse"),
    ("worst", 8, 6, -2, "better"),
    ("worst", 8, 7, -1, "little"),
    ("worst", 6, 8, 2, "worse"),
    ("worst", 6, 0, -6, "better"),
    ("usual", 6, 4, -2, "better"),
    ("usual", 4, 6, 2, "worse"),
    ("rested", 1, 3, 2, "better"),
    ("rested", 3, 1, -2, "worse"),
    ("tired", 5, 3, -2, "better"),
    ("tired", 3, 5, 2, "worse"),
    ("awake", 4, 2, -2, "better"),
    ("awake", 4, 3, -1, "little"),
    ("awake", 2, 4, 2, "worse"),
    # minutes after midnight; later is better, an earlier start is watched from two hours
    ("start", 1200, 1260, 60, "better"),
    ("start", 1200, 1259, 59, "little"),
    ("start", 1200, 1200, 0, "little"),
    ("start", 1200, 1140, -60, "little"),
    ("start", 1200, 1081, -119, "little"),
    ("start", 1200, 1080, -120, "watch"),
    ("start", 1320, 60, 180, "better"),  # 22:00 -> 01:00 is three hours later
    ("start", 60, 1320, -180, "watch"),  # 01:00 -> 22:00 is three hours earlier
    ("start", 1380, 0, 60, "better"),  # 23:00 -> midnight
    ("start", 0, 1380, -60, "little"),
    ("start", 1439, 0, 1, "little"),
    ("start", 720, 719, -1, "little"),
]


@pytest.mark.parametrize(("key", "before", "now", "delta", "verdict"), SHIPPED)
def test_the_shipped_thresholds(key, before, now, delta, verdict):
    found = change(shipped(key), before=before, now=now)
    assert (found.delta, found.verdict) == (delta, verdict)


@pytest.mark.parametrize(
    ("before", "now", "single", "verdict"),
    [
        (3, 5, False, "better"),
        (3, 5, True, "little"),
        (3, 6, True, "better"),
        (6, 3, True, "worse"),
        (6, 4, True, "little"),
    ],
)
def test_one_activity_counts_from_three_and_their_mean_from_two(before, now, single, verdict):
    """Content 3.1, from I21."""
    assert change(shipped("activity"), before=before, now=now, is_single_subject=single).verdict == verdict


def test_a_measure_without_a_threshold_has_a_difference_and_no_verdict():
    assert change(Measure("higher"), before=2, now=5) == Change(3, None, None)
    assert change(shipped("home_days"), before=2, now=5).verdict is None


def test_the_threshold_that_was_used_is_said():
    measure = Measure("higher", counts_from=2, counts_from_each=3)
    assert change(measure, before=0, now=2).counts_from == 2
    assert change(measure, before=0, now=2, is_single_subject=True).counts_from == 3
    assert change(Measure("higher", counts_from=2), before=0, now=2, is_single_subject=True).counts_from == 2


def test_a_difference_of_halves_is_kept():
    assert change(Measure("lower", counts_from=2), before=3.5, now=1.5) == Change(-2.0, "better", 2)


MINUTES = st.integers(0, 24 * 60 - 1)


@given(MINUTES, MINUTES)
def test_a_clock_goes_the_shorter_way_round_and_back_again(before, now):
    measure = Measure("later", "clock", counts_from=60)
    there = change(measure, before=before, now=now).delta
    back = change(measure, before=now, now=before).delta
    assert -720 <= there < 720
    assert (before + there) % 1440 == now
    assert there == -back or there == back == -720


@given(st.sampled_from(["lower", "higher", "fewer"]), st.integers(0, 10), st.integers(0, 10), st.integers(1, 5))
def test_better_and_worse_are_mirror_images(better, before, now, threshold):
    opposite = {"lower": "higher", "fewer": "higher", "higher": "lower"}[better]
    one = change(Measure(better, counts_from=threshold), before=before, now=now).verdict
    other = change(Measure(opposite, counts_from=threshold), before=before, now=now).verdict
    assert other == {"better": "worse", "worse": "better", "little": "little"}[one]


@given(st.integers(0, 10), st.integers(0, 10))
def test_a_change_below_its_threshold_is_never_called_a_change(before, now):
    found = change(Measure("lower", counts_from=3), before=before, now=now)
    assert (found.verdict == "little") == (abs(found.delta) < 3)

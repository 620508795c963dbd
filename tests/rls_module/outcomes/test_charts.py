"""The geometry of a trend: all of it inside its box, and no line over an answer that is not there."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.outcomes.charts import HEIGHT, KINDS, WIDTH, Mark, Tick, Trend, trend

START = date(2026, 9, 7)
CHARACTER = 7  # units that a character of a label is wide, rather more than less
LABELS = ("Baseline", "6 weeks", "12 weeks", "Inicio", "12 semanas")


def day(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def histories(draw):
    """Times of asking in the order of their days, some not answered, some derived; and days of treatment."""
    days = sorted(draw(st.lists(st.integers(0, 400), min_size=1, max_size=10)))
    values = draw(st.lists(st.none() | st.integers(0, 7), min_size=len(days), max_size=len(days)))
    marks = [
        Mark(day(on), value, draw(st.sampled_from(LABELS)), derived=value == 0)
        for on, value in zip(days, values, strict=True)
    ]
    treated = draw(st.lists(st.tuples(st.integers(-60, 460), st.sampled_from(KINDS)), max_size=12))
    changes = sorted(day(on) for on in draw(st.lists(st.integers(-60, 460), max_size=4)))
    return marks, draw(st.none() | st.integers(-3, 9)), ([Tick(day(on), kind) for on, kind in treated], changes)


def drawn(history) -> Trend:
    marks, goal, (ticks, changes) = history
    return trend(marks, low=0, high=7, goal=goal, ticks=ticks, changes=changes)


def points(line: str) -> list[tuple[float, float]]:
    return [tuple(map(float, point.split(","))) for point in line.split()]


@given(histories())
def test_every_coordinate_is_inside_the_box(history):
    found = drawn(history)
    across = [*found.gaps, *(one.x for one in (*found.ticks, *found.markers, *found.dots, *found.labels))]
    down = [dot.y for dot in found.dots] + ([found.goal_y] if found.goal_y is not None else [])
    for line in found.lines:
        for x, y in points(line):
            across.append(x)
            down.append(y)
    assert all(found.left <= x <= found.right for x in across)
    assert all(found.top <= y <= found.bottom for y in down)
    assert 0 < found.left < found.right < WIDTH
    assert 0 < found.top < found.bottom < HEIGHT


@given(histories())
def test_every_number_stands_inside_the_picture_and_clear_of_its_dot(history):
    for dot in drawn(history).dots:
        assert 12 <= dot.text_y <= HEIGHT
        assert abs(dot.text_y - dot.y) >= 10


@given(histories())
def test_every_label_stands_inside_the_picture(history):
    for label in drawn(history).labels:
        width = CHARACTER * len(label.text)
        left = {"start": label.x, "middle": label.x - width / 2, "end": label.x - width}[label.anchor]
        assert left >= 0, label
        assert left + width <= WIDTH, label


@given(histories())
def test_no_line_goes_over_an_answer_that_is_missing(history):
    """Content 1.4: a missing answer is a gap; nothing is interpolated."""
    marks, _, _ = history
    found = drawn(history)
    answered = [mark for mark in marks if mark.value is not None]
    assert len(found.dots) == len(answered)
    assert len(found.gaps) == len(marks) - len(answered)
    joined = sum(len(points(line)) - 1 for line in found.lines)
    neighbours = sum(a.value is not None and b.value is not None for a, b in pairwise(marks))
    assert joined == neighbours
    dots = {(dot.x, dot.y) for dot in found.dots}
    assert {point for line in found.lines for point in points(line)} <= dots


@given(histories())
def test_later_is_further_right_and_more_is_higher(history):
    marks, _, _ = history
    found = drawn(history)
    places = [label.x for label in found.labels]
    assert places == sorted(places)
    by_value = sorted(zip([m.value for m in marks if m.value is not None], [d.y for d in found.dots], strict=True))
    assert [y for _, y in by_value] == sorted((y for _, y in by_value), reverse=True)


@given(histories())
def test_a_goal_off_the_scale_is_not_drawn(history):
    _, goal, _ = history
    assert (drawn(history).goal_y is None) == (goal is None or not 0 <= goal <= 7)


def test_two_points_are_one_line_between_two_dots():
    found = trend(
        [Mark(day(0), 6, "Baseline"), Mark(day(42), 3, "6 weeks")],
        low=0,
        high=7,
        goal=4,
        ticks=[Tick(day(1), "needling")],
    )
    assert len(found.lines) == 1
    assert points(found.lines[0]) == [(dot.x, dot.y) for dot in found.dots]
    assert [dot.text for dot in found.dots] == ["6", "3"]
    assert [(label.text, label.anchor) for label in found.labels] == [("Baseline", "start"), ("6 weeks", "end")]
    assert (found.top_text, found.bottom_text) == ("7", "0")


def test_a_missed_point_leaves_its_neighbours_unjoined():
    found = trend(
        [Mark(day(0), 6, "a"), Mark(day(42), None, "b"), Mark(day(84), 3, "c")], low=0, high=7, goal=None, ticks=[]
    )
    assert (found.lines, len(found.dots), len(found.gaps)) == ((), 2, 1)


def test_a_zero_that_was_derived_is_marked():
    found = trend([Mark(day(0), 0, "a", derived=True)], low=0, high=7, goal=None, ticks=[])
    assert [(dot.text, dot.derived, dot.y) for dot in found.dots] == [("0", True, found.bottom)]


def test_a_value_beyond_the_scale_stays_in_the_box():
    found = trend([Mark(day(0), 9, "a"), Mark(day(1), -2, "b")], low=0, high=7, goal=None, ticks=[])
    assert [dot.y for dot in found.dots] == [found.top, found.bottom]


def test_one_day_alone_is_drawn():
    found = trend(
        [Mark(day(0), 3, "a"), Mark(day(0), None, "b")], low=0, high=7, goal=None, ticks=[Tick(day(0), "needling")]
    )
    assert {found.gaps[0], found.ticks[0].x, found.dots[0].x} == {found.dots[0].x}


@given(histories())
def test_each_kind_of_treatment_has_a_line_of_its_own_between_the_axis_and_the_labels(history):
    found = drawn(history)
    assert all(found.bottom < one.top < one.bottom < HEIGHT - 12 for one in found.ticks)
    tops = {one.kind: one.top for one in found.ticks}
    assert len(set(tops.values())) == len(tops)
    assert found.kinds == tuple(kind for kind in KINDS if kind in tops)


def test_what_else_changed_is_numbered_in_the_order_of_its_days():
    found = trend([Mark(day(0), 6, "a"), Mark(day(42), 3, "b")], low=0, high=7, goal=None, changes=[day(7), day(14)])
    assert [one.number for one in found.markers] == [1, 2]
    assert found.dots[0].x < found.markers[0].x < found.markers[1].x < found.dots[1].x


def test_a_trend_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        trend([], low=0, high=7, goal=None, ticks=[Tick(day(0), "needling")])

"""The body chart shows every region on every side it has, large enough to be hit, and marks where they belong."""

from __future__ import annotations

import pytest

from rls_module.knowledge.vocabulary import body_chart, fascial, loading
from rls_module.knowledge.vocabulary.body_chart import Found

FIGURES = {one.view.key: one for one in body_chart.figures()}


def box(corners):
    xs, ys = [one.x for one in corners], [one.y for one in corners]
    return min(xs), min(ys), max(xs), max(ys)


def where(figure: str, *found: Found) -> list[tuple[float, float]]:
    return [(mark.at.x, mark.at.y) for mark in body_chart.marks(FIGURES[figure], found)]


def centre(figure: str, region: str, side: str) -> tuple[float, float]:
    [spot] = [one for one in FIGURES[figure].spots if (one.region, one.side) == (region, side)]
    return (spot.centre.x, spot.centre.y)


def test_front_back_both_sides_soles_and_pelvis():
    assert list(FIGURES) == ["front", "back", "right_side", "left_side", "soles", "pelvis_front", "pelvis_back"]


def test_every_region_of_the_vocabulary_is_drawn_on_every_side_it_has_and_nothing_else():
    drawn = {(spot.region, spot.side) for figure in FIGURES.values() for spot in figure.spots}
    assert drawn == {(one.key, side) for one in loading.regions() if not one.retired for side in one.sides}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_what_can_be_picked_is_24_pixels_either_way_and_inside_the_picture(figure):
    """WCAG 2.2, 2.5.8."""
    for spot in figure.spots:
        left, top, right, bottom = box(spot.corners)
        assert min(right - left, bottom - top) >= body_chart.LEAST_TARGET, spot
        assert left >= 0, spot
        assert top >= 0, spot
        assert right <= figure.view.width, spot
        assert bottom <= figure.view.height, spot


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_the_named_side_is_drawn_on_that_side_of_the_picture(figure):
    view = figure.view
    if view.key.endswith("_side"):
        assert {spot.side for spot in figure.spots} == {view.left_of_picture}
        return
    for spot in figure.spots:
        is_left_half = spot.centre.x < view.width / 2
        assert spot.side == "M" or (spot.side == view.left_of_picture) == is_left_half


def test_the_left_side_is_the_right_one_mirrored():
    for right, left in zip(FIGURES["right_side"].spots, FIGURES["left_side"].spots, strict=True):
        assert right.region == left.region
        assert [(150 - one.x, one.y) for one in right.corners] == [(one.x, one.y) for one in left.corners]


def test_every_muscle_and_every_point_has_a_region_that_is_drawn():
    regions = {spot.region for figure in FIGURES.values() for spot in figure.spots}
    assert {body_chart.region_of("muscle", one.key) for one in loading.muscles()} <= regions
    assert {body_chart.region_of("point", key) for key in fascial.all_points()} <= regions


@pytest.mark.parametrize(
    ("kind", "place", "region"),
    [
        ("muscle", "soleus", "calf"),
        ("muscle", "tibialis_anterior", "shin"),
        ("muscle", "quadratus_plantae", "arch_sole"),
        ("muscle", "psoas_major", "pelvis_groin"),
        ("point", "re-ta", "calf"),
        ("point", "er-pe", "foot_top"),
        ("point", "re-la-pe", "arch_sole"),
        ("point", "an-cx", "thigh_front"),
        ("point", "ir-cp2", "head_neck"),
        ("region", "heel", "heel"),
    ],
)
def test_a_mark_stands_in_the_region_of_its_place(kind, place, region):
    assert body_chart.region_of(kind, place) == region


def test_one_side_both_sides_and_a_side_that_nobody_named():
    calf = {side: centre("back", "calf", side) for side in "LR"}
    for side, drawn in {"L": "L", "R": "R", "B": "LR", "": "LR"}.items():
        assert set(where("back", Found("muscle", "soleus", side, "dense"))) == {calf[one] for one in drawn}
    assert where("front", Found("muscle", "soleus", "L", "dense")) == [], "it is not seen from there"
    assert where("right_side", Found("muscle", "soleus", "L", "dense")) == []
    assert len(where("left_side", Found("muscle", "soleus", "L", "dense"))) == 1


def test_what_lies_in_the_middle_is_drawn_there_whatever_side_was_named():
    middle = centre("front", "head_neck", "M")
    for side in ("L", "R", "M", ""):
        assert where("front", Found("region", "head_neck", side, "pain")) == [middle]
    assert where("back", Found("region", "low_back", "M", "pain")) == [centre("back", "low_back", "M")]
    assert where("back", Found("region", "low_back", "L", "pain")) == [centre("back", "low_back", "L")]


def test_marks_of_one_region_stand_side_by_side_the_larger_the_graver_and_the_earlier_below():
    now, then = (
        Found("muscle", "soleus", "L", "trigger_point", 3),
        Found("region", "calf", "L", "pain", 0, is_earlier=True),
    )
    first, second = body_chart.marks(FIGURES["back"], [now, then])
    assert (first.found, second.found) == (then, now)
    assert second.at.x - first.at.x >= first.radius + second.radius
    assert second.radius > first.radius

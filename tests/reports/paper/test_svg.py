"""Drawings: what is drawn is measured on the drawing; nothing in it can steer a page."""

from math import inf, nan
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.reports.paper.svg import bar, scale_top, share_of, trend

MAYBE = st.none() | st.floats() | st.integers(min_value=-1000, max_value=1000).map(float)


def parsed(drawing: str) -> ET.Element:
    """As inside a page, where svg needs no name space of its own."""
    return ET.fromstring(drawing)


def filled(drawing: str) -> tuple[float, float]:
    """Where the bar begins and how wide it is, percent."""
    fill = parsed(drawing).findall("rect")[1]
    return float(fill.get("x").rstrip("%")), float(fill.get("width").rstrip("%"))


def curves(drawing: str) -> list[list[tuple[float, float]]]:
    """The points of each unbroken line."""
    lines = [path.get("d")[1:].split("L") for path in parsed(drawing).findall("path") if path.get("class") == "curve"]
    return [[tuple(map(float, point.split())) for point in line] for line in lines]


def drawn(values, **kwargs) -> str:
    return trend(values, title=(), is_right_to_left=kwargs.pop("rtl", False), **kwargs)


@pytest.mark.parametrize(
    ("value", "ceiling", "share"),
    [
        (0.84, 1.0, 0.84),
        (26, 27, 26 / 27),
        (0, 5, 0.0),
        (7, 5, 1.0),
        (-3, 5, 0.0),
        (None, 5, None),
        (3, None, None),
        (3, 0, None),
        (nan, 5, None),
        (3, inf, None),
    ],
)
def test_a_value_fills_its_share_of_a_scale_that_begins_at_zero(value, ceiling, share):
    assert share_of(value, ceiling) == share


def test_a_value_above_the_ceiling_raises_the_scale():
    assert scale_top((3.0, None, 40.0), 27.0) == 40.0
    assert scale_top((3.0, 4.0), 27.0) == 27.0
    assert scale_top((0.0, None, nan)) is None


@pytest.mark.parametrize(("share", "width"), [(0.0, 0), (0.5, 50), (1.0, 100), (None, 0)])
def test_a_bar_grows_from_the_side_where_reading_begins(share, width):
    assert filled(bar(share, is_right_to_left=False)) == (0, width)
    assert filled(bar(share, is_right_to_left=True)) == (100 - width, width)


def test_an_unknown_month_is_a_hole_in_the_line_and_not_a_zero():
    lines = curves(drawn((0.97, 0.96, None, 0.95, 0.94, 0.84), ceiling=1.0))
    assert [len(line) for line in lines] == [2, 3]


def test_a_value_between_two_holes_is_still_seen():
    circles = parsed(drawn((None, 3.0, None, 4.0))).findall("circle")
    assert [circle.get("class") for circle in circles] == ["lone", "lone", "newest"]


def test_a_trend_without_a_known_value_draws_no_value():
    drawing = parsed(drawn((None, None)))
    assert [path.get("class") for path in drawing.findall("path")] == ["base"]
    assert not drawing.findall("circle")


def test_a_fall_from_94_to_84_percent_looks_like_a_tenth_and_not_like_a_collapse():
    ((_, before), (_, now)) = curves(drawn((0.94, 0.84), ceiling=1.0))[0]
    ((_, top), (_, base)) = curves(drawn((1.0, 0.0), ceiling=1.0))[0]
    assert (now - before) / (base - top) == pytest.approx(0.1, abs=0.01)


def test_time_runs_from_the_side_where_reading_begins():
    left_to_right = [x for x, _ in curves(drawn((1.0, 2.0, 3.0)))[0]]
    right_to_left = [x for x, _ in curves(drawn((1.0, 2.0, 3.0), rtl=True))[0]]
    assert left_to_right == sorted(left_to_right)
    assert right_to_left == sorted(right_to_left, reverse=True)


def test_the_target_is_a_line_at_its_own_height():
    drawing = parsed(drawn((10.0, 5.0), target=5.0))
    aim = next(path for path in drawing.findall("path") if path.get("class") == "aim")
    height = curves(drawn((10.0, 5.0), target=5.0))[0][1][1]
    assert float(aim.get("d").split(" ")[1].split("H")[0]) == height


def test_a_screen_reader_is_told_every_month_and_its_value_with_the_month_the_right_way_round():
    drawing = trend((1.0, None), title=(("1405-07", "۱"), ("1405-08", "-")), is_right_to_left=True)
    assert parsed(drawing).get("role") == "img"
    assert parsed(drawing).findtext("title") == "\u20661405-07\u2069: ۱\n\u20661405-08\u2069: -"


def test_a_hostile_label_stays_a_label():
    drawing = trend((1.0,), title=(('</title><script>"', "\u202e<b>"),), is_right_to_left=False)
    assert parsed(drawing).findtext("title") == '\u2066</title><script>"\u2069: <b>'


@pytest.mark.parametrize("drawing", [bar(0.5, is_right_to_left=True), drawn((1.0, 2.0), rtl=True)])
def test_a_drawing_has_its_own_direction_and_no_colour_of_its_own(drawing):
    assert parsed(drawing).get("direction") == "ltr"  # or a page from right to left would turn it
    assert "#" not in drawing
    assert "fill=" not in drawing
    assert "stroke=" not in drawing


@given(st.lists(MAYBE, max_size=12), MAYBE, MAYBE, st.booleans())
def test_whatever_the_numbers_are_the_drawing_is_whole_and_within_its_edges(values, target, ceiling, rtl):
    drawing = trend(values, title=(), target=target, ceiling=ceiling, is_right_to_left=rtl)
    whole = parsed(drawing)
    assert "nan" not in drawing
    assert "inf" not in drawing
    places = [point for line in curves(drawing) for point in line]
    places += [(float(circle.get("cx")), float(circle.get("cy"))) for circle in whole.findall("circle")]
    assert all(0 <= x <= 120 and 0 <= y <= 32 for x, y in places)

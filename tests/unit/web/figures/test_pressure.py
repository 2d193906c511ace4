"""The figure of blood pressures: every number is there, limits say whose they are, nothing is lost outside."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

from openkap.web.figures.pressure import HEIGHT, Line, Reading, draw_pressure

START = datetime(2026, 11, 20, 9, 0)


def readings(*pairs: tuple[float, float]) -> list[Reading]:
    return [Reading(START + timedelta(minutes=5 * n), *pair) for n, pair in enumerate(pairs)]


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_every_reading_has_both_its_numbers_and_its_time() -> None:
    shown = texts(draw_pressure(readings((142, 88), (131.5, 82)), []))
    assert {"142", "88", "131.5", "82", "09:00", "09:05"} <= set(shown)


def test_a_limit_says_its_value_and_whose_it_is_once() -> None:
    limits = [
        Line(140, "hold (Label)"),
        Line(140, "hold (Label)"),
        Line(140, "weigh (Trial)"),
        Line(180, "block"),
    ]
    shown = texts(draw_pressure(readings((120, 80)), limits))
    assert "140 hold (Label); weigh (Trial)" in shown
    assert "180 block" in shown


def test_words_of_neighbouring_limits_do_not_run_together() -> None:
    svg = draw_pressure(readings((120, 80)), [Line(140, "a"), Line(142, "b"), Line(144, "c")])
    places = [float(y) for y in re.findall(r'y="([\d.]+)" class="t-limit"', svg)]
    assert len(places) == 3
    gaps = [abs(one - other) for one, other in pairwise(places)]
    assert all(gap >= 12 for gap in gaps)


def test_what_lies_far_outside_is_still_drawn_inside() -> None:
    svg = draw_pressure(readings((244, 36)), [Line(220, "x")])
    places = [float(y) for y in re.findall(r'cy="([\d.]+)"', svg)]
    assert len(places) == 2
    assert all(0 < place < HEIGHT for place in places)


def test_many_readings_leave_their_times_to_the_table() -> None:
    shown = texts(draw_pressure(readings(*[(120.0, 80.0)] * 12), []))
    assert "09:00" not in shown
    assert shown.count("120") >= 12


def test_words_cannot_become_markup() -> None:
    assert "<b>" not in draw_pressure(readings((120, 80)), [Line(140, "<b>bold</b>")])


def test_without_readings_the_limits_stand_alone() -> None:
    assert "140 hold" in texts(draw_pressure([], [Line(140, "hold")]))

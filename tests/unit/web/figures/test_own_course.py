"""The picture of a patient's own course: up is easier, whatever way the form counts."""

import re
from dataclasses import replace
from datetime import date, timedelta

from openkap.web.figures.own_course import OwnPicture, draw_own_course

DAY = date(2026, 3, 1)
FALLING = OwnPicture(
    points=[(DAY, 20.0), (DAY + timedelta(days=14), 12.0), (DAY + timedelta(days=28), 5.0)],
    worst=27.0,
    best=0.0,
    doses=[DAY - timedelta(days=1), DAY + timedelta(days=7), DAY + timedelta(days=40)],
    better="easier",
    harder="harder",
    treatment="treatment <day>",
    label="Your answers",
)


def heights(svg: str) -> list[float]:
    """The y of each point of the line."""
    line = re.search(r'<path d="M([^"]+)" class="line"', svg)
    assert line is not None
    return [float(place.split()[1]) for place in line[1].split("L")]


def test_easier_days_are_higher_whichever_way_the_form_counts() -> None:
    falling = heights(draw_own_course(FALLING))
    assert falling == sorted(falling, reverse=True)  # in SVG, up is less
    rising = replace(FALLING, worst=0.0, best=27.0)
    assert heights(draw_own_course(rising)) == sorted(heights(draw_own_course(rising)))


def test_only_treatment_days_within_the_picture_are_marked_and_words_are_escaped() -> None:
    svg = draw_own_course(FALLING)
    assert svg.count('class="dose"') == 1
    assert "treatment &lt;day&gt;" in svg
    assert 'aria-label="Your answers"' in svg


def test_one_day_makes_no_line() -> None:
    assert draw_own_course(replace(FALLING, points=FALLING.points[:1])) == ""
    assert draw_own_course(replace(FALLING, points=[FALLING.points[0]] * 3)) == ""

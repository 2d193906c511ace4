"""A hundred people: as many of each look as the figure and its interval say."""

import re
from xml.etree import ElementTree as ET

import pytest

from openkap.web.figures.people import Certain, draw_people, looks


def counted(value: int, low: int | None, high: int | None, of: int = 100) -> tuple[int, int, int]:
    shown = looks(value, low, high, of)
    assert len(shown) == of
    return shown.count(Certain.YES), shown.count(Certain.MAYBE), shown.count(Certain.NO)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (55, 48, 62, (48, 14, 38)),
        (0, 0, 18, (0, 18, 82)),
        (100, 100, 100, (100, 0, 0)),
        (46, None, None, (46, 0, 54)),
        (90, 90, 100, (90, 10, 0)),
    ],
)
def test_filled_to_the_lower_end_half_toned_to_the_upper(
    value: int, low: int | None, high: int | None, expected: tuple[int, int, int]
) -> None:
    assert counted(value, low, high) == expected


def test_of_ten() -> None:
    assert counted(6, None, None, of=10) == (6, 0, 4)


@pytest.mark.parametrize(
    ("value", "low", "high"), [(50, 60, 70), (50, 40, 45), (101, None, None), (-1, None, None)]
)
def test_ends_out_of_order_are_refused(value: int, low: int | None, high: int | None) -> None:
    with pytest.raises(ValueError, match="not in order"):
        looks(value, low, high)


def test_the_picture_draws_every_person_and_says_it_in_words() -> None:
    drawn = draw_people(55, 48, 62, '55 of 100 "much better"')
    root = ET.fromstring(drawn)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == '55 of 100 "much better"'
    paths = {part.attrib["class"]: part.attrib["d"] for part in root}
    heads = {look: len(re.findall(r"a3\.6 3\.6 0 1 1 0 7\.2", path)) for look, path in paths.items()}
    assert heads == {"person-yes": 48, "person-maybe": 14, "person-no": 38}


def test_nobody_stands_where_another_does_and_all_are_inside() -> None:
    root = ET.fromstring(draw_people(30, 20, 40, "x"))
    places = [place for part in root for place in re.findall(r"M([\d.]+) ([\d.]+)a3", part.attrib["d"])]
    assert len(set(places)) == len(places) == 100
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    assert all(0 < float(x) < width and 0 < float(y) < height for x, y in places)


def test_a_look_nobody_has_is_not_drawn() -> None:
    assert "person-maybe" not in draw_people(46, None, None, "x")

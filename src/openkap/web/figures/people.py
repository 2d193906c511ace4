"""A hundred people as little figures: those for whom it is so, those for whom it may be, and the rest.

Filled up to the lower end of the interval, half-toned up to its upper end, empty beyond. Without an interval
the value itself is the edge, and nothing is half-toned.
"""

from collections.abc import Iterator
from enum import StrEnum

from openkap.web.figures.svg import element

PER_ROW = 10
PEOPLE = 100
WIDE, HIGH = 20.0, 23.6
# where each stroke begins in its cell, and the strokes from there
HEAD = (10.0, 2.6, "a3.6 3.6 0 1 1 0 7.2a3.6 3.6 0 1 1 0-7.2z")
BODY = (3.6, 19.6, "v-2.2a4.9 4.9 0 0 1 4.9-4.9h3a4.9 4.9 0 0 1 4.9 4.9v2.2z")


class Certain(StrEnum):
    """Which of three looks a figure has; each is a class of the style sheet."""

    YES = "person-yes"
    MAYBE = "person-maybe"
    NO = "person-no"


def looks(value: int, low: int | None, high: int | None, of: int = PEOPLE) -> tuple[Certain, ...]:
    """The look of each of `of` people. `value`, `low` and `high` are people, 0 to `of`.

    Raises `ValueError` when the ends are not in order.
    """
    sure = value if low is None else low
    maybe = value if high is None else high
    if not 0 <= sure <= value <= maybe <= of:
        raise ValueError(f"{sure}, {value} and {maybe} of {of} are not in order")
    return (Certain.YES,) * sure + (Certain.MAYBE,) * (maybe - sure) + (Certain.NO,) * (of - maybe)


def draw_people(value: int, low: int | None, high: int | None, label: str, of: int = PEOPLE) -> str:
    """The picture, ten in a row; `label` says the same in words."""
    shown = looks(value, low, high, of)
    rows = -(-of // PER_ROW)
    return element(
        "svg",
        *_people(shown),
        class_="people",
        viewBox=f"0 0 {WIDE * min(of, PER_ROW):g} {HIGH * rows:g}",
        role="img",
        aria_label=label,
    )


def _people(shown: tuple[Certain, ...]) -> Iterator[str]:
    """One path for each look: a hundred small drawings in three elements."""
    for look in Certain:
        path = "".join(_person(at) for at, one in enumerate(shown) if one is look)
        if path:
            yield element("path", class_=look.value, d=path)


def _person(at: int) -> str:
    """Head and shoulders at their place."""
    left, top = (at % PER_ROW) * WIDE, (at // PER_ROW) * HIGH
    return "".join(f"M{x + left:g} {y + top:g}{strokes}" for x, y, strokes in (HEAD, BODY))

"""How a patient has been, as they see it: one line, up is easier, treatment days under it; a list beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import formats

from openkap.web.figures.svg import element, group, number, text, title

WIDTH, HEIGHT = 320.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 10.0, 10.0, 20.0, 40.0
DOTS_UP_TO = 24  # more would run into each other


@dataclass(frozen=True)
class OwnPicture:
    """Totals by local day, oldest first, between `worst` and `best`; `doses` are days of treatment.

    `better` and `harder` name the ends, `treatment` the marks; `label` is what screen readers say.
    """

    points: Sequence[tuple[date, float]]
    worst: float
    best: float
    doses: Sequence[date]
    better: str
    harder: str
    treatment: str
    label: str


def draw_own_course(picture: OwnPicture) -> str:
    """The figure as SVG; '' for fewer than two days, which make no line."""
    if len({day for day, _total in picture.points}) < 2:
        return ""
    drawing = _Drawing(picture)
    return element(
        "svg",
        title(picture.label),
        drawing.ends(),
        drawing.doses(),
        drawing.line(),
        drawing.dates(),
        class_="own-course",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        role="img",
        aria_label=picture.label,
    )


class _Drawing:
    """One figure being drawn."""

    def __init__(self, picture: OwnPicture) -> None:
        self.picture = picture
        self.first, self.last = picture.points[0][0], picture.points[-1][0]

    def x(self, day: date) -> float:
        return LEFT + (day - self.first).days / (self.last - self.first).days * (WIDTH - LEFT - RIGHT)

    def y(self, total: float) -> float:
        reach = (total - self.picture.worst) / (self.picture.best - self.picture.worst)
        return HEIGHT - BOTTOM - reach * (HEIGHT - TOP - BOTTOM)

    def ends(self) -> str:
        """The two ends of the scale, in words."""
        drawn = []
        for total, words, below in (
            (self.picture.best, self.picture.better, -6),
            (self.picture.worst, self.picture.harder, 14),
        ):
            y = self.y(total)
            drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
            drawn.append(text(words, LEFT, y + below, class_="t-quiet"))
        return group(drawn)

    def doses(self) -> str:
        """A mark for each day of treatment between the first and the last total."""
        y = self.y(self.picture.worst)
        inside = [day for day in self.picture.doses if self.first <= day <= self.last]
        marks = [
            element(
                "path", title(f"{self.picture.treatment}, {_day(day)}"), d=_peak(self.x(day), y), class_="dose"
            )
            for day in inside
        ]
        return group(marks)

    def line(self) -> str:
        places = [(self.x(day), self.y(total)) for day, total in self.picture.points]
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)
        shown = places if len(places) <= DOTS_UP_TO else [places[0], places[-1]]
        dots = [
            element("circle", cx=x, cy=y, r=4.5 if (x, y) == places[-1] else 3, class_="dot") for x, y in shown
        ]
        return element("path", d=path, class_="line") + group(dots)

    def dates(self) -> str:
        y = HEIGHT - 6
        return text(_day(self.first), LEFT, y, class_="t-day") + text(
            _day(self.last), WIDTH - RIGHT, y, text_anchor="end", class_="t-day"
        )


def _peak(x: float, y: float) -> str:
    """A small triangle that stands on the line of the lower end."""
    return f"M{number(x - 4.5)} {number(y)}L{number(x)} {number(y - 8)}L{number(x + 4.5)} {number(y)}Z"


def _day(day: date) -> str:
    return str(formats.date_format(day, "j M"))

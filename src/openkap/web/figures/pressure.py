"""Readings of blood pressure in the order they were taken, with the limits that records set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import formats
from django.utils.translation import gettext as _

from openkap.web.figures.svg import element, group, number, text, title

WIDTH, HEIGHT = 820.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 270.0, 14.0, 46.0
LOWEST, HIGHEST = 50.0, 190.0  # mmHg; wider where a reading or a limit lies outside
STEP = 20
LABEL_ROOM = 13.0
MANY = 9  # readings from which times are left to the table


@dataclass(frozen=True)
class Reading:
    """One reading in mmHg, at its local time."""

    at: datetime
    systolic: float
    diastolic: float


@dataclass(frozen=True)
class Line:
    """A limit in mmHg, with the words that say whose it is and what follows above it."""

    value: float
    words: str


def draw_pressure(readings: Sequence[Reading], limits: Sequence[Line]) -> str:
    """The figure as SVG; it names itself for screen readers. A table beside it has every number."""
    frame = _Frame(readings, limits)
    parts = [frame.grid(), frame.limits(), group(frame.marks()), frame.days()]
    words = _("Blood pressure, %(n)s readings. The table has every number.") % {"n": len(readings)}
    return element(
        "svg",
        title(words),
        *parts,
        class_="timeline pressure",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        role="img",
        aria_label=words,
    )


class _Frame:
    """One figure being drawn; `x` places a reading by its number, `y` a pressure."""

    def __init__(self, readings: Sequence[Reading], limits: Sequence[Line]) -> None:
        self.readings, self.lines = list(readings), list(limits)
        values = [LOWEST, HIGHEST, *(r.systolic + 8 for r in readings), *(r.diastolic - 8 for r in readings)]
        values += [line.value + 8 for line in limits]
        self.low, self.high = min(values), max(values)

    def x(self, place: int) -> float:
        """The middle of the slot of reading number `place`: they are in order, not to a scale of time."""
        width = (WIDTH - LEFT - RIGHT) / max(len(self.readings), 1)
        return LEFT + (place + 0.5) * width

    def y(self, pressure: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (pressure - self.low) / (self.high - self.low))

    def grid(self) -> str:
        first = int(-(-self.low // STEP)) * STEP
        drawn = []
        for value in range(first, int(self.high) + 1, STEP):
            y = self.y(value)
            drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
            drawn.append(text(str(value), LEFT - 8, y + 4, class_="t-quiet", text_anchor="end"))
        drawn.append(text("mmHg", 0, TOP - 3, class_="t-quiet"))
        return group(drawn)

    def limits(self) -> str:
        """A line for each value; their words are moved apart where they would run together."""
        drawn: list[str] = []
        free = HEIGHT
        for value, same in groupby(
            sorted(self.lines, key=lambda line: line.value), key=lambda line: line.value
        ):
            y = self.y(value)
            place = min(y, free - LABEL_ROOM)
            free = place
            words = "; ".join(dict.fromkeys(line.words for line in same))
            drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="limit"))
            drawn.append(text(f"{number(value)} {words}", WIDTH - RIGHT + 8, place + 4, class_="t-limit"))
        return group(drawn)

    def marks(self) -> list[str]:
        return [self._mark(place, reading) for place, reading in enumerate(self.readings)]

    def _mark(self, place: int, reading: Reading) -> str:
        """A bar between the two pressures, each end with its number."""
        x, upper, lower = self.x(place), self.y(reading.systolic), self.y(reading.diastolic)
        when = formats.date_format(reading.at, "SHORT_DATETIME_FORMAT")
        both = f"{number(reading.systolic)}/{number(reading.diastolic)}"
        return group(
            [
                title(f"{when}: {both} mmHg"),
                element("line", x1=x, x2=x, y1=upper, y2=lower, class_="measured"),
                element("circle", cx=x, cy=upper, r=4.0, class_="measured-point"),
                element("circle", cx=x, cy=lower, r=4.0, class_="measured-point"),
                text(number(reading.systolic), x, upper - 8, class_="t-strong halo", text_anchor="middle"),
                text(number(reading.diastolic), x, lower + 16, class_="t-strong halo", text_anchor="middle"),
            ]
        )

    def days(self) -> str:
        """The day under its readings, and the time of each where there is room."""
        drawn = []
        numbered = list(enumerate(self.readings))
        for day, same in groupby(numbered, key=lambda pair: pair[1].at.date()):
            places = [place for place, _reading in same]
            middle = (self.x(places[0]) + self.x(places[-1])) / 2
            shown = formats.date_format(day, "MONTH_DAY_FORMAT")
            drawn.append(text(shown, middle, HEIGHT - 6, class_="t-strong", text_anchor="middle"))
            if len(self.readings) < MANY:
                drawn += [self._time(place) for place in places]
        return group(drawn)

    def _time(self, place: int) -> str:
        at = formats.time_format(self.readings[place].at, "H:i")
        return text(at, self.x(place), HEIGHT - 24, class_="t-quiet", text_anchor="middle")

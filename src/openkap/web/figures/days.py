"""What was counted day by day as bars, with the days of doses marked; a table beside it has the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats

from openkap.web.figures.svg import element, group, number, text, title

LEFT, RIGHT, TOP, BOTTOM = 34.0, 6.0, 16.0, 20.0
GAP = 0.22  # of a day's width
TICK_ROOM = 84.0


@dataclass(frozen=True)
class DaySeries:
    """Numbers by day from `first` to `last`; a day that is not there was not counted. `unit` names the axis.

    `grid`: the values to draw a line at, lowest first. `says`: what a number is, in words.
    """

    first: date
    last: date
    amounts: Mapping[date, int]
    doses: Sequence[date]
    grid: Sequence[tuple[int, str]]
    label: str
    says: Mapping[date, str]


def draw_days(series: DaySeries, width: float, height: float) -> str:
    """The figure as SVG; it names itself for screen readers."""
    picture = _Picture(series, width, height)
    parts = (
        picture.grid(),
        group(picture.bars()),
        group(picture.missing()),
        group(picture.doses()),
        picture.dates(),
    )
    return element(
        "svg",
        title(series.label),
        *parts,
        class_="timeline days",
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_label=series.label,
    )


class _Picture:
    """One figure being drawn."""

    def __init__(self, series: DaySeries, width: float, height: float) -> None:
        self.series, self.width, self.height = series, width, height
        self.n = (series.last - series.first).days + 1
        self.per_day = (width - LEFT - RIGHT) / self.n
        self.most = max([1, *series.amounts.values(), *(value for value, _label in series.grid)])

    def x(self, day: date) -> float:
        """Where a day begins."""
        return LEFT + (day - self.series.first).days * self.per_day

    def y(self, amount: float) -> float:
        return self.height - BOTTOM - amount / self.most * (self.height - TOP - BOTTOM)

    def grid(self) -> str:
        drawn = []
        for value, label in self.series.grid:
            y = self.y(value)
            drawn.append(element("line", x1=LEFT, x2=self.width - RIGHT, y1=y, y2=y, class_="grid"))
            drawn.append(text(label, LEFT - 5, y + 3.5, text_anchor="end", class_="t-quiet"))
        return group(drawn)

    def bars(self) -> list[str]:
        drawn = []
        for day, amount in sorted(self.series.amounts.items()):
            if not self.series.first <= day <= self.series.last:
                continue
            top = self.y(amount)
            x, width = self.x(day) + self.per_day * GAP / 2, self.per_day * (1 - GAP)
            said, tall = title(self.series.says.get(day, "")), max(self.height - BOTTOM - top, 0.5)
            drawn.append(element("rect", said, x=x, y=top, width=width, height=tall, class_="day-bar"))
        return drawn

    def missing(self) -> list[str]:
        """A short line at the foot of days that were not counted: they are not nought."""
        y = self.height - BOTTOM
        days = (self.series.first + timedelta(days=n) for n in range(self.n))
        return [
            element("line", x1=self.x(day), x2=self.x(day) + self.per_day, y1=y, y2=y, class_="day-missing")
            for day in days
            if day not in self.series.amounts
        ]

    def doses(self) -> list[str]:
        drawn = []
        for day in self.series.doses:
            if self.series.first <= day <= self.series.last:
                x = self.x(day) + self.per_day / 2
                drawn.append(element("line", x1=x, x2=x, y1=TOP, y2=self.height - BOTTOM, class_="dose-line"))
                said = title(formats.date_format(day, "MONTH_DAY_FORMAT"))
                drawn.append(element("circle", said, cx=x, cy=TOP - 7, r=4.0, class_="dose given"))
        return drawn

    def dates(self) -> str:
        """Mondays, as far apart as their labels need."""
        step = next(n for n in (7, 14, 28, 56, 9999) if n * self.per_day >= TICK_ROOM or n == 9999)
        first = self.series.first + timedelta(days=(7 - self.series.first.weekday()) % 7)
        drawn = []
        for n in range(0, self.n, step):
            day = first + timedelta(days=n)
            if day <= self.series.last and self.x(day) < self.width - RIGHT - 60:
                words = formats.date_format(day, "MONTH_DAY_FORMAT")
                drawn.append(text(words, self.x(day), self.height - 5, class_="t-quiet"))
        return group(drawn)

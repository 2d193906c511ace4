"""A predicted concentration over the minutes of a session: a band and a dashed line, never a point.

Pure functions of plain values. An assumed route has no line. Colours come from classes in styles/figures.css.
"""

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from openkap.web.figures.svg import element, group, number, text, text_width, title

WIDE, NARROW = 860.0, 430.0  # alone, or one of two side by side
LEFT = 52.0
MARGIN = 14.0
TOP = 44.0
LANE = 30.0  # of the doses, under the plot
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUTE_STEPS = (5, 10, 15, 20, 30, 60, 120, 180, 240)


@dataclass(frozen=True)
class DoseBar:
    """A dose on its way in, minutes; `words` such as '35 mg'."""

    start: float
    end: float
    words: str


@dataclass(frozen=True)
class BandPlot:
    """One prediction to draw: minutes ascending, values in `unit`; `middle` is None where no line is honest."""

    heading: str
    lines: tuple[str, ...]  # what it is: predicted, of what, where, by which model
    unit: str
    times: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    middle: tuple[float, ...] | None
    doses: tuple[DoseBar, ...] = ()
    level: float | None = None
    top: float | None = None  # the scale's end, where two plots share one
    width: float = WIDE


def exposure(plot: BandPlot) -> str:
    """The prediction as one <svg>, named by its heading; the table beside it says the same in words."""
    return _Plot(plot).draw()


def scale_top(*plots: BandPlot) -> float:
    """A round end of the scale that holds every band and level."""
    most = max([*(max(p.high) for p in plots), *(p.level for p in plots if p.level is not None)])
    step = _nice(max(most, 1e-9) / 4)
    return step * math.ceil(max(most, 1e-9) / step - 1e-9)


class _Plot:
    """One plot being drawn; `x` places a minute and `y` a value."""

    def __init__(self, plot: BandPlot) -> None:
        self.plot = plot
        self.until = plot.times[-1]
        self.top = plot.top or scale_top(plot)
        self.right = plot.width - MARGIN
        self.height = 270.0 if plot.width == WIDE else 210.0

    def x(self, minute: float) -> float:
        return LEFT + (self.right - LEFT) * min(max(minute / self.until, 0.0), 1.0)

    def y(self, value: float) -> float:
        return TOP + self.height * (1 - value / self.top)

    def draw(self) -> str:
        parts = [self._grid(), self._band(), self._line(), self._level(), self._words(), self._doses()]
        bottom = TOP + self.height + 22 + (LANE if self.plot.doses else 0)
        return element(
            "svg", "".join(parts), class_="timeline", viewBox=f"0 0 {number(self.plot.width)} {number(bottom)}",
            role="img", aria_label=self.plot.heading,
        )  # fmt: skip

    def _grid(self) -> str:
        lines = []
        step = _nice(self.top / 4)
        for n in range(round(self.top / step) + 1):
            y = self.y(n * step)
            lines += [
                element("line", x1=LEFT, x2=self.right, y1=y, y2=y, class_="grid"),
                text(f"{n * step:g}", LEFT - 7, y + 4, class_="t-quiet", text_anchor="end"),
            ]
        every = minute_step(self.until)
        for minute in range(0, int(self.until) + 1, every):
            x, y = self.x(minute), TOP + self.height
            lines += [
                element("line", x1=x, x2=x, y1=TOP, y2=y, class_="grid"),
                text(_clock(minute, self.until), x, y + 15, class_="t-quiet", text_anchor="middle"),
            ]
        return group(lines)

    def _band(self) -> str:
        plot = self.plot
        upper = [f"{number(self.x(t))} {number(self.y(v))}" for t, v in zip(plot.times, plot.high, strict=True)]
        lower = [f"{number(self.x(t))} {number(self.y(v))}" for t, v in zip(plot.times, plot.low, strict=True)]
        return element("path", d=f"M{'L'.join(upper + lower[::-1])}Z", class_="predicted-band")

    def _line(self) -> str:
        if self.plot.middle is None:
            return ""
        points = [
            f"{number(self.x(t))} {number(self.y(v))}"
            for t, v in zip(self.plot.times, self.plot.middle, strict=True)
        ]
        return element("path", d=f"M{'L'.join(points)}", class_="predicted")

    def _level(self) -> str:
        if self.plot.level is None:
            return ""
        y = self.y(self.plot.level)
        words = f"{self.plot.level:g} {self.plot.unit}"
        return element("line", x1=LEFT, x2=self.right, y1=y, y2=y, class_="reliable") + text(
            words, self.right - 4, y - 4, class_="t-reliable halo", text_anchor="end"
        )

    def _words(self) -> str:
        unit = text(self.plot.unit, LEFT - 7, 14, class_="t-quiet", text_anchor="end")
        first, *rest = self.plot.lines
        lines = [text(first, LEFT, 14, class_="t-strong")]
        lines += [text(words, LEFT, 14 + 13 * n, class_="t-quiet") for n, words in enumerate(rest, 1)]
        return unit + group(lines)

    def _doses(self) -> str:
        """A bar for what runs in over a time, a triangle for what is given at once; words where they fit."""
        if not self.plot.doses:
            return ""
        top = TOP + self.height + 26
        drawn, free = [], 0.0
        following = [self.x(dose.start) - 6 for dose in self.plot.doses[1:]] + [float(self.plot.width)]
        for dose, until in zip(self.plot.doses, following, strict=True):
            x, end = self.x(dose.start), self.x(dose.end)
            drawn.append(_bar(dose, x, end, top))
            beside = max(end, x + 8) + 6
            if x >= free and beside + text_width(dose.words) <= until:
                drawn.append(text(dose.words, beside, top + 12, class_="t-dose"))
                free = beside + text_width(dose.words) + 6
        return text(_("Dose"), 0, top + 12, class_="t-lane") + group(drawn)


def _bar(dose: DoseBar, x: float, end: float, top: float) -> str:
    words = title(dose.words)
    if end - x >= 3:
        return element("rect", words, x=x, y=top, width=end - x, height=16.0, rx=4.0, class_="dose planned")
    right, left, bottom = number(x + 6), number(x - 6), number(top + 15)
    corners = f"M{number(x)} {number(top)}L{right} {bottom}L{left} {bottom}Z"
    return element("path", words, d=corners, class_="dose planned")


def minute_step(until: float) -> int:
    """Minutes between ticks: at most nine of them."""
    return next((step for step in _MINUTE_STEPS if until / step <= 8), _MINUTE_STEPS[-1])


def _clock(minute: int, until: float) -> str:
    if until <= 4 * 60:
        return _("%(n)s min") % {"n": minute} if minute == 0 else str(minute)
    return _("%(n)s h") % {"n": f"{minute / 60:g}"}


def _nice(rough: float) -> float:
    """The next round step at or above."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))

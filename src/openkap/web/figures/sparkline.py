"""One measure in a strip: its totals on a time axis shared with the strips over and under it, doses marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils import formats

from openkap.web.figures.axis import Axis
from openkap.web.figures.course import DoseMark, ScorePanel, ScorePoint
from openkap.web.figures.svg import element, group, number, text

WIDTH, HEIGHT, EDGE = 420.0, 44.0, 8.0
HEAD = 30.0


@dataclass(frozen=True)
class Shared:
    """What all strips share: first and last day, and when doses were given."""

    first: date
    last: date
    doses: tuple[DoseMark, ...]

    @property
    def axis(self) -> Axis:
        """The days from edge to edge."""
        return Axis(self.first, self.last, EDGE, WIDTH - EDGE)


def shared_by(panels: Sequence[ScorePanel], doses: Sequence[DoseMark], today: date) -> Shared:
    """From the first total or dose to today."""
    given = tuple(dose for dose in doses if not dose.planned)
    days = [point.on for panel in panels for point in panel.points] + [dose.at.date() for dose in given]
    first = min([*days, today])
    return Shared(first, max([*days, today, first]), given)


def draw_head(shared: Shared) -> str:
    """The axis over the strips: months, and a dot for each dose."""
    axis = shared.axis
    months = [
        text(formats.date_format(day, "N"), axis.edge(day), 11, class_="t-quiet")
        for day in axis.months(room=34.0)
    ]
    marks = [
        element("circle", cx=axis.at(dose.at), cy=22.0, r=3.5, class_="dose given") for dose in shared.doses
    ]
    return _svg([group(months), group(marks)], HEAD)


def draw_strip(panel: ScorePanel, shared: Shared) -> str:
    """The strip of one measure; the row of the table says the same in words."""
    axis = shared.axis
    parts = [_bands(panel, axis), _doses(shared, axis), _line(panel, axis), _points(panel, axis)]
    return _svg(parts, HEIGHT)


def _svg(parts: Sequence[str], height: float) -> str:
    return element(
        "svg",
        "".join(parts),
        class_="timeline strip",
        viewBox=f"0 0 {number(WIDTH)} {number(height)}",
        aria_hidden="true",
        focusable="false",
    )


def _y(panel: ScorePanel, total: float) -> float:
    share = (total - panel.low) / max(panel.high - panel.low, 1)
    return HEIGHT - 5 - share * (HEIGHT - 10)


def _bands(panel: ScorePanel, axis: Axis) -> str:
    drawn = []
    for index, band in enumerate(panel.bands):
        shade = round(index * 4 / max(len(panel.bands) - 1, 1))
        upper = 0.0 if band.high >= panel.high else _y(panel, band.high + 0.5)
        lower = HEIGHT if band.low <= panel.low else _y(panel, band.low - 0.5)
        drawn.append(
            element(
                "rect", x=axis.left - EDGE, y=upper, width=WIDTH, height=lower - upper, class_=f"shade-{shade}"
            )
        )
    return group(drawn)


def _doses(shared: Shared, axis: Axis) -> str:
    return group(
        element("line", x1=x, x2=x, y1=0.0, y2=HEIGHT, class_="dose-line")
        for x in (axis.at(dose.at) for dose in shared.doses)
    )


def _line(panel: ScorePanel, axis: Axis) -> str:
    lines = [
        f"M{_place(panel, axis, before)}L{_place(panel, axis, after)}"
        for before, after in pairwise(panel.points)
        if before.total is not None and after.total is not None
    ]
    return element("path", d="".join(lines), class_="measured") if lines else ""


def _place(panel: ScorePanel, axis: Axis, point: ScorePoint) -> str:
    return f"{number(axis.at(point.on))} {number(_y(panel, point.total or 0))}"


def _points(panel: ScorePanel, axis: Axis) -> str:
    scored = [point for point in panel.points if point.total is not None]
    return group(
        element(
            "circle",
            cx=axis.at(point.on),
            cy=_y(panel, point.total or 0),
            r=4.0 if point is scored[-1] else 2.5,
            class_="measured-point",
        )
        for point in scored
    )

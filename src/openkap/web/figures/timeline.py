"""The timeline of a chart: plan, doses, visits, therapy, scores and events on one axis.

Measured is solid, planned is dashed and hollow, assumed is shaded and named a hypothesis. `timeline(course)` is
a pure function of its values; colours and fonts come from classes in styles/figures.css.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.web.figures import marks
from openkap.web.figures.axis import Axis, axis_over, clusters, lanes
from openkap.web.figures.course import Course, DoseMark, EventMark, PlanBand
from openkap.web.figures.panel import PANEL_GAP, draw_panel, panel_height
from openkap.web.figures.svg import element, group, number, text, text_width, title

WIDTH = 1000.0
LEFT = 104.0
RIGHT = 892.0  # beyond it stand the names of bands
HEAD = 34.0  # months and days
DOSE_RADIUS = 9.5
ROW = 26.0
EVENT_LANES = 4


@dataclass(frozen=True)
class Lane:
    """A drawn row: its markup and how tall it is."""

    svg: str
    height: float


def timeline(course: Course, *, heading: str) -> str:
    """The timeline as one <svg>, named by `heading` for screen readers; its table says the same in words."""
    axis = axis_over(list(course.days()), course.today, LEFT, RIGHT)
    top = HEAD
    parts: list[str] = []
    rows: tuple[Callable[[Course, Axis, float], Lane], ...] = (_plan, _doses, _visits, _therapy)
    for draw in rows:
        lane = draw(course, axis, top)
        parts.append(lane.svg)
        top += lane.height
    window = _windows(course, axis, HEAD + ROW, top)
    for panel in course.panels:
        top += PANEL_GAP
        parts.append(draw_panel(panel, axis, top))
        top += panel_height(panel)
    events = _events(course, axis, top + 6)
    bottom = top + 6 + events.height
    ahead = _ahead(course, axis, bottom)
    lines = [
        ahead,
        _grid(axis, top),
        window,
        *parts,
        events.svg,
        _today(course, axis, top + 4),
        _head(axis, course),
    ]
    return element(
        "svg",
        "".join(lines),
        class_="timeline",
        viewBox=f"0 0 {number(WIDTH)} {number(bottom + 4)}",
        role="img",
        aria_label=heading,
    )


def _head(axis: Axis, course: Course) -> str:
    """Months, days, and today's own label over them."""
    months = [
        text(formats.date_format(day, "YEAR_MONTH_FORMAT"), axis.edge(day), 11, class_="t-strong")
        for day in axis.months()
    ]
    today = axis.at(course.today)
    days = [
        text(str(day.day), axis.at(day), 26, class_="t-quiet", text_anchor="middle")
        for day in axis.ticks()
        if abs(axis.at(day) - today) > 52
    ]
    words = _("Today %(date)s") % {"date": formats.date_format(course.today, "MONTH_DAY_FORMAT")}
    half = text_width(words, 11) / 2 + 8
    middle = min(max(today, LEFT + half - 20), WIDTH - half)
    pill = element("rect", x=middle - half, y=14.0, width=2 * half, height=18.0, rx=9.0, class_="today-pill")
    label = text(words, middle, 26.5, class_="t-inverse", text_anchor="middle")
    return group([*months, *days, pill, label])


def _grid(axis: Axis, bottom: float) -> str:
    return group(
        (
            element("line", x1=axis.at(day), x2=axis.at(day), y1=HEAD, y2=bottom, class_="grid")
            for day in axis.ticks()
        ),
    )


def _today(course: Course, axis: Axis, bottom: float) -> str:
    x = axis.at(course.today)
    return element("line", x1=x, x2=x, y1=32.0, y2=bottom, class_="today-line")


def _ahead(course: Course, axis: Axis, bottom: float) -> str:
    """What lies ahead of today is set off."""
    x = axis.at(course.today)
    return element("rect", x=x, y=HEAD, width=axis.right - x, height=bottom - HEAD, class_="ahead")


def _name(words: str, y: float, below: str = "") -> str:
    under = text(below, 0, y + 13, class_="t-quiet") if below else ""
    return text(words, 0, y, class_="t-lane") + under


def _plan(course: Course, axis: Axis, top: float) -> Lane:
    bands = [_band(band, axis, top) for band in course.bands]
    return Lane(_name(_("Plan"), top + 14) + group(bands), ROW)


def _band(band: PlanBand, axis: Axis, top: float) -> str:
    left, right = axis.edge(band.first) + 1, axis.edge(band.last) + axis.per_day - 1
    kind = "band-current" if band.current else "band-planned" if band.planned else "band-past"
    box = element(
        "rect", title(band.label), x=left, y=top, width=max(right - left, 2.0), height=19.0, rx=5.0, class_=kind
    )
    if text_width(band.label) + 14 > right - left:
        return box
    return box + text(band.label, left + 8, top + 13.5, class_="t-band-current" if band.current else "t-quiet")


def _doses(course: Course, axis: Axis, top: float) -> Lane:
    """Numbered circles, those too near to each other in one; the amount beside the last given."""
    middle = top + 14
    places = [axis.at(dose.at) for dose in course.doses]
    drawn = []
    for indices in clusters(places, 2 * DOSE_RADIUS + 2):
        doses = [course.doses[i] for i in indices]
        drawn.append(_dose_cluster(doses, sum(places[i] for i in indices) / len(indices), middle))
    amounts = _amounts(course.doses, axis, middle)
    return Lane(_name(_("Doses"), middle + 4) + group(drawn) + amounts, 34.0)


def _dose_cluster(doses: list[DoseMark], x: float, y: float) -> str:
    first, last = doses[0], doses[-1]
    words = str(first.number) if first is last else f"{first.number}\u2013{last.number}"
    half = max(DOSE_RADIUS, text_width(words, 12) / 2 + 6)
    kind = "dose planned" if all(d.planned for d in doses) else "dose given"
    if any(d.incomplete for d in doses):
        kind += " incomplete"
    box = element(
        "rect", title("; ".join(_dose_words(d) for d in doses)),
        x=x - half, y=y - DOSE_RADIUS, width=2 * half, height=2 * DOSE_RADIUS, rx=DOSE_RADIUS, class_=kind,
    )  # fmt: skip
    colour = "t-dose-planned" if kind.endswith("planned") else "t-on-dose"
    return box + text(words, x, y + 4.2, class_=colour, text_anchor="middle")


def _dose_words(dose: DoseMark) -> str:
    when = formats.date_format(dose.at, "MONTH_DAY_FORMAT")
    parts = {"number": dose.number, "amount": dose.amount, "date": when}
    if dose.planned:
        return _("Dose %(number)s planned, %(amount)s, %(date)s") % parts
    return _("Dose %(number)s, %(amount)s, %(date)s") % parts


def _amounts(doses: tuple[DoseMark, ...], axis: Axis, y: float) -> str:
    given = [dose for dose in doses if not dose.planned]
    if not given:
        return ""
    last = given[-1]
    others = [f"{d.number}: {d.amount}" for d in given if d.amount != last.amount]
    line = _("dose %(list)s") % {"list": ", ".join(others[:2])} if others else ""
    if len(others) > 2:
        more = len(others) - 2
        line += ngettext(" and %(n)s other", " and %(n)s others", more) % {"n": more}
    wide = max(text_width(last.amount, 11.5), text_width(line, 10.5))
    next_mark = min((axis.at(d.at) for d in doses if d.planned), default=RIGHT + 70) - DOSE_RADIUS
    x = axis.at(last.at) + DOSE_RADIUS + 10
    if x + wide > next_mark:
        return ""
    return text(last.amount, x, y - 1 if line else y + 4, class_="t-dose") + (
        text(line, x, y + 12, class_="t-quiet") if line else ""
    )


def _visits(course: Course, axis: Axis, top: float) -> Lane:
    if not course.visits:
        return Lane("", 0.0)
    places = [axis.at(visit.on) for visit in course.visits]
    rows = lanes([(x - 7.0, x + 7.0) for x in places], most=3)
    drawn = [
        marks.visit(visit, x, top + 12 + 15 * row)
        for visit, x, row in zip(course.visits, places, rows, strict=True)
    ]
    return Lane(_name(_("Visits"), top + 16) + group(drawn), ROW + 15 * max(rows, default=0))


def _therapy(course: Course, axis: Axis, top: float) -> Lane:
    """A chip with the method for each session and the time since the dose before it."""
    if not course.therapy:
        return Lane("", 0.0)
    places = [axis.at(session.on) for session in course.therapy]
    halves = [max(text_width(session.method, 10.5) / 2 + 7, 15.0) for session in course.therapy]
    rows = lanes([(x - h, x + h + 2) for x, h in zip(places, halves, strict=True)], most=3)
    drawn = [
        marks.therapy(session, x, top + 2 + 31 * row, half)
        for session, x, half, row in zip(course.therapy, places, halves, rows, strict=True)
    ]
    name = _name(_("Therapy"), top + 13, below=_("hours since dose"))
    return Lane(name + group(drawn), 36.0 + 31 * max(rows))


def _windows(course: Course, axis: Axis, top: float, bottom: float) -> str:
    if course.window is None:
        return ""
    wide = course.window.hours / 24 * axis.per_day
    return group(
        element("rect", x=x, y=top, width=min(wide, RIGHT - x), height=bottom - top, rx=3.0, class_="window")
        for x in (axis.at(dose.at) for dose in course.doses if not dose.planned)
    )


def _events(course: Course, axis: Axis, top: float) -> Lane:
    if not course.events:
        return Lane("", 4.0)
    spans = [_event_span(event, axis) for event in course.events]
    rows = lanes([(min(a, b), max(a, b)) for a, b in spans], most=EVENT_LANES)
    drawn = []
    for event, (x, end), row in zip(course.events, spans, rows, strict=True):
        y = top + 11 + 16 * row
        side = {"text_anchor": "end"} if end < x else {}
        drawn += [
            element("line", x1=x, x2=x, y1=top, y2=y, class_="event-line"),
            element("circle", title(_event_words(event)), cx=x, cy=y, r=3.0, class_="event-dot"),
            text(event.label, x - 8 if end < x else x + 8, y + 4, class_="t-event", **side),
        ]
    return Lane(_name(_("Events"), top + 15) + group(drawn), 20.0 + 16 * max(rows))


def _event_words(event: EventMark) -> str:
    return f"{formats.date_format(event.on, 'MONTH_DAY_FORMAT')}: {event.label}"


def _event_span(event: EventMark, axis: Axis) -> tuple[float, float]:
    """From the event's mark to the end of its label; to the left of it where the right has no room."""
    x = axis.at(event.on)
    wide = text_width(event.label) + 16
    return (x, x - wide) if x + wide > WIDTH else (x, x + wide)

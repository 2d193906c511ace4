"""Figures drawn by the server as SVG: pure functions of plain values."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from openkap.web.figures.course import Course
from openkap.web.figures.legend import legend
from openkap.web.figures.rows import Row, rows
from openkap.web.figures.timeline import timeline


@dataclass(frozen=True)
class Key:
    """An entry of the legend, ready for a template."""

    svg: SafeString
    word: str


@dataclass(frozen=True)
class TimelinePicture:
    """A timeline for components/timeline.html: the picture, its legend, and the same as a table."""

    id: str
    lead: str
    svg: SafeString
    legend: list[Key]
    rows: list[Row]


def picture_of(course: Course, *, heading: str, lead: str = "", name: str = "timeline") -> TimelinePicture:
    """Draw `course`; `heading` names the picture for screen readers, `name` its elements in the page."""
    return TimelinePicture(
        id=name,
        lead=lead,
        svg=mark_safe(timeline(course, heading=heading)),  # noqa: S308 - svg.py escapes every text
        legend=[Key(mark_safe(entry.svg), entry.word) for entry in legend(course)],  # noqa: S308
        rows=rows(course),
    )
